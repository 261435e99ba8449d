#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""judge.py OURS FOLDER [DATABASE...]: asks two compilers of the same modules the same questions, and
compares the answers: what our program OURS reads, and what Erlang's compiler, whose modules lie in
FOLDER, reads of the vectors, of the fuzz targets' corpora, of captures of other makers, and of what
our programs have in their databases.  Then each octet of structure is changed.  Ends with 1, and
says what, where they differ, or a change was not noticed."""
import base64
import glob
import os
import re
import subprocess
import sys
import threading

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
CORPUS = os.path.join(TOP, "tests", "fuzz", "corpus")
DATA = os.environ.get("POSTERN_DATA", os.path.join(TOP, "..", "shared", "data"))

NAMES, SECURITY, MTS = "MTSNames", "MTSSecurity", "MTSAbstractService"
MTA, MS, IPMS = "MTAAbstractService", "MSAbstractService", "IPMSInformationObjects"
X509, EXTENSIONS = "AuthenticationFramework", "MTSExtensions"

MODULE = {
    "ORName": NAMES, "MTSIdentifier": NAMES,
    "Token": SECURITY, "AsymmetricToken": SECURITY, "AsymmetricTokenData": SECURITY,
    "RandomNumber": SECURITY, "MessageTokenSignedData": SECURITY, "SecurityLabel": SECURITY,
    "MessageTokenEncryptedData": SECURITY, "ProofOfDeliveryRequest": SECURITY,
    "AlgorithmIdentifier": X509, "Signature": X509, "Certificates": X509,
    "MTSBindArgument": MTS, "MessageSubmissionArgument": MTS, "MessageSubmissionEnvelope": MTS,
    "MessageSubmissionResult": MTS, "ProbeSubmissionArgument": MTS, "MessageDeliveryArgument": MTS,
    "MessageDeliveryEnvelope": MTS, "MessageDeliveryResult": MTS, "ReportDeliveryArgument": MTS,
    "MTABindArgument": MTA, "MTABindResult": MTA, "MTS-APDU": MTA, "P1MessageEnvelope": MTA,
    "P1Report": MTA, "InternalTraceInformation": MTA, "TraceInformation": MTA,
    "MSBindArgument": MS, "ListResult": MS, "FetchArgument": MS, "FetchResult": MS,
    "AlertArgument": MS, "InformationObject": IPMS,
    "OriginatorAndDLExpansionHistory": EXTENSIONS, "ReportingMTAName": EXTENSIONS,
    "ContentCorrelator": EXTENSIONS, "ProofOfSubmissionRequest": EXTENSIONS,
    "CP-type": "Presentation-PPDUs", "CPA-PPDU": "Presentation-PPDUs", "User-data": "Presentation-PPDUs",
    "ACSE-apdu": "Association-Control-APDUs", "RTSE-apdus": "Reliable-Transfer-APDUs",
    "ROSEapdus": "Remote-Operations-APDUs", "Bind-forms": "Remote-Operations-APDUs",
}

# --- what is compared: (where it is from, type, octets) ---

VECTORS = {"token": "Token", "cic": "Signature", "seal-algorithm": "AlgorithmIdentifier",
           "name": "ORName", "label": "SecurityLabel", "id": "MTSIdentifier", "origin": "Signature",
           "probe": "Signature", "integrity": "Signature", "report": "Signature",
           "submission": "Signature", "delivery": "Signature"}

# File, type, and how many octets stand before the value.
CORPORA = """
p1/message MTS-APDU 0            p1/probe MTS-APDU 0               p1/report MTS-APDU 0
p3/submission MessageSubmissionArgument 0                          p3/probe ProbeSubmissionArgument 0
p3/delivery MessageDeliveryArgument 0                              p3/report ReportDeliveryArgument 0
p7/fetch FetchArgument 1         p7/list-result ListResult 1       retrieval/list ListResult 0
retrieval/fetch FetchResult 0    retrieval/alert AlertArgument 0
binds/mta-simple MTABindArgument 0                                 binds/mta-unnamed MTABindArgument 0
binds/ms-user-strong MSBindArgument 0                              binds/ms-user-restrictions MSBindArgument 0
binds/mts-user-strong MTSBindArgument 0                            binds/mts-store-octets MTSBindArgument 0
bind_token/token Token 0
token/amhs Token 1               token/modern Token 0              token/sealed Token 1
token/locator-1989 Token 1       token/signed-data MessageTokenSignedData 1
token/amhs-signed-data MessageTokenSignedData 1
token/encrypted-data MessageTokenEncryptedData 1                   token/keyed-check MessageTokenEncryptedData 1
checks/submission MessageSubmissionArgument 0                      checks/sealed MessageSubmissionArgument 0
checks/probe ProbeSubmissionArgument 0                             checks/result MessageSubmissionResult 0
checks/report ReportDeliveryArgument 0                             checks/report-of-probe ReportDeliveryArgument 0
ipm/message InformationObject 0  ipm/receipt InformationObject 0   ipm/non-receipt InformationObject 0
acse/aarq ACSE-apdu 0            acse/aare ACSE-apdu 0             acse/rlrq ACSE-apdu 0
acse/abrt ACSE-apdu 0            asn/aare-refused ACSE-apdu 0
asn/simply User-data 0           asn/user-data User-data 0
asn/roiv ROSEapdus 0             asn/rorj ROSEapdus 0              rtse/rtorj RTSE-apdus 1
"""

EVIDENCE = {"MESSAGE CONTENT": "InformationObject", "X411 MESSAGE SUBMISSION": "MessageSubmissionArgument",
            "X411 MESSAGE DELIVERY ENVELOPE": "MessageDeliveryEnvelope",
            "X411 MESSAGE SUBMISSION RESULT": "MessageSubmissionResult",
            "X411 REPORT DELIVERY": "ReportDeliveryArgument"}

# Of a program's database, what a query gives.
QUERIES = {
    "queue.db": [("MTS-APDU", "SELECT hex(envelope || content) FROM octets JOIN message ON message = id "
                              "WHERE kind = 0")],
    "store.db": [("MessageDeliveryEnvelope", "SELECT hex(envelope) FROM octets JOIN entry USING (id) "
                                             "WHERE kind = 0"),
                 ("ReportDeliveryArgument", "SELECT hex(envelope) FROM octets JOIN entry USING (id) "
                                            "WHERE kind = 1")],
    # The content of a sealed one is kept opened; the first is plain.
    "mail.db": [("MessageSubmissionArgument", "SELECT hex(envelope || content) FROM octets JOIN message "
                                              "ON message = id WHERE folder = 2 ORDER BY id LIMIT 1"),
                ("InformationObject", "SELECT hex(content) FROM octets JOIN message ON message = id "
                                      "WHERE kind = 0")],
}


def vectors():
    for path in sorted(glob.glob(os.path.join(TOP, "tests", "vectors", "*.txt"))):
        with open(path) as file:
            for line in file:
                name, _, value = line.partition("=")
                kind = VECTORS.get(name.strip()) or VECTORS.get(name.strip().split("-")[0])
                if kind and value:
                    yield f"{os.path.basename(path)} {name.strip()}", kind, bytes.fromhex(value)


def corpora():
    words = CORPORA.split()
    for name, kind, skip in zip(words[::3], words[1::3], words[2::3]):
        with open(os.path.join(CORPUS, name), "rb") as file:
            yield f"corpus {name}", kind, file.read()[int(skip):]


def evidence():
    for path in sorted(glob.glob(os.path.join(CORPUS, "evidence", "*"))):
        with open(path) as file:
            blocks = [(label, base64.b64decode(text)) for label, text in
                      re.findall(r"-----BEGIN ([^-]*)-----\n([^-]*)-----END", file.read())]
        for label, octets in blocks:
            if label == "X411 MESSAGE SUBMISSION":		# it ends where its content begins
                octets += dict(blocks)["MESSAGE CONTENT"]
            if label in EVIDENCE:
                yield f"evidence {os.path.basename(path)}", EVIDENCE[label], octets


def databases(paths):
    for path in paths:
        for kind, query in QUERIES[os.path.basename(path)]:
            rows = subprocess.run(["sqlite3", "-readonly", path, query], capture_output=True, check=True, text=True)
            for row in rows.stdout.split():
                yield f"made by {os.path.basename(path)}", kind, bytes.fromhex(row)


def parameters(octets):
    """Parameters of an SPDU: code and value [X.225 8.2]."""
    at = 0
    while at < len(octets):
        code, size, at = octets[at], octets[at + 1], at + 2
        if size == 255:
            size, at = int.from_bytes(octets[at:at + 2], "big"), at + 2
        yield code, octets[at:at + size]
        at += size


def captures():
    """User data of the CONNECT and ACCEPT SPDUs of other makers."""
    for path in sorted(glob.glob(os.path.join(DATA, "captures", "x400-*.pcap"))):
        lines = subprocess.run(["tshark", "-r", path, "-Y", "tcp.len > 0", "-T", "fields", "-e", "tcp.payload"],
                               capture_output=True, text=True).stdout
        for octets in map(bytes.fromhex, lines.split()):
            spdu = octets[7:]		# behind TPKT and the header of a DT TPDU
            kind = {13: "CP-type", 14: "CPA-PPDU"}.get(spdu[0]) if spdu and octets[5] == 0xF0 else None
            for code, value in parameters(next(parameters(spdu))[1]) if kind else []:
                if code in (193, 194):
                    yield f"captured {os.path.basename(path)}", kind, value


# --- what stands where a type says ANY: by type, path, and what was read just before ---

EXTENSION = {15: "Certificates", 16: "Token", 17: "AlgorithmIdentifier", 18: "Signature", 19: "Signature",
             20: "SecurityLabel", 21: "ProofOfSubmissionRequest", 22: "ProofOfDeliveryRequest",
             23: "ContentCorrelator", 24: "Signature", 28: "Certificates", 29: "Signature",
             30: "OriginatorAndDLExpansionHistory", 32: "Certificates", 33: "Signature", 34: "Certificates",
             35: "Signature", 37: "TraceInformation", 38: "InternalTraceInformation", 39: "ReportingMTAName"}
TOKEN_DATA = {"1": "RandomNumber", "2": "MessageTokenSignedData"}


def inside(kind, path, before):
    if path.endswith("extensions.value") and before[0].endswith(("criticality", "type")):
        number = next((value for name, value in before[1] if name.endswith("extensions.type")), "")
        return EXTENSION.get(int(number[4:], 16)) if number.startswith("80") else None
    if kind == "AsymmetricTokenData" and path == ".signed-data.value":
        return TOKEN_DATA.get(before[1][0][1])
    if path.endswith("bind-token.token") or (kind, path) == ("Token", ".token"):
        return "AsymmetricToken"
    if path.endswith("single-ASN1-type"):
        return {"CP-type": "ACSE-apdu", "CPA-PPDU": "ACSE-apdu", "ACSE-apdu": "RTSE-apdus"}.get(kind)
    return {("AsymmetricToken", ".asymmetric-token-data"): "AsymmetricTokenData",
            ("RTSE-apdus", ".rtorq-apdu.connectionDataRQ.open"): "Bind-forms",
            ("RTSE-apdus", ".rtoac-apdu.connectionDataAC.open"): "Bind-forms",
            ("Bind-forms", ".bind-invoke"): "MTABindArgument",
            ("Bind-forms", ".bind-result"): "MTABindResult"}.get((kind, path))


def opened(sample, values):
    """The samples inside a sample."""
    for at, (path, value) in enumerate(values):
        behind = values[max(0, at - 2):at][::-1]
        kind = inside(sample[1], path, (behind[0][0], behind)) if behind else None
        if kind:
            yield f"{sample[0]}, {kind}", kind, bytes.fromhex(value)


# --- the two that are asked ---

class Reader:
    def __init__(self, *command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, questions):
        """For each (type, octets): the octets as written again and the values, or None."""
        def write():
            for kind, octets in questions:
                self.process.stdin.write(f"{MODULE[kind]} {kind} {octets.hex()}\n")
            self.process.stdin.flush()
        writer = threading.Thread(target=write)
        writer.start()
        answers = [self.answer(self.process.stdout.readline()) for _ in questions]
        writer.join()
        return answers

    @staticmethod
    def answer(line):
        words = line.split()
        if not words:
            sys.exit("a reader has ended")
        if words[0] != "yes":
            return None
        return bytes.fromhex(words[1]), [tuple(word.split("=", 1)) for word in words[2:]]


def header(octets, at):
    """The length of the value there, and where its contents begin; all our tags have one octet."""
    size, at = octets[at + 1], at + 2
    if size & 0x80:
        count = size & 0x7F
        return int.from_bytes(octets[at:at + count], "big"), at + count
    return size, at


def minimal(octets):
    """Values with lengths in their shortest form, which Erlang gives to those of ANY."""
    out, at = b"", 0
    while at < len(octets):
        tag, (size, inside) = octets[at:at + 1], header(octets, at)
        at = inside + size
        contents = minimal(octets[inside:at]) if tag[0] & 0x20 else octets[inside:at]
        length = len(contents).to_bytes(4, "big").lstrip(b"\0") or b"\0"
        if len(contents) >= 128:
            length = bytes([0x80 | len(length)]) + length
        out += tag + length + contents
    return out


def normal(values):
    for path, value in values:
        try:
            yield path, minimal(bytes.fromhex(value)).hex()
        except (ValueError, IndexError):
            yield path, value


def same(one, other):
    """Erlang knows the members by name alone, so their order in a SEQUENCE is not compared; that of
    several with one name is."""
    return sorted(one, key=lambda v: v[0]) == sorted(other, key=lambda v: v[0])


def structure(octets, start=0, end=None):
    """Where tags and lengths are, down to what is primitive: each place, and whether it is a tag's."""
    at, end = start, len(octets) if end is None else end
    while at < end:
        first, (size, inside) = at, header(octets, at)
        yield first, True
        for place in range(first + 1, inside):
            yield place, False
        at = inside + size
        if octets[first] & 0x20:
            yield from structure(octets, inside, at)


