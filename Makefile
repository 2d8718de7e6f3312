# Parallax. `make help` lists the targets; README.md has the rest.

VERSION := 0.1.0
PREFIX ?= /usr/local
CC ?= gcc
CLANG ?= clang
CFLAGS ?= -O2 -g
# DEVELOPER=1 makes warnings errors; SANITIZE=address,undefined builds and tests
# under sanitizers, in a folder of its own.
DEVELOPER ?=
SANITIZE ?=
FUZZ_SECONDS ?= 30
# LONG=1 runs the integration tests that take too long for each merge as well.
LONG ?=

# All cores, unless -j says otherwise; a make within this one shares them. `clean`
# with other goals must run before them, so then there is one job.
ifeq ($(MAKELEVEL)$(filter clean,$(MAKECMDGOALS)),0)
MAKEFLAGS += -j$(shell nproc)
endif

# One line for each file. V=1 prints the commands, V=0 only warnings and errors.
V ?=
say = $(if $(V),$(if $(filter 0,$(V)),@),@printf '%-7s %s\n' $(1) $(2); )

# The program is optimised as a whole, for the client path's sake; tests link
# the same objects without that, which is quicker.
LTO ?= -flto=auto -ffat-lto-objects
# gold links the many test binaries in half the time, if it is installed.
TEST_LTO := -fno-lto $(if $(SANITIZE),,$(if $(shell command -v ld.gold), \
	-fuse-ld=gold))

comma := ,
BUILD ?= build
ifneq ($(SANITIZE),)
BUILD := build/$(subst $(comma),-,$(SANITIZE))
# Of what -O2 does beyond -O1, sanitized code has little; the compiler has it all.
CFLAGS += -O1 -fsanitize=$(SANITIZE) -fno-omit-frame-pointer \
	-fno-sanitize-recover=all -DPARALLAX_ARENA_EXACT
LDFLAGS += -fsanitize=$(SANITIZE)
LTO :=
endif

# What makes a fault in memory hard to use (docs/security.md, "Hardening"). The
# fortified C library needs an optimiser, and sanitizers have checks of their own.
HARDEN := -fPIE -fstack-protector-strong -fstack-clash-protection
ifneq ($(filter x86_64 i686,$(shell uname -m)),)
HARDEN += -fcf-protection=full
endif
ifeq ($(findstring -fsanitize,$(CFLAGS)),)
HARDEN += $(if $(filter -O1 -O2 -O3 -Os,$(CFLAGS)),\
	-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
endif
HARDEN_LINK := -pie -Wl,-z,relro,-z,now,-z,noexecstack

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wvla
ifneq ($(DEVELOPER),)
WARNINGS += -Werror
endif
# Such a build knows the tests' engines (adapters/postgres/reduced.h).
ENGINES := $(if $(DEVELOPER),-DPARALLAX_DEVELOPER)

# --- What is built ---------------------------------------------------------

PKGS := libpq libuv libpcre2-8 yaml-0.1 openssl sqlite3 libxxhash jansson \
	libprotobuf-c libseccomp
CPPFLAGS += -std=c11 -D_GNU_SOURCE -DPARALLAX_VERSION='"$(VERSION)"' \
	-Isrc -I. -I$(BUILD)/generated \
	$(shell pkg-config --cflags $(PKGS) 2>/dev/null) \
	-include src/base/banned.h
LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lpg_query -lm -lpthread

SOURCES := $(sort $(shell find src adapters -name '*.c'))
HEADERS := $(sort $(shell find src adapters -name '*.h'))
PROTOS := $(sort $(shell find src -name '*.proto'))
TEXTS := $(sort $(shell find src adapters -name '*.sql' -o -name '*.html'))
GENERATED := $(PROTOS:src/%.proto=$(BUILD)/generated/%.pb-c.c)
EMBEDDED := $(TEXTS:%=$(BUILD)/generated/%.h)
OBJECTS := $(patsubst %.c,$(BUILD)/%.o,$(filter-out src/main.c,$(SOURCES))) \
	$(GENERATED:%.c=%.o)
LIBRARY := $(BUILD)/libparallax.a

.PHONY: all
all: $(BUILD)/parallax ## build the program (the default)

$(BUILD)/parallax: $(BUILD)/src/main.o $(LIBRARY)
	$(call say,LD,$@)$(CC) $(CFLAGS) $(HARDEN) $(LTO) \
	    $(HARDEN_LINK) $(LDFLAGS) -o $@ $^ $(LIBS)

$(LIBRARY): $(OBJECTS)
	@rm -f $@
	$(call say,AR,$@)ar rcs $@ $^

# Generated headers come first, since any file may include them.
$(OBJECTS) $(BUILD)/src/main.o: | $(GENERATED) $(EMBEDDED)

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CPPFLAGS) $(CFLAGS) $(HARDEN) $(LTO) $(WARNINGS) \
	    -MMD -MP -c -o $@ $<

