# SPDX-License-Identifier: Apache-2.0
# One Makefile, no recursion: folders are wildcards, dependencies come from the
# compiler, generated headers exist before anything is compiled.
#
# make [CC=clang] [SAN=address,undefined] [target]; "make help" lists the targets.

, := ,
empty :=
space := $(empty) $(empty)
# Sanitizers are named by their first letters: sockets in the folder must not have long names.
SHORT   = $(subst fuzzer-no-link,f,$(subst undefined,u,$(subst thread,t,$(subst address,a,$(1)))))
B       := build$(if $(SAN),-$(call SHORT,$(subst $(,),-,$(SAN))))$(if $(filter clang%,$(notdir $(lastword $(CC)))),-clang)
SHELL   := /bin/bash
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:

PROGRAMS := ua ms mta ca dir
DIR_ua := ua
DIR_ms := ms
DIR_mta := mta
DIR_ca := ca
DIR_dir := directory

OPT     ?= -O2 -g
WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror \
	-Wno-missing-field-initializers
SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)
CFLAGS  += -std=gnu17 $(OPT) $(WARN) $(SANFLAGS) -fstack-protector-strong -fno-strict-aliasing
CPPFLAGS += -D_GNU_SOURCE -include lib/base/banned.h
LDFLAGS += $(SANFLAGS)
LDLIBS  := -lssl -lcrypto -lldap -llber -lsqlite3 -luv -ljansson -lp11-kit -lunistring -lpthread -lm

# --- Debian packages: what a target lacks is installed before anything is read any further ---
NEEDS       := gcc make asn1c libssl-dev libldap-dev libsqlite3-dev libuv1-dev libjansson-dev \
	libunistring-dev libp11-kit-dev
NEEDS_check := libcmocka-dev softhsm2 xxd slapd ldap-utils openssl tshark gzip jq sqlite3 iproute2 \
	erlang-asn1
NEEDS_unit  := libcmocka-dev
NEEDS_demo  := slapd ldap-utils openssl
NEEDS_up    := $(NEEDS_demo)
NEEDS_bench := $(NEEDS_demo)
NEEDS_fuzz  := clang libclang-rt-14-dev
NEEDS_tidy  := clang-tidy
NEEDS_headers := clang
NEEDS_deps  := $(NEEDS_check) $(NEEDS_fuzz) $(NEEDS_tidy)
GOALS       := $(or $(MAKECMDGOALS),all)
ifneq ($(filter-out help clean down layers,$(GOALS)),)
DEPS := $(sort $(NEEDS) $(foreach g,$(GOALS),$(NEEDS_$(g))) \
	$(if $(filter clang%,$(CC)),$(NEEDS_fuzz)))
DEPS_FOR := $(sort base $(filter clang,$(CC)) $(foreach g,$(GOALS),$(if $(NEEDS_$(g)),$(g))))
DEPS_STAMP := build/deps/$(subst $(space),+,$(DEPS_FOR))
ifneq ($(shell [ $(DEPS_STAMP) -nt Makefile ] || { .ci/deps $(DEPS) >&2 && \
	mkdir -p build/deps && touch $(DEPS_STAMP); } || echo missing),)
$(error it needs these packages)
endif
endif

