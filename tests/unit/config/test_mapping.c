/* The mapping's loader: what it reads, and what it refuses and how. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <glob.h>

#include "config/mapping.h"

static struct diagnostics diagnostics;

static struct mapping *parse(const char *text)
{
	struct mapping *mapping = NULL;

	diagnostics_init(&diagnostics);
	if (mapping_parse("m.yaml", text, strlen(text), &diagnostics,
			  &mapping)) {
		diagnostics_print(&diagnostics, stderr);
		fail_msg("the mapping was refused");
	}
	return mapping;
}

static void done(struct mapping **mapping)
{
	mapping_free(mapping);
	diagnostics_release(&diagnostics);
}

static void test_whole_language(void **state)
{
	struct mapping *mapping = parse(
	    "version: 1\n"
	    "tables:\n"
	    "  users:\n"
	    "    rows: sales.accounts\n"
	    "    columns:\n"
	    "      email: email_address\n"
	    "      name:\n"
	    "        read: \"first_name || ' ' || last_name\"\n"
	    "        write:\n"
	    "          first_name: \"split_part(name, ' ', 1)\"\n"
	    "          last_name: \"substr(name, 2)\"\n"
	    "      active:\n"
	    "        column: status\n"
	    "        values: {true: enabled, false: disabled, ~: \"~\", "
	    "gone: null}\n"
	    "      price: {column: price_cents, read: \"price_cents / 100.0\", "
	    "write: \"round(price * 100)\"}\n"
	    "      legacy_flags: dropped\n"
	    "      more_flags: {dropped: true, read: \"0\"}\n"
	    "      word: 'dropped'\n"
	    "    defaults:\n"
	    "      tenant_id: \"1\"\n"
	    "      note: null\n"
	    "  audit: dropped\n"
	    "  old.\"Odd.Name\": {rows: {table: odd}}\n"
	    "sequences: {users_id_seq: accounts_id_seq}\n"
	    "types: {mood: sales.mood}\n"
	    "functions: {f: g}\n"
	    "rewrite:\n"
	    "  - {match: '^vacuum', skip: maintenance}\n"
	    "  - {match: 'a', replace: 'b'}\n"
	    "compare:\n"
	    "  users.updated_at: clock\n"
	    "  users: ignore\n"
	    "  old.items.price: {tolerance: 0.01}\n"
	    "private: {users.updated_at: true, users.name: public}\n");
	const struct mapping_table *table = &mapping->tables[0];
	const struct mapping_column *columns = table->columns;

	(void)state;
	assert_int_equal(mapping->table_count, 3);
	assert_string_equal(table->name.text, "users");
	assert_null(table->schema.text);
	assert_string_equal(table->places[0].table.text, "accounts");
	assert_string_equal(table->places[0].schema.text, "sales");
	assert_int_equal(table->places[0].table.place.line, 4);
	assert_int_equal(table->places[0].table.place.column, 11);
	assert_int_equal(table->column_count, 7);
	assert_string_equal(columns[0].column.text, "email_address");
	assert_int_equal(columns[1].write_count, 2);
	assert_string_equal(columns[1].writes[1].name.text, "last_name");
	assert_string_equal(columns[1].writes[1].expression.text,
			    "substr(name, 2)");
	assert_int_equal(columns[2].value_count, 4);
	assert_string_equal(columns[2].values[0].old_value.text, "true");
	assert_null(columns[2].values[2].old_value.text);
	assert_string_equal(columns[2].values[2].new_value.text, "~");
	assert_null(columns[2].values[3].new_value.text);
	assert_int_equal(columns[3].write_count, 1);
	assert_string_equal(columns[3].writes[0].name.text, "price_cents");
	assert_true(columns[4].dropped);
	assert_null(columns[4].read.text);
	assert_true(columns[5].dropped);
	assert_string_equal(columns[5].read.text, "0");
	assert_false(columns[6].dropped);
	assert_string_equal(columns[6].column.text, "dropped");
	assert_int_equal(table->default_count, 2);
	assert_string_equal(table->defaults[0].expression.text, "1");
	assert_string_equal(table->defaults[1].expression.text, "NULL");
	assert_true(mapping->tables[1].dropped);
	assert_string_equal(mapping->tables[2].schema.text, "old");
	assert_string_equal(mapping->tables[2].name.text, "Odd.Name");
	assert_string_equal(mapping->tables[2].places[0].table.text, "odd");
	assert_string_equal(mapping->types[0].to.text, "sales.mood");
	assert_string_equal(mapping->rules[0].skip.text, "maintenance");
	assert_null(mapping->rules[0].replacement.text);
	done(&mapping);
}

static void test_compare(void **state)
{
	struct mapping *mapping =
	    parse("version: 1\n"
		  "compare:\n"
		  "  users.updated_at: clock\n"
		  "  old.items.price: {tolerance: 0.01}\n"
		  "  audit: {ignore: true, unordered: true}\n"
		  "  00112233aabbccdd: {tolerance: 2}\n"
		  "private: {users.updated_at: true, users.name: public}\n");
	const struct mapping_compare *items = mapping->compares;

	(void)state;
	assert_int_equal(mapping->compare_count, 5);
	assert_string_equal(items[0].column.text, "updated_at");
	assert_true(items[0].clock);
	assert_int_equal(items[0].privacy, PRIVATE_YES);
	assert_string_equal(items[1].table.text, "old.items");
	assert_true(items[1].tolerance > 0.009);
	assert_string_equal(items[2].table.text, "audit");
	assert_null(items[2].column.text);
	assert_true(items[2].ignore && items[2].unordered);
	assert_string_equal(items[3].fingerprint.text, "00112233aabbccdd");
	assert_null(items[3].table.text);
	assert_int_equal(items[4].privacy, PRIVATE_PUBLIC);
	done(&mapping);
}

/* The text behind "# WORD: " in the head of a file; false: it is not there. */
static bool head_line(const char *path, const char *word, char *out,
		      size_t size)
{
	FILE *file = fopen(path, "r");
	char line[512];
	char start[64];
	bool found = false;

	assert_non_null(file);
	snprintf(start, sizeof(start), "# %s: ", word);
	while (!found && fgets(line, sizeof(line), file) && line[0] == '#')
		if (!strncmp(line, start, strlen(start))) {
			line[strcspn(line, "\n")] = 0;
			snprintf(out, size, "%s", line + strlen(start));
			found = true;
		}
	fclose(file);
	return found;
}

