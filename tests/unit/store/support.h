/* A store in a folder of its own, for each test. */
#ifndef TESTS_UNIT_STORE_SUPPORT_H
#define TESTS_UNIT_STORE_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/read.h"

#define CHECK(call) assert_int_equal((call), 0)
#define TEST(name)  cmocka_unit_test_setup_teardown(name, set_up, tear_down)

struct fixture {
	char folder[64];
	char path[96]; /* not there yet; a name that a URI must escape */
	struct arena arena;
	struct error error;
};

static inline int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->folder, sizeof(f->folder), "/tmp/parallax-store-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof(f->path), "%s/s?%%#.store", f->folder);
	arena_init(&f->arena, 0);
	*state = f;
	return 0;
}

static inline int tear_down(void **state)
{
	struct fixture *f = *state;
	static const char *const tails[] = {"", "-wal", "-shm", "-wait",
					    ".key"};

	for (size_t i = 0; i < 5; i++) {
		char name[128];

		snprintf(name, sizeof(name), "%s%s", f->path, tails[i]);
		unlink(name);
	}
	assert_int_equal(rmdir(f->folder), 0);
	arena_release(&f->arena);
	free(f);
	return 0;
}

static inline struct store_content *load(struct fixture *f, size_t evidence)
{
	struct store_content *content = NULL;
	struct store *store;

	CHECK(store_open_read(f->path, &store, &f->error));
	CHECK(store_load(store, evidence, &f->arena, &content, &f->error));
	store_close(&store);
	return content;
}

#endif
