-- Statements of the old schema, by kind. Each runs on both sides in a transaction
-- that is rolled back, after all the data was compared. Notes before one:
--	kind: ...	of it and those that follow
--	begin / end	what is between runs in one transaction, in order
--	commit		... which commits: it must leave the data as it was
--	with: type=text | null | ...		its parameters
--	with binary: ...			... in binary, and so is the answer
--	binary		the answer is asked for in binary
--	copy rows: type=text | null | ...	a row of COPY's binary input
-- A COPY's text input follows it, up to a line of \.

-- kind: SELECT, one table
SELECT * FROM users ORDER BY id;
SELECT * FROM addresses ORDER BY user_id;
SELECT * FROM articles ORDER BY sku;
SELECT * FROM orders ORDER BY id;
SELECT * FROM cats;
SELECT * FROM dogs;
SELECT * FROM teams ORDER BY id;
SELECT * FROM categories ORDER BY id;
SELECT * FROM audit ORDER BY id;
SELECT * FROM staff ORDER BY id;
SELECT * FROM shifts ORDER BY id;
SELECT id, name FROM staff WHERE boss_id = 5 OR boss_id IS NULL ORDER BY id;
SELECT id, email, name FROM users WHERE id = 1;
SELECT u.email AS "E-Mail", u.score % 100 + 1 AS next FROM users AS u WHERE u.active ORDER BY u.email;
SELECT id FROM users WHERE level = 3 OR level IS NULL ORDER BY id;
SELECT id FROM users WHERE level IN (1, 2) AND theme = 'light' ORDER BY id;
SELECT name, length(name), upper(name) FROM users WHERE name LIKE 'Ann%' ORDER BY id;
SELECT id, country FROM users WHERE country = 'Norway' OR country IS NULL ORDER BY country, id;
SELECT id, country FROM users WHERE country <> 'Norway' ORDER BY country;
SELECT id, bio, website FROM users WHERE bio IS NOT NULL OR website > 'a' ORDER BY 1;
SELECT id, mails, NOT mails AS mute, theme || '!' AS theme FROM users ORDER BY id DESC;
SELECT id, team_id FROM users WHERE team_id = 1 ORDER BY id;
SELECT email, born, born + 1 AS after FROM users WHERE born > '2000-01-01' ORDER BY born, email;
SELECT coalesce(name, email), coalesce(score, 0), flags FROM users ORDER BY 1;
SELECT sku, price, price * 2 AS double, round(price) FROM articles WHERE price BETWEEN 0.01 AND 50 ORDER BY price;
SELECT sku, width, height, width > height AS wide, color FROM articles WHERE color = 'red' ORDER BY sku;
SELECT sku, tag1, tag2, coalesce(tag1, tag2), legacy FROM articles WHERE tag2 = 'sale' OR tag1 = 'a' ORDER BY sku;
SELECT sku, category_id FROM articles WHERE category_id = 3 ORDER BY sku;
SELECT id, state, day, at, day + at AS stamp FROM orders WHERE state = 'new' ORDER BY id;
SELECT id, state FROM orders WHERE state <> 'gone' AND qty > 1 ORDER BY id;
SELECT id, note FROM orders WHERE note IS NULL ORDER BY id;
SELECT id, day FROM orders WHERE day = '2023-02-28' ORDER BY id;
SELECT id, placed FROM orders WHERE placed < '2024-01-01' ORDER BY placed;
SELECT id, user_id, sku FROM orders WHERE sku = 'A-1' OR user_id IS NULL ORDER BY id;
SELECT user_id, street, city, zip FROM addresses WHERE city = 'Oslo' ORDER BY user_id;
SELECT name, lives FROM cats WHERE id > 1 ORDER BY id;
SELECT name FROM dogs WHERE tricks IS NULL;
SELECT title FROM teams WHERE id = 2;
SELECT who, what FROM audit WHERE id = 1;
SELECT count(*), count(name), count(DISTINCT name) FROM users;
SELECT 1 AS one, 'x' AS x FROM users WHERE id = 3;
SELECT id FROM users ORDER BY born NULLS FIRST, id LIMIT 3;
SELECT email FROM users ORDER BY id OFFSET 2 LIMIT 2;
SELECT sku FROM articles ORDER BY price DESC, sku FETCH FIRST 2 ROWS ONLY;
TABLE categories ORDER BY id;
SELECT loyalty(score % 100) AS points FROM users ORDER BY id;
SELECT id, state::text, 'paid'::order_state AS paid FROM orders WHERE state = 'paid'::order_state ORDER BY id;
SELECT enum_range(NULL::order_state) AS all_states, enum_first(NULL::order_state), enum_last(NULL::order_state);
SELECT id, enum_out(state) AS state, enum_cmp(state, 'paid') AS compared FROM orders ORDER BY id;
SELECT id FROM orders WHERE state > 'new' ORDER BY id;
SELECT id FROM orders WHERE state BETWEEN 'paid' AND 'shipped'::order_state ORDER BY id;
SELECT id FROM orders WHERE (state, id) > ('paid', 3) ORDER BY id;
SELECT id, greatest(state, 'paid'), least(state, 'paid'::order_state) FROM orders ORDER BY id;
SELECT id FROM orders WHERE state = ANY ('{new,paid}'::order_state[]) ORDER BY id;
SELECT id FROM orders WHERE state < ALL (SELECT state FROM orders WHERE id IN (3, 4)) ORDER BY id;
SELECT id FROM orders WHERE 'paid' < ANY (SELECT o.state FROM orders o WHERE o.user_id = orders.user_id) ORDER BY id;
SELECT id FROM orders WHERE state = ANY (ARRAY['new', 'gone']::order_state[]) ORDER BY id;
SELECT min(state), max(state), max(state) FILTER (WHERE qty > 1) FROM orders;
SELECT array_agg(state ORDER BY state, id) FROM orders;

-- kind: SELECT, whole row
SELECT u FROM users u WHERE u.id IN (1, 2) ORDER BY u.id;
SELECT row_to_json(u) FROM users u ORDER BY u.id;
SELECT to_jsonb(o.*) - 'placed' AS o FROM orders o ORDER BY o.id;
SELECT a FROM addresses a ORDER BY a.user_id;
SELECT row_to_json(a)::text FROM articles a ORDER BY a.sku;
SELECT c, d FROM cats c JOIN dogs d ON c.id = d.id ORDER BY c.id;
SELECT (o).id, (o).state FROM (SELECT o FROM orders o) x ORDER BY 1;
SELECT count(u) FROM users u;
SELECT row_to_json(x) FROM orders o FULL JOIN dogs x (qty, n, body) ON o.qty = x.qty ORDER BY o.id, x.qty;
SELECT row_to_json(o)::jsonb - 'placed' AS o FROM orders o (a, b, c) ORDER BY o.a;
SELECT a IS NULL AS absent, u.id FROM users u LEFT JOIN addresses a ON a.user_id = u.id ORDER BY u.id;
SELECT id(o), state(o), qty(o.*) FROM orders o WHERE state(o) >= 'paid' ORDER BY state(o), id(o);
SELECT (o).state, count(*) FROM orders o WHERE (o).state < 'shipped' GROUP BY (o).state ORDER BY (o).state DESC;
SELECT lower(email(u)), city(a) FROM users u LEFT JOIN addresses a ON user_id(a) = u.id ORDER BY id(u);
SELECT (jsonb_populate_record(NULL::addresses, '{"city": "Ulm"}')).city;

-- kind: SELECT, joins
SELECT looked_up.color, c.country FROM articles looked_up LEFT JOIN users c ON c.id = looked_up.width ORDER BY looked_up.sku;
SELECT u.email, o.id, o.state FROM users u JOIN orders o ON o.user_id = u.id ORDER BY o.id;
SELECT u.id, o.sku, o.note FROM users u LEFT JOIN orders o ON o.user_id = u.id AND o.qty > 1 ORDER BY u.id, o.id;
SELECT o.id, u.name, u.country, u.theme FROM users u RIGHT JOIN orders o ON o.user_id = u.id ORDER BY o.id;
SELECT a.sku, o.id FROM articles a FULL JOIN orders o ON o.sku = a.sku ORDER BY a.sku, o.id;
SELECT t.title, c.name FROM teams t CROSS JOIN categories c ORDER BY t.id, c.id;
SELECT u.name, t.title FROM users u, teams t WHERE u.team_id = t.id ORDER BY u.id;
SELECT s.name, b.name AS boss, b.boss_id FROM staff s LEFT JOIN staff b ON b.id = s.boss_id ORDER BY s.id;
SELECT u.id, a.city, u.bio FROM users u JOIN addresses a ON a.user_id = u.id ORDER BY u.id;
SELECT u.id, a.street FROM users u LEFT JOIN addresses a ON a.user_id = u.id WHERE a.city IS NULL ORDER BY u.id;
SELECT user_id, street, o.id FROM addresses JOIN orders o USING (user_id) ORDER BY o.id;
SELECT * FROM cats NATURAL JOIN dogs;
SELECT id, c.name, d.name FROM cats c FULL JOIN dogs d USING (id) ORDER BY id;
SELECT a.label, c.name, a.color FROM articles a LEFT JOIN categories c ON c.id = a.category_id ORDER BY a.sku;
SELECT u.email, o.day, a.label, a.price * o.qty AS total, c.name FROM users u JOIN orders o ON o.user_id = u.id JOIN articles a ON a.sku = o.sku LEFT JOIN categories c ON c.id = a.category_id ORDER BY o.id;
SELECT x.email, y.email FROM users x JOIN users y ON x.country = y.country AND x.id < y.id ORDER BY 1, 2;
SELECT x.sku, y.sku FROM articles x JOIN articles y ON x.width = y.width AND x.sku < y.sku;
SELECT u.id, t.title FROM (users u LEFT JOIN teams t ON t.id = u.team_id) LEFT JOIN addresses a ON a.user_id = u.id WHERE u.mails ORDER BY 1;
SELECT x.id FROM orders x JOIN orders y USING (state, day) WHERE x.id <> y.id;

