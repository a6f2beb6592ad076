"""mutate - mutations of the corpus, the same for the same seed, and what the opener makes of them.

usage: mutate.py [--count N] [--first N] [--seed S] [--batch N] [--keep DIR] [--write N FILE]

Opens N mutations with the embargoctl of EMBARGOD_BUILD and the keys of test/keys, and says how they ended; --write only
writes mutation N. Whatever broke the promise is kept in DIR.
"""
import argparse
import base64
import collections
import contextlib
import glob
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NOW = "2026-12-01T00:00:00Z"
SEED = "embargod"
SECONDS = 10                # one mail, at the most
MEMORY_KB = 1024 * 1024     # one process, at the most
KEYS = {"file", "error", "from", "subject", "trust", "seals", "repairs", "defects", "headers_protected", "parts", "text", "form",
        "automatic", "keys"}
TRUST = {"verified", "signed", "claimed", "bad"}
FOLDER = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None

# Bytes that mean something to one of the readers.
WORDS = [b"\r\n", b"\n", b"\r", b"\0", b"--", b"=", b"=?", b"?=", b"=?utf-8?B?", b"=?iso-2022-jp?Q?", b"\x1b$B", b"\x1b(B", b"\xff\xfe",
         b"\xc0\x80", b"\xef\xbb\xbf", b"\xe2\x80\xae", b"\"", b"\\", b"(" * 40, b")", b"<", b">", b"@", b":", b";", b",", b"<" * 200,
         b"<!--", b"<style>", b"&#0;", b"&#x110000;", b"begin 644 a\n", b"-----BEGIN PGP MESSAGE-----", b"-----END PGP MESSAGE-----",
         b"-----BEGIN PGP SIGNED MESSAGE-----", b"-----BEGIN PGP SIGNATURE-----", b"-----BEGIN PGP PUBLIC KEY BLOCK-----", b"\n=abcd\n",
         b"0", b"-1", b"4294967296", b"%00", b"*0*=", b"A" * 1000, b"\x30\x80", b"\x30\x84\xff\xff\xff\xff", b"\xc1\xff\xff\xff\xff\xff"]

FIELDS = [b"Content-Type: multipart/mixed; boundary=x", b"Content-Type: multipart/signed; boundary=\"limit\"", b"Content-Type: message/rfc822",
          b"Content-Type: multipart/encrypted; boundary=limit; protocol=\"application/pgp-encrypted\"", b"Content-Type: text/html",
          b"Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m", b"Content-Type: application/pgp-encrypted",
          b"Content-Type: text/plain; charset=iso-2022-jp; format=flowed; delsp=yes", b"Content-Type: multipart/report; report-type=x; boundary=x",
          b"Content-Transfer-Encoding: base64", b"Content-Transfer-Encoding: quoted-printable", b"Content-Transfer-Encoding: x-uuencode",
          b"From: =?utf-8?B?@@@?= <a@b.example>, c", b"From:", b"Subject: =?utf-16?Q?=00?=", b"Content-Type: text/plain; charset=utf-16",
          b"Content-Type: application/ms-tnef", b"Auto-Submitted: auto-replied", b"List-Id: <x>", b"Date: 99 Zzz 99999 99:99:99 +9999",
          b"Autocrypt: addr=a@b.example; keydata=AAAA", b"HP-Outer: Subject: x", b"Content-Disposition: attachment; filename*0*=utf-8''%ff;filename*1=x"]


def corpus():
    """[(name, bytes)] in the order of names: a mutation is one of this list, so a new specimen makes others of them."""
    found = []
    for path in sorted(glob.glob(TOP + "/test/corpus/*.eml")):
        with open(path, "rb") as f:
            found.append((os.path.basename(path)[:-4], f.read()))
    return found


# --- one change each ------------------------------------------------------------------------------


def spot(r, data):
    return r.randrange(len(data) + 1)


def run_of(r, data, most=400):
    at = spot(r, data)
    return at, min(len(data), at + r.randint(1, most))


def bits(r, data, _):
    out = bytearray(data)
    for _ in range(r.choice((1, 1, 2, 8, 32)) if out else 0):
        out[r.randrange(len(out))] ^= 1 << r.randrange(8)
    return bytes(out)


def truncated(r, data, _):
    return data[:spot(r, data)]


def beheaded(r, data, _):
    return data[spot(r, data):]


def cut(r, data, _):
    at, end = run_of(r, data)
    return data[:at] + data[end:]


def doubled(r, data, _):
    at, end = run_of(r, data)
    return data[:end] + data[at:end] * r.choice((1, 1, 3, 50)) + data[end:]


def word(r, data, _):
    at = spot(r, data)
    return data[:at] + r.choice(WORDS) + data[at + r.choice((0, 0, 1, 4)):]