def differences(ours, theirs):
    mine, other = set(ours), set(theirs)
    return [f"ours   {' = '.join(v)}" for v in sorted(mine - other)][:8] + \
           [f"theirs {' = '.join(v)}" for v in sorted(other - mine)][:8]


def compare(us, them, samples):
    """All samples, and those inside, with what we read of them; and what is wrong: both read the same
    values, and we read the same of what the other writes."""
    done, wrong, todo = {}, [], list(samples)
    while todo:
        todo = [s for s in todo if not (s[1], s[2]) in done]
        asked = [(kind, octets) for _, kind, octets in todo]
        answers = list(zip(todo, us.ask(asked), them.ask(asked)))
        again = us.ask([(s[1], theirs[0] if theirs else b"") for s, _, theirs in answers])
        todo = []
        for (sample, ours, theirs), reread in zip(answers, again):
            origin, kind, octets = sample
            if not ours or not theirs:
                wrong += [f"{kind} of {origin} is read by us: {bool(ours)}, by the other: {bool(theirs)}",
                          octets.hex()]
                continue
            done[kind, octets] = ours
            if not same(ours[1], theirs[1]):
                wrong += [f"{kind} of {origin} is not the same", *differences(ours[1], theirs[1])]
            if not reread or reread[0] != ours[0]:
                wrong += [f"{kind} of {origin} is not the same when the other has written it", theirs[0].hex()]
            todo += opened(sample, ours[1])
    return done, wrong


