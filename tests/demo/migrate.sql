-- The migration's data step, as its author wrote it (and got it right): from a
-- schema `old` that holds the primary's tables.
INSERT INTO accounts (id, tenant_id, email_address, first_name, last_name,
                      status, created_at)
SELECT id, 1, email, split_part(name, ' ', 1),
       substr(name, length(split_part(name, ' ', 1)) + 2),
       CASE WHEN active THEN 'enabled' ELSE 'disabled' END, created_at
FROM old.users;
INSERT INTO products SELECT id, title, round(price * 100), stock
FROM old.products;
INSERT INTO orders OVERRIDING SYSTEM VALUE
SELECT id, user_id, status, total, placed_at FROM old.orders;
INSERT INTO order_items SELECT * FROM old.order_items;
SELECT setval('accounts_id_seq', (SELECT max(id) FROM accounts));
DROP SCHEMA old CASCADE;
