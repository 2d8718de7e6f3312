DROP VIEW buyers;
ALTER TABLE orders ADD ordered_at timestamp;
UPDATE orders SET ordered_at = day + at;
ALTER TABLE orders ALTER ordered_at SET NOT NULL, DROP day, DROP at;
ALTER TABLE addresses ADD place text;
UPDATE addresses SET place = coalesce(zip, '-') || '|' || coalesce('+' || city, '');
ALTER TABLE addresses DROP zip, DROP city;

CREATE VIEW buyers AS
	SELECT u.id, u.email, count(o.id) AS orders,
		max(o.ordered_at::date) AS latest
	FROM users u LEFT JOIN orders o ON o.user_id = u.id GROUP BY u.id;
