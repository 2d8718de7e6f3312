DROP VIEW buyers;
ALTER TABLE orders ALTER id DROP IDENTITY;
CREATE SEQUENCE orders_id_seq;
ALTER TABLE orders ALTER id SET DEFAULT nextval('orders_id_seq');
CREATE TABLE order_notes (order_id bigint PRIMARY KEY, text text NOT NULL);
INSERT INTO order_notes SELECT id, note FROM orders WHERE note IS NOT NULL;
ALTER TABLE orders RENAME TO orders_open;
ALTER TABLE orders_open RENAME qty TO quantity;
ALTER TABLE orders_open ADD placed_for timestamp;
UPDATE orders_open SET placed_for = day + at;
ALTER TABLE orders_open ALTER placed_for SET NOT NULL,
	DROP note, DROP day, DROP at;
CREATE TABLE orders_done (LIKE orders_open INCLUDING ALL,
	FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
	FOREIGN KEY (sku) REFERENCES articles (sku));
INSERT INTO orders_done SELECT * FROM orders_open
	WHERE state IN ('shipped', 'gone');
DELETE FROM orders_open WHERE state IN ('shipped', 'gone');

CREATE VIEW buyers AS
	SELECT u.id, u.email, count(o.id) AS orders, max(o.placed_for)::date AS latest
	FROM users u LEFT JOIN (SELECT id, user_id, placed_for FROM orders_open
		UNION ALL SELECT id, user_id, placed_for FROM orders_done) o
		ON o.user_id = u.id GROUP BY u.id;
CREATE OR REPLACE FUNCTION orders_of(integer) RETURNS bigint STABLE LANGUAGE sql
	AS 'SELECT (SELECT count(*) FROM orders_open WHERE user_id = $1) +
		(SELECT count(*) FROM orders_done WHERE user_id = $1)';
