INSERT INTO accounts (id, first, last, status) SELECT id, split_part(name, ' ', 1), substr(name, length(split_part(name, ' ', 1)) + 2), CASE WHEN b THEN 'y' ELSE 'n' END FROM old.users;
INSERT INTO done SELECT o.id, o.s, u.name FROM orders o JOIN users u ON u.id = o.user_id WHERE o.s = 'done';
CREATE TABLE x AS SELECT id, n * 100 AS c, jsonb_build_object('a', name, 'b', b) AS j, ARRAY[name, s] FROM users LEFT JOIN orders USING (id);
WITH m AS (DELETE FROM orders WHERE s = 'x' RETURNING *) INSERT INTO arch SELECT * FROM m;
UPDATE users SET (name, b) = (SELECT s, true FROM orders), n = (SELECT id FROM c WHERE c.v = users.name);
COPY t FROM stdin;
1	2
\.
