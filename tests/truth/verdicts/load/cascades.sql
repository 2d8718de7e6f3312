\set n random(1, 40)
\set key random(1, 1000000000)
BEGIN;
INSERT INTO users (email, name, theme, bio, country) VALUES ('c' || :key || '@x', 'Casca Des', 'dark', 'short', 'country 1') RETURNING id AS made \gset
INSERT INTO addresses (user_id, street, zip) VALUES (:made, 'Way ' || :n, 'z1');
INSERT INTO orders (user_id, sku, qty, note) VALUES (:made, 'P-' || :n, 1, 'goes too'), (:made, 'P-' || :n, 2, NULL);
COMMIT;
SELECT u.name, a.street, count(o.id) FROM users u JOIN addresses a ON a.user_id = u.id LEFT JOIN orders o ON o.user_id = u.id WHERE u.id = :made GROUP BY u.name, a.street;
DELETE FROM users WHERE id = :made RETURNING id, email;
SELECT count(*) FROM orders WHERE user_id = :made;
SELECT count(*) FROM addresses WHERE user_id = :made;
