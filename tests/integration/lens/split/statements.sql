SELECT * FROM users ORDER BY id;
SELECT u.* FROM users u WHERE u.bio IS NOT NULL ORDER BY u.id;
SELECT email FROM users WHERE id = 1;
SELECT email, theme FROM users WHERE mails ORDER BY email;
-- $1=true
SELECT email FROM users WHERE mails = $1 ORDER BY 1;
SELECT count(*), theme FROM users GROUP BY theme;
SELECT u.id, u.email, u.bio, count(o.id) FROM users u LEFT JOIN orders o ON o.user_id = u.id GROUP BY u.id ORDER BY u.id;
SELECT o.item, u.email, u.mails, u.bio FROM orders o LEFT JOIN users u ON u.id = o.user_id ORDER BY o.id;
SELECT o.item, u.* FROM orders o FULL JOIN users u ON u.id = o.user_id ORDER BY o.id, u.id;
SELECT u FROM users u ORDER BY u.id;
SELECT row_to_json(u) FROM users u ORDER BY u.id;
SELECT * FROM users a JOIN users b USING (theme) ORDER BY a.id, b.id;
SELECT email FROM users WHERE bio LIKE 'l%' FOR UPDATE;
SELECT email FROM users u WHERE id = 2 FOR UPDATE OF u NOWAIT;
SELECT email, bio FROM users ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED;
SELECT (SELECT max(bio) FROM users x WHERE x.theme = u.theme) FROM users u ORDER BY id;
WITH w AS (SELECT id, website FROM users) SELECT * FROM w WHERE website IS NOT NULL ORDER BY id;
SELECT id FROM users WHERE bio IS NULL UNION SELECT id FROM orders ORDER BY 1;
-- untranslatable: system column
SELECT ctid FROM users;
UPDATE users SET score = score + 1 WHERE id = 1;
UPDATE users SET theme = 'blue' WHERE id = 2 RETURNING *;
UPDATE users SET bio = 'new', email = 'bob@y' WHERE email = 'bob@x';
UPDATE users SET bio = NULL WHERE id IN (1, 2);
UPDATE users SET website = NULL, bio = NULL WHERE id = 3 RETURNING id, bio, website, mails;
UPDATE users SET mails = NOT mails, theme = upper(theme) WHERE mails;
-- $1=false $2=3
UPDATE users SET mails = $1 WHERE score = $2 RETURNING id, mails;
UPDATE users SET id = 20 WHERE id = 4 RETURNING *;
UPDATE users u SET bio = o.item FROM orders o WHERE o.user_id = u.id AND o.id = 2 RETURNING u.*, o.item;
UPDATE users u SET (bio, theme) = (SELECT item, 'x' FROM orders o WHERE o.user_id = u.id ORDER BY o.id LIMIT 1) WHERE id = 1;
SELECT * FROM users ORDER BY id;
INSERT INTO users (id, email, theme, bio) VALUES (100, 'e@x', 'dark', 'hello'), (101, 'f@x', 'red', NULL) RETURNING *;
INSERT INTO users (id, email) SELECT id + 200, email || 'z' FROM users WHERE id < 3 RETURNING id, score, theme, mails;
INSERT INTO users VALUES (300, 'g@x', DEFAULT, 'dark', false, NULL, 'http://g');
INSERT INTO users (email) VALUES ('h@x') RETURNING id;
WITH n AS (INSERT INTO users (id, email, website) VALUES (400, 'i@x', 'w') RETURNING id, website) SELECT * FROM n;
WITH d AS (DELETE FROM users WHERE id = 400 RETURNING id, website, mails), o AS (SELECT count(*) AS n FROM orders) SELECT d.*, o.n FROM d, o;
DELETE FROM users WHERE id = 100 RETURNING *;
DELETE FROM users u USING orders o WHERE u.email = o.item;
DELETE FROM users WHERE bio IS NULL AND id > 250;
SELECT * FROM users ORDER BY id;
MERGE INTO users u USING (VALUES (1, 'm@x', 'b'), (500, 'n@x', NULL)) v (id, email, bio) ON u.id = v.id WHEN MATCHED THEN UPDATE SET bio = v.bio, mails = false WHEN NOT MATCHED THEN INSERT (id, email, website) VALUES (v.id, v.email, 'http://' || v.id);
MERGE INTO users u USING orders o ON o.user_id = u.id WHEN MATCHED AND o.id = 1 THEN UPDATE SET (theme, bio) = (SELECT x.item, o.item FROM orders x WHERE x.id = o.id + 1) WHEN MATCHED AND o.id = 2 THEN DO NOTHING WHEN MATCHED AND u.bio IS NULL THEN UPDATE SET bio = DEFAULT, theme = DEFAULT;
MERGE INTO users u USING (SELECT 2 AS id, random() AS r) s ON u.id = s.id WHEN MATCHED AND s.r < 2 AND random() >= 0 THEN UPDATE SET theme = 'drawn', website = 'w' || (s.r > 1);
MERGE INTO users AS u USING users AS s ON u.id = s.id + 600 AND s.bio IS NOT NULL WHEN NOT MATCHED AND s.id < 3 THEN INSERT (id, email, theme, mails, bio) VALUES (s.id + 600, s.email || s.id, s.theme, NOT s.mails, s.website) WHEN MATCHED THEN DELETE;
-- $1=601 $2=t
MERGE INTO users u USING (SELECT 601 AS id) s ON u.id = s.id WHEN MATCHED AND u.theme <> $2 AND u.id = $1 THEN UPDATE SET theme = $2, bio = $2, email = $2 || u.id WHEN MATCHED THEN DELETE;
MERGE INTO users u USING (VALUES (601), (602), (602)) v (id) ON u.id = v.id WHEN MATCHED AND v.id < 602 THEN DELETE WHEN MATCHED THEN DO NOTHING;
MERGE INTO users u USING (VALUES (602), (602)) v (id) ON u.id = v.id WHEN MATCHED AND u.bio IS NULL THEN UPDATE SET bio = 'twice' WHEN MATCHED THEN DELETE;
MERGE INTO users u USING orders o ON false WHEN NOT MATCHED AND o.id = 4 THEN INSERT (email, bio) VALUES ('made@x', 'b');
MERGE INTO orders o USING users u ON u.id = o.user_id AND u.theme = 't' WHEN MATCHED THEN UPDATE SET item = u.bio || u.mails WHEN NOT MATCHED AND u.id > 500 THEN INSERT VALUES (u.id, u.id, u.website);
-- untranslatable: system column
MERGE INTO users u USING orders o ON o.user_id = u.id AND u.ctid IS NULL WHEN MATCHED THEN DELETE;
-- untranslatable: WITH RECURSIVE before MERGE
WITH RECURSIVE w AS (SELECT 1 AS id) MERGE INTO users u USING w ON u.id = w.id WHEN MATCHED THEN DELETE;
-- untranslatable: MERGE within WITH
WITH w AS (MERGE INTO users u USING orders o ON o.user_id = u.id WHEN MATCHED THEN DELETE) SELECT 1;
SELECT * FROM orders ORDER BY id;
SELECT * FROM users WHERE email <> 'made@x' ORDER BY id;