# --- ASN.1: tables generated at build time, asn1c's runtime compiled in place ---
GEN     := $(B)/gen
SKEL    := $(shell asn1c -h 2>&1 | sed -n 's/.*Default is "\([^"]*\)".*/\1/p')
MODS    := $(sort $(wildcard asn1/*.asn))
# asn1c's own code: quiet debug macro (4 times faster), no shift checks (known, harmless).
ASNFLAGS := -std=c11 $(OPT) -w -D_DEFAULT_SOURCE '-DASN_DEBUG(...)=((void)0)' $(SANFLAGS) \
	$(if $(SAN),-fno-sanitize=shift)
SKEL_SRC := $(filter-out %/converter-sample.c,$(wildcard $(SKEL)/*.c))
SKEL_OBJ := $(SKEL_SRC:$(SKEL)/%.c=$(B)/skel/%.o)

# --- ours ---
PROGRAM_MAINS := ua/main.c ms/main.c mta/main.c ca/main.c directory/main.c
LIB_SRC := $(sort $(wildcard lib/*/*.c asn1/*.c directory/*.c))
LIB_SRC := $(filter-out $(PROGRAM_MAINS) directory/cmd_%,$(LIB_SRC))
LIB_OBJ := $(LIB_SRC:%.c=$(B)/%.o)
LIB     := $(B)/libpostern.a
ASNLIB  := $(B)/libpostern-asn1.a
# Each of the two needs the other: ours decodes with asn1c's, which calls our OCTET STRING.
LIBS    = -Wl,--start-group $(LIB) $(ASNLIB) -Wl,--end-group $(LDLIBS)

UNIT_SRC := $(sort $(shell find tests/unit tests/scenario -name '*_test.c' 2>/dev/null))
UNIT_BIN := $(UNIT_SRC:%.c=$(B)/%)
BENCH_SRC := $(filter-out bench/site.c bench/raw.c,$(wildcard bench/*.c))
BENCH_BIN := $(BENCH_SRC:%.c=$(B)/%)
SUPPORT_SRC := $(sort $(wildcard tests/support/*.c))
SUPPORT_OBJ := $(SUPPORT_SRC:%.c=$(B)/%.o)
# Of which a test gets what it uses: it may have its own in place of a part of the library.
SUPPORT := $(B)/libpostern-tests.a
BIN := $(foreach p,$(PROGRAMS),$(if $(wildcard $(DIR_$(p))/main.c),$(B)/postern-$(p)))

ATTACK_SRC := $(sort $(wildcard tests/attack/*.c))
ATTACK_BIN := $(ATTACK_SRC:%.c=$(B)/%)

SECOND := $(B)/tests/second/values

FUZZ_SRC := $(sort $(wildcard tests/fuzz/*_fuzz.c))
FUZZ_BIN := $(FUZZ_SRC:%.c=$(B)/%)
REPLAY_BIN := $(FUZZ_SRC:tests/fuzz/%_fuzz.c=$(B)/tests/replay/%)
FUZZ_SECONDS ?= 60

SOURCES := $(LIB_SRC) $(foreach p,$(PROGRAMS),$(wildcard $(DIR_$(p))/*.c))
HEADERS := $(sort $(wildcard lib/*/*.h asn1/*.h tests/support/*.h $(foreach p,$(PROGRAMS),$(DIR_$(p))/*.h)))
UNITS   := $(sort $(foreach p,$(PROGRAMS),$(foreach s,service timer,$(wildcard $(DIR_$(p))/*.$(s)))))
MAN     := $(sort $(foreach p,$(PROGRAMS),$(foreach s,1 5 8,$(wildcard $(DIR_$(p))/*.$(s)))))

PREFIX  ?= /usr/local

.PHONY: all help deps unit check replay fuzz fuzz-run tidy headers layers install demo up down bench clean
all: $(LIB) $(BIN)	## build the programs

help:	## print this
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 14
	@echo "Variables: CC=clang, SAN=address,undefined, PREFIX, DESTDIR, FUZZ_SECONDS, POSTERN_DATA"

deps: ;	## install what every target needs (as root or through sudo)

# The stamp orders the two levels: the list of generated files exists only after generation.
$(GEN)/.stamp: $(MODS) asn1/generate Makefile
	@rm -rf $(GEN) && mkdir -p $(GEN)
	@asn1/generate $(GEN) $(MODS)
	@touch $@

$(ASNLIB): $(GEN)/.stamp $(SKEL_OBJ)
	@$(MAKE) --no-print-directory -f asn1/gen.mk B=$(B) GEN=$(GEN) SKEL=$(SKEL) CC="$(CC)" \
		ASNFLAGS="$(ASNFLAGS)" SKEL_OBJ="$(SKEL_OBJ)" OUT=$@

$(B)/skel/OCTET_STRING.o: ASNFLAGS += -DOCTET_STRING_decode_ber=asn1c_skel_OCTET_STRING_decode_ber
# asn1/forms.c looks closer than asn1c.
$(B)/skel/constr_CHOICE.o: ASNFLAGS += -Dber_check_tags=forms_of_choice
$(B)/skel/NativeInteger.o: ASNFLAGS += -Dber_check_tags=forms_of_integer
$(B)/skel/BOOLEAN.o: ASNFLAGS += -Dber_check_tags=forms_of_boolean
$(B)/skel/%.o: $(SKEL)/%.c Makefile
	@mkdir -p $(@D)
	@$(CC) $(ASNFLAGS) -I$(SKEL) -c -o $@ $<

INCLUDES := -I. -isystem /usr/include/p11-kit-1 -isystem $(GEN) -isystem $(SKEL)
$(B)/%.o: %.c Makefile | $(GEN)/.stamp
	@mkdir -p $(@D) && echo "  CC $<"
	@$(CC) $(CPPFLAGS) $(INCLUDES) -MMD -MP $(CFLAGS) -c -o $@ $<

# The assembler embeds these; the compiler does not see them.
$(B)/lib/store/schema.o: $(wildcard lib/store/*_schema.sql)

$(LIB): $(LIB_OBJ)
	@rm -f $@ && ar rcsD $@ $^

$(SUPPORT): $(SUPPORT_OBJ)
	@rm -f $@ && ar rcsD $@ $^

# A program: its own folder's objects and the library.  Tests of a program link all but its main.
define program
$(B)/postern-$(1): $$(patsubst %.c,$(B)/%.o,$$(wildcard $(DIR_$(1))/*.c)) $(LIB) $(ASNLIB)
	@echo "  LD $$@"
	@$(CC) $(LDFLAGS) -o $$@ $$(filter %.o,$$^) $(LIBS)
$(B)/tests/unit/$(DIR_$(1))/%_test: $(B)/tests/unit/$(DIR_$(1))/%_test.o $(SUPPORT) \
	$$(filter-out %/main.o,$$(patsubst %.c,$(B)/%.o,$$(wildcard $(DIR_$(1))/*.c))) $(LIB) $(ASNLIB)
	@$(CC) $(LDFLAGS) -o $$@ $$(filter %.o,$$^) $(SUPPORT) -lcmocka $(LIBS)
endef
$(foreach p,$(PROGRAMS),$(eval $(call program,$(p))))

$(B)/tests/%_test: $(B)/tests/%_test.o $(SUPPORT) $(LIB) $(ASNLIB)
	@$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(SUPPORT) -lcmocka $(LIBS)

$(BENCH_BIN): $(B)/bench/%: $(B)/bench/%.o $(B)/bench/site.o $(B)/bench/raw.o $(SUPPORT) $(LIB) $(ASNLIB)
	@$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(SUPPORT) -lcmocka $(LIBS)

# What the demo and the tests attack with.
$(B)/tests/attack/%: $(B)/tests/attack/%.o $(B)/tests/support/stolen.o $(B)/tests/support/proxy.o \
		$(LIB) $(ASNLIB)
	@$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIBS)

# What we read, for the comparison with another compiler of our modules.
$(SECOND): $(SECOND).o $(LIB) $(ASNLIB)
	@$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIBS)

# Kills the server that it is preloaded into at a chosen instant; without sanitizers, as it must
# not need a runtime that the server may lack.
$(B)/tests/crash.so: tests/crash/shim.c Makefile
	@mkdir -p $(@D)
	@$(CC) -std=gnu17 $(OPT) $(WARN) -D_GNU_SOURCE -shared -fPIC -o $@ $< -ldl

unit: $(UNIT_BIN) $(B)/tests/crash.so	## build the unit tests

check: all unit $(ATTACK_BIN) $(REPLAY_BIN) $(SECOND)	## run all tests
	@B=$(B) tests/run $(UNIT_BIN) $(REPLAY_BIN) $(sort $(wildcard tests/e2e/*_test.sh))

# --- fuzzing: each decoder's target runs under libFuzzer, and over its corpus in "make check" ---
$(B)/tests/replay/%: $(B)/tests/fuzz/%_fuzz.o $(B)/tests/fuzz/replay_main.o $(LIB) $(ASNLIB)
	@mkdir -p $(@D)
	@$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIBS)

# What suites are tried with.
$(foreach t,token suite,$(B)/tests/fuzz/$(t)_fuzz $(B)/tests/replay/$(t)): $(B)/tests/support/worlds.o

# What is read by a program's own code.
$(B)/tests/fuzz/selector_fuzz $(B)/tests/replay/selector: \
	$(patsubst %.c,$(B)/%.o,$(filter-out %/main.c,$(wildcard ms/*.c)))

$(B)/tests/fuzz/%_fuzz: $(B)/tests/fuzz/%_fuzz.o $(LIB) $(ASNLIB)
	@$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $(filter %.o,$^) $(LIBS)

fuzz:	## run each fuzz target for FUZZ_SECONDS under libFuzzer and the sanitizers
	@$(MAKE) --no-print-directory CC="$(if $(filter clang%,$(CC)),$(CC),clang)" \
		SAN=address,undefined,fuzzer-no-link fuzz-run

fuzz-run: $(FUZZ_BIN)
	@B=$(B) tests/fuzz/fuzz $(FUZZ_SECONDS) $(FUZZ_BIN)

# --- what a reader checks by machine ---
TIDY := $(SOURCES:%.c=$(B)/tidy/%.ok)
tidy: $(TIDY)	## look for mistakes with clang-tidy
$(B)/tidy/%.ok: %.c .clang-tidy $(B)/%.o | $(GEN)/.stamp
	@mkdir -p $(@D) && echo "  TIDY $<"
	@clang-tidy --quiet --warnings-as-errors='*' $< -- -std=gnu17 $(CPPFLAGS) $(INCLUDES) 2>$@.log || \
		{ cat $@.log; exit 1; }
	@touch $@

headers: $(HEADERS:%=$(B)/headers/%.ok)	## compile each header alone with gcc and clang
$(B)/headers/%.ok: % Makefile | $(GEN)/.stamp
	@mkdir -p $(@D)
	@for cc in gcc clang; do echo '#include "$<"' | $$cc $(CPPFLAGS) $(INCLUDES) -std=gnu17 $(WARN) \
		-x c -fsyntax-only - || { echo "$< does not stand alone with $$cc" >&2; exit 1; }; done
	@touch $@

layers:	## say which file includes against the order of the folders
	@tests/layers

# --- use ---
install: all	## install programs, man pages and units of systemd below DESTDIR and PREFIX
	@install -d $(DESTDIR)$(PREFIX)/bin
	@install -m 755 $(BIN) directory/slapd-private $(DESTDIR)$(PREFIX)/bin
	@install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/postern directory/schema/postern.schema
	@for page in $(MAN); do \
		install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man$${page##*.} $$page || exit 1; \
	done
	@install -d $(DESTDIR)$(PREFIX)/lib/systemd/system
	@for unit in $(UNITS); do \
		sed 's|@bindir@|$(PREFIX)/bin|' $$unit >$(DESTDIR)$(PREFIX)/lib/systemd/system/$${unit##*/} || exit 1; \
	done

demo: all $(ATTACK_BIN)	## two domains, signed and sealed mail, and attacks on it
	@B=$(B) tests/demo/demo

up: all	## leave the two domains running to play with
	@B=$(B) tests/demo/up

down:	## stop them
	@B=$(B) tests/demo/down

bench: all $(BENCH_BIN)	## measure, one line for machines each
	@B=$(B) bench/run

clean:	## remove everything made
	rm -rf build build-*

-include $(shell find $(B) -name '*.d' 2>/dev/null)