# Compiled again when DEVELOPER changes.
$(BUILD)/adapters/adapter.o: CPPFLAGS += $(ENGINES)
$(BUILD)/adapters/adapter.o: $(BUILD)/generated/engines
$(BUILD)/generated/engines: FORCE
	@mkdir -p $(@D)
	@echo '$(ENGINES)' | cmp -s - $@ || echo '$(ENGINES)' >$@
.PHONY: FORCE
FORCE:

# All is compiled again when what hardens it changes.
$(OBJECTS) $(BUILD)/src/main.o: $(BUILD)/generated/hardening
$(BUILD)/generated/hardening: FORCE
	@mkdir -p $(@D)
	@echo '$(HARDEN)' | cmp -s - $@ || echo '$(HARDEN)' >$@

$(BUILD)/generated/%.pb-c.o: $(BUILD)/generated/%.pb-c.c
	$(call say,CC,$<)$(CC) $(CPPFLAGS) $(CFLAGS) $(HARDEN) $(LTO) -c -o $@ $<

$(BUILD)/generated/%.pb-c.c: src/%.proto
	@mkdir -p $(BUILD)/generated
	$(call say,PROTOC,$<)protoc-c --proto_path=src --c_out=$(BUILD)/generated $<

# A text file as a C string: src/store/schema.sql becomes the array
# schema_sql in <generated>/src/store/schema.sql.h.
$(BUILD)/generated/%.h: %
	@mkdir -p $(@D)
	@name=$$(basename $< | tr '.-' '__'); \
	{ echo "/* Made from $<. */"; echo "static const char $$name[] = {"; \
	  od -An -v -tx1 $< | sed 's/ \(..\)/0x\1,/g'; echo "0};"; } > $@

# --- What is tested --------------------------------------------------------

UNIT_TESTS := $(sort $(shell find tests/unit -name 'test_*.c'))
WIRE_TESTS := $(sort $(shell find tests/wire -name 'test_*.c' 2>/dev/null))
UNIT_BINARIES := $(UNIT_TESTS:%.c=$(BUILD)/%)
WIRE_BINARIES := $(WIRE_TESTS:%.c=$(BUILD)/%)
TRUTH_BINARIES := $(patsubst %.c,$(BUILD)/%, \
	$(sort $(shell find tests/truth tests/integration -name '*.c' 2>/dev/null)))
FUZZ_TARGETS := $(basename $(notdir $(sort $(wildcard tests/fuzz/fuzz_*.c))))
PYTHON := /usr/bin/python3
# Integration test files to run at a time.
TEST_JOBS ?= $(shell nproc)
export PARALLAX_BUILD := $(CURDIR)/$(BUILD)

$(BUILD)/tests/%: tests/%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(call say,TEST,$<)$(CC) $(CPPFLAGS) -Itests $(CFLAGS) $(HARDEN) $(TEST_LTO) \
	    -pie $(WARNINGS) -MMD -MP $(LDFLAGS) -o $@ $< $(LIBRARY) -lcmocka $(LIBS)

# xargs with as many processes as cores; it fails if one of them fails.
each := xargs -P $(shell nproc)
# Each one's output in one piece.
run_all = @printf '%s\n' $(1) | $(each) -I {} sh -c \
	'said=$$(./{} 2>&1); code=$$?; printf "== %s\n%s\n" {} "$$said"; exit $$code'

.PHONY: test-binaries
test-binaries: all $(UNIT_BINARIES) $(WIRE_BINARIES) $(TRUTH_BINARIES)

.PHONY: check
check: deps ## install what is missing, then run all the tests
	@$(MAKE) --no-print-directory check-all

