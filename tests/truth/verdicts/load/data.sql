-- More rows for the schema of tests/integration/matrix/old.sql, after its data.sql: what
-- the workloads read and write. Users 101 to 300 are everybody's, 1 to 8 keep the odd
-- values of data.sql.
INSERT INTO teams (title) SELECT 'team ' || n FROM generate_series(1, 20) n;
INSERT INTO categories SELECT 10 + n, 'category ' || n FROM generate_series(1, 10) n;
INSERT INTO users (id, email, name, active, level, score, country, team_id, theme,
		mails, bio, website, born)
	SELECT 100 + n, 'u' || n || '@x', 'First Last' || n, n % 3 > 0, 1 + n % 3, n,
		nullif('country ' || n % 7, 'country 6'), 5 + n % 20,
		CASE n % 2 WHEN 0 THEN 'light' ELSE 'dark' END, n % 5 > 0,
		nullif('bio ' || n % 4, 'bio 3'), nullif('http://' || n % 6, 'http://5'),
		date '2000-01-01' + n
	FROM generate_series(1, 200) n;
SELECT setval('users_id_seq', 1000);
INSERT INTO addresses SELECT 100 + n, 'Street ' || n, 'z' || n % 10, 'City ' || n % 9
	FROM generate_series(1, 200) n WHERE n % 3 > 0;
INSERT INTO articles (sku, label, price, category_id, width, height, color, tag1, tag2)
	SELECT 'P-' || n, 'Product ' || n, n * 1.25, nullif(10 + n % 11, 10), n, n + 5,
		'color ' || n % 5, 'tag ' || n % 3, nullif('tag ' || n % 4, 'tag 0')
	FROM generate_series(1, 40) n;
INSERT INTO orders (user_id, sku, qty, state, day, at, note, placed)
	SELECT 101 + n % 200, 'P-' || 1 + n % 40, 1 + n % 9,
		(ARRAY['new', 'paid', 'shipped', 'gone'])[1 + n % 4]::order_state,
		date '2023-01-01' + n, time '08:00' + n * interval '1 minute',
		nullif('note ' || n % 3, 'note 2'),
		timestamptz '2024-01-01 00:00+00' + n * interval '1 hour'
	FROM generate_series(1, 400) n;
INSERT INTO cats SELECT 100 + n, 'Cat ' || n, 9 FROM generate_series(1, 40) n;
INSERT INTO dogs SELECT 120 + n, 'Dog ' || n, 'sit' FROM generate_series(1, 40) n;
INSERT INTO staff SELECT 100 + n, 'Staff ' || n, CASE WHEN n > 3 THEN 100 + n / 3 END
	FROM generate_series(1, 30) n;
INSERT INTO shifts (staff_id, hours) SELECT 101 + n % 30, n % 12
	FROM generate_series(1, 60) n;

-- Rows that a policy hides from others.
CREATE TABLE papers (id integer PRIMARY KEY, owner text NOT NULL, body text);
INSERT INTO papers SELECT n, CASE n % 2 WHEN 0 THEN 'app' ELSE 'else' END, 'text ' || n
	FROM generate_series(1, 9) n;
CREATE POLICY own ON papers USING (owner = current_user);
ALTER TABLE papers ENABLE ROW LEVEL SECURITY;

-- A change of a user's score is counted, a new shift is noted.
CREATE TABLE changes (who integer PRIMARY KEY, n integer NOT NULL);
CREATE FUNCTION count_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	INSERT INTO changes AS c VALUES (NEW.id, 1)
		ON CONFLICT (who) DO UPDATE SET n = c.n + 1;
	RETURN NEW; END $$;
CREATE TRIGGER scored AFTER UPDATE OF score ON users FOR EACH ROW
	EXECUTE FUNCTION count_change();
CREATE FUNCTION note_shift() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	INSERT INTO audit VALUES (1000000 + NEW.id, NEW.id, 'shift');
	RETURN NEW; END $$;
CREATE TRIGGER planned AFTER INSERT ON shifts FOR EACH ROW
	EXECUTE FUNCTION note_shift();

-- The clients' role; it may use what a migration makes, too.
GRANT ALL ON ALL TABLES IN SCHEMA public TO app;
GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO app;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO app;
ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO app;
