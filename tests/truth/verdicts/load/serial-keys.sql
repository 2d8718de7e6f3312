\set key random(1, 1000000000)
\set user random(101, 300)
\set n random(1, 40)
BEGIN;
INSERT INTO orders (user_id, sku, qty, note) VALUES (:user, 'P-' || :n, :n, 'k' || :key) RETURNING id AS made \gset
SELECT id, user_id, sku, qty, state, note FROM orders WHERE id = :made;
UPDATE orders SET state = 'paid', qty = qty + 1 WHERE id = :made RETURNING id, state, qty;
COMMIT;
SELECT id, qty, state FROM orders WHERE id = :made;
INSERT INTO teams (title) VALUES ('made ' || :key);
SELECT title FROM teams WHERE title = 'made ' || :key;
SELECT id AS team FROM teams WHERE title = 'made ' || :key \gset
UPDATE users SET team_id = :team WHERE id = :user;
