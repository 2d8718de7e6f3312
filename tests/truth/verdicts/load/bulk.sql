\set from random(101, 290)
\set key random(1, 1000000000)
\set n random(1, 40)
\set what random(1, 4)
\if :what = 1
INSERT INTO orders (user_id, sku, qty, note) SELECT id, 'P-' || :n, level, name FROM users WHERE id BETWEEN :from AND :from + 9;
\endif
SELECT id, name, country, theme, bio FROM users WHERE id = :from;
SELECT count(*), sum(qty) FROM orders WHERE user_id = :from AND sku = 'P-' || :n;
UPDATE users SET name = 'Name k' || :key, country = 'country ' || :n WHERE id = :from + 5;
SELECT o.state, count(*) FROM orders o JOIN users u ON u.id = o.user_id WHERE u.id = :from GROUP BY o.state;
