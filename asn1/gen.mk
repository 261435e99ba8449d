# SPDX-License-Identifier: Apache-2.0
# The second level of the build: compiles what asn1c generated, once it is known what that is.
SRC := $(wildcard $(GEN)/*.c)
OBJ := $(SRC:%.c=%.o)

$(OUT): $(OBJ) $(SKEL_OBJ)
	@rm -f $@ && ar rcsD $@ $^

$(GEN)/%.o: $(GEN)/%.c
	@$(CC) $(ASNFLAGS) -I$(GEN) -isystem $(SKEL) -c -o $@ $<
