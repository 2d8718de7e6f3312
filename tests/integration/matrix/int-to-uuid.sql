CREATE FUNCTION team_uuid(integer) RETURNS uuid IMMUTABLE STRICT LANGUAGE sql AS
	'SELECT (''00000000-0000-4000-8000-'' || lpad(to_hex($1), 12, ''0''))::uuid';
ALTER TABLE users DROP CONSTRAINT users_team_id_fkey;
ALTER SEQUENCE teams_id_seq OWNED BY NONE;
ALTER TABLE teams ALTER id DROP DEFAULT;
ALTER TABLE teams RENAME id TO uid;
ALTER TABLE teams ALTER uid TYPE uuid USING team_uuid(uid);
ALTER TABLE users RENAME team_id TO team_uid;
ALTER TABLE users ALTER team_uid TYPE uuid USING team_uuid(team_uid);
ALTER TABLE users ADD FOREIGN KEY (team_uid) REFERENCES teams (uid)
	ON DELETE SET NULL;