def noise(r, data, _):
    at, end = run_of(r, data, 60)
    return data[:at] + r.randbytes(end - at) + data[end:]


def line_ends(r, data, _):
    plain = data.replace(b"\r\n", b"\n")
    kind = r.randrange(5)
    if kind == 0:
        return plain
    if kind == 1:
        return plain.replace(b"\n", b"\r")
    if kind == 2:
        return plain.replace(b"\n", b"\r\n")
    if kind == 3:
        return plain.replace(b"\n", b"\r\r\n")
    return b"".join(line + r.choice((b"\n", b"\r\n", b"\r")) for line in plain.split(b"\n"))


def lines_swapped(r, data, _):
    lines = data.splitlines(keepends=True)
    for _ in range(r.choice((1, 2, 5)) if lines else 0):
        i, j = r.randrange(len(lines)), r.randrange(len(lines))
        lines[i], lines[j] = lines[j], lines[i]
    return b"".join(lines)


def pieces(data):
    """Between boundary lines (what looks like one), each with the line that begins it."""
    found, at = [], 0
    lines = data.splitlines(keepends=True)
    for i, line in enumerate(lines):
        if line.startswith(b"--") and not line.startswith(b"-----") and i > at:
            found.append(b"".join(lines[at:i]))
            at = i
    return found + [b"".join(lines[at:])]


def parts_changed(r, data, _):
    parts = pieces(data)
    i, j, kind = r.randrange(len(parts)), r.randrange(len(parts)), r.randrange(4)
    if kind == 0:
        parts[i], parts[j] = parts[j], parts[i]
    elif kind == 1:
        parts.insert(j, parts[i])
    elif kind == 2:
        del parts[i]
    else:
        parts[i] = parts[j]
    return b"".join(parts)


def part_from_other(r, data, other):
    ours, theirs = pieces(data), pieces(other)
    ours.insert(r.randrange(len(ours) + 1), r.choice(theirs))
    return b"".join(ours)


def header_lines(lines):
    """Numbers of lines that look like fields."""
    return [i for i, line in enumerate(lines) if b":" in line[:40] and line[:1].isalpha()]


def header_changed(r, data, _):
    lines = data.splitlines(keepends=True)
    fields = header_lines(lines)
    if not fields:
        return r.choice(FIELDS) + b"\r\n" + data
    i, kind = r.choice(fields), r.randrange(7)
    name, _, value = lines[i].partition(b":")
    if kind == 0:
        del lines[i]
    elif kind == 1:
        lines.insert(i, lines[i])
    elif kind == 2:
        lines.insert(i, r.choice(FIELDS) + b"\r\n")
    elif kind == 3:
        lines[i] = r.choice(FIELDS) + b"\r\n"
    elif kind == 4:
        lines[i] = name + b":" + value.rstrip(b"\r\n")[:r.randrange(len(value) + 1)] + b"\r\n"
    elif kind == 5:
        lines[i] = name + b":" + b" x" * r.choice((1, 100, 3000)) + value
    else:
        lines[i] = name + r.choice((b" :", b"", b"::", b"\t:", b":\r\n ")) + value
    return b"".join(lines)


def spliced(r, data, other):
    return data[:spot(r, data)] + other[spot(r, other):]


def wrapped(r, data, other):
    """Inside something that is opened."""
    kind = r.randrange(4)
    head = b"From: a@wrapped.example\r\nMIME-Version: 1.0\r\nContent-Type: "
    if kind == 0:
        return head + b"message/rfc822\r\n\r\n" + data
    if kind == 1:
        return head + b"message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(data)
    if kind == 2:
        return head + b"multipart/mixed; boundary=w\r\n\r\n--w\r\n" + data + b"\r\n--w\r\n" + other + b"\r\n--w--\r\n"
    return head + b"text/plain; charset=shift_jis\r\n\r\n" + data


CHANGES = [bits, bits, truncated, beheaded, cut, doubled, word, word, noise, line_ends, lines_swapped, parts_changed, parts_changed,
           part_from_other, header_changed, header_changed, header_changed, spliced, wrapped]


def mutation(specimens, number, seed=SEED):
    """(name, bytes) of one: one to three changes to a specimen."""
    r = random.Random("%s:%d" % (seed, number))
    name, data = specimens[number % len(specimens)]
    done = []
    for _ in range(r.choice((1, 1, 2, 3))):
        change = r.choice(CHANGES)
        data = change(r, data, r.choice(specimens)[1])
        done.append(change.__name__)
    return "%06d %s %s" % (number, name, "+".join(done)), data


# --- what the opener makes of them ----------------------------------------------------------------


