ALTER TABLE users ADD street text, ADD postcode varchar(10), ADD city text;
UPDATE users SET street = a.street, postcode = a.zip, city = a.city
	FROM addresses a WHERE a.user_id = users.id;
DROP TABLE addresses;
