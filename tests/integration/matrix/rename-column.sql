ALTER TABLE users RENAME email TO email_address;
ALTER TABLE users RENAME score TO "Points";
ALTER TABLE users RENAME bio TO about;
ALTER TABLE orders RENAME id TO order_id;
ALTER TABLE orders RENAME user_id TO buyer;
ALTER TABLE orders RENAME day TO "select";
-- two that swap their names
ALTER TABLE articles RENAME tag1 TO tag3;
ALTER TABLE articles RENAME tag2 TO tag1;
ALTER TABLE articles RENAME tag3 TO tag2;
ALTER TABLE articles RENAME sku TO code;
ALTER TABLE cats RENAME name TO called;

CREATE OR REPLACE FUNCTION orders_of(integer) RETURNS bigint STABLE LANGUAGE sql
	AS 'SELECT count(*) FROM orders WHERE buyer = $1';
CREATE OR REPLACE FUNCTION praise(integer, text) RETURNS void LANGUAGE sql
	AS 'UPDATE users SET about = $2 WHERE id = $1';