@contextlib.contextmanager
def frozen_keys():
    """A folder with the keys of test/keys, as `embargoctl open --home` wants it."""
    with tempfile.TemporaryDirectory(prefix="embargod-keys-") as dir_:
        home = dir_ + "/home"
        subprocess.run([TOP + "/test/keys/home", home], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield home
        finally:
            subprocess.run(["gpgconf", "--homedir", home + "/gnupg", "--kill", "gpg-agent"], check=False)


def judge(line, name):
    """What is wrong with an answer, or None."""
    try:
        record = json.loads(line)
    except ValueError as e:
        return "no JSON: %s" % e
    if record.get("error") is not None:
        return "not opened: %s" % record["error"]
    if not KEYS <= set(record):
        return "without %s" % ", ".join(sorted(KEYS - set(record)))
    if record["file"] != name:
        return "answers for %s" % record["file"]
    if record["trust"] not in TRUST or not isinstance(record["parts"], list) or not isinstance(record["text"], str):
        return "of the wrong kind"
    return None


class Outcome:
    def __init__(self):
        self.answered, self.slowest, self.defects = 0, (0.0, ""), collections.Counter()
        self.trust = collections.Counter()
        self.wrong = []  # (name, what)

    @staticmethod
    def memory_kb():
        """Of the largest process that ended, and was waited for, so far."""
        return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss

    def text(self):
        return "%d answered, %d wrong; the slowest %.2f s (%s); the largest process %d MB" % (
            self.answered, len(self.wrong), self.slowest[0], self.slowest[1], self.memory_kb() // 1024)


def open_batch(build, home, files, outcome):
    """Opens files in one run; every line's time is seen. files: [(name, path)]."""
    words = [build + "/embargoctl", "open", "--home", home, "--now", NOW, "--json", "--"] + [path for _, path in files]
    with tempfile.TemporaryFile() as errors:
        running = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=errors, env=dict(os.environ, LC_ALL="C.UTF-8"))
        began = time.monotonic()
        for name, path in files:
            line = running.stdout.readline()
            took = time.monotonic() - began
            began += took
            outcome.slowest = max(outcome.slowest, (took, name))
            wrong = judge(line, path) if line else "no answer"
            if wrong is None and took > SECONDS:
                wrong = "%.1f s" % took
            if wrong is not None:
                outcome.wrong.append((name, wrong))
            if not line:
                break
            outcome.answered += 1
            record = json.loads(line) if wrong is None else {}
            outcome.defects.update(record.get("defects", []))
            outcome.trust.update([record.get("trust")])
        rest = running.stdout.read()
        code = running.wait()
        errors.seek(0)
        if code != 0 or rest:
            said = errors.read().decode(errors="replace").strip()
            outcome.wrong.append((files[0][0] + " ...", "exit %d: %s" % (code, said[-2000:])))


def open_all(build, home, numbers, seed=SEED, batch=200, keep=None):
    specimens, outcome = corpus(), Outcome()
    numbers = list(numbers)
    while numbers:
        with tempfile.TemporaryDirectory(prefix="embargod-mutations-", dir=FOLDER) as dir_:
            files, some = [], numbers[:batch]
            for i in some:
                name, data = mutation(specimens, i, seed)
                files.append((name, "%s/%06d.eml" % (dir_, i)))
                with open(files[-1][1], "wb") as f:
                    f.write(data)
            before = outcome.answered, len(outcome.wrong)
            open_batch(build, home, files, outcome)
            for name, _ in outcome.wrong[before[1]:]:
                keep_one(keep, name, specimens, seed)
            # After a death the next run begins behind it.
            done = outcome.answered - before[0]
            numbers = numbers[len(some) if done == len(some) else done + 1:]
    return outcome


def keep_one(keep, name, specimens, seed):
    if keep:
        os.makedirs(keep, exist_ok=True)
        with open("%s/%s.eml" % (keep, name[:6]), "wb") as f:
            f.write(mutation(specimens, int(name[:6]), seed)[1])


def main():
    options = argparse.ArgumentParser(usage=__doc__)
    for name, kind, default in (("count", int, 1000), ("first", int, 0), ("seed", str, SEED), ("batch", int, 200), ("keep", str, None)):
        options.add_argument("--" + name, type=kind, default=default)
    options.add_argument("--write", nargs=2)
    given = options.parse_args()
    if given.write:
        name, data = mutation(corpus(), int(given.write[0]), given.seed)
        with open(given.write[1], "wb") as f:
            f.write(data)
        print(name)
        return 0
    with frozen_keys() as home:
        outcome = open_all(os.environ["EMBARGOD_BUILD"], home, range(given.first, given.first + given.count), given.seed, given.batch,
                           given.keep)
    for name, what in outcome.wrong:
        print("%s: %s" % (name, what))
    print(outcome.text())
    print("trust: %s" % dict(outcome.trust.most_common()))
    print("defects: %s" % dict(outcome.defects.most_common(60)))
    return 1 if outcome.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
