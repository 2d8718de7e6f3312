-- What the old schema holds: nulls, duplicates, edges, text beyond ASCII.
INSERT INTO teams (title) VALUES ('red'), ('grün'), ('O''Brien''s'), ('');
INSERT INTO categories VALUES
	(1, 'books'), (2, 'Bücher'), (3, 'food'), (-4, 'odd ''one''');
INSERT INTO users (email, name, active, level, score, country, team_id, theme,
	mails, bio, website, flags, born) VALUES
	('ann@x', 'Ann Archer', true, 1, 3, 'Norway', 1, 'light', true,
		'likes SQL', NULL, NULL, '2000-02-29'),
	('bob@x', 'Bob', false, NULL, NULL, NULL, NULL, 'dark', false,
		NULL, NULL, NULL, NULL),
	('cyd@x', 'Cyd van Dam', true, 3, 9, 'Norway', 2, 'dark', true,
		NULL, 'http://cyd', NULL, '1999-12-31'),
	('dan@x', NULL, false, 2, 3, 'Österreich', 1, 'light', false,
		'none', 'http://dan', NULL, '9999-12-31'),
	('é@日本', 'José Ñandú', true, 1, 2147483647, '日本', NULL, 'light', true,
		'', NULL, NULL, '0001-01-01'),
	('O''x@y', 'D''Arcy "Q" \b', true, 2, -2147483648, '', 3, 'dark', true,
		NULL, NULL, NULL, '2024-12-31'),
	('gil@x', 'Ann Archer', true, 1, 0, 'norway', 1, 'light', false,
		'tab	and
line', '', NULL, '2000-02-29'),
	('hal@x', NULL, false, 3, -1, NULL, 4, 'light', true,
		NULL, NULL, NULL, NULL);
INSERT INTO addresses VALUES
	(1, 'Main St 1', '0150', 'Oslo'), (3, '', NULL, NULL),
	(4, 'Groß-Allee 12', 'A-1010', 'Wien'), (5, '千代田', '100-0001', ''),
	(7, 'Main St 1', '0150', 'Oslo');
INSERT INTO articles VALUES
	('A-1', 'SQL for all', 12.50, 1, 10, 20, 'red', 'new', 'sale', 0),
	('A-2', 'Über SQL', 99.99, 2, 10, NULL, NULL, NULL, NULL, 0),
	('B-1', 'Bread', 0.01, 3, NULL, NULL, 'brown', 'fresh', NULL, 0),
	('B-2', 'Butter', 0.00, 3, 5, 5, 'red', NULL, 'sale', 0),
	('c 3', 'O''Dd "thing"', 99999999.99, NULL, -1, 0, 'rot/grün', '', '{a,b}', 0),
	('', '空', 7.25, -4, 2147483647, 1, 'none', 'a', 'b', 0);
INSERT INTO orders (user_id, sku, qty, state, day, at, note, placed) VALUES
	(1, 'A-1', 1, 'new', '2023-01-31', '08:00', NULL, '2023-01-31 08:00+00'),
	(1, 'B-1', 10, 'paid', '2023-02-28', '23:59:59.999999', 'gift',
		'2023-02-28 23:59+00'),
	(1, 'B-1', 10, 'gone', '2023-02-28', '00:00', 'gift', '2023-03-01 00:00+00'),
	(3, 'A-2', 2, 'shipped', '2024-02-29', '12:30', '', '2024-02-29 12:30+00'),
	(3, NULL, 32767, 'new', '0001-01-01', '12:00', NULL, '2024-03-01 00:00+02'),
	(4, '', 1, 'gone', '9999-12-31', '12:00', 'naïve', '2024-03-02 00:00+00'),
	(NULL, 'c 3', 3, 'paid', '2023-02-28', '09:15', NULL,
		'2024-03-03 00:00+00'),
	(5, 'B-2', 0, 'new', '2023-06-15', '09:15', 'it''s', '2024-03-04 00:00+00'),
	(6, 'B-2', -5, 'paid', '2023-06-15', '09:15', 'NULL',
		'2024-03-05 00:00+00'),
	(7, 'A-1', 1, 'shipped', '2023-01-31', '08:00', NULL,
		'2024-03-06 00:00+00');
INSERT INTO cats VALUES (1, 'Tom', 9), (2, 'Murr', NULL), (3, 'Tom', 1);
INSERT INTO dogs VALUES (1, 'Rex', 'sit'), (2, 'Tom', NULL), (4, 'Bär', '');
INSERT INTO audit (who, what) VALUES (1, 'login'), (2, NULL), (NULL, 'cron');
INSERT INTO staff VALUES (3, 'Cy', 5), (1, 'Ada', NULL), (2, 'Bo', 1), (5, 'Di', 5),
	(4, 'Ed', 3), (-6, 'Fé', NULL);
INSERT INTO shifts (staff_id, hours) VALUES (1, 8), (5, 4), (5, 12), (-6, 0);
