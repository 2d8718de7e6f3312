CREATE TABLE memberships (
	user_id integer REFERENCES users (id) ON DELETE CASCADE,
	team_id integer REFERENCES teams (id) ON DELETE CASCADE,
	PRIMARY KEY (user_id, team_id)
);
INSERT INTO memberships SELECT id, team_id FROM users WHERE team_id IS NOT NULL;
ALTER TABLE users DROP team_id;