-- kind: SELECT, lateral
SELECT u.id, l.n, l.latest FROM users u, LATERAL (SELECT count(*) AS n, max(o.day) AS latest FROM orders o WHERE o.user_id = u.id) l ORDER BY u.id;
SELECT u.id, o.id, o.state FROM users u LEFT JOIN LATERAL (SELECT * FROM orders o WHERE o.user_id = u.id ORDER BY o.day DESC, o.id LIMIT 1) o ON true ORDER BY u.id;
SELECT a.sku, t.tag FROM articles a CROSS JOIN LATERAL (VALUES (a.tag1), (a.tag2)) t (tag) WHERE t.tag IS NOT NULL ORDER BY 1, 2;

-- kind: SELECT, sub-queries
SELECT email FROM users u WHERE EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.id AND o.state = 'paid') ORDER BY 1;
SELECT email FROM users WHERE id NOT IN (SELECT user_id FROM orders WHERE user_id IS NOT NULL) ORDER BY 1;
SELECT email, (SELECT max(o.qty) FROM orders o WHERE o.user_id = users.id) AS most FROM users ORDER BY id;
SELECT sku FROM articles WHERE price > (SELECT avg(price) FROM articles WHERE category_id < 3);
SELECT id FROM orders WHERE (user_id, sku) IN (SELECT id, 'A-1' FROM users);
SELECT id FROM users WHERE score >= ALL (SELECT score FROM users WHERE score IS NOT NULL);
SELECT x.country, x.n FROM (SELECT country, count(*) AS n FROM users GROUP BY country) x WHERE x.n > 1;
SELECT name FROM cats WHERE name IN (SELECT name FROM dogs) ORDER BY id;
SELECT id, ARRAY(SELECT o.id FROM orders o WHERE o.user_id = u.id ORDER BY o.id) AS ids FROM users u ORDER BY id;
SELECT title FROM teams t WHERE (SELECT count(*) FROM users u WHERE u.team_id = t.id) > 1;
SELECT city FROM addresses WHERE user_id = (SELECT id FROM users WHERE email = 'ann@x');
SELECT id FROM users WHERE bio = ANY (SELECT note FROM orders) OR website IN (SELECT 'http://' || name FROM dogs);

-- kind: SELECT, WITH
WITH categories AS (SELECT 7 AS x) SELECT sku, category_id FROM articles c ORDER BY 1;
WITH w AS (SELECT id, country FROM users WHERE active) SELECT country, count(*) FROM w GROUP BY country ORDER BY 1;
WITH users AS (SELECT 1 AS id, 'fake' AS email) SELECT * FROM users;
WITH RECURSIVE r (n, label) AS (SELECT id, name FROM cats WHERE id = 1 UNION ALL SELECT c.id, r.label || '>' || c.name FROM r JOIN cats c ON c.id = r.n + 1) SELECT * FROM r ORDER BY n;
WITH o AS MATERIALIZED (SELECT user_id, sum(qty) AS q FROM orders WHERE state <> 'gone' GROUP BY user_id), u AS (SELECT * FROM users) SELECT u.email, o.q FROM u JOIN o ON o.user_id = u.id ORDER BY 1;

-- kind: SELECT, set operations
SELECT name FROM cats UNION SELECT name FROM dogs ORDER BY 1;
SELECT id, name FROM cats UNION ALL SELECT id, name FROM dogs ORDER BY 1, 2;
SELECT name FROM cats INTERSECT SELECT name FROM dogs;
SELECT id FROM users EXCEPT SELECT user_id FROM orders ORDER BY 1;
SELECT color FROM articles UNION SELECT country FROM users ORDER BY 1;
(SELECT state::text FROM orders ORDER BY id LIMIT 2) UNION ALL (SELECT theme FROM users ORDER BY id LIMIT 2);
SELECT state FROM orders UNION SELECT 'paid'::order_state ORDER BY 1;
SELECT state FROM orders WHERE id > 1 EXCEPT SELECT state FROM orders WHERE id = 1 ORDER BY state DESC LIMIT 2;
SELECT bio FROM users EXCEPT ALL SELECT note FROM orders;

-- kind: SELECT, ORDER BY
SELECT coalesce(state, 'new') AS last, id FROM orders ORDER BY 1, 2;
SELECT id FROM orders ORDER BY CASE WHEN qty > 1 THEN state END, id;
SELECT x.s FROM (SELECT id, coalesce(state, 'new') AS s FROM orders) x WHERE x.s > 'new' ORDER BY x.id;
SELECT id FROM orders ORDER BY state = 'new', id;
SELECT id, CASE state WHEN 'new' THEN 1 ELSE 2 END FROM orders ORDER BY 2, 1;
SELECT id, state FROM orders ORDER BY state::text, id;
SELECT id, state FROM orders ORDER BY state, id;
SELECT id FROM orders ORDER BY state DESC NULLS FIRST, id LIMIT 3;
SELECT id FROM orders ORDER BY (state, id) DESC;
SELECT s, count(id) FROM unnest(enum_range(NULL::order_state)) s LEFT JOIN orders ON state = s GROUP BY s ORDER BY s;
SELECT u.id, o.state FROM users u LEFT JOIN orders o ON o.user_id = u.id ORDER BY o.state, u.id, o.id;
SELECT id, CASE WHEN qty > 1 THEN 'paid' ELSE 'gone' END::order_state AS s FROM orders ORDER BY s, id;
SELECT id, (SELECT max(state) FROM orders p WHERE p.user_id = o.user_id) AS s FROM orders o ORDER BY s, id;
SELECT email FROM users ORDER BY country NULLS FIRST, theme DESC, level, mails, id;
SELECT u.id, l.n FROM users u, LATERAL (SELECT u.email || a.street AS email, count(*) AS n FROM addresses a GROUP BY email) l ORDER BY 1, 2;
SELECT sku FROM articles ORDER BY width - height NULLS LAST, price DESC, coalesce(tag1, tag2), sku;

-- kind: SELECT, DISTINCT
SELECT DISTINCT country FROM users ORDER BY country;
SELECT DISTINCT theme, mails FROM users;
SELECT DISTINCT ON (country) country, email FROM users ORDER BY country, email;
SELECT DISTINCT state, day FROM orders ORDER BY 1, 2;
SELECT DISTINCT ON (state) state, id FROM orders ORDER BY state, id DESC;
SELECT DISTINCT o.state AS s, o.day FROM orders o ORDER BY o.state DESC, day OFFSET 1;
SELECT x.state FROM (SELECT DISTINCT state FROM orders ORDER BY state LIMIT 2) x ORDER BY 1 DESC;
SELECT DISTINCT color, category_id FROM articles;
SELECT DISTINCT active, level FROM users ORDER BY active, level NULLS LAST;

-- kind: SELECT, GROUP BY
SELECT country, count(*), min(score), max(name) FROM users GROUP BY country ORDER BY country;
SELECT active, level, count(*) FROM users GROUP BY active, level;
SELECT level, avg(score) FROM users GROUP BY 1 HAVING count(*) > 1 ORDER BY level;
SELECT state, sum(qty), max(day), min(at) FROM orders GROUP BY state ORDER BY state::text;
SELECT state, count(*) FROM orders GROUP BY state HAVING state > 'new' ORDER BY state DESC;
SELECT user_id, max(state) AS m FROM orders GROUP BY user_id HAVING max(state) >= 'paid' ORDER BY m, user_id;
SELECT color, sum(width) AS w, string_agg(label, ',' ORDER BY sku) FROM articles GROUP BY color ORDER BY color;
SELECT theme, mails, count(*) FROM users GROUP BY ROLLUP (theme, mails) ORDER BY 1, 2;
SELECT city, zip, count(*) FROM addresses GROUP BY GROUPING SETS ((city), (zip), ()) ORDER BY 1, 2;
SELECT team_id, array_agg(id ORDER BY id) FROM users GROUP BY team_id;
SELECT sum(price), min(price), max(price) FROM articles;
SELECT count(*) FILTER (WHERE bio IS NOT NULL) AS bios, bool_or(mails) AS mailing FROM users;
SELECT tag1, count(tag2) FROM articles GROUP BY tag1 ORDER BY tag1;
SELECT date_trunc('month', day::timestamp) AS month, count(*) FROM orders GROUP BY 1 ORDER BY 1;

-- kind: SELECT, GROUP BY of a key
SELECT u.id, u.email, u.bio, count(o.id) FROM users u LEFT JOIN orders o ON o.user_id = u.id GROUP BY u.id ORDER BY u.id;
SELECT u.*, count(*) AS orders FROM users u JOIN orders o ON o.user_id = u.id GROUP BY u.id ORDER BY u.id;
SELECT a.sku, a.label, a.price, a.width, a.color, a.tag1, sum(o.qty) FROM articles a LEFT JOIN orders o ON o.sku = a.sku GROUP BY a.sku ORDER BY a.sku;
SELECT o.id, o.state, o.day, o.note, u.theme FROM orders o JOIN users u ON u.id = o.user_id GROUP BY o.id, u.id ORDER BY o.id;
SELECT t.id, t.title, count(u.id) FROM teams t LEFT JOIN users u ON u.team_id = t.id GROUP BY t.id ORDER BY t.id;
SELECT a.user_id, a.street, a.city, count(o.id) FROM addresses a LEFT JOIN orders o ON o.user_id = a.user_id GROUP BY a.user_id ORDER BY 1;
SELECT c.id, c.name, c.lives FROM cats c GROUP BY c.id HAVING c.lives > 1;

-- kind: SELECT, windows
SELECT id, rank() OVER (ORDER BY score NULLS LAST) FROM users ORDER BY id;
SELECT id, row_number() OVER (PARTITION BY user_id ORDER BY day, id) FROM orders ORDER BY id;
SELECT sku, sum(price) OVER (PARTITION BY color) FROM articles ORDER BY sku;
SELECT id, lag(name) OVER w, first_value(country) OVER w FROM users WINDOW w AS (ORDER BY id) ORDER BY id;
SELECT id, count(*) OVER (PARTITION BY theme, mails) AS n FROM users ORDER BY id;
SELECT id, state, ntile(2) OVER (PARTITION BY state ORDER BY id) FROM orders ORDER BY id;
SELECT id, rank() OVER (ORDER BY state, id), lag(state) OVER (ORDER BY day, id) AS b FROM orders ORDER BY b, id;

