DROP VIEW buyers;
CREATE SCHEMA crm;
CREATE TABLE crm.countries (id serial PRIMARY KEY, name text NOT NULL UNIQUE);
INSERT INTO crm.countries (name) SELECT DISTINCT country FROM users
	WHERE country IS NOT NULL;
ALTER TABLE users SET SCHEMA crm;
ALTER TABLE crm.users RENAME TO accounts;
CREATE TABLE crm.settings (
	account_id bigint PRIMARY KEY,
	theme char(1) NOT NULL CHECK (theme IN ('L', 'D')),
	mails boolean NOT NULL
);
INSERT INTO crm.settings SELECT id, CASE theme WHEN 'light' THEN 'L' ELSE 'D' END,
	mails FROM crm.accounts;
CREATE TABLE crm.profiles (
	account_id bigint PRIMARY KEY,
	about text,
	website text
);
INSERT INTO crm.profiles SELECT id, bio, website FROM crm.accounts
	WHERE bio IS NOT NULL OR website IS NOT NULL;
ALTER TABLE crm.accounts
	RENAME email TO email_address;
ALTER TABLE crm.accounts
	ALTER id TYPE bigint,
	ALTER email_address TYPE text,
	ADD first_name text,
	ADD last_name text,
	ADD tenant_id integer,
	ADD country_id integer REFERENCES crm.countries (id),
	ADD status text;
UPDATE crm.accounts a SET tenant_id = 1,
	first_name = split_part(name, ' ', 1),
	last_name = CASE WHEN position(' ' in name) > 0
		THEN substr(name, position(' ' in name) + 1) END,
	country_id = (SELECT c.id FROM crm.countries c WHERE c.name = a.country),
	status = CASE WHEN active THEN 'enabled' ELSE 'disabled' END;
ALTER TABLE crm.accounts
	ALTER status SET NOT NULL, ALTER tenant_id SET NOT NULL,
	DROP name, DROP active, DROP country, DROP theme, DROP mails, DROP bio,
	DROP website, DROP flags;
ALTER TABLE crm.settings ADD FOREIGN KEY (account_id)
	REFERENCES crm.accounts (id) ON DELETE CASCADE;
ALTER TABLE crm.profiles ADD FOREIGN KEY (account_id)
	REFERENCES crm.accounts (id) ON DELETE CASCADE;

CREATE VIEW buyers AS
	SELECT u.id, u.email_address AS email, count(o.id) AS orders,
		max(o.day) AS latest
	FROM crm.accounts u LEFT JOIN orders o ON o.user_id = u.id GROUP BY u.id;
CREATE OR REPLACE FUNCTION praise(integer, text) RETURNS void LANGUAGE sql
	AS 'INSERT INTO crm.profiles (account_id, about) VALUES ($1, $2)
		ON CONFLICT (account_id) DO UPDATE SET about = $2';
CREATE FUNCTION orders_of(bigint) RETURNS bigint STABLE LANGUAGE sql
	AS 'SELECT count(*) FROM orders WHERE user_id = $1';
