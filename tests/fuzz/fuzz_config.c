/* The config loader; what it takes must load again as it prints it. */
#include "config/config.h"

static const struct config_engine engines[] = {{"postgres", 5432}, {NULL, 0}};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct diagnostics diagnostics;
	struct config *config = NULL;
	struct config *again = NULL;
	char *printed = NULL;
	size_t printed_size = 0;
	FILE *out = open_memstream(&printed, &printed_size);

	diagnostics_init(&diagnostics);
	if (!config_parse("fuzz.yaml", (const char *)data, size, engines,
			  &diagnostics, &config)) {
		config_print(config, out);
		fflush(out);
		if (config_parse("/fuzz.yaml", printed, printed_size, engines,
				 &diagnostics, &again))
			abort();
	}
	diagnostics_print(&diagnostics, out);
	fclose(out);
	free(printed);
	config_free(&config);
	config_free(&again);
	diagnostics_release(&diagnostics);
	return 0;
}
