\set user random(101, 300)
\set n random(1, 40)
INSERT INTO orders (user_id, sku, note) VALUES (:user, 'P-' || :n, 'now') RETURNING id AS made \gset
SELECT count(*) FROM orders WHERE id = :made AND placed > now() - interval '1 hour';
SELECT id, qty FROM orders WHERE user_id = :user AND placed < now() - interval '1 day' ORDER BY id;
UPDATE orders SET note = 'seen', placed = now() WHERE id = :made AND placed <= clock_timestamp();
DELETE FROM orders WHERE user_id = :user AND note = 'seen' AND placed < now() - interval '10 minutes';
SELECT note FROM orders WHERE id = :made;
