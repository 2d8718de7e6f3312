CREATE TABLE profiles (
	account integer PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
	bio text,
	url text,
	CHECK (bio IS NOT NULL OR url IS NOT NULL)
);
INSERT INTO profiles SELECT id, bio, website FROM users
	WHERE bio IS NOT NULL OR website IS NOT NULL;
ALTER TABLE users DROP bio, DROP website;
CREATE TABLE notes (
	order_id bigint PRIMARY KEY REFERENCES orders (id) ON DELETE CASCADE,
	body text NOT NULL
);
INSERT INTO notes SELECT id, note FROM orders WHERE note IS NOT NULL;
ALTER TABLE orders DROP note;

CREATE OR REPLACE FUNCTION praise(integer, text) RETURNS void LANGUAGE sql
	AS 'INSERT INTO profiles (account, bio) VALUES ($1, $2)
		ON CONFLICT (account) DO UPDATE SET bio = $2';
