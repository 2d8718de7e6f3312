DROP VIEW buyers;
ALTER TABLE users ADD first_name text, ADD last_name text;
UPDATE users SET first_name = split_part(name, ' ', 1),
	last_name = CASE WHEN position(' ' in name) > 0
		THEN substr(name, position(' ' in name) + 1) END;
ALTER TABLE users DROP name;
ALTER TABLE orders ADD year integer, ADD month integer, ADD day_of_month integer;
UPDATE orders SET year = extract(year from day), month = extract(month from day),
	day_of_month = extract(day from day);
ALTER TABLE orders DROP day,
	ALTER year SET NOT NULL, ALTER month SET NOT NULL,
	ALTER day_of_month SET NOT NULL;

CREATE VIEW buyers AS
	SELECT u.id, u.email, count(o.id) AS orders,
		max(make_date(year, month, day_of_month)) AS latest
	FROM users u LEFT JOIN orders o ON o.user_id = u.id GROUP BY u.id;
