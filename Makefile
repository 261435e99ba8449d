# SPDX-License-Identifier: Apache-2.0
# One Makefile, no recursion: folders are wildcards, dependencies come from the
# compiler, generated headers exist before anything is compiled.
#
# make [CC=clang] [SAN=address,undefined] [target]; "make help" lists the targets.

, := ,
B       := build$(if $(SAN),-$(subst $(,),-,$(SAN)))$(if $(filter clang%,$(notdir $(lastword $(CC)))),-clang)
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
CPPFLAGS += -D_GNU_SOURCE
LDFLAGS += $(SANFLAGS)
LDLIBS  := -lssl -lcrypto -lldap -llber -lsqlite3 -luv -ljansson -lunistring -lpthread -lm

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
LIB_SRC := $(filter-out $(PROGRAM_MAINS),$(LIB_SRC))
LIB_OBJ := $(LIB_SRC:%.c=$(B)/%.o)
LIB     := $(B)/libpostern.a
ASNLIB  := $(B)/libpostern-asn1.a
# The generated code and ours need each other: our string decoder takes the place of asn1c's.
LIBS    := $(LIB) $(ASNLIB) $(LIB)

UNIT_SRC := $(sort $(shell find tests/unit tests/scenario -name '*_test.c' 2>/dev/null))
UNIT_BIN := $(UNIT_SRC:%.c=$(B)/%)
SUPPORT_SRC := $(sort $(wildcard tests/support/*.c))
SUPPORT_OBJ := $(SUPPORT_SRC:%.c=$(B)/%.o)
BIN := $(foreach p,$(PROGRAMS),$(if $(wildcard $(DIR_$(p))/main.c),$(B)/postern-$(p)))

.PHONY: all unit check clean
all: $(LIB) $(BIN)

# The stamp orders the two levels: the list of generated files exists only after generation.
$(GEN)/.stamp: $(MODS) asn1/generate Makefile
	@rm -rf $(GEN) && mkdir -p $(GEN)
	@asn1/generate $(GEN) $(MODS)
	@touch $@

$(ASNLIB): $(GEN)/.stamp $(SKEL_OBJ)
	@$(MAKE) --no-print-directory -f asn1/gen.mk B=$(B) GEN=$(GEN) SKEL=$(SKEL) CC="$(CC)" \
		ASNFLAGS="$(ASNFLAGS)" SKEL_OBJ="$(SKEL_OBJ)" OUT=$@

$(B)/skel/OCTET_STRING.o: ASNFLAGS += -DOCTET_STRING_decode_ber=asn1c_skel_OCTET_STRING_decode_ber
$(B)/skel/%.o: $(SKEL)/%.c
	@mkdir -p $(@D)
	@$(CC) $(ASNFLAGS) -I$(SKEL) -c -o $@ $<

$(B)/%.o: %.c Makefile | $(GEN)/.stamp
	@mkdir -p $(@D) && echo "  CC $<"
	@$(CC) $(CPPFLAGS) -I. -isystem $(GEN) -isystem $(SKEL) -MMD -MP $(CFLAGS) -c -o $@ $<

# The assembler embeds these; the compiler does not see them.
$(B)/lib/store/schema.o: $(wildcard lib/store/*_schema.sql)

$(LIB): $(LIB_OBJ)
	@rm -f $@ && ar rcsD $@ $^

# A program: its own folder's objects and the library.  Tests of a program link all but its main.
define program
$(B)/postern-$(1): $$(patsubst %.c,$(B)/%.o,$$(wildcard $(DIR_$(1))/*.c)) $(LIB) $(ASNLIB)
	@echo "  LD $$@"
	@$(CC) $(LDFLAGS) -o $$@ $$(filter %.o,$$^) $(LIBS) $(LDLIBS)
$(B)/tests/unit/$(DIR_$(1))/%_test: $(B)/tests/unit/$(DIR_$(1))/%_test.o $(SUPPORT_OBJ) \
	$$(filter-out %/main.o,$$(patsubst %.c,$(B)/%.o,$$(wildcard $(DIR_$(1))/*.c))) $(LIB) $(ASNLIB)
	@$(CC) $(LDFLAGS) -o $$@ $$(filter %.o,$$^) $(LIBS) -lcmocka $(LDLIBS)
endef
$(foreach p,$(PROGRAMS),$(eval $(call program,$(p))))

$(B)/tests/%_test: $(B)/tests/%_test.o $(SUPPORT_OBJ) $(LIB) $(ASNLIB)
	@$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(LIBS) -lcmocka $(LDLIBS)

unit: $(UNIT_BIN)

check: all unit
	@B=$(B) tests/run $(UNIT_BIN) $(sort $(wildcard tests/e2e/*_test.sh))

clean:
	rm -rf build build-*

-include $(shell find $(B) -name '*.d' 2>/dev/null)
