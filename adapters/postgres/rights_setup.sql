-- The script that `parallax rights` runs as an administrator, after the names of the
-- owner and the mirror's account. It can be run again and changes nothing twice.

-- Whether the role has rights beyond a database, by itself or as a role that it may
-- become.
CREATE FUNCTION pg_temp.parallax_beyond(name) RETURNS boolean LANGUAGE sql AS $$
	SELECT coalesce(bool_or(r.rolsuper OR r.rolcreaterole OR r.rolreplication
		OR r.rolname IN ('pg_execute_server_program', 'pg_read_server_files',
			'pg_write_server_files', 'pg_signal_backend', 'pg_checkpoint',
			'pg_create_subscription', 'pg_use_reserved_connections',
			'pg_signal_autovacuum_worker')), false)
	FROM pg_roles s JOIN pg_roles r ON pg_has_role(s.oid, r.oid, 'MEMBER')
	WHERE s.rolname = $1
$$;

CREATE FUNCTION pg_temp.parallax_member(role name, of name) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	IF role <> of AND NOT EXISTS (SELECT FROM pg_auth_members m
			WHERE m.member = role::text::regrole AND m.roleid = of::text::regrole) THEN
		EXECUTE format('GRANT %I TO %I', of, role);
	END IF;
EXCEPTION WHEN invalid_name OR undefined_object THEN
	EXECUTE format('GRANT %I TO %I', of, role);
END $$;

-- The mirror's own account, and the owner that stands in for privileged roles.
CREATE FUNCTION pg_temp.parallax_own(owner name, mirror name, verifier text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF pg_temp.parallax_beyond(mirror) THEN
		RAISE EXCEPTION 'role "%" has rights beyond the database', mirror
			USING HINT = 'name another one in shadows.user, such as parallax_mirror: it will be created';
	END IF;
	IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = mirror) THEN
		EXECUTE format('CREATE ROLE %I', mirror);
	END IF;
	EXECUTE format('ALTER ROLE %I LOGIN INHERIT', mirror);
	IF verifier IS NOT NULL THEN
		EXECUTE format('ALTER ROLE %I PASSWORD %L', mirror, verifier);
	END IF;
	IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = owner) THEN
		EXECUTE format('CREATE ROLE %I NOLOGIN INHERIT', owner);
	END IF;
	PERFORM pg_temp.parallax_member(mirror, owner);
	EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), mirror);
	IF current_setting('server_version_num')::int >= 150000 THEN
		EXECUTE format('GRANT SET ON PARAMETER session_replication_role TO %I', mirror);
	END IF;
END $$;

-- Objects of privileged roles become the owner's; of other owners it is a member.
CREATE FUNCTION pg_temp.parallax_objects(owner name, mirror name)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	o record;
BEGIN
	FOR o IN
		SELECT 'DATABASE' AS kind, quote_ident(datname) AS object, datdba AS owner
		FROM pg_database WHERE datname = current_database()
		UNION ALL
		SELECT 'SCHEMA', quote_ident(nspname), nspowner FROM pg_namespace
		WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
		UNION ALL
		SELECT 'TABLE', c.oid::regclass::text, relowner
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
		AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
		AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass
			AND objid = c.oid AND (deptype = 'e' OR relkind = 'S' AND deptype IN ('a', 'i') AND refobjsubid > 0))
		UNION ALL
		SELECT 'ROUTINE', p.oid::regprocedure::text, proowner
		FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
		WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
		AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass
			AND objid = p.oid AND deptype = 'e')
		UNION ALL
		SELECT 'TYPE', format_type(t.oid, NULL), typowner
		FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
		WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
		AND (typtype IN ('e', 'd', 'r') OR typtype = 'c' AND (SELECT relkind = 'c' FROM pg_class WHERE oid = typrelid))
		AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_type'::regclass
			AND objid = t.oid AND deptype = 'e')
	LOOP
		IF o.owner = (SELECT oid FROM pg_roles WHERE rolname = $1)
		OR pg_get_userbyid(o.owner) ~ '^pg_' THEN
			CONTINUE;
		ELSIF pg_temp.parallax_beyond(pg_get_userbyid(o.owner)) THEN
			EXECUTE format('ALTER %s %s OWNER TO %I', o.kind, o.object, $1);
		ELSE
			PERFORM pg_temp.parallax_member($1, pg_get_userbyid(o.owner));
		END IF;
	END LOOP;
	-- what acts outside of the database is nobody's, in functions neither
	FOR o IN
		SELECT p.oid::regprocedure::text AS object, proname FROM pg_proc p
		WHERE proname IN ('pg_terminate_backend', 'pg_cancel_backend',
			'pg_log_backend_memory_contexts')
		OR proname LIKE 'dblink%' AND prokind = 'f'
	LOOP
		EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', o.object);
		IF o.proname = 'pg_cancel_backend' THEN
			EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', o.object, mirror);
		END IF;
	END LOOP;