-- kind: SELECT, parameters
-- with: int4=1
SELECT email, name, bio FROM users WHERE id = $1;
-- with binary: int4=3
SELECT id, email, name, active, level, score, country, theme, mails, bio, born FROM users WHERE id = $1;
-- with binary: bool=true | text=light
SELECT id FROM users WHERE active = $1 AND theme = $2 ORDER BY id;
-- with: text=Norway
SELECT id FROM users WHERE country = $1 ORDER BY id;
-- with: =1 | =red
SELECT sku, price, width FROM articles WHERE legacy < $1 AND color = $2 ORDER BY sku;
-- with binary: text=A-1
SELECT id, sku, qty, day, at FROM orders WHERE sku = $1 ORDER BY id;
-- with: numeric=12.50
SELECT sku FROM articles WHERE price = $1;
-- with: =paid
SELECT id FROM orders WHERE state = $1 ORDER BY id;
-- with: =paid
SELECT id, state FROM orders WHERE state >= $1 ORDER BY state, id;
-- with: text=paid
SELECT id FROM orders WHERE state < $1::order_state ORDER BY id;
-- with: int4=2 | null
SELECT id, level = $2 AS unknown FROM users WHERE level = $1 ORDER BY id;
-- with binary: int4=2
SELECT name FROM cats WHERE id = $1 UNION ALL SELECT name FROM dogs WHERE id = $1;
-- with binary: int8=2
SELECT id, user_id, state, note FROM orders WHERE id = $1;
-- binary
SELECT sku, price, category_id, width, height, color, tag1, tag2, legacy FROM articles ORDER BY sku;
-- binary
SELECT user_id, street, zip, city FROM addresses ORDER BY user_id;
-- with: int4[]={1,3,7}
SELECT id, team_id FROM users WHERE id = ANY ($1) ORDER BY id;
-- with: text[]={red,brown}
SELECT sku FROM articles WHERE color = ANY ($1) ORDER BY sku;

-- kind: SELECT ... FOR UPDATE
SELECT * FROM users WHERE id = 1 FOR UPDATE;
SELECT id, bio FROM users WHERE bio IS NOT NULL ORDER BY id FOR SHARE;
SELECT id FROM users ORDER BY id LIMIT 2 FOR UPDATE SKIP LOCKED;
SELECT o.id, u.email FROM orders o JOIN users u ON u.id = o.user_id ORDER BY o.id FOR UPDATE OF o NOWAIT;
SELECT o.id, u.email FROM orders o JOIN users u ON u.id = o.user_id ORDER BY o.id FOR NO KEY UPDATE OF u;
SELECT id, state FROM orders WHERE state = 'new' ORDER BY id FOR UPDATE;
SELECT id FROM orders WHERE state = 'new' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED;
SELECT * FROM articles WHERE sku = 'A-1' FOR KEY SHARE;
SELECT user_id, city FROM addresses WHERE user_id = 1 FOR UPDATE;
SELECT * FROM cats ORDER BY id FOR UPDATE;
SELECT id FROM users u WHERE EXISTS (SELECT FROM orders o WHERE o.user_id = u.id) ORDER BY id FOR UPDATE;
SELECT u.id, a.city FROM users u LEFT JOIN addresses a ON a.user_id = u.id ORDER BY u.id FOR UPDATE OF u;

