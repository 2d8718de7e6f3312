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
