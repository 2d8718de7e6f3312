# Parallax. `make help` lists the targets.

VERSION := 0.1.0
BUILD ?= build
PREFIX ?= /usr/local
CC ?= gcc
SANITIZE ?=
DEVELOPER ?=
CFLAGS ?= -O2 -g

PKGS := libpq libuv libpcre2-8 yaml-0.1 openssl sqlite3 libxxhash jansson \
	libprotobuf-c

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wvla
ifneq ($(DEVELOPER),)
WARNINGS += -Werror
endif
ifneq ($(SANITIZE),)
BUILD := build/$(subst $(comma),-,$(SANITIZE))
CFLAGS += -fsanitize=$(SANITIZE) -fno-omit-frame-pointer \
	-fno-sanitize-recover=all -DPARALLAX_ARENA_EXACT
LDFLAGS += -fsanitize=$(SANITIZE)
endif
comma := ,

CPPFLAGS += -std=c11 -D_GNU_SOURCE -DPARALLAX_VERSION='"$(VERSION)"' \
	-Isrc -I. -I$(BUILD)/generated $(shell pkg-config --cflags $(PKGS)) \
	-include src/base/banned.h
LIBS := $(shell pkg-config --libs $(PKGS)) -lpg_query -lm -lpthread

SOURCES := $(sort $(shell find src adapters -name '*.c'))
HEADERS := $(sort $(shell find src adapters -name '*.h'))
PROTOS := $(sort $(shell find src -name '*.proto'))
SQL := $(sort $(shell find src -name '*.sql' -o -name '*.html' -path 'src/*'))
GENERATED := $(PROTOS:src/%.proto=$(BUILD)/generated/%.pb-c.c)
EMBEDDED := $(SQL:%=$(BUILD)/generated/%.h)
LIBRARY_SOURCES := $(filter-out src/main.c,$(SOURCES))
OBJECTS := $(LIBRARY_SOURCES:%.c=$(BUILD)/%.o) $(GENERATED:%.c=%.o)
UNIT_TESTS := $(sort $(shell find tests/unit tests/wire -name 'test_*.c'))
UNIT_BINARIES := $(UNIT_TESTS:%.c=$(BUILD)/%)

.PHONY: all
all: $(BUILD)/parallax ## build the program

$(BUILD)/parallax: $(BUILD)/src/main.o $(BUILD)/libparallax.a
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/libparallax.a: $(OBJECTS)
	@rm -f $@
	ar rcs $@ $^

# Generated headers come first, since any file may include them.
$(OBJECTS) $(BUILD)/src/main.o: | $(GENERATED) $(EMBEDDED)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(WARNINGS) -MMD -MP -c -o $@ $<

$(BUILD)/generated/%.pb-c.o: $(BUILD)/generated/%.pb-c.c
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(BUILD)/generated/%.pb-c.c: src/%.proto
	@mkdir -p $(BUILD)/generated
	protoc-c --proto_path=src --c_out=$(BUILD)/generated $<

# A text file as a C string: src/store/schema.sql becomes the array
# schema_sql in <generated>/src/store/schema.sql.h.
$(BUILD)/generated/%.h: %
	@mkdir -p $(@D)
	@name=$$(basename $< | tr '.-' '__'); \
	{ echo "/* Made from $<. */"; echo "static const char $$name[] = {"; \
	  od -An -v -tx1 $< | sed 's/ \(..\)/0x\1,/g'; echo "0};"; } > $@

$(BUILD)/tests/%: tests/%.c $(BUILD)/libparallax.a
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -Itests $(CFLAGS) $(WARNINGS) -MMD -MP $(LDFLAGS) \
	    -o $@ $< $(BUILD)/libparallax.a -lcmocka $(LIBS)

.PHONY: check-unit
check-unit: $(UNIT_BINARIES) ## unit and wire tests (cmocka)
	@failed=0; for test in $(UNIT_BINARIES); do \
	    echo "== $$test"; ./$$test || failed=1; done; exit $$failed

.PHONY: clean
clean: ## remove what was built
	rm -rf build

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | \
	    sed 's/:.*##/\t/' | expand -t 20

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