-- kind: INSERT ... VALUES
INSERT INTO users (id, email) VALUES (50, 'new@x');
INSERT INTO users (id, email, name, active, level, score, country, team_id, theme, mails, bio, website, born) VALUES (51, 'full@x', 'Eve Full Name', false, 2, 5, 'Sweden', 2, 'dark', false, 'bio', 'http://eve', '2001-02-03');
INSERT INTO users (id, email, name, country, website) VALUES (52, 'x52@x', 'One', 'Norway', NULL), (53, 'x53@x', NULL, NULL, 'http://53'), (54, 'x54@x', 'Two Words', 'Atlantis', '');
INSERT INTO users (id, email, level) VALUES (55, 'x55@x', NULL);
INSERT INTO users VALUES (56, 'x56@x', 'No List', DEFAULT, 3, DEFAULT, 'Norway', NULL, DEFAULT, true, NULL, NULL, NULL, '2010-10-10');
INSERT INTO users (email, id, score) VALUES ('x57@x', '57', 12.6);
INSERT INTO addresses VALUES (2, 'New Road 2', '99', 'Bergen');
INSERT INTO addresses (street, user_id) VALUES ('Old Road', 6);
INSERT INTO addresses (user_id, street, city, zip) VALUES (6, 'a', NULL, '1'), (8, 'b', 'Rome', NULL);
INSERT INTO articles (sku, label) VALUES ('D-1', 'Defaults');
INSERT INTO articles (sku, label, price, category_id, width, height, color, tag1, tag2) VALUES ('D-2', 'All', 1.005, 2, 1, 2, 'ultra', 't1', NULL), ('D-3', 'Nulls', 0, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO articles VALUES ('D-4', 'Plain', 3);
INSERT INTO orders (id, user_id, sku) VALUES (100, 2, 'A-1');
INSERT INTO orders (id, user_id, sku, qty, state, day, at, note, placed) VALUES (101, 1, 'B-2', 3, 'shipped', '2022-02-02', '01:02:03', 'a note', '2022-02-02 00:00+00'), (102, NULL, NULL, 1, 'new', '2022-03-03', '00:00', NULL, '2022-02-02 00:00+00');
INSERT INTO cats VALUES (10, 'Felix');
INSERT INTO dogs (id, name, tricks) VALUES (10, 'Fido', 'roll'), (11, 'Wuff', NULL);
INSERT INTO teams (id, title) VALUES (20, 'blue');
INSERT INTO categories VALUES (9, 'games');
INSERT INTO audit (id, who, what) VALUES (50, 1, 'x');
INSERT INTO staff VALUES (10, 'Flo');
INSERT INTO staff (name, boss_id, id) VALUES ('Flo', 1, 10);
INSERT INTO staff VALUES (10, 'Flo', 10);
INSERT INTO staff VALUES (10, 'Flo', 11), (11, 'Gus', 12), (12, 'Hal', 11), (13, 'Ida', NULL), (14, 'Jon', 2), (15, 'Kim', DEFAULT);
-- with binary: int4=10 | text=Flo | int4=-6
INSERT INTO staff VALUES ($1, $2, $3);
-- with: int4=10 | text=Flo | null
INSERT INTO staff VALUES ($1, $2, $3);
-- with: int4=10 | text=Flo | int4=11
INSERT INTO staff VALUES ($1, $2, $3), ($3, $2, $1);
-- with binary: int4=60 | text=p60@x | text=Para Meter | bool=false | int4=2
INSERT INTO users (id, email, name, active, level) VALUES ($1, $2, $3, $4, $5);
-- with: text=D-9 | text=Bound | numeric=12.349 | int4=4 | text=fresh
INSERT INTO articles (sku, label, price, width, color) VALUES ($1, $2, $3, $4, $5);
-- with: int8=110 | int4=1 | =gone | date=2020-01-01 | null
INSERT INTO orders (id, user_id, state, day, note) VALUES ($1, $2, $3, $4, $5);

-- kind: INSERT, generated values
INSERT INTO users (email, name) VALUES ('gen@x', 'Gen Erated');
INSERT INTO users (email, name) VALUES ('gen@x', 'Gen Erated') RETURNING id;
INSERT INTO users (email, bio) VALUES ('g1@x', 'one'), ('g2@x', NULL) RETURNING id, email, bio;
INSERT INTO orders (user_id, sku, state) VALUES (1, 'A-1', 'paid') RETURNING id;
INSERT INTO orders (user_id) VALUES (2) RETURNING *;
INSERT INTO orders DEFAULT VALUES;
INSERT INTO orders DEFAULT VALUES RETURNING id, state, day, qty;
INSERT INTO teams (title) VALUES ('green') RETURNING id, title;
INSERT INTO teams (title) VALUES ('olive'), ('cyan');
INSERT INTO audit (who) VALUES (3) RETURNING id;
SELECT nextval('ticket_seq');
SELECT nextval('users_id_seq'), nextval('ticket_seq'::regclass) AS ticket;
-- begin
INSERT INTO users (email, name) VALUES ('seq@x', 'Seq') RETURNING id;
SELECT currval('users_id_seq');
INSERT INTO orders (user_id, sku) VALUES (currval('users_id_seq'), 'A-1') RETURNING id, user_id;
SELECT lastval() > 0 AS some;
-- end

-- kind: INSERT ... SELECT
INSERT INTO cats (id, name) SELECT id + 100, name FROM dogs;
INSERT INTO dogs SELECT id + 100, name, lives::text FROM cats WHERE lives IS NOT NULL;
INSERT INTO users (id, email, name, country, theme, bio) SELECT id + 100, 'copy-' || email, name, country, theme, bio FROM users WHERE active ORDER BY id;
INSERT INTO orders (id, user_id, sku, state, day, note) SELECT id + 100, user_id, sku, 'gone', day + 1, note FROM orders WHERE state = 'new';
INSERT INTO addresses (user_id, street, city) SELECT id, 'of ' || email, country FROM users u WHERE NOT EXISTS (SELECT FROM addresses a WHERE a.user_id = u.id);
INSERT INTO articles (sku, label, price, color, width) SELECT 'copy ' || sku, label, price / 2, color, height FROM articles WHERE price < 100;
INSERT INTO audit (id, who, what) SELECT id + 100, id, name FROM users;
INSERT INTO staff SELECT id + 100, name, boss_id + 100 FROM staff;
INSERT INTO staff (id, boss_id, name) SELECT id + 100, CASE WHEN id > 2 THEN id ELSE id + 100 END, name FROM staff RETURNING *;
INSERT INTO orders (id, user_id, sku) WITH x AS (SELECT id FROM users WHERE country = 'Norway') SELECT x.id + 200, x.id, 'B-1' FROM x;
INSERT INTO cats (id, name) SELECT d.id + 200, d.name || c.name FROM dogs d JOIN cats c USING (id) RETURNING id, name;

-- kind: INSERT ... RETURNING
INSERT INTO users (id, email, name, country, bio, mails) VALUES (70, 'r@x', 'Ret Urning', 'Peru', NULL, false) RETURNING *;
INSERT INTO users (id, email) VALUES (71, 's@x') RETURNING id, active, level, score, theme, mails, upper(email) AS big;
INSERT INTO addresses (user_id, street) VALUES (8, 'Lane') RETURNING *;
INSERT INTO articles (sku, label, price) VALUES ('R-1', 'r', 9.999) RETURNING sku, price, height, color, tag2;
INSERT INTO orders AS o (id, user_id, state, day) VALUES (120, 3, 'shipped', '2021-01-01'), (121, 3, 'new', '2021-01-02') RETURNING o.id, o.state, day, (SELECT email FROM users u WHERE u.id = o.user_id) AS email;
INSERT INTO cats VALUES (20, 'Zoe', NULL) RETURNING id, name, lives;
INSERT INTO staff VALUES (10, 'Flo', 11), (11, 'Gus', 1) RETURNING *, (SELECT name FROM staff b WHERE b.id = staff.boss_id) AS boss;

-- kind: INSERT ... ON CONFLICT
INSERT INTO users (id, email) VALUES (1, 'ann@x') ON CONFLICT DO NOTHING;
INSERT INTO users (id, email, name) VALUES (80, 'ann@x', 'Other'), (81, 'free@x', 'Free One') ON CONFLICT (email) DO NOTHING;
INSERT INTO users (id, email, name, score) VALUES (82, 'ann@x', 'Upd Ated', 50) ON CONFLICT (email) DO UPDATE SET name = excluded.name, score = users.score + excluded.score;
INSERT INTO users AS u (id, email, country, theme) VALUES (3, 'z@x', 'Chile', 'light') ON CONFLICT (id) DO UPDATE SET country = excluded.country, theme = excluded.theme WHERE u.active;
INSERT INTO users (id, email, bio) VALUES (2, 'zz@x', 'said') ON CONFLICT ON CONSTRAINT users_pkey DO UPDATE SET bio = excluded.bio;
INSERT INTO articles (sku, label, price, color) VALUES ('A-1', 'Again', 5, 'blue'), ('N-1', 'New', 6, 'blue') ON CONFLICT (sku) DO UPDATE SET (price, color) = (excluded.price, excluded.color);
INSERT INTO users AS u (id, email, country) VALUES (3, 'z@x', NULL), (245, 'z245@x', 'Chile') ON CONFLICT (id) DO UPDATE SET country = coalesce(excluded.country, u.country, 'Nowhere') RETURNING id, country;
INSERT INTO users AS u (id, email, country) VALUES (3, 'z@x', 'Chile') ON CONFLICT (id) DO UPDATE SET country = CASE WHEN u.active THEN 'Active' ELSE excluded.country END, bio = 'again';
INSERT INTO articles (sku, label) VALUES ('A-1', 'Same') ON CONFLICT (sku) DO UPDATE SET label = articles.label || '+', width = coalesce(articles.width, 0) + 1 RETURNING sku, label, width;
INSERT INTO addresses (user_id, street, city) VALUES (1, 'Moved', 'Paris'), (2, 'Came', 'Lyon') ON CONFLICT (user_id) DO UPDATE SET street = excluded.street, city = excluded.city;
INSERT INTO addresses (user_id, street) VALUES (1, 'Nothing') ON CONFLICT DO NOTHING;
INSERT INTO orders (id, state, qty) VALUES (1, 'paid', 9) ON CONFLICT (id) DO UPDATE SET qty = orders.qty + excluded.qty, state = excluded.state;
INSERT INTO orders (id, state) VALUES (3, 'new'), (130, 'new') ON CONFLICT (id) DO NOTHING;
INSERT INTO cats (id, name) VALUES (1, 'Tim'), (4, 'Tam') ON CONFLICT (id) DO UPDATE SET name = excluded.name;
INSERT INTO dogs (id, name) VALUES (1, 'Tim'), (5, 'Tam') ON CONFLICT DO NOTHING RETURNING id;
INSERT INTO teams (id, title) VALUES (30, 'red') ON CONFLICT (title) DO UPDATE SET title = 'crimson';
INSERT INTO categories VALUES (3, 'drink') ON CONFLICT (id) DO UPDATE SET name = excluded.name || categories.id;
INSERT INTO staff VALUES (4, 'Ed', 10), (10, 'Flo', 4) ON CONFLICT DO NOTHING;
INSERT INTO staff VALUES (4, 'Edda', 10), (10, 'Flo', 4) ON CONFLICT (id) DO UPDATE SET name = excluded.name, boss_id = excluded.boss_id RETURNING *;
INSERT INTO staff VALUES (4, 'Edda', 5) ON CONFLICT (id) DO UPDATE SET boss_id = 4;
INSERT INTO users (email) VALUES ('e25@x'), ('e26@x'), ('ann@x'), ('e25@x') ON CONFLICT (email) DO NOTHING RETURNING id, email;
INSERT INTO users (email, name) VALUES ('e25@x', 'first'), ('e26@x','x'), ('ann@x','y'), ('e25@x', 'second') ON CONFLICT DO NOTHING;
INSERT INTO users (email, name) SELECT 'q@x', name FROM users WHERE name IS NOT NULL ORDER BY name ON CONFLICT DO NOTHING RETURNING id, email, name;
INSERT INTO users (email, name) VALUES ('e25@x', 'first') ON CONFLICT DO NOTHING;
INSERT INTO orders (note, state) VALUES ('xx', 'gone') ON CONFLICT DO NOTHING;
INSERT INTO orders (id, note) VALUES (70, 'xx'), (70, 'yy'), (1, 'zz') ON CONFLICT (id) DO NOTHING;
INSERT INTO addresses (user_id, street) VALUES (2, 'xx'), (2, 'yy'), (1, 'zz') ON CONFLICT DO NOTHING RETURNING *;

-- kind: UPDATE by key
UPDATE users SET name = 'New Name' WHERE id = 1;
UPDATE users SET name = NULL WHERE id = 1;
UPDATE users SET email = 'other@x' WHERE id = 2;
UPDATE users SET active = false, level = 3 WHERE id = 1;
UPDATE users SET level = NULL WHERE id = 3;
UPDATE users SET score = 77 WHERE id = 2;
UPDATE users SET country = 'Norway' WHERE id = 2;
UPDATE users SET country = 'Brand New' WHERE id = 1;
UPDATE users SET country = NULL WHERE id = 1;
UPDATE users SET team_id = 3 WHERE id = 1;
UPDATE users SET theme = 'dark' WHERE id = 1;
UPDATE users SET mails = false WHERE id = 1;
UPDATE users SET born = '1980-05-05' WHERE id = 2;
UPDATE users SET flags = NULL WHERE id = 2;
UPDATE users SET id = 40 WHERE email = 'hal@x';
UPDATE staff SET boss_id = 2 WHERE id = 4;
UPDATE staff SET boss_id = NULL, name = 'Free' WHERE id = 2;
UPDATE staff SET id = 40 WHERE id = 4;
UPDATE shifts SET staff_id = 2 WHERE staff_id = 5 RETURNING *;
UPDATE addresses SET city = 'Tromsø' WHERE user_id = 1;
UPDATE addresses SET zip = NULL WHERE user_id = 1;
UPDATE addresses SET street = 'S', zip = 'Z', city = NULL WHERE user_id = 3;
UPDATE addresses SET city = 'Nobody' WHERE user_id = 2;
UPDATE articles SET price = 19.999 WHERE sku = 'A-1';
UPDATE articles SET width = 3 WHERE sku = 'A-1';
UPDATE articles SET height = NULL WHERE sku = 'A-1';
UPDATE articles SET color = 'pink', label = 'Pink' WHERE sku = 'B-1';
UPDATE articles SET tag1 = 'only' WHERE sku = 'A-2';
UPDATE articles SET tag2 = NULL WHERE sku = 'A-1';
UPDATE articles SET category_id = NULL WHERE sku = 'A-1';
UPDATE articles SET category_id = 3 WHERE sku = 'A-1';
UPDATE articles SET legacy = 0 WHERE sku = 'A-1';
UPDATE orders SET qty = 4 WHERE id = 1;
UPDATE orders SET day = '2025-05-05' WHERE id = 1;
UPDATE orders SET at = '05:05' WHERE id = 1;
UPDATE orders SET sku = 'A-2' WHERE id = 1;
UPDATE orders SET user_id = NULL WHERE id = 1;
UPDATE cats SET lives = 8 WHERE id = 1;
UPDATE dogs SET name = 'Max' WHERE id = 1;
UPDATE teams SET title = 'crimson' WHERE id = 1;
UPDATE categories SET name = 'novels' WHERE id = 1;
UPDATE audit SET what = 'x' WHERE id = 1;
-- with binary: int4=4 | text=Bound Name
UPDATE users SET name = $2 WHERE id = $1;
-- with: text=A-1 | numeric=3.333
UPDATE articles SET price = $2 WHERE sku = $1;

-- kind: UPDATE of many rows
UPDATE users SET score = score + 1 WHERE score < 100;
UPDATE users SET name = upper(name), theme = CASE theme WHEN 'dark' THEN 'light' ELSE 'dark' END;
UPDATE users SET level = level % 3 + 1 WHERE level IS NOT NULL;
UPDATE users SET active = NOT active;
UPDATE users SET mails = active, active = mails;
UPDATE users SET country = upper(country);
UPDATE users SET (name, score) = (email, 5) WHERE country IS NULL;
UPDATE users SET level = DEFAULT, score = DEFAULT, theme = DEFAULT, mails = DEFAULT;
UPDATE articles SET price = price * 1.1 WHERE price < 1000;
UPDATE articles SET width = height, height = width;
UPDATE articles SET tag1 = tag2, tag2 = tag1 WHERE color IS NOT NULL;
UPDATE articles SET label = label || ' ' || coalesce(color, '-'), color = NULL;
UPDATE orders SET day = day + 1 WHERE day < '9999-12-31';
UPDATE orders SET day = '2001-01-01', at = '13:13:13';
UPDATE orders SET at = at + interval '1 hour', qty = DEFAULT;
UPDATE addresses SET city = street, street = coalesce(city, 'none');
UPDATE addresses SET zip = left(zip, 2) || 'x' WHERE zip IS NOT NULL;
UPDATE cats SET name = name || '!', lives = lives - 1;
UPDATE dogs SET tricks = coalesce(tricks, 'none') WHERE id > 1;
UPDATE users SET team_id = NULL;
UPDATE users SET team_id = 4 WHERE team_id IS NULL OR team_id = 1;
UPDATE staff SET boss_id = 1 WHERE boss_id = 5 RETURNING *;
UPDATE staff SET boss_id = id;
UPDATE users SET website = 'http://' || id, bio = NULL;

-- kind: UPDATE that moves a row
UPDATE orders SET state = 'gone' WHERE id = 1;
UPDATE orders SET state = 'new' WHERE id = 3;
UPDATE orders SET state = 'shipped', note = 'moved' WHERE state = 'paid';
UPDATE orders SET state = CASE WHEN state IN ('new', 'paid') THEN 'gone' ELSE 'new' END::order_state;
UPDATE orders SET state = greatest(state, 'paid') WHERE state < 'gone' RETURNING id, state;
UPDATE orders SET state = (SELECT max(p.state) FROM orders p) WHERE id = 2;
UPDATE orders SET state = 'gone', qty = qty + 1 WHERE user_id = 1 RETURNING id, state, qty;
UPDATE addresses SET user_id = 2 WHERE user_id = 1;
UPDATE addresses SET user_id = user_id, city = 'Same' WHERE user_id = 1 RETURNING *;
UPDATE addresses SET user_id = CASE user_id WHEN 1 THEN 2 WHEN 3 THEN 6 ELSE user_id END, zip = 'all' RETURNING user_id, street;

-- kind: UPDATE of an optional part
UPDATE users SET bio = 'first words' WHERE id = 2;
UPDATE users SET bio = NULL WHERE id = 1;
UPDATE users SET bio = NULL, website = NULL;
UPDATE users SET website = 'http://new' WHERE website IS NULL;
UPDATE users SET bio = CASE WHEN bio IS NULL THEN 'some' END;
UPDATE orders SET note = 'noted' WHERE id = 1;
UPDATE orders SET note = NULL WHERE note IS NOT NULL RETURNING id, note;
UPDATE orders SET note = coalesce(note, '') || '.';
UPDATE users SET bio = website, website = bio WHERE id < 5 RETURNING id, bio, website;
UPDATE users SET team_id = 2 WHERE id = 2;
UPDATE users SET team_id = NULL WHERE id = 1 RETURNING *;

-- kind: UPDATE ... FROM
UPDATE articles SET category_id = c.id, color = c.name FROM categories c WHERE c.id = 3 AND articles.width = 10;
UPDATE orders SET note = u.name FROM users u WHERE u.id = orders.user_id AND u.active;
UPDATE orders o SET qty = 99, state = 'paid' FROM articles a WHERE a.sku = o.sku AND a.color = 'red';
UPDATE users SET country = a.city FROM addresses a WHERE a.user_id = users.id;
UPDATE addresses SET city = u.country FROM users u WHERE u.id = addresses.user_id AND u.country IS NOT NULL;
UPDATE articles a SET color = c.name, price = a.price + c.id + 10 FROM categories c WHERE c.id = a.category_id AND c.id > 0 AND a.price < 1000;
UPDATE cats SET name = d.name, lives = length(d.tricks) FROM dogs d WHERE d.id = cats.id;
UPDATE users u SET bio = t.title, theme = 'dark' FROM teams t WHERE t.id = u.team_id RETURNING u.id, u.bio, t.title;
UPDATE orders SET day = v.d FROM (VALUES (1, DATE '2020-01-01'), (4, DATE '2020-02-02')) v (id, d) WHERE v.id = orders.id;

-- kind: UPDATE with sub-queries
UPDATE users SET score = (SELECT sum(qty) FROM orders o WHERE o.user_id = users.id) WHERE id < 5;
UPDATE users SET bio = 'buyer' WHERE EXISTS (SELECT FROM orders o WHERE o.user_id = users.id AND o.state = 'paid');
UPDATE users SET (name, country) = (SELECT 'From ' || a.city, a.city FROM addresses a WHERE a.user_id = users.id) WHERE id IN (1, 4);
UPDATE articles SET price = (SELECT max(price) FROM articles x WHERE x.color = articles.color) WHERE color = 'red';
UPDATE orders SET sku = (SELECT min(sku) FROM articles WHERE sku > 'A') WHERE user_id IN (SELECT id FROM users WHERE country = 'Norway');
UPDATE addresses SET street = street || '*' WHERE user_id IN (SELECT user_id FROM orders WHERE qty > 1);
UPDATE orders SET note = NULL WHERE id = (SELECT max(id) FROM orders WHERE note IS NOT NULL);
UPDATE cats SET lives = (SELECT count(*) FROM dogs WHERE dogs.name = cats.name);
UPDATE users SET (country, name) = (SELECT a.city, a.street FROM addresses a WHERE a.user_id = users.id AND a.zip = 'none'), score = 1 WHERE id < 4;
UPDATE addresses SET (zip) = (SELECT '1' WHERE false) WHERE user_id = 1;
UPDATE orders SET (day, note) = (SELECT u.born, u.name FROM users u WHERE u.id = orders.user_id AND u.born IS NOT NULL) WHERE id IN (1, 4);
UPDATE articles SET (tag1, width) = (SELECT 'none', 5 WHERE false), height = 3 WHERE sku = 'A-1' RETURNING *;
UPDATE users u SET (theme, bio, country) = (SELECT 'dark', o.note, t.title FROM teams t WHERE t.id = u.team_id) FROM orders o WHERE o.user_id = u.id AND o.id IN (1, 4) RETURNING u.*, o.id;
UPDATE users AS old_query SET (theme, bio) = (SELECT 'dark', old_query.email) FROM teams parallax_one WHERE parallax_one.id = old_query.team_id AND old_query.name <> parallax_one.title;
UPDATE addresses AS parallax_one SET (zip, street) = (SELECT '1', parallax_one.city FROM users old_value WHERE old_value.id = parallax_one.user_id) WHERE user_id = 1;
UPDATE addresses AS old_value SET zip = old_value.city || '1', city = upper(old_value.zip) WHERE user_id = 1 RETURNING old_value;

-- kind: UPDATE ... RETURNING
UPDATE users SET name = 'X Y', mails = NOT mails WHERE id IN (1, 2) RETURNING *;
UPDATE users SET country = 'Mars' WHERE id = 3 RETURNING id, country, level, upper(country) AS up;
UPDATE articles SET price = price + 1, width = 9 WHERE color = 'red' RETURNING sku, price, width, height, tag2;
UPDATE addresses SET city = 'Z' WHERE user_id < 4 RETURNING user_id, city, zip;
UPDATE orders SET qty = 1, note = NULL WHERE user_id = 1 RETURNING id, qty, note, day, at;
UPDATE dogs SET name = 'D' RETURNING *;
-- with binary: int4=2
UPDATE users SET level = $1 WHERE level = 1 RETURNING id, level, active;

-- kind: DELETE
DELETE FROM orders WHERE id = 1;
DELETE FROM orders WHERE state = 'gone';
DELETE FROM orders WHERE state > 'paid';
DELETE FROM orders;
DELETE FROM users WHERE id = 8;
DELETE FROM users WHERE id = 1;
DELETE FROM users WHERE bio IS NULL AND country IS NULL;
DELETE FROM addresses WHERE user_id = 1;
DELETE FROM addresses WHERE city IS NULL OR zip = '0150';
DELETE FROM addresses;
DELETE FROM articles WHERE sku NOT IN (SELECT sku FROM orders WHERE sku IS NOT NULL);
DELETE FROM cats WHERE id = 1;
DELETE FROM cats;
DELETE FROM dogs WHERE tricks = 'sit';
DELETE FROM teams WHERE id = 1;
DELETE FROM categories WHERE id = 2 AND NOT EXISTS (SELECT FROM articles WHERE category_id = 2);
DELETE FROM audit;
DELETE FROM staff WHERE boss_id = 3;
-- with binary: int8=3
DELETE FROM orders WHERE id = $1;
-- with: text=dark | bool=true
DELETE FROM users WHERE theme = $1 AND mails = $2;

-- kind: DELETE ... USING and sub-queries
DELETE FROM orders USING users u WHERE u.id = orders.user_id AND u.country = 'Norway';
DELETE FROM orders o USING articles a WHERE a.sku = o.sku AND a.color = 'red' AND a.width = 5;
DELETE FROM addresses USING users WHERE users.id = addresses.user_id AND users.active;
DELETE FROM users WHERE id IN (SELECT user_id FROM orders WHERE state = 'shipped');
DELETE FROM users u WHERE NOT EXISTS (SELECT FROM orders o WHERE o.user_id = u.id);
DELETE FROM orders WHERE id IN (SELECT id FROM orders ORDER BY day, id LIMIT 2);
DELETE FROM cats USING dogs WHERE dogs.name = cats.name;
DELETE FROM dogs WHERE name = ANY (SELECT name FROM cats);

-- kind: DELETE ... RETURNING
DELETE FROM orders WHERE user_id = 1 RETURNING *;
DELETE FROM orders WHERE note IS NOT NULL RETURNING id, note, state, day;
DELETE FROM users WHERE id IN (2, 8) RETURNING *;
DELETE FROM addresses WHERE user_id < 5 RETURNING user_id, street, zip, city;
DELETE FROM cats WHERE lives IS NULL RETURNING id, name, lives;
DELETE FROM orders o USING users u WHERE u.id = o.user_id AND u.id < 4 RETURNING o.id, u.email, u.bio;

-- kind: MERGE
MERGE INTO cats c USING dogs d ON c.id = d.id WHEN MATCHED THEN UPDATE SET name = d.name WHEN NOT MATCHED THEN INSERT (id, name) VALUES (d.id, d.name);
MERGE INTO users u USING (VALUES (1, 'm1@x', 'Mer Ged'), (90, 'm2@x', 'New One')) v (id, email, name) ON u.id = v.id WHEN MATCHED THEN UPDATE SET name = v.name WHEN NOT MATCHED THEN INSERT (id, email, name) VALUES (v.id, v.email, v.name);
MERGE INTO orders o USING users u ON o.user_id = u.id WHEN MATCHED AND NOT u.active THEN DELETE WHEN MATCHED THEN UPDATE SET qty = 1, state = 'paid';
MERGE INTO articles a USING categories c ON c.id = a.category_id WHEN MATCHED AND c.id > 2 THEN UPDATE SET color = c.name, price = 1 WHEN MATCHED THEN DO NOTHING;
MERGE INTO addresses a USING users u ON u.id = a.user_id WHEN NOT MATCHED THEN INSERT (user_id, street) VALUES (u.id, u.email) WHEN MATCHED THEN DELETE;
MERGE INTO cats c USING (SELECT d.id, d.name, o.lives FROM dogs d LEFT JOIN cats o ON o.id = d.id) s ON s.id = c.id WHEN MATCHED AND s.lives IS NULL THEN DELETE WHEN MATCHED THEN UPDATE SET lives = s.lives - 1 WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.name);
MERGE INTO users u USING teams t ON t.id = u.team_id WHEN MATCHED THEN DO NOTHING WHEN NOT MATCHED THEN DO NOTHING;
MERGE INTO users u USING users s ON u.id = s.id + 1 WHEN MATCHED AND s.active THEN UPDATE SET name = s.name, theme = s.theme, website = s.bio, country = s.country WHEN NOT MATCHED THEN INSERT (id, email, name, active, team_id, country) VALUES (s.id + 100, s.email || 'm', s.name, s.active, s.team_id, s.theme);
MERGE INTO ONLY users AS target USING (VALUES ('dark', 'Land')) v (theme, land) ON target.theme = v.theme AND target.bio IS NULL WHEN MATCHED THEN UPDATE SET country = v.land || target.id, mails = NOT mails;
WITH t AS (SELECT id, title FROM teams WHERE title <> '') MERGE INTO users u USING t ON t.id = u.team_id WHEN MATCHED THEN UPDATE SET bio = t.title, team_id = NULL;
WITH users AS (SELECT 1 AS id, 'w' AS bio) MERGE INTO users u USING users w ON w.id = u.id WHEN MATCHED THEN UPDATE SET bio = w.bio, theme = 'dark';
MERGE INTO articles a USING (VALUES (1.999, 2.6)) v (price, width) ON a.category_id = 3 WHEN MATCHED THEN UPDATE SET price = v.price, width = v.width, height = '5';
MERGE INTO users u USING (VALUES (1), (3)) v (id) ON u.id = v.id WHEN MATCHED THEN UPDATE SET (theme, bio, score) = (SELECT 'dark', max(o.note), count(*) FROM orders o WHERE o.user_id = u.id);

