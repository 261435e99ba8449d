#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Secrets are compared by crypto_equal, in constant time: no other comparison in the sources has a
# secret among its arguments, as far as names tell.  And where each secret is compared is known.
. "$(dirname "$0")/../support/lib.sh"
type -P python3 >/dev/null || skip_all "python3 is not installed"
cd "$TOP" || exit 1

# comparisons FOLDER...: each comparison that may end early, on one line.
comparisons() {
	python3 - "$@" <<'PYTHON'
import glob, re, sys
CALL = re.compile(r"\b(?:memcmp|str(?:n|case|ncase)?cmp|bytes_equal|bytes_compare)"
                  r"\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)")
for folder in sys.argv[1:]:
    for path in sorted(glob.glob(folder + "/**/*.c", recursive=True)):
        with open(path) as file:
            text = file.read()
        for call in CALL.finditer(text):
            print(path + ": " + " ".join(call.group().split()))
PYTHON
}
secret='passw|passphrase|secret|credential|\bpin\b|\bmac\b|random|nonce|(content|integrity)_key\b|expected, value|\bplain\b'

comparisons lib ms mta ua ca directory >"$WORK/all"
check "there are comparisons to look at" "$(wc -l <"$WORK/all")" -gt 100
check "none of a secret may end early" -z "$(grep -E "$secret" "$WORK/all" | tee "$WORK/bad")"
sed 's/^/# /' "$WORK/bad"

# compares FILE WHAT: in constant time.
compares() {
	check "$1 compares $2 in constant time" "$(grep -c "crypto_equal($2" "$1")" = 1
}
compares lib/sec/bind_token.c "random, random_sent"
compares lib/sec/suite_modern.c "bytes_of(expected"
compares lib/sec/keyed_cic.c "bytes_of(expected"
compares lib/sec/suite_locator.c "buf_view(&expected)"
compares lib/sec/passphrase.c "secret_view(&first)"
compares lib/sec/password.c "bytes_of(hash, "
compares lib/sec/password.c "bytes_of(hash_a, "

# The search finds one that somebody adds.
mkdir -p "$WORK/copy"
sed 's/crypto_equal(random, /bytes_equal(random,\n\t/' lib/sec/bind_token.c >"$WORK/copy/bind_token.c"
expect_output "one that is added is found" "bytes_equal\(random, random_sent\)" \
	grep -E "$secret" <(comparisons "$WORK/copy")
done_testing
