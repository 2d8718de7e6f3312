/* The queries of rules.c, which reads their columns by position. */
#ifndef PARALLAX_ADAPTERS_POSTGRES_RULES_SQL_H
#define PARALLAX_ADAPTERS_POSTGRES_RULES_SQL_H

/* clang-format off */

/* Partitions share the rules of their table. */
#define RULE_SCOPE                                                             \
	" c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition"              \
	" AND n.nspname NOT IN ('pg_catalog', 'information_schema')"          \
	" AND n.nspname !~ '^pg_(toast|temp)'"
#define NAMES(relation, numbers)                                               \
	"array_to_string(array(SELECT coalesce(a.attname, '')"                \
	" FROM unnest(" numbers ") WITH ORDINALITY k (n, o)"                  \
	" LEFT JOIN pg_attribute a ON a.attrelid = " relation                 \
	" AND a.attnum = k.n ORDER BY k.o), chr(31))"
#define ACTION(which, column)                                                  \
	" CASE " column " WHEN 'r' THEN '" which " RESTRICT'"                 \
	" WHEN 'c' THEN '" which " CASCADE' WHEN 'n' THEN '" which " SET NULL'"\
	" WHEN 'd' THEN '" which " SET DEFAULT' END"
#define DEFERS                                                                 \
	" CASE WHEN o.condeferrable THEN 'DEFERRABLE' END,"                    \
	" CASE WHEN o.condeferred THEN 'INITIALLY DEFERRED' END,"              \
	" CASE WHEN NOT o.convalidated THEN 'NOT VALID' END"

/* kind, schema, table, name, columns, target's schema, target, its columns,
 * text. A trigger's text is its definition without its and the table's name. */
static const char rules_sql[] =
"SELECT kind, schema, name, own, columns, target_schema, target,"
" target_columns, text FROM ("
"SELECT 0 AS kind, n.nspname AS schema, c.relname AS name, t.tgname AS own,"
" '' AS columns, NULL::name AS target_schema, NULL::name AS target,"
" '' AS target_columns,"
" concat_ws(' ', regexp_replace(replace(pg_get_triggerdef(t.oid),"
"  ' ON ' || c.oid::regclass, ''),"
"  '^CREATE (CONSTRAINT )?TRIGGER (\"([^\"]|\"\")+\"|[^ ]+) ', ''),"
"  CASE t.tgenabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'on replicas'"
"   WHEN 'A' THEN 'always' END,"
"  'body ' || left(md5(p.prosrc), 8)) AS text"
" FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
" JOIN pg_namespace n ON n.oid = c.relnamespace"
" JOIN pg_proc p ON p.oid = t.tgfoid"
" WHERE NOT t.tgisinternal AND " RULE_SCOPE
" UNION ALL SELECT 1, n.nspname, c.relname, o.conname, "
NAMES("o.conrelid", "o.conkey") ", fn.nspname, f.relname, "
NAMES("o.confrelid", "o.confkey") ","
" concat_ws(' ', CASE o.confmatchtype WHEN 'f' THEN 'MATCH FULL' END,"
ACTION("ON UPDATE", "o.confupdtype") "," ACTION("ON DELETE", "o.confdeltype")
"," DEFERS ")"
" FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid"
" JOIN pg_namespace n ON n.oid = c.relnamespace"
" JOIN pg_class f ON f.oid = o.confrelid"
" JOIN pg_namespace fn ON fn.oid = f.relnamespace"
" WHERE o.contype = 'f' AND " RULE_SCOPE
" UNION ALL SELECT CASE WHEN o.contype = 'c' THEN 3 ELSE 4 END,"
" n.nspname, c.relname, o.conname, " NAMES("o.conrelid", "o.conkey") ","
" NULL, NULL, '', CASE WHEN o.contype = 'c'"
"  THEN concat_ws(' ', pg_get_expr(o.conbin, o.conrelid),"
"   CASE WHEN NOT o.convalidated THEN 'NOT VALID' END)"
"  ELSE pg_get_constraintdef(o.oid) END"
" FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid"
" JOIN pg_namespace n ON n.oid = c.relnamespace"
" WHERE o.contype IN ('c', 'x') AND " RULE_SCOPE
" UNION ALL SELECT CASE WHEN i.indisunique THEN 2 ELSE 8 END,"
" n.nspname, c.relname, k.relname, " NAMES("i.indrelid", "i.indkey::int2[]")
", NULL, NULL, '', concat_ws(' ',"
" CASE WHEN NOT i.indisunique THEN m.amname END,"
" CASE WHEN 0 = ANY (i.indkey::int2[]) THEN (SELECT string_agg("
"  pg_get_indexdef(i.indexrelid, g, false), ', ' ORDER BY g)"
"  FROM generate_series(1, i.indnatts::int) g) END,"
" CASE WHEN NOT i.indisunique AND i.indoption::text ~ '[1-9]'"
"  THEN 'options ' || i.indoption::text END,"
" CASE WHEN to_jsonb(i)->>'indnullsnotdistinct' = 'true'"
"  THEN 'NULLS NOT DISTINCT' END,"
" CASE WHEN NOT i.indimmediate THEN 'DEFERRABLE' END,"
" 'WHERE ' || pg_get_expr(i.indpred, i.indrelid),"
" CASE WHEN NOT i.indisvalid THEN 'INVALID' END)"
" FROM pg_index i JOIN pg_class k ON k.oid = i.indexrelid"
" JOIN pg_am m ON m.oid = k.relam JOIN pg_class c ON c.oid = i.indrelid"
" JOIN pg_namespace n ON n.oid = c.relnamespace"
" WHERE NOT i.indisexclusion AND " RULE_SCOPE
" UNION ALL SELECT 5, n.nspname, c.relname, p.polname, '', NULL, NULL, '',"
" concat_ws(' ', CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT'"
"  WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,"
" CASE WHEN NOT p.polpermissive THEN 'RESTRICTIVE' END,"
" 'TO ' || array_to_string(array(SELECT CASE r WHEN 0 THEN 'public' ELSE"
"  pg_get_userbyid(r) END FROM unnest(p.polroles) r ORDER BY 1), ', '),"
" 'USING (' || pg_get_expr(p.polqual, p.polrelid) || ')',"
" 'WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')')"
" FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid"
" JOIN pg_namespace n ON n.oid = c.relnamespace WHERE " RULE_SCOPE
" UNION ALL SELECT 6, n.nspname, c.relname, 'row security', '', NULL, NULL,"
" '', CASE WHEN c.relforcerowsecurity THEN 'forced' ELSE 'on' END"
" FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
" WHERE c.relrowsecurity AND " RULE_SCOPE
" UNION ALL SELECT 7, n.nspname, c.relname,"
" CASE x.grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(x.grantee) END,"
" '', NULL, NULL, '', x.privilege_type"
" FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,"
" aclexplode(c.relacl) x WHERE x.grantee <> c.relowner AND " RULE_SCOPE
" UNION ALL SELECT 7, n.nspname, c.relname,"
" CASE x.grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(x.grantee) END,"
" b.attname, NULL, NULL, '', x.privilege_type"
" FROM pg_attribute b JOIN pg_class c ON c.oid = b.attrelid"
" JOIN pg_namespace n ON n.oid = c.relnamespace,"
" aclexplode(b.attacl) x WHERE x.grantee <> c.relowner AND NOT"
" b.attisdropped AND " RULE_SCOPE
") AS rules ORDER BY schema, name, kind, own, columns, text";