-- kind: MERGE of several clauses
MERGE INTO users u USING (VALUES (1, 'dark', 'b'), (2, 'light', NULL), (99, 'dark', 'c')) v (id, theme, bio) ON u.id = v.id WHEN MATCHED AND v.bio IS NULL THEN UPDATE SET theme = v.theme, mails = NOT mails WHEN MATCHED THEN UPDATE SET theme = v.theme, bio = v.bio, team_id = v.id WHEN NOT MATCHED THEN INSERT (id, email, theme, bio, country) VALUES (v.id, 'm' || v.id || '@x', v.theme, v.bio, 'Land ' || v.id);
MERGE INTO users USING addresses a ON a.user_id = users.id WHEN MATCHED AND a.city = 'Oslo' THEN UPDATE SET country = a.city, bio = NULL, website = a.street WHEN MATCHED AND a.city IS NULL THEN DO NOTHING WHEN MATCHED AND users.id = 4 THEN DELETE WHEN MATCHED THEN UPDATE SET bio = a.city, country = NULL;
MERGE INTO users u USING (SELECT user_id, sum(qty) AS n, count(DISTINCT state) AS states FROM orders WHERE user_id IS NOT NULL GROUP BY user_id) o ON o.user_id = u.id WHEN MATCHED AND o.n > 5 THEN UPDATE SET score = o.n, theme = 'dark' WHEN MATCHED AND EXISTS (SELECT 1 FROM addresses a WHERE a.user_id = u.id AND a.zip <> '') THEN UPDATE SET mails = false, bio = 'orders: ' || o.n WHEN MATCHED AND o.states < 2 AND u.active THEN UPDATE SET website = u.bio, team_id = 4;
MERGE INTO users u USING orders o ON o.user_id = u.id WHEN MATCHED AND o.id = 1 THEN UPDATE SET bio = 'first', name = u.name || '!' WHEN MATCHED AND o.id = 4 THEN DELETE WHEN MATCHED THEN DO NOTHING;
MERGE INTO users u USING (VALUES (1), (3), (4)) v (id) ON u.id = v.id WHEN MATCHED AND u.active THEN UPDATE SET level = v.id % 3 + 1, name = 'Al ' || u.id, theme = lower('DARK') WHEN MATCHED THEN UPDATE SET level = v.id - 3, name = u.name || ' Z', (mails, country) = (SELECT false, max(city) FROM addresses);
MERGE INTO articles a USING (VALUES ('A-1', 7, 'pink'), ('n-1', 8, 'mauve'), ('n-2', NULL, NULL)) v (sku, width, color) ON a.sku = v.sku WHEN MATCHED THEN UPDATE SET width = v.width, color = v.color, height = a.width WHEN NOT MATCHED AND v.color IS NULL THEN INSERT (sku, label) VALUES (v.sku, 'no color') WHEN NOT MATCHED THEN INSERT (sku, label, width, color, tag1) VALUES (v.sku, 'new', v.width, v.color, v.color);
MERGE INTO addresses a USING (VALUES (1, 'Moved'), (2, 'First'), (3, NULL)) v (id, street) ON a.user_id = v.id WHEN MATCHED AND v.street IS NULL THEN DELETE WHEN MATCHED THEN UPDATE SET street = v.street, city = DEFAULT WHEN NOT MATCHED THEN INSERT VALUES (v.id, v.street, DEFAULT, 'Bergen');
MERGE INTO addresses a USING users u ON u.id = a.user_id WHEN MATCHED AND a.city IS NULL THEN UPDATE SET city = u.country, zip = NULL WHEN MATCHED AND a.zip = '0150' THEN DELETE WHEN NOT MATCHED AND u.active THEN INSERT (user_id, street, zip) VALUES (u.id, u.name, 'x');
MERGE INTO addresses a USING (VALUES (1), (101)) v (id) ON a.user_id = v.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (user_id, street) VALUES (v.id - 100, 'again');

