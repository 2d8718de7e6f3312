#include "unit/journal/support.h"

#include "cmd/command.h"

extern const struct command command_journal;

/* Runs `parallax journal` with these arguments; its output is in `out`. */
static char out[65536];

static int run(const char *const *arguments)
{
	char *argv[8] = {(char *)(uintptr_t) "journal"};
	FILE *file = tmpfile();
	int kept = dup(STDOUT_FILENO);
	int argc = 1;
	int result;
	size_t size;

	assert_non_null(file);
	for (; *arguments; arguments++)
		argv[argc++] = (char *)(uintptr_t)*arguments;
	fflush(stdout);
	dup2(fileno(file), STDOUT_FILENO);
	quiet(true);
	result = command_journal.run(argc, argv);
	quiet(false);
	fflush(stdout);
	dup2(kept, STDOUT_FILENO);
	close(kept);
	rewind(file);
	size = fread(out, 1, sizeof(out) - 1, file);
	out[size] = 0;
	fclose(file);
	return result;
}

#define RUN(...) run((const char *const[]){__VA_ARGS__, NULL})

static void prints_records_without_values(void **unused)
{
	struct rig rig;

	(void)unused;
	rig_init(&rig);
	rig_open(&rig);
	rig_session(&rig);
	rig_session(&rig);
	rig_append(&rig, &rig.live[0], 1, PART_ALL, "SELECT 'secret'");
	rig_append(&rig, &rig.live[1], 1, PART_ALL, "hidden\x01\xff");
	rig_flush(&rig);
	assert_int_equal(RUN(rig.directory), COMMAND_OK);
	assert_null(strstr(out, "secret"));
	assert_non_null(strstr(out, "\"text\":{\"bytes\":15}"));
	assert_non_null(strstr(out, "\"tag\":\"SELECT 1\""));
	assert_non_null(strstr(out, "\"kind\":\"execute\""));
	assert_int_equal(RUN("--values", rig.directory), COMMAND_OK);
	assert_non_null(strstr(out, "\"text\":\"SELECT 'secret'\""));
	assert_non_null(strstr(out, "{\"base64\":\"aGlkZGVuAf8=\"}"));
	assert_int_equal(RUN("--values", "--session", "1", rig.directory),
			 COMMAND_OK);
	assert_non_null(strstr(out, "secret"));
	assert_null(strstr(out, "base64"));
	assert_non_null(strstr(out, "\"head\""));
	rig_release(&rig);
}

static void fails_on_damage_and_misuse(void **unused)
{
	struct rig rig;
	char path[160];

	(void)unused;
	rig_init(&rig);
	assert_int_equal(RUN(rig.directory), COMMAND_FAILED); /* empty */
	rig_open(&rig);
	rig_session(&rig);
	rig_append(&rig, &rig.live[0], 1, PART_ALL, "SELECT 1");
	rig_flush(&rig);
	rig_path(&rig, 1, path, sizeof(path));
	assert_int_equal(truncate(path, (off_t)rig_size(&rig, 1) - 1), 0);
	/* In the middle of a write, for all one can know. */
	assert_int_equal(RUN(rig.directory), COMMAND_OK);
	rig_close(&rig, true);
	assert_int_equal(RUN(rig.directory), COMMAND_FAILED);
	assert_non_null(strstr(out, "\"opened\""));
	assert_int_equal(RUN("--from-segment", "x", rig.directory),
			 COMMAND_USAGE);
	assert_int_equal(RUN("--nonsense", rig.directory), COMMAND_USAGE);
	assert_int_equal(RUN("--values"), COMMAND_USAGE);
	assert_int_equal(RUN("/nonexistent"), COMMAND_FAILED);
	assert_int_equal(RUN("--help"), COMMAND_OK);
	assert_non_null(strstr(out, "--follow"));
	rig_release(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(prints_records_without_values),
	    cmocka_unit_test(fails_on_damage_and_misuse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
