DROP VIEW buyers;
ALTER TABLE orders ALTER id DROP IDENTITY;
CREATE SEQUENCE orders_id_seq;
ALTER TABLE orders ALTER id SET DEFAULT nextval('orders_id_seq');
ALTER TABLE orders RENAME TO orders_open;
CREATE TABLE orders_done (LIKE orders_open INCLUDING ALL,
	FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
	FOREIGN KEY (sku) REFERENCES articles (sku));
INSERT INTO orders_done SELECT * FROM orders_open
	WHERE state IN ('shipped', 'gone');
DELETE FROM orders_open WHERE state IN ('shipped', 'gone');

CREATE VIEW buyers AS
	SELECT u.id, u.email, count(o.id) AS orders, max(o.day) AS latest
	FROM users u LEFT JOIN (SELECT id, user_id, day FROM orders_open
		UNION ALL SELECT id, user_id, day FROM orders_done) o
		ON o.user_id = u.id GROUP BY u.id;
CREATE OR REPLACE FUNCTION orders_of(integer) RETURNS bigint STABLE LANGUAGE sql
	AS 'SELECT (SELECT count(*) FROM orders_open WHERE user_id = $1) +
		(SELECT count(*) FROM orders_done WHERE user_id = $1)';