# One after the other, each on all cores: tests that measure time need a quiet machine.
.PHONY: check-all
check-all: test-binaries
	@$(MAKE) --no-print-directory check-unit check-wire
	@code=0; $(MAKE) --no-print-directory check-integration || code=1; \
	$(MAKE) --no-print-directory check-truth || code=1; exit $$code

# For daily work: one integration file of each kind.
QUICK := test_catalog test_values test_recoded test_rules test_merge \
	test_own_rows test_copy_mapped
.PHONY: check-quick
check-quick: test-binaries ## unit, wire, some integration tests: two minutes
	@$(MAKE) --no-print-directory check-unit check-wire >$(BUILD)/quick.log \
	    2>&1 || { grep -E '^==|FAILED|ERROR|rror:' $(BUILD)/quick.log; exit 1; }
	@echo "unit and wire tests passed: $(BUILD)/quick.log"
	@$(PYTHON) tests/integration/run.py --jobs $(shell nproc) \
	    tests/integration $(QUICK)

# Before a release. LONG runs what check leaves out: its closing lines name it.
.PHONY: check-long
check-long: deps ## hours: what check leaves out, ASan suite, long fuzzing
	@$(MAKE) --no-print-directory SANITIZE=address,undefined all
	@$(MAKE) --no-print-directory SANITIZE=address,undefined LONG=1 \
	    check-unit check-wire check-integration
	@$(MAKE) --no-print-directory LONG=1 all check-truth
	@$(MAKE) --no-print-directory fuzz FUZZ_SECONDS=600

.PHONY: check-unit
check-unit: $(UNIT_BINARIES) ## unit tests (cmocka)
	$(call run_all,$(UNIT_BINARIES))

.PHONY: check-wire
check-wire: $(WIRE_BINARIES) ## scripted peers, no database
	$(call run_all,$(WIRE_BINARIES))

.PHONY: check-integration
check-integration: all $(TRUTH_BINARIES) ## real servers and clients
	@$(PYTHON) tests/integration/run.py --jobs $(TEST_JOBS) \
	    $(if $(LONG),--long)

# Tests run one after the other, whatever -j says, when several are asked for.
ifneq ($(filter check-unit,$(MAKECMDGOALS)),)
check-wire: | check-unit
endif
ifneq ($(filter check-wire,$(MAKECMDGOALS)),)
check-integration: | check-wire
endif

# The longest runs first; the output of each appears when it has ended.
TRUTHS := truth-verdicts truth-regress truth-smith truth-roundtrip
.PHONY: check-truth $(TRUTHS)
check-truth: all $(TRUTH_BINARIES) ## laws over PostgreSQL's tests, known verdicts
	@[ -f build/regress/parallel_schedule ] || \
	    tests/fetch-regress.sh build/regress
	@$(MAKE) --no-print-directory --output-sync=target -k $(TRUTHS)

truth-verdicts:
	$(PYTHON) tests/integration/run.py $(if $(LONG),--long) \
	    tests/truth/verdicts

truth-regress:
	$(PYTHON) tests/truth/regress.py

truth-smith:
	$(PYTHON) tests/truth/smith.py

truth-roundtrip:
	BUILD=$(BUILD) tests/truth/roundtrip.sh

# Fuzzing wants clang; it builds the library once more with its own flags.
.PHONY: fuzz
fuzz: ## run each fuzz target for FUZZ_SECONDS (30)
	@test "$(FUZZ_SECONDS)" -gt 0 2> /dev/null || { printf '%s\n' >&2 \
	    'FUZZ_SECONDS must be a number of seconds from 1: 0 never ends'; exit 2; }
	@$(MAKE) --no-print-directory BUILD=build/fuzz CC="$(CLANG)" LTO= \
	    CFLAGS="-O1 -g -fsanitize=fuzzer-no-link,address,undefined \
	    -fno-sanitize-recover=all -DPARALLAX_ARENA_EXACT" \
	    LDFLAGS="-fsanitize=fuzzer,address,undefined" fuzz-run

