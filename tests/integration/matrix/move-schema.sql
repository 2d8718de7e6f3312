CREATE SCHEMA sales;
ALTER TABLE orders SET SCHEMA sales;
ALTER TABLE articles SET SCHEMA sales;
ALTER TABLE users SET SCHEMA sales;
ALTER TABLE sales.users RENAME TO customers;

CREATE OR REPLACE FUNCTION orders_of(integer) RETURNS bigint STABLE LANGUAGE sql
	AS 'SELECT count(*) FROM sales.orders WHERE user_id = $1';
CREATE OR REPLACE FUNCTION praise(integer, text) RETURNS void LANGUAGE sql
	AS 'UPDATE sales.customers SET bio = $2 WHERE id = $1';
