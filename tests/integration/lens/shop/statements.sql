-- order: total
SELECT 1;
-- order: total
SELECT id, email FROM users ORDER BY id;
-- order: none
SELECT * FROM users;
SELECT email FROM users WHERE id = 1;
-- plan: accounts
SELECT u.* FROM users u;
SELECT users.email, public.users.name FROM public.users WHERE users.active;
-- plan: status = 'enabled'
SELECT name FROM users WHERE active;
SELECT name FROM users WHERE NOT active;
SELECT name FROM users WHERE active = true;
SELECT name FROM users WHERE active = 't';
SELECT name FROM users WHERE active = 'f' OR score = 9;
SELECT name FROM users WHERE active <> false;
SELECT name FROM users WHERE active IS TRUE;
SELECT name FROM users WHERE active IN (true, false);
SELECT name FROM users WHERE active IS NOT NULL;
-- $1=true
SELECT name FROM users WHERE active = $1;
-- $1=f
SELECT name FROM users WHERE active = $1 AND score = 3;
-- $1=1
SELECT name FROM users WHERE id = $1;
-- $1={t,f}
SELECT name FROM users WHERE active = ANY($1);
-- $1=book $2=2
-- plan: kind_code = 
SELECT title FROM products WHERE kind = $1 LIMIT $2;
-- plan: kind_code = 'B'
SELECT title FROM products WHERE kind = 'book';
SELECT title FROM products WHERE kind <> 'book';
SELECT title FROM products WHERE kind = 'zzz';
SELECT title FROM products WHERE kind <> 'zzz';
-- plan: IN ('B', 'F')
SELECT title FROM products WHERE kind IN ('book', 'food');
SELECT title FROM products WHERE kind NOT IN ('book', 'food');
SELECT title FROM products WHERE kind IN ('book', 'zzz');
SELECT title FROM products WHERE kind LIKE 'b%';
-- $1={book,other}
SELECT title FROM products WHERE kind = ANY($1);
SELECT title FROM products WHERE kind = ANY('{book,other}');
SELECT title, price FROM products ORDER BY price;
SELECT title, price * 2 AS twice FROM products ORDER BY price DESC, id LIMIT 2;
-- order: partial
SELECT score FROM users ORDER BY active;
-- order: total
SELECT score FROM users ORDER BY score;
-- order: partial
SELECT id, score FROM users ORDER BY score;
SELECT kind, count(*), sum(price), min(title) FROM products GROUP BY kind ORDER BY kind;
SELECT kind AS k, count(*) FROM products GROUP BY k HAVING count(*) > 0 ORDER BY k;
SELECT kind AS k, count(*) FROM products GROUP BY 1 ORDER BY 1;
SELECT kind, price FROM products GROUP BY kind, price ORDER BY 1, 2;
SELECT id, title, price FROM products GROUP BY id ORDER BY id;
SELECT price AS title FROM products ORDER BY title;
SELECT upper(title) FROM products ORDER BY title;
SELECT legacy_flags, id FROM users ORDER BY legacy_flags, id;
SELECT count(legacy_flags) FROM users;
SELECT DISTINCT active FROM users ORDER BY active;
SELECT DISTINCT ON (active) active, id FROM users ORDER BY active, id;
SELECT DISTINCT ON (kind) kind, title FROM products ORDER BY kind, title;
SELECT u.email, o.id FROM users u JOIN orders o ON o.user_id = u.id ORDER BY o.id;
SELECT email, note FROM users, orders WHERE user_id = users.id ORDER BY orders.id;
SELECT email, note FROM users LEFT JOIN orders ON user_id = users.id ORDER BY users.id, orders.id;
SELECT * FROM users u LEFT JOIN orders o ON o.user_id = u.id;
SELECT * FROM users u RIGHT JOIN orders o ON o.user_id = u.id;
SELECT * FROM users u FULL JOIN orders o ON o.user_id = u.id;
SELECT u.*, o.state FROM users u CROSS JOIN orders o;
SELECT * FROM users JOIN tags USING (id);
SELECT id, email, label FROM users JOIN tags USING (id) ORDER BY id;
SELECT id, email, label FROM users LEFT JOIN tags USING (id) ORDER BY id;
SELECT id, email, label FROM tags RIGHT JOIN users USING (id) ORDER BY id;
SELECT * FROM tags FULL JOIN users USING (id) ORDER BY id;
SELECT id, users.id, tags.id FROM tags FULL JOIN users USING (id) ORDER BY 1;
SELECT * FROM users NATURAL JOIN tags;
SELECT * FROM users NATURAL LEFT JOIN tags;
SELECT j.id, j.email, j.label FROM (users JOIN tags USING (id)) AS j ORDER BY j.id;
SELECT j.* FROM (users u JOIN tags t ON t.id = u.id) AS j (a, b, c, d, e, f, g, h, i);
SELECT a, b, i FROM (users u JOIN tags t ON t.id = u.id) AS j (a, b, c, d, e, f, g, h, i);
SELECT ju.id, u.email FROM users u JOIN tags t USING (id) AS ju ORDER BY ju.id;
SELECT x.a, x.b FROM users AS x (a, b) ORDER BY a;
SELECT * FROM users AS x (a, b) ORDER BY a;
SELECT * FROM users a JOIN users b USING (id) JOIN tags USING (id);
SELECT email FROM users WHERE id IN (SELECT user_id FROM orders WHERE state = 'paid');
-- plan: 'settled'
SELECT id FROM orders WHERE state = 'paid';
-- plan: orders.state > 'open'
SELECT id FROM orders WHERE state > 'new';
-- plan: ORDER BY orders.state, id
SELECT id, state FROM orders ORDER BY state, id;
SELECT id FROM orders WHERE state = 'paid'::order_state;
-- untranslatable: not a label
SELECT id FROM orders WHERE state > 'lost';
-- untranslatable: is used in an unsupported way
SELECT mode() WITHIN GROUP (ORDER BY state) FROM orders;
SELECT 'paid'::order_state::text FROM orders LIMIT 0;
-- $1=paid
SELECT id FROM orders WHERE state = $1;
-- $1=paid
SELECT id FROM orders WHERE state = $1::order_state;
SELECT state, count(*) FROM orders GROUP BY state;
SELECT email FROM users u WHERE EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.id AND note IS NOT NULL) ORDER BY 1;
SELECT email, (SELECT count(*) FROM orders WHERE user_id = users.id) FROM users ORDER BY email;
SELECT email, (SELECT max(note) FROM orders WHERE user_id = users.id) AS last FROM users ORDER BY email;
SELECT email FROM users WHERE EXISTS (SELECT 1 FROM orders users WHERE users.user_id = 1 AND email = 'ann@x');
SELECT (SELECT email FROM users WHERE id = 2);
SELECT ARRAY(SELECT email FROM users ORDER BY id);
SELECT email FROM users WHERE (id, active) = (1, true);
SELECT email FROM users WHERE (id, score) IN (SELECT user_id, 3 FROM orders);
SELECT email FROM users WHERE id = ANY (SELECT user_id FROM orders);
SELECT email FROM users WHERE score >= ALL (SELECT score FROM users WHERE score IS NOT NULL);
SELECT s.email FROM (SELECT email, id FROM users WHERE active) AS s ORDER BY s.id;
SELECT * FROM (SELECT * FROM users) AS s ORDER BY id;
SELECT s.a FROM (SELECT email, name FROM users) AS s (a) ORDER BY 1;
SELECT * FROM (SELECT u.name, o.quantity FROM users u, orders o WHERE o.user_id = u.id) s ORDER BY 1, 2;
SELECT u.email, l.quantity FROM users u, LATERAL (SELECT quantity FROM orders WHERE user_id = u.id ORDER BY quantity DESC LIMIT 1) l ORDER BY 1;
SELECT u.email, l.quantity FROM users u LEFT JOIN LATERAL (SELECT quantity FROM orders WHERE user_id = u.id ORDER BY id LIMIT 1) l ON true ORDER BY 1;
SELECT u.email, g FROM users u, generate_series(1, u.id) g ORDER BY u.id, g;
SELECT u.email, g.n FROM users u CROSS JOIN LATERAL generate_series(1, u.id) AS g (n) ORDER BY 1, 2;
SELECT u.email, w FROM users u, unnest(string_to_array(u.name, ' ')) AS w ORDER BY 1, 2;
SELECT e.key, e.value FROM users u, jsonb_each_text(to_jsonb(u)) e WHERE u.id = 1 AND e.key IN ('email', 'name', 'active') ORDER BY 1;
WITH a AS (SELECT id, email FROM users) SELECT * FROM a ORDER BY id;
WITH accounts AS (SELECT id, email FROM users) SELECT accounts.email FROM accounts JOIN users ON users.id = accounts.id ORDER BY 1;
WITH users AS (SELECT 1 AS id, 'z' AS email) SELECT * FROM users;
WITH a (x, y) AS (SELECT id, name FROM users), b AS (SELECT x FROM a WHERE y LIKE 'A%') SELECT * FROM b;
WITH RECURSIVE r (n, e) AS (SELECT id, email FROM users WHERE id = 1 UNION ALL SELECT u.id, u.email FROM users u JOIN r ON u.id = r.n + 1) SELECT * FROM r ORDER BY n;
WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT n, email FROM r JOIN users ON users.id = n ORDER BY n;
WITH a AS MATERIALIZED (SELECT * FROM users) SELECT email FROM a WHERE active ORDER BY 1;
SELECT email FROM users UNION SELECT title FROM products ORDER BY 1;
SELECT id, email FROM users UNION ALL SELECT id, title FROM products ORDER BY 1, 2;
SELECT id FROM users INTERSECT SELECT user_id FROM orders ORDER BY id;
SELECT id FROM users EXCEPT SELECT user_id FROM orders ORDER BY id;
(SELECT email FROM users ORDER BY id LIMIT 1) UNION ALL (SELECT title FROM products ORDER BY price LIMIT 1);
SELECT * FROM users UNION ALL SELECT * FROM users ORDER BY id, email;
SELECT active FROM users UNION SELECT true;
SELECT email, rank() OVER (ORDER BY score DESC NULLS LAST) FROM users ORDER BY 2, 1;
SELECT email, sum(score) OVER (PARTITION BY active ORDER BY id) AS s FROM users ORDER BY 1;
SELECT email, row_number() OVER w FROM users WINDOW w AS (PARTITION BY active ORDER BY name) ORDER BY email;
SELECT kind, sum(price) FILTER (WHERE title > 'B') FROM products GROUP BY kind ORDER BY kind;
SELECT kind, array_agg(title ORDER BY price DESC) FROM products GROUP BY kind ORDER BY kind;
SELECT string_agg(email, ',' ORDER BY id) FROM users;
SELECT kind, title, sum(price) FROM products GROUP BY ROLLUP (kind, title) ORDER BY kind, title;
SELECT kind, active, count(*) FROM products, users GROUP BY GROUPING SETS ((kind), (active), ()) ORDER BY 1, 2;
SELECT kind, grouping(kind), count(*) FROM products GROUP BY CUBE (kind) ORDER BY 1, 2;
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY price) FROM products;
SELECT u FROM users u WHERE id < 0;
SELECT u.id, (u).email FROM users u ORDER BY 1;
SELECT (u).* FROM users u WHERE id = 2;
SELECT count(u) FROM users u;
SELECT o.id, count(u) FROM orders o LEFT JOIN users u ON u.id = o.user_id GROUP BY o.id ORDER BY 1;
SELECT json_agg(t) FROM tags t;
SELECT to_jsonb(u) - 'created_at' FROM users u WHERE id = 1;
SELECT row_to_json(p) FROM products p WHERE id = 1;
SELECT o.id, row_to_json(p) FROM orders o LEFT JOIN products p ON p.id = o.product_id AND p.id < 3 ORDER BY 1;
SELECT ROW(p.*, 1) FROM products p WHERE id < 0;
SELECT p::text FROM products p WHERE id < 0;
SELECT u IS NULL FROM users u WHERE id = 1;
SELECT coalesce(name, email), nullif(active, true), CASE WHEN active THEN 'y' ELSE 'n' END FROM users ORDER BY id;
SELECT name::varchar(3), price::int, lower(email) FROM users, products WHERE users.id = products.id ORDER BY users.id;
SELECT greatest(score, 5), least(score, 5) FROM users ORDER BY id;
SELECT email AS "E-mail", name "Select" FROM users ORDER BY "E-mail";
SELECT "users"."email" FROM "users" ORDER BY "users"."id";
SELECT EMAIL FROM USERS ORDER BY ID;
SELECT email FROM users WHERE name LIKE 'A%' AND email ILIKE '%X';
SELECT email FROM users WHERE score BETWEEN 1 AND 5 ORDER BY email;
SELECT email FROM users WHERE score IS DISTINCT FROM 3 ORDER BY email;
SELECT email FROM users WHERE name SIMILAR TO 'A%';
SELECT email COLLATE "C" FROM users ORDER BY email COLLATE "C";
SELECT email FROM users ORDER BY name DESC NULLS FIRST OFFSET 1 LIMIT 2;
SELECT email FROM users ORDER BY id FETCH FIRST 2 ROWS ONLY;
SELECT email FROM users ORDER BY score FETCH FIRST 1 ROWS WITH TIES;
SELECT email FROM users WHERE id = 1 FOR UPDATE;
SELECT u.email FROM users u JOIN orders o ON o.user_id = u.id WHERE o.id = 1 FOR UPDATE OF u;
SELECT email FROM users ORDER BY id FOR SHARE SKIP LOCKED;
SELECT email FROM users TABLESAMPLE SYSTEM (100) ORDER BY id;
SELECT email FROM ONLY users ORDER BY id;
TABLE tags;
TABLE users;
VALUES (1, 'a'), (2, 'b');
SELECT * FROM (VALUES (1, 'ann@x'), (2, 'q')) AS v (id, email) JOIN users USING (email);
SELECT * FROM busy ORDER BY id;
SELECT b.label, u.email FROM busy b JOIN users u ON u.id = b.id ORDER BY b.id;
SELECT now() > '2001-01-01', current_date > '2001-01-01';
SELECT current_timestamp > now() - interval '1 minute' FROM users;
SELECT count(*) FROM users WHERE created_at <= now();
SELECT 'users'::regclass IS NOT NULL;
SELECT pg_get_serial_sequence('users', 'id') IS NOT NULL;
-- $1=ann@x
SELECT id FROM users WHERE email = $1;
-- $1=12.5
SELECT title FROM products WHERE price = $1;
-- $1=9 $2=1
SELECT title FROM products WHERE price > $1 AND id <> $2 ORDER BY id;
SELECT title FROM products WHERE price = 12.5 OR price = '9.99' ORDER BY id;
SELECT a.email, b.email FROM users a, users b WHERE a.score = b.score AND a.id < b.id;
SELECT x.email FROM users x WHERE x.id = (SELECT min(user_id) FROM orders WHERE orders.user_id = x.id);
SELECT nosuch FROM tags;
-- untranslatable: nosuch
SELECT nosuch FROM users;
-- untranslatable: email_address
SELECT email_address FROM users;
SELECT id FROM nosuchtable;
SELECT 1 / 0 FROM users;
SELECT label FROM users JOIN tags ON tags.id = users.id ORDER BY tags.id;
SELECT title AS email, email AS title FROM products, users WHERE products.id = users.id ORDER BY email, title;
SELECT q.n FROM (SELECT name AS n FROM users UNION ALL SELECT title FROM products) q ORDER BY n;
SELECT users.id FROM users WHERE users.name = 'Ann Lee' AND users.legacy_flags IS NULL;
SELECT extract(year FROM created_at) > 2000 FROM users;
SELECT position('@' IN email), substring(email FROM 1 FOR 2), trim(both 'x' FROM email), overlay(email placing 'zz' from 1) FROM users ORDER BY id;
SELECT name || '!' FROM users ORDER BY name || '!';
SELECT array[id, score] FROM users ORDER BY id;
SELECT (array[email, name])[1] FROM users ORDER BY id;
SELECT exists(SELECT 1 FROM users WHERE active), not exists(SELECT 1 FROM users);
SELECT o.*, u.* FROM orders o, users u WHERE o.user_id = u.id;
SELECT *, 1 AS one FROM users;
SELECT count(*) FROM users, products, tags;
SELECT label, users.name FROM tags, users WHERE tags.id = users.id ORDER BY label;
SELECT email FROM users WHERE id IN (SELECT user_id FROM orders o WHERE o.note = users.name OR quantity > 0) ORDER BY 1;
SELECT t.id FROM (users u JOIN orders o ON o.user_id = u.id) JOIN tags t ON t.id = u.id ORDER BY 1, o.id;
SELECT u.name, p.title FROM users u JOIN (orders o JOIN products p ON p.id = o.product_id) ON o.user_id = u.id ORDER BY o.id;
SELECT u.id, o.id FROM users u LEFT JOIN orders o ON o.user_id = u.id AND u.active ORDER BY 1, 2;
SELECT coalesce(u.active, false) FROM orders o LEFT JOIN users u ON u.id = o.user_id ORDER BY o.id;
SELECT u.active IS NULL, u.name IS NULL FROM orders o LEFT JOIN users u ON u.id = o.user_id ORDER BY o.id;
SELECT o.id FROM orders o LEFT JOIN users u ON u.id = o.user_id WHERE NOT (u.active = true) ORDER BY 1;
SELECT o.id FROM orders o LEFT JOIN users u ON u.id = o.user_id WHERE (u.active = true) IS NULL ORDER BY 1;
SELECT id FROM products WHERE NOT (kind = 'book') ORDER BY id;
-- $1=zzz
SELECT id FROM products WHERE NOT (kind = $1) ORDER BY id;
-- $1=zzz
SELECT id FROM products WHERE kind = $1 ORDER BY id;
-- $1=zzz
SELECT kind = $1 FROM products ORDER BY id;
-- $1=zzz $2=3
SELECT id FROM products WHERE (kind = $1) IS FALSE AND id < $2 ORDER BY id;
SELECT kind = 'book' AS is_book FROM products ORDER BY id;
SELECT id FROM products WHERE kind || 'x' = 'bookx' ORDER BY id;
SELECT id FROM products WHERE length(kind) = 4 ORDER BY id;
SELECT p.kind FROM products p JOIN products q ON p.kind = q.kind AND p.id < q.id;
SELECT kind, title FROM products ORDER BY kind DESC, title;
SELECT max(kind), min(active::text) FROM products, users;
SELECT sum(price) AS total, avg(price)::numeric(8,2) FROM products;
SELECT price::text FROM products ORDER BY id;
SELECT to_char(price, '990.00') FROM products ORDER BY id;
SELECT jsonb_build_object('e', email, 'n', name) FROM users ORDER BY id;
SELECT json_agg(u.email ORDER BY u.id) FROM users u;
SELECT array_agg(DISTINCT kind ORDER BY kind) FROM products;
SELECT jsonb_agg(to_jsonb(t) ORDER BY t.id) FROM tags t;
SELECT (SELECT row_to_json(x) FROM (SELECT email, active FROM users WHERE id = 1) x);
SELECT x.email FROM (SELECT u.*, row_number() OVER (ORDER BY u.score, u.id) AS rn FROM users u) x WHERE x.rn = 2;
SELECT * FROM (SELECT id, name FROM users) a JOIN (SELECT user_id AS id, note FROM orders) b USING (id) ORDER BY id, note;
SELECT * FROM (SELECT id, name FROM users) a NATURAL FULL JOIN (SELECT user_id AS id, note FROM orders) b ORDER BY id, note;
SELECT id FROM users a JOIN orders b USING (id) WHERE id > 1 GROUP BY id HAVING count(*) > 0 ORDER BY id;
SELECT a.id, b.id FROM users a LEFT JOIN tags b USING (id) WHERE b.label IS NULL ORDER BY 1;
SELECT DISTINCT u.name FROM users u, orders o WHERE o.user_id = u.id ORDER BY u.name;
SELECT DISTINCT price FROM products ORDER BY price DESC;
SELECT name FROM users GROUP BY name ORDER BY name;
SELECT lower(name) AS n, count(*) FROM users GROUP BY lower(name) ORDER BY 1;
SELECT lower(name) AS n, count(*) FROM users GROUP BY n ORDER BY n;
SELECT active, name FROM users GROUP BY active, name HAVING active ORDER BY 2;
SELECT active = true AS a, count(*) FILTER (WHERE kind = 'book') FROM users, products GROUP BY active ORDER BY 1;
SELECT count(*) FILTER (WHERE active = true), bool_or(active = false) FROM users;
-- plan: status = 'enabled'
SELECT email, (SELECT count(*) FROM users v WHERE v.active = true) FROM users GROUP BY email ORDER BY email;
SELECT email name FROM users ORDER BY name;
SELECT email name FROM users GROUP BY email, name ORDER BY name;
SELECT u.email FROM users u ORDER BY u.name LIMIT 1 + 1;
-- $1=2
SELECT u.email FROM users u ORDER BY u.id LIMIT $1;
SELECT email, lag(email) OVER (ORDER BY id), first_value(name) OVER (PARTITION BY active ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM users ORDER BY id;
SELECT email FROM users u WHERE (SELECT count(*) FROM orders WHERE user_id = u.id) > 1;
SELECT u.email FROM users u WHERE u.id = ANY (ARRAY[1, 2]) ORDER BY 1;
SELECT u.email FROM users u WHERE u.id = ANY ('{3,4}') ORDER BY 1;
SELECT email FROM users WHERE email IN ('ann@x', 'bob@x') ORDER BY 1;
SELECT email FROM users WHERE ROW(id, email) = ROW(1, 'ann@x');
SELECT email FROM users WHERE (score, id) < (5, 3) ORDER BY id;
WITH x AS (SELECT * FROM users), y AS (SELECT x.id, o.note FROM x JOIN orders o ON o.user_id = x.id) SELECT y.note, x.email FROM y, x WHERE y.id = x.id ORDER BY 1;
WITH x AS (SELECT u FROM users u) SELECT count(*) FROM x;
WITH products AS (SELECT 9 AS id) SELECT p.id, u.id FROM products p, users u ORDER BY 2;
WITH RECURSIVE walk (id, path) AS (SELECT id, ARRAY[id] FROM users WHERE id = 1 UNION ALL SELECT u.id, path || u.id FROM walk w JOIN users u ON u.id = w.id + 1) SEARCH DEPTH FIRST BY id SET o SELECT id, path FROM walk ORDER BY o;
SELECT email FROM users UNION ALL SELECT note FROM orders WHERE note IS NOT NULL ORDER BY email LIMIT 3;
SELECT * FROM (SELECT email FROM users EXCEPT SELECT 'ann@x') z ORDER BY 1;
SELECT id, name FROM users INTERSECT ALL SELECT 1, 'Ann Lee';
VALUES ((SELECT name FROM users WHERE id = 1), (SELECT count(*) FROM orders));
SELECT * FROM (VALUES ((SELECT name FROM users WHERE id = 1))) v (n);
SELECT u.name FROM users u, (VALUES (1), (3)) v (id) WHERE v.id = u.id ORDER BY 1;
SELECT s FROM generate_series(1, 3) s JOIN users ON users.id = s ORDER BY s;
SELECT s.* FROM generate_series(1, 2) WITH ORDINALITY s (v, o), users WHERE users.id = s.v ORDER BY 1;
SELECT name FROM users ORDER BY random() LIMIT 0;
SELECT cast(name AS varchar(5)), name::char(4) FROM users ORDER BY id;
SELECT name COLLATE "C" < email FROM users ORDER BY id;
SELECT CASE kind WHEN 'book' THEN 1 ELSE 0 END FROM products ORDER BY id;
SELECT coalesce(legacy_flags, 0) + 1 FROM users ORDER BY id;
SELECT score + id AS s FROM users ORDER BY s NULLS LAST, id;
SELECT -score, @ id, NOT active FROM users ORDER BY id;
SELECT interval '1 day' * id FROM users ORDER BY id;
SELECT date '2020-01-01' + score FROM users ORDER BY id;
SELECT created_at AT TIME ZONE 'UTC' > '2000-01-01' FROM users;
SELECT u.ctid IS NOT NULL FROM users u;
SELECT tableoid::regclass IS NOT NULL FROM users;
SELECT users FROM tags AS users ORDER BY id;
SELECT users.* FROM tags AS users ORDER BY id;
SELECT accounts.email FROM users AS accounts ORDER BY id;
SELECT status FROM (SELECT email AS status FROM users) x ORDER BY status;
SELECT status, users.id FROM (SELECT id, email AS status FROM users) x JOIN users ON users.id = x.id ORDER BY status;
SELECT first_name FROM (SELECT name AS first_name FROM users) x, users ORDER BY 1;
SELECT id FROM users u1 WHERE EXISTS (SELECT 1 FROM users u2 WHERE u2.id = u1.id + 1 AND EXISTS (SELECT 1 FROM users u1 WHERE u1.id = u2.id)) ORDER BY 1;
SELECT nextval('users_id_seq');
SELECT currval('users_id_seq'), lastval();
SELECT nextval('products_id_seq'::regclass) AS n;
INSERT INTO users (email, name) VALUES ('eve@x', 'Eve Gray');
-- order: none
INSERT INTO users (email, name, active, legacy_flags) VALUES ('fay@x', 'Fay Hill', false, NULL) RETURNING id, email, name, active;
INSERT INTO users (email, name) VALUES ('gus@x', 'Gus Ives'), ('hal@x', 'Hal Jay Key') RETURNING *;
-- binary
INSERT INTO users (email, name) VALUES ('ian@x', 'Ian Low') RETURNING id;
SELECT * FROM users;
SELECT nextval('users_id_seq');
-- $1=jim@x $2=Jim Moe $3=t
INSERT INTO users (email, name, active) VALUES ($1, $2, $3) RETURNING id;
INSERT INTO users (email, name) VALUES ('kim@x', upper('kim' || ' nye')) RETURNING id, name;
INSERT INTO users (email, name, score) VALUES ('lea@x', lower('LEA ' || 'OX'), DEFAULT), ('mia@x', NULL, 4) RETURNING id, name, score;
INSERT INTO users (email, name, active, score) SELECT 'c' || email, name, active, score + 1 FROM users WHERE id <= 2;
INSERT INTO users (email, name) SELECT title, title || ' X' FROM products ORDER BY id RETURNING email, name;
INSERT INTO users VALUES (1000, 'thousand@x', 'Thou Sand', true, NULL, 5, now()) RETURNING id, email;
INSERT INTO users VALUES (1001, 'thousand1@x');
INSERT INTO users VALUES (DEFAULT, 'ned@x', 'Ned Orr', DEFAULT, NULL, DEFAULT) RETURNING *;
INSERT INTO users (email) VALUES ('ann@x');
INSERT INTO users (email, name) VALUES ('ann@x', 'New Name') ON CONFLICT DO NOTHING;
INSERT INTO users (email, name) VALUES ('ann@x', 'New Name') ON CONFLICT (email) DO NOTHING RETURNING id;
INSERT INTO users (email, name) VALUES ('ann@x', 'Newer Name') ON CONFLICT (email) DO UPDATE SET name = excluded.name, score = users.score + 1 RETURNING id, name, score;
INSERT INTO users AS t (email, name, active) VALUES ('ann@x', 'Ann Lee', false) ON CONFLICT (email) DO UPDATE SET name = excluded.name || ' Jr', active = excluded.active WHERE t.id = 1 RETURNING t.id, t.name, t.active;
INSERT INTO users (email, name) VALUES ('ann@x', 'Q R') ON CONFLICT ON CONSTRAINT users_email_key DO UPDATE SET name = excluded.name;
INSERT INTO users (id, email) VALUES (1, 'zed@x') ON CONFLICT (id) DO UPDATE SET email = excluded.email;
INSERT INTO users (id, email) VALUES (1, 'zed@x') ON CONFLICT (id) DO UPDATE SET email = 'ann@x', (name, active) = ROW ('Ann Lee', true);
SELECT id, email, name, active, score FROM users;
INSERT INTO products (title, price, kind) VALUES ('Pen', '2.5', 'other') RETURNING *;
INSERT INTO products (title, price, kind) VALUES ('Ink', 3.456, 'food') RETURNING *;
INSERT INTO products (title) VALUES ('Cup') RETURNING id, price, kind;
INSERT INTO products (title, price) VALUES ('Mug', DEFAULT), ('Jug', 4) RETURNING id, price;
-- $1=Keg $2=19.999 $3=food
INSERT INTO products (title, price, kind) VALUES ($1, $2, $3) RETURNING id, price;
INSERT INTO products (id, title) VALUES (77, 'No');
INSERT INTO products (id, title) OVERRIDING SYSTEM VALUE VALUES (77, 'Yes') RETURNING id;
INSERT INTO products (id, title) OVERRIDING USER VALUE VALUES (78, 'Own') RETURNING id;
INSERT INTO products (title, price, kind) SELECT title || '2', price / 3, kind FROM products WHERE kind = 'book' RETURNING title, price, kind;
INSERT INTO orders DEFAULT VALUES RETURNING *;
INSERT INTO orders (user_id, product_id, quantity, state) VALUES (1, 2, 3.6, 'gone') RETURNING *;
INSERT INTO orders (user_id, product_id, state) VALUES ((SELECT id FROM users WHERE email = 'bob@x'), 1, DEFAULT) RETURNING user_id, state;
-- $1=2 $2=3 $3=paid
INSERT INTO orders (user_id, product_id, state) VALUES ($1, $2, $3) RETURNING id, state;
INSERT INTO tags VALUES (4, 'black') RETURNING *;
INSERT INTO tags SELECT id + 100, name FROM users WHERE id < 3;
INSERT INTO tags (id) VALUES (9), (10) ON CONFLICT (id) DO UPDATE SET label = excluded.label;
INSERT INTO users (name, email) (SELECT 'Sel Ect', 'sel@x' WHERE NOT EXISTS (SELECT 1 FROM users WHERE email = 'sel@x')) RETURNING name, id;
INSERT INTO users (name, email) SELECT 'Sel Ect', 'sel@x' WHERE NOT EXISTS (SELECT 1 FROM users WHERE email = 'sel@x');
WITH s AS (SELECT 'With It' AS n, 'with@x' AS e) INSERT INTO users (name, email) SELECT n, e FROM s RETURNING name, id;
WITH s AS (SELECT 'with2@x' AS e) INSERT INTO users (name, email) VALUES ('W W', (SELECT e FROM s)) RETURNING *;
INSERT INTO orders (user_id, quantity, note) SELECT id, 2, 'bulk' FROM users WHERE id < 3 RETURNING user_id, note;
INSERT INTO orders (quantity, state) SELECT '7', 'paid' RETURNING quantity, state;
INSERT INTO products (title, price) SELECT 'Sel' || n, n * 1.005 FROM generate_series(1, 3) n RETURNING title, price;
INSERT INTO users (email, name, active, score) VALUES ('b1@x', 'B One', NOT true, 1 + 1), ('b2@x', 'B Two', (SELECT true), DEFAULT) RETURNING email, active, score, id;
INSERT INTO users (email, active) VALUES ('nul@x', NULL);
INSERT INTO users (email, name) VALUES (repeat('x', 70), 'Too Long');
INSERT INTO products (title, price) VALUES ('Big', 123456789012.5);
INSERT INTO orders (quantity) VALUES ('abc');
INSERT INTO orders (user_id, quantity) VALUES (1, 1) ON CONFLICT (id) DO UPDATE SET quantity = orders.quantity + excluded.quantity RETURNING quantity, state;
INSERT INTO tags AS t VALUES (1, 'RED') ON CONFLICT (id) DO UPDATE SET label = excluded.label || t.label WHERE t.label <> 'x' RETURNING t.*;
UPDATE users SET name = initcap(name), email = lower(email) WHERE id = 6 RETURNING name, email;
UPDATE users SET (name, active) = ('Two Cols', false), score = 8 WHERE id = 6 RETURNING name, active, score;
UPDATE users SET (name, active) = (SELECT 'From ' || title, price > 1 FROM products WHERE id = 1) WHERE id = 6 RETURNING name, active;
UPDATE users u SET name = s.n FROM (SELECT id, email || ' Z' AS n FROM users) s WHERE s.id = u.id AND u.id = 7 RETURNING u.name;
UPDATE users SET score = (SELECT count(*) FROM orders o WHERE o.user_id = users.id) WHERE id < 8 RETURNING id, score;
UPDATE products SET price = DEFAULT, kind = DEFAULT WHERE id = 2 RETURNING *;
UPDATE orders SET quantity = quantity * 1.5 WHERE id = 2 RETURNING quantity;
UPDATE orders SET user_id = NULL, state = DEFAULT WHERE note = 'bulk' RETURNING user_id, state;
-- $1=paid $2=bulk
UPDATE orders SET state = $1 WHERE note = $2 RETURNING state;
UPDATE products SET price = price + 0.005 WHERE id = 1 RETURNING price;
WITH d AS (DELETE FROM orders WHERE note = 'bulk' RETURNING user_id, state) SELECT state, count(*) FROM d GROUP BY state;
WITH i AS (INSERT INTO tags VALUES (60, 'sixty') RETURNING *), u AS (UPDATE users SET score = 60 WHERE id = 6 RETURNING id, score) SELECT i.id, u.score FROM i, u;
DELETE FROM users u USING tags t WHERE t.id = 60 AND u.email = 'b1@x' RETURNING u.email, t.label;
DELETE FROM users WHERE id IN (SELECT id FROM users WHERE name = 'B Two') RETURNING email;
INSERT INTO orders (user_id) VALUES (424242);
SELECT * FROM products;
SELECT * FROM orders;
UPDATE users SET email = 'bob2@x' WHERE id = 2;
UPDATE users SET name = 'Bob Ray' WHERE id = 2 RETURNING id, name;
UPDATE users SET name = upper(name) WHERE id = 3 RETURNING *;
UPDATE users SET name = name || 'x', score = coalesce(score, 0) + 1, active = NOT active WHERE id IN (2, 3) RETURNING id, name, score, active;
UPDATE users SET active = true WHERE active = false AND id < 5;
UPDATE users SET active = (id = 1) WHERE id < 3 RETURNING id, active;
UPDATE users SET legacy_flags = NULL WHERE id = 1 RETURNING id;
UPDATE users SET score = DEFAULT WHERE id = 4 RETURNING score;
UPDATE users SET active = DEFAULT, created_at = DEFAULT WHERE id = 4 RETURNING active;
UPDATE users u SET score = 50 WHERE u.id = 3 RETURNING u.score, u.*;
UPDATE users SET (email, score) = ('carl@x', 12) WHERE id = 3 RETURNING email, score;
UPDATE users SET (name, score) = (SELECT 'Sub Select', 13) WHERE id = 3 RETURNING name, score;
UPDATE users SET (name, email) = ROW ('Row Value', 'row@x') WHERE id = 3 RETURNING name, email;
UPDATE users SET (name, score) = (SELECT title, id FROM products WHERE id = -1) WHERE id = 4 RETURNING name, score;
UPDATE users SET name = 'Dan Fox' WHERE id = 4;
-- $1=Par Ameter $2=4
UPDATE users SET name = $1 WHERE id = $2 RETURNING name;
-- $1=f $2=4
UPDATE users SET active = $1 WHERE id = $2 RETURNING active;
UPDATE users SET score = o.quantity FROM orders o WHERE o.user_id = users.id AND o.id = 2 RETURNING users.id, score, o.quantity;
UPDATE users SET name = p.title || ' ' || o.quantity FROM orders o JOIN products p ON p.id = o.product_id WHERE o.user_id = users.id AND o.id = 1 RETURNING *;
UPDATE products SET price = price * 1.1 WHERE kind = 'book' RETURNING id, price;
UPDATE products SET price = 1.999, kind = 'food' WHERE id = 3 RETURNING *;
UPDATE products SET kind = CASE WHEN kind = 'food' THEN 'other' ELSE 'food' END RETURNING id, kind;
UPDATE orders SET state = 'gone' WHERE state = 'paid' AND user_id = 1 RETURNING *;
UPDATE orders SET user_id = u.id FROM users u WHERE u.email = 'ann@x' AND orders.user_id IS NULL RETURNING orders.id, user_id;
UPDATE tags SET label = u.email FROM users u WHERE u.id = tags.id RETURNING *;
WITH moved AS (UPDATE users SET score = 1 WHERE id < 4 RETURNING id, email) SELECT * FROM moved ORDER BY id;
WITH ins AS (INSERT INTO tags VALUES (50, 'fifty') RETURNING id) UPDATE users SET score = ins.id FROM ins WHERE users.id = 1 RETURNING score;
UPDATE users SET email = NULL WHERE id = 1;
-- untranslatable: nosuch
UPDATE users SET nosuch = 1 WHERE false OR 1 / 0 = 1;
SELECT id, email, name, active, score FROM users;
MERGE INTO users u USING (VALUES (701, 'm@x', 'Mia Moe Max', false), (1, 'ann@x', 'Ann New', false)) AS v (id, email, name, active) ON u.email = v.email WHEN MATCHED THEN UPDATE SET name = v.name, active = v.active WHEN NOT MATCHED THEN INSERT (id, email, name, active) VALUES (v.id, v.email, v.name, v.active);
MERGE INTO users USING (SELECT 702 AS id, 'n@x' AS email) s ON users.id = s.id WHEN NOT MATCHED THEN INSERT (id, email) VALUES (id, email);
MERGE INTO users AS s USING users AS u ON s.id = u.id - 1 AND u.active WHEN MATCHED AND s.active THEN UPDATE SET score = u.score + s.id, active = NOT u.active WHEN MATCHED AND s.id < 0 THEN DELETE WHEN MATCHED THEN DO NOTHING;
-- $1=703 $2=p@x $3=false
MERGE INTO users u USING (SELECT $1::int AS id) s ON u.id = s.id WHEN NOT MATCHED AND s.id > 3 THEN INSERT (id, email, active, legacy_flags) VALUES ($1, $2, $3, NULL);
-- $1=703 $2=Pia Pond
MERGE INTO users u USING (SELECT 1) s ON u.id = $1 WHEN MATCHED THEN UPDATE SET name = $2, score = DEFAULT, active = DEFAULT, created_at = now();
MERGE INTO products p USING users u ON p.id = u.id WHEN MATCHED AND p.kind = 'book' AND u.active THEN UPDATE SET price = p.price + 1.005, kind = 'food' WHEN MATCHED THEN UPDATE SET (title, price) = (u.email, 2 * price) WHEN NOT MATCHED THEN INSERT (id, title, price) OVERRIDING SYSTEM VALUE VALUES (u.id + 1000, u.name, u.score / 2.0);
-- plan: MERGE INTO tags USING accounts AS u
MERGE INTO tags USING users u ON u.id = tags.id WHEN MATCHED THEN UPDATE SET label = u.name WHEN NOT MATCHED THEN INSERT VALUES (u.id, u.email);
WITH few AS (SELECT id, state FROM orders WHERE user_id = 1) MERGE INTO orders o USING few ON o.id = few.id WHEN MATCHED AND few.state = 'new' THEN UPDATE SET state = 'paid', note = few.state::text WHEN MATCHED THEN UPDATE SET quantity = quantity + 1;
MERGE INTO orders o USING tags t ON o.id = t.id + 2 AND o.state <> 'new' WHEN MATCHED THEN DELETE WHEN NOT MATCHED AND t.id = 1 THEN INSERT (id, state) VALUES (t.id + 800, 'gone') WHEN NOT MATCHED AND t.id = 2 THEN INSERT (id, user_id) VALUES (t.id + 800, 1);
MERGE INTO users u USING tags t ON t.id < 3 AND u.id = 1 WHEN MATCHED THEN UPDATE SET score = t.id;
MERGE INTO users u USING tags t ON u.id = t.id WHEN NOT MATCHED THEN INSERT (email) VALUES (NULL);
-- untranslatable: has no column "nosuch"
MERGE INTO users u USING tags t ON u.id = t.id WHEN MATCHED THEN UPDATE SET nosuch = 1;
-- untranslatable: a volatile value of MERGE
MERGE INTO users u USING tags t ON u.id = t.id + 5000 WHEN NOT MATCHED THEN INSERT (id, email, name) VALUES (t.id + 5000, 'x', random()::text);
SELECT id, email, name, active, score, legacy_flags FROM users;
SELECT * FROM products;
SELECT id, user_id, quantity, state, note FROM orders;
DELETE FROM orders WHERE user_id = 2 RETURNING *;
DELETE FROM orders USING users u WHERE u.id = orders.user_id AND u.email = 'row@x' RETURNING orders.id, u.email;
DELETE FROM orders o WHERE o.state = 'gone' AND o.id > 100;
DELETE FROM products p WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.product_id = p.id) AND p.kind = 'food' RETURNING p.title;
-- $1=cyd@x
DELETE FROM users WHERE email = $1 AND active RETURNING id;
DELETE FROM users WHERE id > 1000;
DELETE FROM users WHERE id = 1;
WITH gone AS (DELETE FROM tags WHERE id > 8 RETURNING *) SELECT count(*) FROM gone;
SELECT * FROM users;
SELECT * FROM orders;
SELECT * FROM products;
SELECT * FROM tags;
PREPARE p (int) AS SELECT email FROM users WHERE id = $1;
EXECUTE p (1);
DEALLOCATE p;
BEGIN;
DECLARE c CURSOR FOR SELECT email, active FROM users ORDER BY id;
FETCH 2 FROM c;
CLOSE c;
LOCK TABLE users IN SHARE MODE;
CREATE TEMP TABLE mine AS SELECT id, email FROM users WHERE active;
ROLLBACK;
-- skip
CREATE TABLE other (id int);
-- skip
EXPLAIN SELECT * FROM users;
-- skip
VACUUM users;
-- skip
NOTIFY x;
-- skip
SELECT relname FROM pg_class;
TRUNCATE orders;
SELECT count(*) FROM orders;
-- untranslatable: does not list
INSERT INTO products (title, kind) VALUES (NULL, 'zzz');
