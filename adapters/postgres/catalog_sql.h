/* The catalog's queries; catalog.c reads their columns by position. */
#ifndef PARALLAX_ADAPTERS_POSTGRES_CATALOG_SQL_H
#define PARALLAX_ADAPTERS_POSTGRES_CATALOG_SQL_H

/* The server's own schemas, and those of other sessions. */
#define USER_SCHEMA                                                            \
	" n.nspname NOT IN ('pg_catalog', 'information_schema')"               \
	" AND n.nspname !~ '^pg_(toast|temp)' "

/* Which tables; a test that includes this file chooses others. */
#ifndef TABLE_SCOPE
#define TABLE_SCOPE USER_SCHEMA
#endif

/* clang-format off */

/* Of pg_proc p: all that it may touch is named in its text. What runs a text that
 * it puts together, and what is not SQL at all, is not. */
#define TOLD                                                                   \
	"(p.prolang IN (SELECT l.oid FROM pg_language l"                       \
	"  WHERE l.lanname IN ('sql', 'plpgsql')) AND p.prosrc <> ''"          \
	" AND p.prosrc !~* '\\mexecute\\M|_to_xml|ts_stat|ts_rewrite|u&\"')"

/* Read before search_path is set to pg_catalog. */
static const char settings_sql[] =
    "SELECT current_setting('search_path'), current_setting('server_version'),"
    " (SELECT pg_encoding_to_char(encoding) FROM pg_database"
    "  WHERE datname = current_database()),"
    " current_setting('TimeZone'), current_database(), current_user,"
    " (SELECT rolsuper FROM pg_roles WHERE rolname = current_user),"
    " (SELECT coalesce(to_jsonb(d)->>'datlocale', to_jsonb(d)->>'daticulocale',"
    "   d.datcollate) FROM pg_database d WHERE d.datname = current_database())";

