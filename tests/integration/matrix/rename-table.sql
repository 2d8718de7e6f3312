ALTER TABLE users RENAME TO accounts;
ALTER TABLE orders RENAME TO purchases;
ALTER TABLE cats RENAME TO felines;
ALTER TABLE dogs RENAME TO cats;

CREATE OR REPLACE FUNCTION orders_of(integer) RETURNS bigint STABLE LANGUAGE sql
	AS 'SELECT count(*) FROM purchases WHERE user_id = $1';
CREATE OR REPLACE FUNCTION praise(integer, text) RETURNS void LANGUAGE sql
	AS 'UPDATE accounts SET bio = $2 WHERE id = $1';