-- kind: MERGE, defaults
MERGE INTO users u USING (SELECT 1) one ON u.email = 'none' WHEN NOT MATCHED THEN INSERT (email, name, theme, level) VALUES ('d@x', DEFAULT, DEFAULT, DEFAULT);
MERGE INTO users u USING (VALUES ('ann@x')) v (email) ON u.email = v.email WHEN MATCHED THEN UPDATE SET theme = DEFAULT, mails = DEFAULT, bio = DEFAULT, level = DEFAULT, country = DEFAULT;
MERGE INTO orders o USING (VALUES (1), (500)) v (id) ON o.id = v.id WHEN NOT MATCHED THEN INSERT DEFAULT VALUES WHEN MATCHED THEN DELETE;
MERGE INTO orders o USING (VALUES (77)) v (id) ON o.id = v.id WHEN NOT MATCHED THEN INSERT (id, sku, note) OVERRIDING USER VALUE VALUES (v.id, 'A-1', 'numbered');

-- kind: MERGE that moves a row
MERGE INTO orders o USING (VALUES (1, 'sent'), (3, NULL), (4, 'back'), (300, 'fresh'), (301, NULL)) v (id, note) ON o.id = v.id WHEN MATCHED AND o.state = 'new' THEN UPDATE SET state = 'shipped', note = v.note WHEN MATCHED THEN UPDATE SET state = 'paid', note = v.note WHEN NOT MATCHED AND v.note IS NULL THEN INSERT (id, user_id, state) VALUES (v.id, 1, 'gone') WHEN NOT MATCHED THEN INSERT (id, user_id, sku, note) VALUES (v.id, 3, 'B-1', v.note);
MERGE INTO orders o USING users u ON u.id = o.user_id WHEN MATCHED AND o.state = 'new' THEN UPDATE SET state = 'gone', note = u.name WHEN MATCHED AND o.state = 'gone' THEN UPDATE SET state = 'new', day = '2021-01-01' WHEN MATCHED AND o.state = 'shipped' THEN DELETE;
MERGE INTO addresses a USING (VALUES (1), (3), (8)) v (id) ON a.user_id = v.id WHEN MATCHED AND a.user_id = 1 THEN DELETE WHEN MATCHED THEN UPDATE SET user_id = 1, city = 'came' WHEN NOT MATCHED THEN INSERT VALUES (3, 'new', NULL, 'too');

