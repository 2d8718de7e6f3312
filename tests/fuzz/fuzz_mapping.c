/* The mapping loader: any bytes give a mapping or an error, never both. */
#include <stdint.h>

#include "config/mapping.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct diagnostics diagnostics;
	struct mapping *mapping = NULL;
	char *printed = NULL;
	size_t printed_size = 0;
	FILE *out = open_memstream(&printed, &printed_size);
	int result;

	diagnostics_init(&diagnostics);
	result = mapping_parse("fuzz.yaml", (const char *)data, size,
			       &diagnostics, &mapping);
	if (!result != !diagnostics.error_count || !result != !!mapping)
		abort();
	diagnostics_print(&diagnostics, out);
	fclose(out);
	free(printed);
	mapping_free(&mapping);
	diagnostics_release(&diagnostics);
	return 0;
}
