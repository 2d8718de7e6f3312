\set user random(1, 2000)
\set product random(1, 500)
SELECT id, email, active, legacy_flags FROM users WHERE id = :user;
SELECT p.title, p.price FROM products p WHERE p.id = :product;
SELECT p.id, p.title, p.price FROM products AS p WHERE p.price < 20 ORDER BY p.price, p.id LIMIT 10;
SELECT o.id, o.status, o.total, count(i.product_id) FROM orders o LEFT JOIN order_items i ON i.order_id = o.id WHERE o.user_id = :user GROUP BY o.id ORDER BY o.id;