END $$;

-- A client's role: 'role' (it logs in itself), 'login', 'stand-in' or 'missing'.
CREATE FUNCTION pg_temp.parallax_client(owner name, mirror name, client name,
	login name, verifier text, beyond boolean, own boolean)
RETURNS TABLE (client_role name, client_login name, outcome text)
LANGUAGE plpgsql AS $$
DECLARE
	base name := client;
	o record;
BEGIN
	IF beyond OR pg_temp.parallax_beyond(client) THEN
		base := owner;
	ELSIF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = client) THEN
		RETURN QUERY SELECT client, login, 'missing';
		RETURN;
	END IF;
	IF base = client THEN
		PERFORM pg_temp.parallax_member(mirror, client);
		PERFORM pg_temp.parallax_member(owner, client);
	END IF;
	IF own AND base = client THEN
		EXECUTE format('ALTER ROLE %I LOGIN PASSWORD %L', client, verifier);
		RETURN QUERY SELECT client, client, 'role';
		RETURN;
	END IF;
	IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = login) THEN
		EXECUTE format('CREATE ROLE %I NOINHERIT', login);
	END IF;
	EXECUTE format('ALTER ROLE %I LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD %L', login, verifier);
	FOR o IN SELECT r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
		JOIN pg_roles s ON s.oid = m.member WHERE s.rolname = login AND r.rolname <> base
	LOOP
		EXECUTE format('REVOKE %I FROM %I', o.rolname, login);
	END LOOP;
	PERFORM pg_temp.parallax_member(login, base);
	PERFORM pg_temp.parallax_member(mirror, login);
	EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), login);
	-- what the role's sessions begin with, those of its login do too
	FOR o IN SELECT split_part(c.setting, '=', 1) AS setting,
			substr(c.setting, strpos(c.setting, '=') + 1) AS value, d.setdatabase
		FROM pg_db_role_setting d JOIN pg_roles r ON r.oid = d.setrole,
			unnest(d.setconfig) AS c (setting)
		WHERE r.rolname = base AND d.setdatabase IN (0,
			(SELECT oid FROM pg_database WHERE datname = current_database()))
	LOOP
		CONTINUE WHEN lower(o.setting) IN ('role', 'session_authorization');
		EXECUTE format('ALTER ROLE %I %s SET %s = %s', login,
			CASE WHEN o.setdatabase <> 0 THEN format('IN DATABASE %I', current_database()) ELSE '' END,
			o.setting,
			CASE WHEN lower(o.setting) IN ('search_path', 'temp_tablespaces', 'session_preload_libraries', 'local_preload_libraries') AND o.value <> ''
				THEN o.value ELSE quote_literal(o.value) END);
	END LOOP;
	EXECUTE format('ALTER ROLE %I SET role = %L', login, base);
	RETURN QUERY SELECT client, login, CASE WHEN base = client THEN 'login' ELSE 'stand-in' END;
END $$;