static void test_rejected(void **state)
{
	glob_t found;
	unsigned failed = 0;

	(void)state;
	assert_int_equal(glob("mappings/rejected/*.yaml", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *path = found.gl_pathv[i];
		struct mapping *mapping = NULL;
		char expected[512];
		char *printed = NULL;
		size_t size = 0;
		FILE *out = open_memstream(&printed, &size);

		diagnostics_init(&diagnostics);
		assert_int_equal(mapping_load(path, &diagnostics, &mapping),
				 -1);
		assert_null(mapping);
		diagnostics_print(&diagnostics, out);
		fclose(out);
		assert_true(
		    head_line(path, "expect", expected, sizeof(expected)));
		if (!strstr(printed, expected) ||
		    (head_line(path, "hint", expected, sizeof(expected)) &&
		     !strstr(printed, expected))) {
			print_error("wanted %s in:\n%s", expected, printed);
			failed++;
		}
		free(printed);
		diagnostics_release(&diagnostics);
	}
	assert_true(found.gl_pathc > 30);
	globfree(&found);
	assert_int_equal(failed, 0);
}

/* All mistakes come at once, by place. */
static void test_all_at_once(void **state)
{
	static const char text[] = "version: 3\n"
				   "tabels: {}\n"
				   "tables:\n"
				   "  a: {rows: []}\n"
				   "  b: {columns: {c: {}}}\n";
	struct mapping *mapping = NULL;

	(void)state;
	diagnostics_init(&diagnostics);
	assert_int_equal(
	    mapping_parse("m.yaml", text, strlen(text), &diagnostics, &mapping),
	    -1);
	assert_int_equal(diagnostics.error_count, 4);
	diagnostics_release(&diagnostics);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_whole_language),
	    cmocka_unit_test(test_compare),
	    cmocka_unit_test(test_rejected),
	    cmocka_unit_test(test_all_at_once),
	};

	return cmocka_run_group_tests_name("mapping", tests, NULL, NULL);
}
