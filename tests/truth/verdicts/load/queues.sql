\set user random(101, 300)
\set n random(1, 40)
\set style random(1, 3)
INSERT INTO orders (user_id, sku, qty, state) VALUES (:user, 'P-' || :n, :n, 'new') RETURNING id;
\if :style = 1
UPDATE orders SET state = 'paid' WHERE id = (SELECT id FROM orders WHERE state = 'new' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id, qty, state;
\elif :style = 2
BEGIN;
SELECT id AS job FROM orders WHERE state = 'new' ORDER BY placed, id LIMIT 1 FOR UPDATE SKIP LOCKED \gset
UPDATE orders SET state = 'shipped', note = 'sent' WHERE id = :job;
SELECT id, state, note FROM orders WHERE id = :job;
COMMIT;
\else
DELETE FROM orders WHERE id = (SELECT id FROM orders WHERE state = 'gone' ORDER BY id DESC LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id, sku, qty;
\endif
