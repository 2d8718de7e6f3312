/* Definitions. Private to parse*.c. */
#ifndef PARALLAX_ADAPTERS_MYSQL_PARSE_DDL_H
#define PARALLAX_ADAPTERS_MYSQL_PARSE_DDL_H

#include "adapters/mysql/reader.h"

/* As those of parse_statement.h. parse_ddl.c: DROP, TRUNCATE, RENAME, of
 * databases and views; parse_table.c; parse_alter.c. */
PgQuery__Node *mysql_definition(struct mysql_reader *reader);
PgQuery__Node *mysql_create_table(struct mysql_reader *reader, bool replace);
PgQuery__Node *mysql_alter_table(struct mysql_reader *reader);
PgQuery__Node *mysql_rename(struct mysql_reader *reader,
			    PgQuery__RangeVar *relation);

/* parse_type.c: the modifiers stay open for an attribute that comes late
 * (COLLATE behind NOT NULL). */
PgQuery__TypeName *mysql_column_type(struct mysql_reader *reader,
				     struct mysql_list *modifiers);
bool mysql_type_attribute(struct mysql_reader *reader, struct mysql_list *list);

/* parse_definition.c: a ColumnDef, without or with its name. */
PgQuery__ColumnDef *mysql_column_definition(struct mysql_reader *reader);
/* The value of DEFAULT. */
PgQuery__Node *mysql_default_value(struct mysql_reader *reader);

/* parse_key.c */
PgQuery__Constraint *mysql_new_constraint(struct mysql_reader *reader,
					  PgQuery__ConstrType type);
/* Whether a key or constraint of a table begins here. */
bool mysql_is_key(const struct mysql_reader *reader);
/* A Constraint, or an IndexStmt without a table. */
PgQuery__Node *mysql_key(struct mysql_reader *reader);
/* USING BTREE, if it is next. */
void mysql_index_method(struct mysql_reader *reader, PgQuery__IndexStmt *index);
/* (a, b(10), (c + 1) DESC) and options, behind an index's name. */
void mysql_index_rest(struct mysql_reader *reader, PgQuery__IndexStmt *index);
/* REFERENCES t (a) ON DELETE CASCADE */
void mysql_references(struct mysql_reader *reader,
		      PgQuery__Constraint *constraint);
/* CHECK (a > 0) */
PgQuery__Constraint *mysql_check(struct mysql_reader *reader);

/* parse_table.c: ENGINE = InnoDB and the like; false: none is next. */
bool mysql_table_option(struct mysql_reader *reader, struct mysql_list *list);

#endif