def harmed(done):
    for (kind, _), (der, was) in done.items():
        for at, is_tag in structure(der):
            for bits in (0x01, 0x20, 0x80):
                yield kind, der[:at] + bytes([der[at] ^ bits]) + der[at + 1:], was if is_tag else None


def judge(mine, other, was):
    """What is wrong with what the two say of a harmed value.  Erlang is not to say more than no of
    what lies inside ANY, and of a number that ENUMERATED gives no name."""
    if mine and other:
        if not same(mine[1], other[1]) and not same(normal(mine[1]), normal(other[1])):
            return differences(mine[1], other[1])
        if was and same(mine[1], was):
            return ["it was not noticed"]
    elif mine and not any(value.startswith("unnamed") for _, value in mine[1]):
        return ["it is read by us alone"]
    return []


def main():
    ours, folder, *paths = sys.argv[1:]
    us, them = Reader(ours), Reader("erl", "-noshell", "-pa", folder, "-s", "values", "serve")
    done, wrong = compare(us, them, [*vectors(), *corpora(), *evidence(), *captures(), *databases(paths)])
    changed = [] if wrong else list(harmed(done))
    asked = [(kind, octets) for kind, octets, _ in changed]
    refused = 0
    for (kind, octets, was), mine, other in zip(changed, us.ask(asked), them.ask(asked)):
        words = judge(mine, other, was)
        wrong += [f"harmed {kind} {octets.hex()}", *words] if words else []
        refused += not mine
    print(f"{len(done)} values of {len({kind for kind, _ in done})} types, "
          f"of {len(changed)} harmed ones {refused} refused")
    print("\n".join(wrong[:60]))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
