"""Other readers of MIME: what Python's email package makes of the corpus and its mutations, beside what the opener makes of it.

Wherever the two see other parts, or other bytes in one, the opener must have named a defect: a mail that readers read in two ways
never passes as a sound one. What is left out is what has no counterpart there (seals, repairs, mails that are too deep).
"""
import email
import email.policy
import json
import os
import subprocess
import tempfile

from conftest import cannot
from mutate import FOLDER, NOW, corpus, frozen_keys, mutation

MUTATIONS = 20000 if os.environ.get("EMBARGOD_DEEP") else 1000
BATCH = 400


def leaves(data):
    """[(type, size or None)] as Python sees them. An attached mail is a leaf, and its leaves are others behind it."""
    found = []

    def walk(part):
        inside = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(inside, list) and inside:
            for child in inside:
                walk(child)
        elif part.get_content_type() in ("message/rfc822", "message/global") and isinstance(inside, list) and inside:
            found.append((part.get_content_type(), None))
            walk(inside[0])
        elif isinstance(inside, list):
            found.append((part.get_content_type(), None))
        else:
            decoded = part.get_payload(decode=True)
            found.append((part.get_content_type(), None if decoded is None else len(decoded)))

    walk(email.message_from_bytes(data, policy=email.policy.compat32))
    return found


def opened(build, home, mails):
    """A record for each of [(name, bytes)]."""
    for i in range(0, len(mails), BATCH):
        some = mails[i:i + BATCH]
        with tempfile.TemporaryDirectory(prefix="embargod-parsers-", dir=FOLDER) as dir_:
            paths = ["%s/%04d.eml" % (dir_, n) for n in range(len(some))]
            for path, (_, data) in zip(paths, some):
                with open(path, "wb") as f:
                    f.write(data)
            out = subprocess.run([build + "/embargoctl", "open", "--home", home, "--now", NOW, "--json", "--", *paths], check=True,
                                 stdout=subprocess.PIPE).stdout
        yield from (json.loads(line) for line in out.splitlines())


def agree(ours, theirs):
    return len(ours) == len(theirs) and all(mine["type"] == type_ and size in (None, mine["size"]) for mine, (type_, size) in zip(ours, theirs))


def stray_cr(data):
    """A CR without its LF ends a line for Python and for nobody's MTA."""
    return b"\r" in data.replace(b"\r\n", b"")


def test_differences_between_parsers_are_named():
    build = os.environ.get("EMBARGOD_BUILD", "")
    if not os.access(build + "/embargoctl", os.X_OK):
        cannot("no built embargoctl")
    specimens = corpus()
    mails = specimens + [mutation(specimens, i, "parsers") for i in range(MUTATIONS)]
    same, silent = 0, []
    with frozen_keys() as home:
        for (name, data), record in zip(mails, opened(build, home, mails)):
            if record["seals"] or record["repairs"] or stray_cr(data):
                continue
            try:
                theirs = leaves(data)
            except ValueError:
                continue  # a fault of that package: a uuencoded part with a length that is none
            if agree(record["parts"], theirs):
                same += 1
            elif not record["defects"]:
                silent.append("%s: ours %s, email's %s" % (name, [(p["type"], p["size"]) for p in record["parts"]][:6], theirs[:6]))
    print("%d of %d read alike" % (same, len(mails)))
    assert not silent, "\n".join(silent[:20])
    assert same > len(mails) // 3