-- kind: MERGE of an optional part
MERGE INTO orders o USING users u ON u.id = o.user_id WHEN MATCHED AND o.note IS NULL THEN UPDATE SET note = u.email WHEN MATCHED AND o.note = 'gift' THEN UPDATE SET note = NULL WHEN MATCHED THEN UPDATE SET note = o.note || '.';
MERGE INTO users u USING addresses a ON a.user_id = u.id WHEN MATCHED AND u.bio IS NULL AND u.website IS NULL THEN UPDATE SET website = a.street WHEN MATCHED THEN UPDATE SET bio = NULL, website = NULL WHEN NOT MATCHED THEN DO NOTHING;
MERGE INTO users u USING teams t ON t.id = u.team_id AND t.id < 4 WHEN MATCHED AND t.id = 1 THEN UPDATE SET team_id = NULL WHEN MATCHED THEN UPDATE SET team_id = 4, bio = t.title WHEN NOT MATCHED THEN INSERT (id, email, team_id, bio) VALUES (t.id + 200, t.title || '@team', t.id, NULLIF(t.title, ''));

-- kind: MERGE, parameters and PREPARE
-- with: int4=1 | text=dark | text=p@x | null
MERGE INTO users u USING (SELECT $1::int AS id, $2::text AS theme) v ON u.id = v.id WHEN MATCHED THEN UPDATE SET theme = $2, bio = $3, country = $3 WHEN NOT MATCHED THEN INSERT (id, email, theme, website) VALUES (v.id, $3, v.theme, $4);
-- with binary: int4=96 | text=dark | text=p@x | text=site
MERGE INTO users u USING (SELECT $1::int AS id, $2::text AS theme) v ON u.id = v.id WHEN MATCHED THEN UPDATE SET theme = $2, bio = $3, country = $3 WHEN NOT MATCHED THEN INSERT (id, email, theme, website) VALUES (v.id, $3, v.theme, $4);
-- with binary: int8=2 | text=note
MERGE INTO orders o USING (VALUES ($1)) v (id) ON o.id = v.id WHEN MATCHED AND o.note = $2 THEN DO NOTHING WHEN MATCHED THEN UPDATE SET note = $2, state = 'shipped';
-- begin
PREPARE merging (int, text) AS MERGE INTO users u USING (SELECT $1 AS id, $2 AS bio) v ON u.id = v.id WHEN MATCHED AND v.bio = '' THEN DELETE WHEN MATCHED THEN UPDATE SET bio = v.bio, mails = false WHEN NOT MATCHED THEN INSERT (id, email, bio) VALUES (v.id, v.bio || '@x', v.bio);
EXECUTE merging (1, 'x');
EXECUTE merging (2, '');
EXECUTE merging (97, 'y');
DEALLOCATE merging;
-- end

-- kind: WITH that writes
WITH users AS (SELECT 1 AS one) UPDATE users SET theme = 'dark' WHERE users.id = 1;
WITH orders AS (SELECT 1 AS one) DELETE FROM orders WHERE orders.id = 3;
WITH gone AS (DELETE FROM orders WHERE state = 'gone' RETURNING *) SELECT count(*), sum(qty) FROM gone;
WITH moved AS (DELETE FROM cats WHERE id = 3 RETURNING id, name) INSERT INTO dogs (id, name) SELECT id + 50, name FROM moved;
WITH u AS (UPDATE users SET score = 0 WHERE active RETURNING id, email) SELECT id, email FROM u ORDER BY id;
WITH u AS (INSERT INTO users (id, email, name) VALUES (95, 'w@x', 'With It') RETURNING id) INSERT INTO orders (id, user_id, sku) SELECT 195, id, 'A-1' FROM u RETURNING id, user_id;
WITH a AS (UPDATE addresses SET city = 'C' RETURNING user_id, city) UPDATE users SET country = a.city FROM a WHERE a.user_id = users.id;
WITH a AS (UPDATE addresses SET city = city || '!' RETURNING user_id, city) UPDATE users SET country = a.city, bio = 'moved' FROM a WHERE a.user_id = users.id RETURNING users.id, country, bio;
WITH n (id, email, country) AS (VALUES (240, 'w1@x', 'Wonder'), (241, 'w2@x', 'Wonder'), (242, 'w3@x', NULL), (243, 'w4@x', 'Norway')) INSERT INTO users (id, email, country) SELECT id, email, country FROM n RETURNING id, country;
WITH n AS (SELECT 'Fresh' AS c), w AS (UPDATE users SET country = (SELECT c FROM n) WHERE id < 3 RETURNING id, country) SELECT * FROM w ORDER BY id;
WITH n AS (SELECT max(color) || 'ish' AS c FROM articles) UPDATE articles SET color = n.c FROM n WHERE width > 1 RETURNING sku, color;
WITH x AS (SELECT id FROM users WHERE country = 'Norway') UPDATE orders SET note = 'nordic' WHERE user_id IN (SELECT id FROM x);
WITH x AS (SELECT user_id FROM orders GROUP BY user_id HAVING count(*) > 1) DELETE FROM addresses WHERE user_id IN (SELECT user_id FROM x);
WITH s AS (INSERT INTO staff VALUES (10, 'Flo', 11), (11, 'Gus', 1) RETURNING id, boss_id) INSERT INTO shifts (id, staff_id) SELECT id, id FROM s WHERE boss_id = 11 RETURNING *;
WITH s AS (INSERT INTO staff SELECT 11, 'Gus' RETURNING id) UPDATE staff SET boss_id = s.id FROM s WHERE staff.id = 4 RETURNING staff.id, boss_id;

-- kind: constraints that refuse
INSERT INTO users (id, email) VALUES (1, 'twice@x');
INSERT INTO users (id, email) VALUES (97, 'ann@x');
INSERT INTO users (id, email) VALUES (98, NULL);
INSERT INTO users (id, email, level) VALUES (98, 'l@x', 9);
INSERT INTO users (id, email, theme) VALUES (98, 'l@x', 'plaid');
INSERT INTO users (id, email, theme) VALUES (98, 'l@x', NULL);
INSERT INTO users (id, email, team_id) VALUES (98, 'l@x', 999);
INSERT INTO users (email) VALUES ('e25@x'), ('e25@x') ON CONFLICT (email) DO UPDATE SET theme = 'dark';
INSERT INTO users (id, email, name) VALUES (90, 'ann@x', NULL), (91, NULL, 'x') ON CONFLICT (email) DO UPDATE SET name = excluded.name;
INSERT INTO users (id, email) SELECT 1, NULL::text ON CONFLICT (id) DO NOTHING;
INSERT INTO articles (sku, label) VALUES ('A-1', NULL) ON CONFLICT (sku) DO NOTHING;
INSERT INTO orders (id, qty) VALUES (1, NULL) ON CONFLICT (id) DO UPDATE SET qty = 4;
INSERT INTO addresses (street, user_id) VALUES ('x', 8), ('x', 8) ON CONFLICT (user_id) DO UPDATE SET zip = '0150';
INSERT INTO users (id, email, score) VALUES (98, 'l@x', 99999999999);
INSERT INTO users (id, email, born) VALUES (98, 'l@x', '2001-02-30');
INSERT INTO addresses (user_id, street) VALUES (1, 'twice');
INSERT INTO addresses (user_id, street) VALUES (999, 'nobody''s');
INSERT INTO addresses (user_id, street) VALUES (2, NULL);
INSERT INTO articles (sku, label) VALUES ('A-1', 'twice');
INSERT INTO articles (sku, label, price) VALUES ('Z', 'z', 123456789.5);
INSERT INTO articles (sku, label, category_id) VALUES ('Z', 'z', 77);
INSERT INTO orders (id, state) VALUES (1, 'paid');
INSERT INTO orders (id, state) VALUES (1, 'gone');
INSERT INTO orders (id, sku) VALUES (200, 'no such');
INSERT INTO orders (id, state) VALUES (200, 'lost');
INSERT INTO orders (id, qty) VALUES (200, 40000);
INSERT INTO cats VALUES (1, 'twice');
INSERT INTO staff VALUES (1, 'twice', 2);
INSERT INTO staff VALUES (10, NULL, 10);
INSERT INTO shifts (staff_id) VALUES (NULL);
INSERT INTO cats VALUES (30, NULL);
UPDATE users SET email = 'bob@x' WHERE id = 1;
UPDATE users SET email = NULL WHERE id = 1;
UPDATE users SET score = score + 1 WHERE id = 5;
UPDATE users SET theme = 'plaid' WHERE id = 1;
UPDATE orders SET user_id = 999 WHERE id = 1;
UPDATE articles SET sku = 'A-2' WHERE sku = 'A-1';
UPDATE users SET (theme, bio) = (SELECT 'dark', note FROM orders) WHERE id = 1;
UPDATE users u SET (country, bio, team_id) = (SELECT o.note, u.name, t.id FROM teams t) FROM orders o WHERE o.user_id = u.id;
UPDATE orders SET (note, user_id) = (SELECT name, id FROM users WHERE id < 3) WHERE id = 2;
UPDATE articles SET (width, color) = (SELECT id, name FROM categories) WHERE sku = 'A-1';
WITH changed AS (UPDATE users SET (bio, level) = (SELECT note, 1 FROM orders) WHERE id = 1 RETURNING bio) SELECT * FROM changed;
UPDATE articles SET price = NULL WHERE sku = 'A-1';
DELETE FROM articles WHERE sku = 'A-1';
DELETE FROM categories WHERE id = 1;
COPY users (id, email) FROM STDIN;
1	twice@x
\.
MERGE INTO users u USING orders o ON o.user_id = u.id WHEN MATCHED THEN UPDATE SET bio = o.note, theme = 'dark';
MERGE INTO orders o USING (VALUES (1), (1)) v (id) ON o.id = v.id WHEN MATCHED THEN DELETE;
MERGE INTO addresses a USING orders o ON o.user_id = a.user_id WHEN MATCHED AND o.id = 1 THEN DELETE WHEN MATCHED THEN UPDATE SET city = o.note;
MERGE INTO articles a USING orders o ON o.sku = a.sku WHEN MATCHED THEN UPDATE SET width = o.qty, color = o.note;
MERGE INTO dogs d USING cats c ON c.name = d.name WHEN MATCHED THEN UPDATE SET tricks = c.name;
MERGE INTO users u USING (VALUES (1)) v (id) ON u.id = v.id WHEN MATCHED THEN UPDATE SET email = 'bob@x', bio = 'b';
MERGE INTO users u USING (VALUES (200, 'a'), (200, 'b')) v (id, e) ON u.id = v.id WHEN NOT MATCHED THEN INSERT (id, email) VALUES (v.id, v.e);
MERGE INTO users u USING (VALUES (1)) v (id) ON u.id = v.id WHEN MATCHED THEN UPDATE SET (theme, bio) = (SELECT 'dark', note FROM orders);
MERGE INTO users u USING (VALUES (1)) v (id) ON u.id = v.id WHEN MATCHED THEN UPDATE SET theme = 'blue';

