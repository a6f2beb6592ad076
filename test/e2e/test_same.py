"""The same text in two cases with different members: what a reader gets is the same but for ids, so it tells nothing of the others."""
import difflib
import re

import pytest
from sandboxlib.actor import wait_for
from steps import accept, canary, case, notify, report, settled

# Members of the one case, of the other, and of none are named in the text.
BOTH, ONE, OTHER, NONE = ("acme", "initech"), "globex", "umbra", "aldermoor-systems"

IDS = ((r"\b[CRL]\d+\b", "N"), (r"\b[a-z2-7]{4}(-[a-z2-7]{4}){3}\b", "MARK"), (r"(?m)^(Embargod: \S+ )\S+$", r"\1CODE"),
       (r"\b20\d\d-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?( UTC|Z)", "TIME"),
       (r"<([^<>\s]+@cert\.|[0-9a-f]{24}@research\.)example>", "<ID>"), (r"(?m)^UID:\S+", "UID"),
       (r"(?m)^(SEQUENCE|DTSTAMP):\S+", r"\1"), (r"boundary=\"?[^\s\";]+\"?", "BOUNDARY"), (r"\[[a-z2-7]{8}\]", "TAG"),
       (r"(?m)^(HP-Outer: )?Date: .*", "DATE"))


def plain(text):
    text = text.replace("\r\n", "\n")
    for pattern, to in IDS:
        text = re.sub(pattern, to, text)
    return text


def shown(mail):
    """All that the reader's client has of a letter: header fields, structure, texts, files' names and bytes."""
    fields = ["%s: %s" % (k, " ".join(v.split())) for k, v in mail.inner.items()]
    parts = [[p.get_content_type(), p.get_filename() or "", p.get_payload(decode=True).decode("utf-8", "replace")] for p in mail.leaves()]
    return "\n".join([plain("\n".join(fields))] + [plain("\n".join(p)) for p in parts])


def run(box, members, text, words):
    """One case of these members: the letters to whom is in both cases, and to the reporter, in order of what was done."""
    summary, told, answer = words
    got = {who: [] for who in BOTH + ("rhea",)}
    seen = {m.message_id for who in got for m in box[who].inbox()}

    def gather(*who):
        for name in who:
            got[name].append(box[name].wait_mail(lambda m: m.message_id not in seen, 60, "the next letter to " + name))
            seen.add(got[name][-1].message_id)
        settled(box)

    r = report(box, box["rhea"], text, subject="A flaw", seal="sign+encrypt", with_key=True,
               attachments=[("poc.txt", b"Feed it 4096 times the letter A.\n", "text/plain")])
    c = accept(box, box["aiko"], r)
    gather("rhea")
    notify(box, c, summary, members, title="A parser reads too far")
    gather(*BOTH)
    for line, more in (("Share: 1 all", ""), ("Release: %s all", ""), ("Tell: all", told), ("Embargo: 2027-03-01T14:00+09:00", "")):
        if "%s" in line:
            line %= [p for p in case(box, c)["pieces"][0]["parts"] if p["filename"] == "poc.txt"][0]["n"]
        box["aiko"].command(c, line, text=more)
        gather(*BOTH, *(["rhea"] if line.startswith("Embargo") else []))
    pieces = len(case(box, c)["pieces"])
    box[members[-1]].reply(box[members[-1]].inbox()[-1], answer, seal="sign+encrypt")
    wait_for(lambda: len(case(box, c)["pieces"]) > pieces, 60, "the reply in its case")
    box["aiko"].command(c, "Share: %d all" % (pieces + 1))
    gather(*BOTH)
    return got


@pytest.fixture
def pair(own):
    box = own(vendors=9, send_delay="1s")
    them = [box[o] for o in (ONE, OTHER, NONE)]
    text = "\n".join(["The parser of libfoo reads too far. Who ships it:", *("%s, write to %s" % (v.name, v.email) for v in them),
                      "[[not %s, %s]]" % (ONE, OTHER), "Not for two of them.", "[[end]]", "Fixed it looks so: n < 4096."])
    words = "In short, %s." % canary(), "Please tell us by Friday, %s." % canary(), "We ship it. %s asked us, too." % box[NONE].name
    return box, run(box, [*BOTH, ONE], text, words), run(box, [*BOTH, OTHER], text, words), text


def test_members_do_not_show(pair):
    box, one, other, text = pair
    for who in BOTH + ("rhea",):
        assert len(one[who]) == len(other[who]) == (6 if who != "rhea" else 2)
        for left, right in zip(one[who], other[who]):
            difference = list(difflib.unified_diff(shown(left).splitlines(), shown(right).splitlines(), lineterm="", n=0))
            assert not difference, (who, left.subject, difference)
            assert abs(len(left.raw) - len(right.raw)) <= 64, (who, left.subject, len(left.raw), len(right.raw))
    # It was a test: the text came through, and whether a name is one of a member's makes no difference to what stands for it.
    whole = [m.text for m in one["acme"] if "n < 4096" in m.text]
    assert whole and "Not for two of them." in whole[0]
    lines = [l for l in whole[0].splitlines() if "write to" in l]
    assert len(lines) == 3 and len({re.sub(r"\s+", " ", l) for l in lines}) == 1, lines
    for name in (ONE, OTHER, NONE):
        assert not [m for who in BOTH for m in one[who] + other[who] if box[name].email in m.text or box[name].name in m.text]
