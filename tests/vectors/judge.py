#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""judge.py check: recomputes tests/vectors with nothing of ours: Python's own arithmetic, and
openssl(1) for hashes, signatures and DES.  Prints TAP.
judge.py make: makes them anew, with the keys that are there."""
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TIME = b"260921141320Z"
NAME = bytes.fromhex("6009300761051303") + b"BOB"
CONTENT = b"Dear Bob, the patent is mine."
ECDSA = {"sha1": "2a8648ce3d0401", "sha256": "2a8648ce3d040302"}
BITS = 2048


def openssl(*args, data=b"", **files):
    """Runs openssl; "@name" among the arguments is a file with the octets of that name."""
    with tempfile.TemporaryDirectory() as folder:
        for name, octets in files.items():
            with open(os.path.join(folder, name), "wb") as file:
                file.write(octets)
        args = [os.path.join(folder, a[1:]) if a[0] == "@" else a for a in args]
        done = subprocess.run(["openssl", *args], input=data, capture_output=True)
        return done.stdout if done.returncode == 0 else None


# --- DER ---

def tlv(tag, *parts):
    contents = b"".join(parts)
    size = len(contents)
    if size < 128:
        return bytes([tag, size]) + contents
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + contents


def sequence(*parts):
    return tlv(0x30, *parts)


def integer(value, tag=2):
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def oid(contents):
    return tlv(6, bytes.fromhex(contents))


def bits(octets, tag=3):
    return tlv(tag, b"\0", octets)


def untag(value):
    """The contents of a value, and what stands behind it."""
    size, at = value[1], 2
    if size & 0x80:
        at += size & 0x7F
        size = int.from_bytes(value[2:at], "big")
    return value[at:at + size], value[at + size:]


def last_bits(value):
    """The BIT STRING that a SEQUENCE {algorithm, BIT STRING} ends with."""
    return untag(untag(untag(value)[0])[1])[0][1:]


# --- tokens [X.411 8.5.8] ---

def to_be_signed(algorithm, signed_data, encrypted=b""):
    data = tlv(0xA0, integer(2, 0x80), tlv(0xA1, signed_data))
    return sequence(algorithm, NAME, tlv(23, TIME), data, encrypted)


def token(algorithm, tbs, signature):
    signed = sequence(tbs, algorithm, bits(signature))
    return sequence(tlv(0x80, bytes.fromhex("56030600")), tlv(0xA1, signed))


def cic_input(form, algorithm, content):
    return sequence(algorithm, tlv(4, content)) if form == "sequence" else algorithm + content


def signature_of(token_octets):
    asymmetric = untag(untag(untag(untag(token_octets)[0])[1])[0])[0]
    return untag(untag(untag(asymmetric)[1])[1])[0][1:]


# --- the square-mod-n hash [X.509 (1988) Annex D] ---

def sqmodn(modulus, octets, form):
    size = (modulus.bit_length() - 1) // 16
    blocks = [octets[i:i + size].ljust(size, b"\xff") for i in range(0, len(octets), size)]
    if form == "length":
        blocks.append((8 * len(octets)).to_bytes(size, "big"))
    value = 0
    for block in blocks:
        filled = int("".join("f" + digit for digit in block.hex()) or "0", 16)
        value = (value ^ filled) ** 2 % modulus
    return value.to_bytes((modulus.bit_length() + 7) // 8, "big")


# --- files ---

def load(name):
    vectors = {}
    with open(os.path.join(HERE, name + ".txt")) as file:
        for line in file:
            if "=" in line and not line.startswith("#"):
                key, value = line.split("=", 1)
                vectors[key.strip()] = bytes.fromhex(value)
    return vectors


def save(name, words, vectors):
    with open(os.path.join(HERE, name + ".txt"), "w") as file:
        file.write("".join(f"# {line}\n" for line in words))
        file.write("".join(f"{key} = {value.hex()}\n" for key, value in vectors.items()))


def key(name):
    with open(os.path.join(HERE, name + "-key.pem"), "rb") as file:
        return file.read()


def spki(name):
    return openssl("pkey", "-in", "@key", "-pubout", "-outform", "DER", key=key(name))


def modulus():
    text = openssl("rsa", "-in", "@key", "-noout", "-modulus", key=key("locator-1989"))
    return int(text.split(b"=")[1], 16)


# --- modern: Ed25519, for its signatures are the same each time ---

NONCE = bytes(range(12))
CONTENT_KEY = bytes(range(32))


def sha256(octets):
    return openssl("dgst", "-sha256", "-binary", data=octets)


def hmac(key, octets):
    return openssl("mac", "-digest", "SHA256", "-macopt", "hexkey:" + key.hex(), "-binary", "-in",
                   "@octets", "HMAC", octets=octets)


def modern_cic(key):
    algorithm = sequence(oid("2a864886f70d0209"), tlv(5))
    return algorithm + bits(hmac(key, cic_input("sequence", algorithm, CONTENT)))


# AES-256-GCM out of AES in counter mode and a tag in Python's arithmetic [SP 800-38D]

def aes_ctr(key, counter, octets):
    return openssl("enc", "-aes-256-ctr", "-K", key.hex(), "-iv", counter.hex(), data=octets)


def ghash(h, blocks):
    value = 0
    for i in range(0, len(blocks), 16):
        x, product = value ^ int.from_bytes(blocks[i:i + 16], "big"), 0
        v = h
        for bit in range(127, -1, -1):
            if x >> bit & 1:
                product ^= v
            v = v >> 1 ^ (0xE1 << 120 if v & 1 else 0)
        value = product
    return value


def gcm(key, nonce, octets):
    first = nonce + b"\0\0\0\1"
    text = aes_ctr(key, nonce + b"\0\0\0\2", octets)
    h = int.from_bytes(openssl("enc", "-aes-256-ecb", "-nopad", "-K", key.hex(), data=bytes(16)), "big")
    padded = text + bytes(-len(text) % 16)
    hashed = ghash(h, padded + bytes(8) + (8 * len(text)).to_bytes(8, "big"))
    return text + aes_ctr(key, first, hashed.to_bytes(16, "big"))


def modern():
    algorithm, signer = sequence(oid("2b6570")), sha256(spki("modern"))
    tbs = to_be_signed(algorithm, sequence(tlv(0xA1, modern_cic(signer)), integer(7, 0x84)))
    signature = openssl("pkeyutl", "-sign", "-rawin", "-inkey", "@key", "-in", "@tbs",
                        key=key("modern"), tbs=tbs)
    gcm_algorithm = sequence(oid("60864801650304012e"))
    return {"content": CONTENT, "name": NAME, "token": token(algorithm, tbs, signature),
            "content-key": CONTENT_KEY, "seal-algorithm": gcm_algorithm,
            "sealed": tlv(4, NONCE, gcm(CONTENT_KEY, NONCE, CONTENT)),
            "keyed-key": CONTENT_KEY + signer, "cic-keyed": sequence(modern_cic(CONTENT_KEY + signer))}


# --- what the checks and proofs of X.411 are signatures over, by the key of modern ---

LABEL = tlv(0x31, oid("2a0304"), integer(3))
IDENTIFIER = tlv(0x4A, b"7-SECRET")
MTS_ID = tlv(0x64, tlv(0x63, tlv(0x61, tlv(0x13, b"FR")), tlv(0x62, tlv(0x13, b"A"))), tlv(0x16, b"id-1"))
ENVELOPE = tlv(0x31, NAME, integer(22, 0x46))
WHEN = tlv(23, TIME)
CERTIFICATES, PROOF = sequence(sequence(b"\5\0")), sequence(sequence(oid("2b6570")), bits(b"proof"))


def report_recipients():
    delivered = tlv(0xA0, WHEN, integer(2), tlv(0xA0, untag(CERTIFICATES)[0]), tlv(0xA1, untag(PROOF)[0]))
    failed = tlv(0xA1, integer(1), integer(46))
    bare = tlv(0xA1, integer(0))
    return sequence(sequence(NAME, delivered), sequence(NAME, NAME, failed), sequence(NAME, bare))


STATEMENTS = {
    "origin [X.411 8.2.1.1.1.29]": [tlv(4, CONTENT), IDENTIFIER, LABEL],
    "probe [X.411 8.2.1.2.1.1]": [IDENTIFIER, LABEL],
    "integrity [X.411 8.2.1.1.1.28]": [tlv(4, CONTENT)],
    "report [X.411 8.3.1.2.1.14]": [IDENTIFIER, LABEL, report_recipients()],
    "submission [X.411 8.2.1.1.2.4]": [ENVELOPE, tlv(4, CONTENT), MTS_ID, WHEN],
    "delivery [X.411 8.3.1.1.2.2]": [WHEN, NAME, NAME, tlv(4, CONTENT), IDENTIFIER, LABEL],
}


def statements():
    algorithm = sequence(oid("2b6570"))
    vectors = {"content": CONTENT, "name": NAME, "label": LABEL, "id": MTS_ID, "envelope": ENVELOPE,
               "certificates": CERTIFICATES, "proof": PROOF}
    for words, fields in STATEMENTS.items():
        signed = sequence(algorithm, *fields)
        signature = openssl("pkeyutl", "-sign", "-rawin", "-inkey", "@key", "-in", "@signed",
                            key=key("modern"), signed=signed)
        vectors[words.split()[0]] = sequence(algorithm, bits(signature))
    return vectors


# --- amhs: ECDSA, whose signatures are new each time; so they are verified ---

def ecdsa_sign(digest, octets):
    return openssl("dgst", "-" + digest, "-sign", "@key", data=octets, key=key("amhs"))


def ecdsa_good(digest, octets, signature):
    return openssl("dgst", "-" + digest, "-verify", "@spki", "-keyform", "DER", "-signature", "@sig",
                   data=octets, spki=spki("amhs"), sig=signature) is not None


def amhs_cases():
    return [(digest, form) for digest in ECDSA for form in ("sequence", "joined")]


def amhs():
    vectors = {"spki": spki("amhs"), "content": CONTENT, "name": NAME}
    for digest, form in amhs_cases():
        algorithm = sequence(oid(ECDSA[digest]))
        check = sequence(algorithm, bits(ecdsa_sign(digest, cic_input(form, algorithm, CONTENT))))
        tbs = to_be_signed(algorithm, sequence(tlv(0xA1, untag(check)[0])))
        vectors[f"input-{digest}-{form}"] = cic_input(form, algorithm, CONTENT)
        vectors[f"cic-{digest}-{form}"] = check
        vectors[f"token-{digest}-{form}"] = token(algorithm, tbs, ecdsa_sign(digest, tbs))
    return vectors


def check_amhs(vectors):
    yield "amhs: the key", vectors["spki"] == spki("amhs")
    for digest, form in amhs_cases():
        algorithm = sequence(oid(ECDSA[digest]))
        check, made = vectors[f"cic-{digest}-{form}"], vectors[f"token-{digest}-{form}"]
        data = vectors[f"input-{digest}-{form}"]
        tbs = to_be_signed(algorithm, sequence(tlv(0xA1, untag(check)[0])))
        yield f"amhs: {digest}, {form}: the check", (
            data == cic_input(form, algorithm, CONTENT) and ecdsa_good(digest, data, last_bits(check)))
        yield f"amhs: {digest}, {form}: the token", (
            made == token(algorithm, tbs, signature_of(made)) and
            ecdsa_good(digest, tbs, signature_of(made)))


# --- locator-1989 ---

LENGTHS = (0, 1, 126, 127, 128, 254, 300)
DES_KEY = bytes.fromhex("0123456789abcdef")
IV = bytes.fromhex("1234567890abcdef")


def algorithm_1989(contents, *parameters):
    return sequence(oid(contents), *parameters)


def des(direction, octets):
    return openssl("enc", direction, "-des-cbc", "-provider", "legacy", "-provider", "default",
                   "-K", DES_KEY.hex(), "-iv", IV.hex(), data=octets)


def rsa(octets):
    """The private operation on a number as long as the modulus, by openssl."""
    return openssl("pkeyutl", "-decrypt", "-inkey", "@key", "-in", "@number", "-pkeyopt",
                   "rsa_padding_mode:none", key=key("locator-1989"), number=octets)


def locator(form):
    n = modulus()
    size = integer(BITS)
    check = algorithm_1989("55080201", size)
    value = sqmodn(n, cic_input("sequence", check, CONTENT), form)
    seal = algorithm_1989("2b0e030207", tlv(4, IV))
    inside = sequence(integer(3, 0x80), tlv(0xA1, sequence(bits(DES_KEY, 0x80))))
    padding = bytes(range(1, 256))[:BITS // 8 - 3 - len(inside)]
    block = b"\0\2" + padding + b"\0" + inside
    sent = pow(int.from_bytes(block, "big"), 65537, n).to_bytes(BITS // 8, "big")
    transport = algorithm_1989("55080101", size)
    encrypted = tlv(0xA1, untag(transport)[0]) + bits(sent, 0x82)
    signed = sequence(tlv(0xA0, untag(seal)[0]), tlv(0xA1, check, bits(value)))
    algorithm = algorithm_1989("55080301", sequence(size, integer(1, 10)))
    tbs = to_be_signed(algorithm, signed, encrypted)
    signature = rsa(sqmodn(n, tbs, form))
    return {"seal-algorithm": seal, "sealed": des("-e", CONTENT),
            f"token-{form}": token(algorithm, tbs, signature)}


# --- certificates and revocation lists of 1988, by an authority that has the key too ---

SERIAL = 0x8123456789


def directory_name(common_name):
    return sequence(tlv(0x31, sequence(oid("550403"), tlv(0x13, common_name))))


def signed_1989(form, *parts):
    tbs = sequence(*parts)
    return sequence(tbs, SIGNED_BY_CA, bits(rsa(sqmodn(modulus(), tbs, form))))


SIGNED_BY_CA = algorithm_1989("55080301", sequence(integer(BITS), integer(4, 10)))


def certificate_1989(form, serial, subject, scope):
    """[X.509 (1988) 7.2], with the scope of use where the paper puts it (5.2)."""
    use = algorithm_1989("55080101", sequence(integer(BITS), integer(scope, 10)))
    subject_key = sequence(use, bits(sequence(integer(modulus()), integer(65537))))
    validity = sequence(tlv(23, b"260101000000Z"), tlv(23, b"270101000000Z"))
    return signed_1989(form, integer(serial), SIGNED_BY_CA, directory_name(b"CA of 1988"), validity,
                       directory_name(subject), subject_key)


def certificates_1989(form):
    times = (tlv(23, b"260920000000Z"), tlv(23, b"261020000000Z"))
    head = (SIGNED_BY_CA, directory_name(b"CA of 1988"), *times)
    revoked = sequence(sequence(integer(SERIAL), tlv(23, b"260919120000Z")))
    return {f"authority-{form}": certificate_1989(form, 1, b"CA of 1988", 4),
            f"user-{form}": certificate_1989(form, SERIAL, b"Alice", 1),
            f"list-{form}": signed_1989(form, *head),
            f"list-revoked-{form}": signed_1989(form, *head, revoked)}


def locator_1989():
    vectors = {"content": CONTENT, "name": NAME}
    for form in ("length", "bare"):
        vectors.update(locator(form))
        vectors.update(certificates_1989(form))
        for size in LENGTHS:
            octets = bytes(i % 251 for i in range(size))
            vectors[f"hash-{form}-{size}"] = sqmodn(modulus(), octets, form)
    return vectors


def check_exact(name, vectors, made):
    for key_name, value in made.items():
        yield f"{name}: {key_name}", vectors[key_name] == value


def check_all():
    yield from check_exact("modern", load("modern"), modern())
    yield from check_exact("statements", load("statements"), statements())
    yield from check_amhs(load("amhs"))
    yield from check_exact("locator-1989", load("locator-1989"), locator_1989())


def main():
    if sys.argv[1:] == ["make"]:
        save("modern", ["modern: a token for content and name, signed at 2026-09-21 14:13:20Z."], modern())
        save("statements", ["checks and proofs of X.411, signed with the key of modern."], statements())
        save("amhs", ["amhs: what the check signs, the check, the token; by hash and by reading."], amhs())
        save("locator-1989", ["locator-1989: hashes of 0, 1, 2 ... (modulo 251), and a sealed message."],
             locator_1989())
        return 0
    count = failed = 0
    for words, good in check_all():
        count += 1
        failed += not good
        print(f"{'ok' if good else 'not ok'} {count} - {words}")
    print(f"1..{count}")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