-- kind: COPY TO
COPY users TO STDOUT;
COPY users (id, email, country, bio) TO STDOUT (FORMAT csv, HEADER);
COPY orders (id, user_id, sku, qty, state, day, at, note) TO STDOUT (FORMAT csv, NULL 'none');
COPY addresses TO STDOUT;
COPY staff TO STDOUT;
COPY articles TO STDOUT (DELIMITER '|');
COPY cats TO STDOUT (FORMAT binary);
COPY (SELECT id, name, theme FROM users WHERE active ORDER BY id) TO STDOUT (FORMAT csv);
COPY (SELECT sku, width, tag1 FROM articles ORDER BY sku) TO STDOUT (FORMAT binary);

-- kind: COPY FROM
COPY users (id, email, name, country, bio, theme) FROM STDIN;
200	c1@x	Co Py	Norway	\N	dark
201	c2@x	\N	\N	tab\there	light
\.
COPY staff FROM STDIN;
10	Flo	11
11	Gus	1
12	Hal	12
\.
COPY staff (name, id) FROM STDIN;
Flo	10
\.
COPY users (id, email) FROM STDIN (FORMAT csv);
202,c3@x
203,"c,4@x"
\.
COPY addresses FROM STDIN;
2	Copy Street	\N	Oslo
\.
COPY articles (sku, label, price, width, height, color, tag1, tag2) FROM STDIN (FORMAT csv, HEADER);
sku,label,price,width,height,color,tag1,tag2
C-1,"a ""b""",1.50,1,,teal,,x
C-2,c,0,,2,,y,
\.
COPY orders (id, user_id, sku, state, day, at, note) FROM STDIN;
300	1	A-1	gone	2020-01-01	10:00	\N
301	\N	\N	new	2020-01-02	11:00	copied
\.
COPY cats FROM STDIN (DELIMITER ';');
40;Copy;3
\.
COPY dogs (id, name) FROM STDIN;
41	Copied
\.
-- copy rows: int4=42 | text=Binary | null
-- copy rows: int4=43 | text=日本 | int4=7
COPY cats (id, name, lives) FROM STDIN (FORMAT binary);
-- copy rows: int4=210 | text=b@x | text=Bin Ary | bool=false | text=Norway
COPY users (id, email, name, active, country) FROM STDIN (FORMAT binary);

-- kind: cursors
-- begin
DECLARE c CURSOR FOR SELECT id, name, bio FROM users ORDER BY id;
FETCH 2 FROM c;
FETCH NEXT FROM c;
MOVE 1 IN c;
FETCH ALL FROM c;
CLOSE c;
-- end
-- begin
DECLARE s SCROLL CURSOR FOR SELECT id, state, day, note FROM orders ORDER BY id;
FETCH LAST FROM s;
FETCH PRIOR FROM s;
FETCH ABSOLUTE 2 FROM s;
FETCH BACKWARD 1 FROM s;
-- end
-- begin
DECLARE b BINARY CURSOR FOR SELECT sku, price, width, color FROM articles ORDER BY sku;
FETCH 3 FROM b;
-- end
-- commit
-- begin
DECLARE h CURSOR WITH HOLD FOR SELECT user_id, city FROM addresses ORDER BY user_id;
-- end
-- commit
-- begin
FETCH ALL FROM h;
CLOSE h;
-- end
-- begin
DECLARE u CURSOR FOR SELECT * FROM users WHERE id < 3 ORDER BY id FOR UPDATE;
FETCH 1 FROM u;
UPDATE users SET name = 'At Cursor' WHERE CURRENT OF u;
-- end
-- begin
DECLARE u CURSOR FOR SELECT * FROM orders WHERE id = 2 FOR UPDATE;
FETCH 1 FROM u;
DELETE FROM orders WHERE CURRENT OF u;
-- end
-- begin
DECLARE u CURSOR FOR SELECT id, name FROM cats ORDER BY id FOR UPDATE;
FETCH 2 FROM u;
UPDATE cats SET name = 'At Cursor' WHERE CURRENT OF u;
DELETE FROM cats WHERE CURRENT OF u;
-- end
-- begin
DECLARE u CURSOR FOR SELECT * FROM orders WHERE id > 1 ORDER BY id FOR UPDATE;
FETCH 1 FROM u;
UPDATE orders SET qty = qty + 1 WHERE CURRENT OF u RETURNING id, qty;
-- end

-- kind: PREPARE and EXECUTE
-- begin
PREPARE q (integer) AS SELECT id, email, name, country, theme, bio FROM users WHERE id = $1;
EXECUTE q (1);
EXECUTE q (5);
DEALLOCATE q;
-- end
-- begin
PREPARE i (integer, text, text) AS INSERT INTO users (id, email, name) VALUES ($1, $2, $3);
EXECUTE i (220, 'e1@x', 'Exe Cute');
EXECUTE i (221, 'e2@x', NULL);
-- end
-- begin
PREPARE w (bigint, order_state) AS UPDATE orders SET state = $2, note = 'prepared' WHERE id = $1 RETURNING id, state;
EXECUTE w (1, 'gone');
EXECUTE w (3, 'new');
-- end
-- begin
PREPARE d (text) AS DELETE FROM addresses WHERE city = $1;
EXECUTE d ('Oslo');
-- end
-- begin
PREPARE p AS SELECT sku, price, width, tag1 FROM articles WHERE price < $1 ORDER BY sku;
EXECUTE p (10);
-- end
-- begin
PREPARE c (integer, text) AS UPDATE users SET country = $2 WHERE id = $1 RETURNING id, country;
EXECUTE c (1, 'Prepared');
EXECUTE c (2, 'Prepared');
EXECUTE c (3, NULL);
SELECT id, country FROM users ORDER BY id;
-- end
-- begin
PREPARE e AS INSERT INTO users (id, email, country, theme) VALUES ($1, $2, $3, 'dark') ON CONFLICT (id) DO UPDATE SET country = coalesce(excluded.country, 'Elsewhere') RETURNING id, country;
EXECUTE e (2, 'p2@x', 'Prepared');
EXECUTE e (222, 'p222@x', 'Prepared');
EXECUTE e (222, 'p222@x', NULL);
SELECT id, country FROM users ORDER BY id;
-- end
-- begin
PREPARE f AS INSERT INTO articles (sku, label, price, color) SELECT sku || $1, label, price, upper(color) FROM articles;
EXECUTE f ('-c');
SELECT sku, color FROM articles ORDER BY sku;
-- end

-- kind: TRUNCATE
TRUNCATE orders;
TRUNCATE cats;
TRUNCATE addresses, dogs;
TRUNCATE users CASCADE;
TRUNCATE orders, articles RESTART IDENTITY;
TRUNCATE cats, dogs;
TRUNCATE addresses, orders RESTART IDENTITY;
TRUNCATE cats, teams RESTART IDENTITY CASCADE;
TRUNCATE ONLY dogs CASCADE;
TRUNCATE audit;
TRUNCATE users, addresses, orders;
-- begin
CREATE TEMP TABLE aside (id integer);
INSERT INTO aside VALUES (1);
TRUNCATE cats, aside;
SELECT count(*) FROM aside;
-- end

-- kind: LOCK
-- begin
LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE;
SELECT count(*) FROM users;
-- end
-- begin
LOCK orders, addresses, articles IN ACCESS SHARE MODE NOWAIT;
-- end
-- begin
LOCK TABLE ONLY cats;
-- end
-- begin
LOCK audit;
-- end

-- kind: views and functions
SELECT * FROM buyers ORDER BY id;
SELECT b.email, u.country FROM buyers b JOIN users u ON u.id = b.id WHERE b.orders > 1 ORDER BY 1;
SELECT id, orders_of(id) FROM users ORDER BY id;
SELECT orders_of(3);
SELECT sum(orders) FROM buyers WHERE latest > '2000-01-01';
SELECT praise(2, 'praised');
-- begin
UPDATE orders SET day = '9999-01-01' WHERE id = 5;
SELECT * FROM buyers WHERE latest > '9998-01-01' ORDER BY id;
-- end

-- kind: transactions
-- begin
INSERT INTO users (id, email, name) VALUES (230, 't@x', 'Trans Action');
SAVEPOINT a;
UPDATE users SET name = 'Other', bio = 'b' WHERE id = 230;
ROLLBACK TO a;
SELECT id, name, bio FROM users WHERE id = 230;
INSERT INTO orders (id, user_id, state) VALUES (230, 230, 'gone');
SELECT u.name, o.state FROM users u JOIN orders o ON o.user_id = u.id WHERE u.id = 230;
DELETE FROM users WHERE id = 230;
SELECT count(*) FROM orders;
-- end
-- begin
INSERT INTO addresses (user_id, street) VALUES (2, 's');
UPDATE addresses SET city = 'x' WHERE user_id = 2;
DELETE FROM addresses WHERE user_id = 2;
INSERT INTO addresses (user_id, street, zip) VALUES (2, 't', '1');
SELECT * FROM addresses WHERE user_id = 2;
-- end
-- begin
UPDATE users SET country = 'Utopia' WHERE id = 1;
UPDATE users SET country = 'Utopia' WHERE id = 2;
SELECT count(*) FROM users WHERE country = 'Utopia';
UPDATE orders SET state = 'gone' WHERE id = 1;
UPDATE orders SET state = 'new' WHERE id = 1;
SELECT id, state, note FROM orders WHERE id = 1;
-- end