/* Sequences that feed a column, by their default or as its identity: schema,
 * table, column, sequence, increment, what comes next, and a query for what the
 * column holds. Those that cycle come round. */
static const char sequences_sql[] =
"SELECT DISTINCT n.nspname, c.relname, a.attname, s.oid::regclass::text,"
" q.seqincrement > 0, s.oid::regclass::text,"
" format('SELECT next::text, held::text FROM"
" (SELECT CASE WHEN is_called THEN last_value + %s ELSE last_value END AS next"
" FROM %s) AS q, (SELECT %s(%I) AS held FROM %s) AS t WHERE held %s next',"
" q.seqincrement, s.oid::regclass,"
" CASE WHEN q.seqincrement > 0 THEN 'max' ELSE 'min' END, a.attname,"
" c.oid::regclass, CASE WHEN q.seqincrement > 0 THEN '>=' ELSE '<=' END)"
" FROM pg_depend d JOIN pg_class s ON s.oid = CASE WHEN d.classid ="
"  'pg_class'::regclass THEN d.objid ELSE d.refobjid END AND s.relkind = 'S'"
" JOIN pg_sequence q ON q.seqrelid = s.oid AND NOT q.seqcycle"
" LEFT JOIN pg_attrdef f ON d.classid = 'pg_attrdef'::regclass"
"  AND f.oid = d.objid"
" JOIN pg_attribute a ON a.attrelid = coalesce(f.adrelid, d.refobjid)"
"  AND a.attnum = coalesce(f.adnum, d.refobjsubid) AND NOT a.attisdropped"
"  AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)"
" JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')"
" JOIN pg_namespace n ON n.oid = c.relnamespace"
" WHERE ((d.classid = 'pg_class'::regclass AND d.deptype IN ('i')"
"   AND d.refclassid = 'pg_class'::regclass) OR"
"  (d.classid = 'pg_attrdef'::regclass"
"   AND d.refclassid = 'pg_class'::regclass))"
" AND NOT c.relispartition AND n.nspname !~ '^pg_'"
" AND has_table_privilege(c.oid, 'SELECT')"
" AND CASE WHEN s.relkind = 'S' THEN"
"  has_sequence_privilege(s.oid, 'SELECT') END ORDER BY 1, 2, 3";

/* clang-format on */

#endif