.PHONY: fuzz-run
fuzz-run: $(FUZZ_TARGETS:%=$(BUILD)/tests/fuzz/%)
	@printf '%s\n' $(FUZZ_TARGETS) | $(each) -I {} sh -c 'target={}; failed=0; \
	    mkdir -p $(BUILD)/corpus/$$target; \
	    $(BUILD)/tests/fuzz/$$target -max_total_time=$(FUZZ_SECONDS) \
	        -timeout=20 -rss_limit_mb=4096 -print_final_stats=1 \
	        -artifact_prefix=$(BUILD)/ $(BUILD)/corpus/$$target \
	        $$(ls -d tests/fuzz/corpus/$${target#fuzz_} 2>/dev/null) \
	        > $(BUILD)/$$target.log 2>&1 || { failed=1; \
	        tail -40 $(BUILD)/$$target.log; }; \
	    echo "== $$target ($(FUZZ_SECONDS) s)" \
	        "$$(grep -E "stat::number_of_executed_units|ERROR" \
	        $(BUILD)/$$target.log)"; exit $$failed'

$(BUILD)/tests/bench/%: CFLAGS += -O2

.PHONY: bench
bench: deps all $(BUILD)/tests/bench/bench_rewrite ## beside peers, as ratios
	$(BUILD)/tests/bench/bench_rewrite
	$(PYTHON) tests/bench/bench.py
	$(PYTHON) tests/bench/bench_mirror.py
	$(PYTHON) tests/bench/bench_seed.py
	$(PYTHON) tests/bench/bench_verify.py

.PHONY: demo
demo: deps ## install what is missing, then show the whole workflow
	@echo "building parallax (make demo V=1 prints how)"
	@$(MAKE) --no-print-directory V=$(or $(V),0) all
	@$(PYTHON) tests/demo/demo.py

# --- How it reads ----------------------------------------------------------

OURS := $(shell find src adapters tests -name '*.[ch]')

.PHONY: format
format: ## format all sources
	clang-format -i $(OURS)

.PHONY: format-check
format-check: ## fail if a source is not formatted
	@clang-format --dry-run --Werror $(OURS)

.PHONY: lint
lint: $(GENERATED) $(EMBEDDED) ## static analysis
	@mkdir -p $(BUILD)/cppcheck
	cppcheck --quiet --error-exitcode=1 --std=c11 --inline-suppr \
	    --cppcheck-build-dir=$(BUILD)/cppcheck \
	    --enable=warning,portability,performance -j$(shell nproc) \
	    --suppressions-list=.cppcheck-suppressions \
	    -DPARALLAX_VERSION='"x"' -Isrc -I. src adapters
	@$(MAKE) --no-print-directory -k $(SOURCES:%.c=$(BUILD)/tidy/%.ok)

# A file without findings is not checked again until it changes.
$(BUILD)/tidy/%.ok: %.c $(HEADERS) .clang-tidy
	@mkdir -p $(@D)
	$(call say,TIDY,$<)clang-tidy --quiet $< -- $(CPPFLAGS) 2>/dev/null
	@touch $@

.PHONY: hdr-check
hdr-check: $(GENERATED) $(EMBEDDED) ## each header compiles alone
	@printf '%s\n' $(HEADERS) | $(each) -I {} $(CC) $(CPPFLAGS) $(WARNINGS) \
	    -Werror -fsyntax-only -x c -include {} /dev/null

.PHONY: house-check
house-check: ## dependencies between folders, no circles, no engine named in src
	@$(PYTHON) tests/house-check.py
	@$(PYTHON) tests/house-check-test.py

.PHONY: docs-check
docs-check: all ## the manual describes every option, verdict and command
	tests/docs-check.sh

.PHONY: docs-matrix
docs-matrix: all $(TRUTH_BINARIES) ## write docs/coverage.md and docs/examples.md
	PARALLAX_WRITE_DOCS=1 $(PYTHON) tests/integration/run.py \
	    tests/integration matrix

# --- Where it goes ---------------------------------------------------------

.PHONY: deps
deps: ## install the Debian packages that are missing
	@tests/deps.sh

.PHONY: install
install: all ## install the program and its manual below PREFIX
	install -Dm755 $(BUILD)/parallax $(DESTDIR)$(PREFIX)/bin/parallax
	install -d $(DESTDIR)$(PREFIX)/share/doc/parallax
	install -m644 README.md LICENSE docs/*.md \
	    $(DESTDIR)$(PREFIX)/share/doc/parallax

.PHONY: uninstall
uninstall: ## remove what install put there
	rm -f $(DESTDIR)$(PREFIX)/bin/parallax
	rm -rf $(DESTDIR)$(PREFIX)/share/doc/parallax

.PHONY: clean
clean: ## remove what was built
	rm -rf build

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | \
	    sed 's/:[^#]*##/\t/' | expand -t 20

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
