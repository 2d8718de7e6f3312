\set user random(1, 2000)
\set first random(1, 250)
\set second random(251, 500)
BEGIN;
INSERT INTO orders (user_id) VALUES (:user) RETURNING id AS order_id \gset
INSERT INTO order_items (order_id, product_id, quantity, unit_price) SELECT :order_id, id, 1, price FROM products WHERE id IN (:first, :second);
UPDATE products SET stock = stock - 1 WHERE id = :first;
UPDATE products SET stock = stock - 1 WHERE id = :second;
UPDATE orders SET total = (SELECT sum(quantity * unit_price) FROM order_items WHERE order_id = :order_id) WHERE id = :order_id RETURNING total;
COMMIT;