static const char tables_sql[] =
    "SELECT c.oid, n.nspname, c.relname, c.relkind,"
    " EXISTS (SELECT FROM pg_trigger t"
    "  WHERE t.tgrelid = c.oid AND NOT t.tgisinternal),"
    " EXISTS (SELECT FROM pg_rewrite r"
    "  WHERE r.ev_class = c.oid AND r.rulename <> '_RETURN'),"
    " CASE WHEN c.relkind = 'v' THEN pg_get_viewdef(c.oid) END,"
    " g.text, coalesce(g.alters, false), c.reltuples,"
    " CASE WHEN has_schema_privilege(n.oid, 'USAGE') THEN"
    "  has_table_privilege(c.oid, 'SELECT')::int"
    "  + 2 * has_table_privilege(c.oid, 'INSERT')::int"
    "  + 4 * has_table_privilege(c.oid, 'UPDATE')::int"
    "  + 8 * has_table_privilege(c.oid, 'DELETE')::int ELSE 0 END,"
    " c.relhassubclass, c.relispartition, c.oid IN (SELECT p.polrelid"
    "  FROM pg_policy p JOIN pg_depend d ON d.objid = p.oid"
    "   AND d.classid = 'pg_policy'::regclass"
    "  WHERE d.refclassid = 'pg_proc'::regclass"
    "   OR (d.refclassid = 'pg_class'::regclass AND d.refobjid <> p.polrelid))"
    " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " LEFT JOIN (SELECT t.tgrelid, CASE WHEN bool_and(" TOLD ") THEN"
    "   string_agg(p.prosrc || CASE WHEN t.tgqual IS NULL THEN ''"
    "    ELSE ' ' || pg_get_triggerdef(t.oid) END, ' ' ORDER BY t.oid)"
    "   END AS text,"
    "  bool_or(t.tgtype & 66 <> 0 AND t.tgtype & 1 <> 0) AS alters"
    "  FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
    "  WHERE NOT t.tgisinternal GROUP BY 1) g ON g.tgrelid = c.oid"
    " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND " TABLE_SCOPE
    " ORDER BY c.oid";

/*
 * %s: a.attgenerated, or '' before PostgreSQL 12. A default is classed by the
 * functions in its stored tree: that is exact where a name would not be. SQL
 * value functions (CURRENT_TIMESTAMP ...) 0 to 8 are the clocks; in the tree
 * of ('now'::text)::timestamp the clock is in the text. The text is made once
 * (OFFSET 0), and without its table where it names no column: that takes time
 * in the square of the table's width. The functions of a plain nextval() are not
 * looked up; a sequence is named by a constant of type regclass (2205).
 */
static const char columns_sql[] =
    "SELECT a.attrelid, a.attname, a.attnum, a.atttypid, a.atttypmod,"
    " format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, %s,"
    " d.text, f.volatile,"
    " f.clock OR d.tree ~ '\\{SQLVALUEFUNCTION :op [0-8] '"
    "  OR d.text ~ '''(now|today|tomorrow|yesterday)''::text',"
    " f.sequence OR d.plain, d.plain, f.stable OR d.tree ~ '\\{SQLVALUEFUNCTION :op (9|1[0-9]) ',"
    " sn.nspname, sc.relname,"
    " (SELECT l.collname FROM pg_collation l WHERE l.oid = a.attcollation"
    "  AND l.collname <> 'default')"
    " FROM pg_attribute a"
    " JOIN pg_class c ON c.oid = a.attrelid"
    " JOIN pg_namespace n ON n.oid = c.relnamespace"
    " LEFT JOIN LATERAL (SELECT x.*,"
    "   x.text ~ '^\\(*nextval\\(+''([^'']|'''')+''::(regclass|text)\\)*"
    "(::regclass)?\\)*(::(bigint|integer|smallint|text))?$' AS plain"
    "  FROM (SELECT ad.oid, ad.adbin::text AS tree,"
    "   pg_get_expr(ad.adbin, CASE WHEN ad.adbin::text ~ '\\{VAR ' THEN"
    "    ad.adrelid ELSE 0 END) AS text FROM pg_attrdef ad"
    "   WHERE a.atthasdef AND ad.adrelid = a.attrelid AND ad.adnum = a.attnum"
    "   OFFSET 0) x OFFSET 0) d"
    "  ON true"
    " LEFT JOIN LATERAL (SELECT"
    "   bool_or(p.provolatile = 'v' AND NOT k.sequence AND NOT k.clock)"
    "    AS volatile,"
    "   bool_or(k.clock) AS clock, bool_or(k.sequence) AS sequence,"
    "   bool_or(p.provolatile = 's') AS stable"
    "  FROM regexp_matches(CASE WHEN NOT d.plain THEN d.tree END,"
    "    ':(?:funcid|opfuncid) (\\d+)', 'g') m"
    "  JOIN pg_proc p ON p.oid = m[1]::oid"
    "  CROSS JOIN LATERAL (SELECT"
    "    p.pronamespace = 'pg_catalog'::regnamespace"
    "     AND p.proname = 'nextval' AS sequence,"
    "    p.pronamespace = 'pg_catalog'::regnamespace AND p.proname IN ('now',"
    "     'transaction_timestamp', 'statement_timestamp', 'clock_timestamp',"
    "     'timeofday') AS clock) k) f ON true"
    " LEFT JOIN LATERAL (SELECT CASE WHEN a.attidentity <> '' THEN"
    "   (SELECT dep.objid FROM pg_depend dep"
    "     JOIN pg_class s ON s.oid = dep.objid AND s.relkind = 'S'"
    "     WHERE dep.deptype = 'i'"
    "      AND dep.classid = 'pg_class'::regclass"
    "      AND dep.refclassid = 'pg_class'::regclass"
    "      AND dep.refobjid = a.attrelid AND dep.refobjsubid = a.attnum"
    "     LIMIT 1)"
    "   WHEN d.tree ~ ':consttype 2205 ' THEN"
    "   (SELECT dep.refobjid FROM pg_depend dep"
    "     JOIN pg_class s ON s.oid = dep.refobjid AND s.relkind = 'S'"
    "     WHERE dep.classid = 'pg_attrdef'::regclass AND dep.objid = d.oid"
    "      AND dep.refclassid = 'pg_class'::regclass LIMIT 1) END AS oid)"
    "  q ON true"
    " LEFT JOIN pg_class sc ON sc.oid = q.oid"
    " LEFT JOIN pg_namespace sn ON sn.oid = sc.relnamespace"
    " WHERE a.attnum > 0 AND NOT a.attisdropped"
    " AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND " TABLE_SCOPE
    " ORDER BY a.attrelid, a.attnum";

/* %s: i.indnkeyatts, or i.indnatts before PostgreSQL 11. */
static const char keys_sql[] =
    "SELECT i.indrelid, k.relname, i.indisprimary,"
    " array_to_string((i.indkey::int2[])[0:%s - 1], ' '),"
    " i.indpred IS NOT NULL, NOT i.indimmediate"
    " FROM pg_index i JOIN pg_class k ON k.oid = i.indexrelid"
    " JOIN pg_class c ON c.oid = i.indrelid"
    " JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE i.indisunique AND i.indisvalid"
    " AND NOT 0 = ANY (i.indkey::int2[]) AND " TABLE_SCOPE
    " ORDER BY i.indrelid, NOT i.indisprimary, i.indexrelid";

static const char foreign_keys_sql[] =
    "SELECT o.conrelid, o.conname, array_to_string(o.conkey, ' '),"
    " o.confrelid, array_to_string(o.confkey, ' '), o.condeferrable"
    " FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid"
    " JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE o.contype = 'f' AND " TABLE_SCOPE " ORDER BY o.conrelid, o.oid";

/* typarray has no index: a join, not a look-up for each type. */
static const char types_sql[] =
    "SELECT t.oid, n.nspname, t.typname, t.typtype, t.typcategory,"
    " CASE t.typtype WHEN 'd' THEN t.typbasetype WHEN 'r' THEN r.rngsubtype"
    "  ELSE coalesce(e.oid, 0) END"
    " FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace"
    " LEFT JOIN pg_type e ON e.typarray = t.oid AND e.typarray <> 0"
    " LEFT JOIN pg_range r ON r.rngtypid = t.oid"
    " WHERE n.nspname !~ '^pg_(toast|temp)' ORDER BY t.oid";

static const char labels_sql[] =
    "SELECT enumtypid, enumlabel FROM pg_enum"
    " ORDER BY enumtypid, enumsortorder";

/* A function's SET clause does not undo a SET inside its body. %s: p.prokind =
 * 'p', or false before PostgreSQL 11. */
static const char functions_sql[] =
    "SELECT n.nspname, p.proname,"
    " CASE WHEN bool_or(p.provolatile = 'v') THEN 'v'"
    "  WHEN bool_or(p.provolatile = 's') THEN 's' ELSE 'i' END,"
    " bool_or(p.proretset), bool_or(%s),"
    " bool_or(n.nspname <> 'pg_catalog'"
    "  AND p.prosrc ~* 'search_path|set_config'),"
    " bool_or(n.nspname <> 'pg_catalog' AND (p.prolang NOT IN"
    "  (SELECT l.oid FROM pg_language l WHERE l.lanname IN ('sql', 'plpgsql'))"
    "  OR p.prosrc ~* '\\m(create|alter|drop|grant|revoke|execute|reassign)\\M')),"
    " CASE WHEN bool_and(n.nspname <> 'pg_catalog' AND " TOLD ") THEN"
    "  string_agg(p.prosrc, ' ' ORDER BY p.oid) END"
    " FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
    " WHERE (n.nspname = 'pg_catalog' AND p.provolatile = 'v') OR " USER_SCHEMA
    " GROUP BY 1, 2 ORDER BY 1, 2";

static const char extensions_sql[] =
    "SELECT extname, extversion FROM pg_extension ORDER BY 1";

static const char roles_sql[] =
    "SELECT rolname, rolcanlogin, pg_has_role(oid, 'MEMBER')"
    " FROM pg_roles WHERE rolname !~ '^pg_' ORDER BY 1";

/*
 * Each row of the system's catalogs that belongs to a schema, by the
 * transaction that wrote it. Updates in place (statistics) do not show.
 */
static const char mark_sql[] =
    "WITH c AS (SELECT c.oid, c.xmin FROM pg_class c"
    "  JOIN pg_namespace n ON n.oid = c.relnamespace WHERE " USER_SCHEMA "),"
    " n AS (SELECT n.oid, n.xmin FROM pg_namespace n WHERE " USER_SCHEMA "),"
    " t AS (SELECT t.oid, t.xmin FROM pg_type t"
    "  JOIN n ON n.oid = t.typnamespace)"
    " SELECT md5(string_agg(m, ' ' ORDER BY m)) FROM ("
    "SELECT 'n' || oid || '.' || xmin FROM n"
    " UNION ALL SELECT 'c' || oid || '.' || xmin FROM c"
    " UNION ALL SELECT 'a' || a.attrelid || '.' || a.attnum || '.' || a.xmin"
    "  FROM pg_attribute a JOIN c ON c.oid = a.attrelid WHERE a.attnum > 0"
    " UNION ALL SELECT 'd' || d.oid || '.' || d.xmin"
    "  FROM pg_attrdef d JOIN c ON c.oid = d.adrelid"
    " UNION ALL SELECT 'i' || i.indexrelid || '.' || i.xmin"
    "  FROM pg_index i JOIN c ON c.oid = i.indrelid"
    " UNION ALL SELECT 'o' || o.oid || '.' || o.xmin"
    "  FROM pg_constraint o JOIN n ON n.oid = o.connamespace"
    " UNION ALL SELECT 't' || oid || '.' || xmin FROM t"
    " UNION ALL SELECT 'e' || e.oid || '.' || e.xmin"
    "  FROM pg_enum e JOIN t ON t.oid = e.enumtypid"
    " UNION ALL SELECT 'p' || p.oid || '.' || p.xmin"
    "  FROM pg_proc p JOIN n ON n.oid = p.pronamespace"
    " UNION ALL SELECT 'g' || g.oid || '.' || g.xmin"
    "  FROM pg_trigger g JOIN c ON c.oid = g.tgrelid WHERE NOT g.tgisinternal"
    " UNION ALL SELECT 'r' || r.oid || '.' || r.xmin"
    "  FROM pg_rewrite r JOIN c ON c.oid = r.ev_class"
    " UNION ALL SELECT 'x' || extname || '.' || extversion FROM pg_extension"
    ") AS marks (m)";

/* clang-format on */

#endif
