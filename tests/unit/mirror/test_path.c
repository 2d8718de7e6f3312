/*
 * The path against a model: a twin that keeps, for each moment that can come
 * back, all there was. Values are followed over random transactions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mirror/path.h"

static uint64_t state;

static unsigned pick(unsigned limit)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state >> 11) % limit;
}

/* --- the twin: as PostgreSQL's manual has it, with numbers for values --- */

struct moment {
	int kept[PATH_PARTS], local[PATH_PARTS]; /* -1: none */
	unsigned name;
};

enum { DEEP = 64, UNKNOWN = 0 };

struct twin {
	struct moment now, begun, savepoints[DEEP];
	unsigned count;
};

static int seen(const struct twin *twin, int part)
{
	return twin->now.local[part] >= 0 ? twin->now.local[part]
					  : twin->now.kept[part];
}

static int newest(const struct twin *twin, unsigned name)
{
	int at = (int)twin->count;

	while (at-- > 0 && twin->savepoints[at].name != name)
		;
	return at;
}

static void end(struct twin *twin, bool commit)
{
	if (!commit)
		twin->now = twin->begun;
	for (int i = 0; i < PATH_PARTS; i++)
		twin->now.local[i] = -1;
	twin->begun = twin->now;
	twin->count = 0;
}

static void set(struct twin *twin, struct path *path)
{
	int part = (int)pick(PATH_PARTS), value = (int)pick(5);
	bool local = pick(2);
	char text[8];

	snprintf(text, sizeof(text), "%d", value);
	path_set(path, (enum path_part)part, value == UNKNOWN ? NULL : text,
		 local);
	twin->now.local[part] = local ? value : -1;
	if (!local)
		twin->now.kept[part] = value;
}

static void step(struct twin *twin, struct path *path, uint64_t seq)
{
	unsigned name = pick(3);
	char text[2] = {(char)('a' + (int)name), '\0'};
	int at = newest(twin, name);
	uint64_t found;

	switch (pick(8)) {
	case 0:
		if (twin->count == DEEP)
			return;
		path_savepoint(path, text, seq);
		twin->savepoints[twin->count] = twin->now;
		twin->savepoints[twin->count++].name = name;
		return;
	case 1:
		assert_int_equal(path_rollback_to(path, text, &found), at >= 0);
		if (at < 0)
			return;
		twin->now = twin->savepoints[at];
		twin->count = (unsigned)at + 1;
		return;
	case 2:
		path_release_savepoint(path, text);
		if (at >= 0)
			twin->count = (unsigned)at;
		return;
	case 3:
		if (pick(3))
			return;
		found = pick(2);
		path_end(path, found);
		end(twin, found);
		return;
	default:
		set(twin, path);
	}
}

static void test_model(void **unused)
{
	(void)unused;
	for (uint64_t seed = 1; seed <= 500; seed++) {
		struct twin twin = {0};
		struct path path;

		state = seed * UINT64_C(0x9e3779b97f4a7c15);
		path_init(&path);
		for (int i = 0; i < PATH_PARTS; i++) {
			path_set(&path, (enum path_part)i, NULL, false);
			twin.now.local[i] = -1;
		}
		path_end(&path, true);
		twin.begun = twin.now;
		for (uint64_t seq = 1; seq <= 200; seq++) {
			step(&twin, &path, seq);
			for (int i = 0; i < PATH_PARTS; i++) {
				const char *text =
				    path_get(&path, (enum path_part)i);

				assert_int_equal(text ? *text - '0' : UNKNOWN,
						 seen(&twin, i));
			}
		}
		path_release(&path);
	}
}

static void test_seq(void **unused)
{
	struct path path;
	uint64_t seq = 0;

	(void)unused;
	path_init(&path);
	path_savepoint(&path, "a", 3);
	path_savepoint(&path, "b", 5);
	path_savepoint(&path, "a", 7);
	assert_true(path_rollback_to(&path, "b", &seq));
	assert_int_equal(seq, 5);
	assert_true(path_rollback_to(&path, "a", &seq));
	assert_int_equal(seq, 3);
	assert_false(path_rollback_to(&path, "b", &seq));
	assert_false(path_rollback_to(&path, "", &seq));
	path_release(&path);
}

static void assert_names(const char *text, const char *wanted)
{
	const char **names = path_names(text, "me");
	char joined[256] = "";
	size_t size = 0;

	for (size_t i = 0; names[i]; i++)
		size += (size_t)snprintf(joined + size, sizeof(joined) - size,
					 "%s|", names[i]);
	assert_string_equal(joined, wanted);
	free(names);
}

static void test_names(void **unused)
{
	(void)unused;
	assert_names("", "");
	assert_names("\"\"", "");
	assert_names("a", "a|");
	assert_names(" A ,\"B c\"\t, d ", "a|B c|d|");
	assert_names("\"x\"\"y\",\"p,q\"", "x\"y|p,q|");
	assert_names("\"$user\", public", "me|public|");
	assert_names("$user", "me|");
	assert_names("a,b,c,d,e,f,g,h", "a|b|c|d|e|f|g|h|");
	assert_names("\"open", "open|");
	assert_true(path_names_user("a, \"$user\""));
	assert_false(path_names_user("a, user"));
}

static void test_lists(void **unused)
{
	char *one = path_with("", "a"), *two = path_with(one, "B \"c\""), *less;

	(void)unused;
	assert_names(two, "a|B \"c\"|");
	less = path_without(two, "a");
	assert_names(less, "B \"c\"|");
	free(less);
	less = path_without(one, "a");
	assert_string_equal(less, "");
	free(less);
	free(one);
	free(two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_model),
	    cmocka_unit_test(test_seq),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
