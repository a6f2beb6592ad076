"""What comes in, and what the desk makes of it; in both placements and all address forms."""
import re

import pytest

from sandboxlib.actor import wait_for
from sandboxlib.mta import SINK
from steps import accept, canary, case, notice, notify, report, reports, settled


@pytest.fixture
def box(everywhere):
    return everywhere


def test_plain_report(box):
    word = canary()
    report(box, box["nils"], "No key here. %s" % word, "Plain")
    assert notice(box["aiko"], word).encrypted


def test_smime_report_enveloped_and_signed(box):
    """Someone with a certificate from the CA that the desk trusts, and no contact of anyone."""
    word = canary()
    umbra = box["umbra"]
    for seal in ("encrypt", "sign,encrypt", "sign+encrypt", "sign"):
        umbra.send("By S/MIME, %s %s." % (seal.replace("+", " with ").replace(",", " then "), word), "S/MIME " + seal, seal=seal)
    wait_for(lambda: len([m for m in box["aiko"].inbox() if word in m.text]) >= 4, 40, "four copies")


def test_attachment_reaches_coordinators_by_number(box):
    word = canary()
    r = report(box, box["rhea"], "With a proof of concept. %s" % word, "PoC", seal="sign+encrypt", with_key=True,
               attachments=[("poc-%s.bin" % word, bytes(range(256)) * 8, "application/octet-stream")])
    c = accept(box, box["aiko"], r)
    name = "poc-%s.bin" % word
    parts = [p for piece in case(box, c)["pieces"] for p in piece["parts"]]
    part, = [p["n"] for p in parts if p["filename"] == name]
    copy = box["aiko"].wait_mail(lambda m: name in m.text, 30, "the copy that names the file")
    assert "%s %s" % (part.split(".")[1], name) in copy.text  # what Release takes


def test_mail_for_another_key_is_filed_whole(box):
    """Encrypted to a key that the desk has not: a report all the same, and coordinators are told."""
    rhea, before = box["rhea"], set(reports(box))
    rhea.send("For someone else", "Wrong key", seal="encrypt", to_keys=[rhea.fingerprint])
    r = wait_for(lambda: set(reports(box)) - before, 30, "the report")
    name = "R%d" % max(r)
    box["aiko"].wait_mail(lambda m: name in [c for c, _ in m.blocks()], 30, "a copy that names " + name)


def test_what_exchange_did_is_repaired_and_told(box):
    """PGP/MIME that was taken apart on the way is opened, and coordinators read by whom."""
    word = canary()
    rhea = box["rhea"]
    raw = rhea.write("Taken apart. %s" % word, "Apart", seal="sign+encrypt")
    head, body = raw.replace(b"\r\n", b"\n").split(b"\n\n", 1)
    boundary = re.search(rb'boundary="?([^";\s]+)', head)[1]
    head = re.sub(rb"multipart/encrypted", b"multipart/mixed", head)
    rhea.post(head + b"\n\n--" + boundary + b"\nContent-Type: text/plain\n\n\n" + body[body.index(b"--" + boundary):])
    copy = box["aiko"].wait_mail(lambda mail: word in mail.text, what="the repaired report")
    assert "repaired: an Exchange server took the encrypted mail apart" in " ".join(copy.text.split())


def test_same_mail_twice_is_filed_once(box):
    word = canary()
    nils = box["nils"]
    raw = nils.write("Twice. %s" % word, "Twice")
    before = set(reports(box))
    nils.post(raw)
    nils.post(raw)
    wait_for(lambda: set(reports(box)) - before, 30, "the report")
    canary_report = report(box, nils, "Another. %s" % canary(), "Another")
    assert len(set(reports(box)) - before) == 2, canary_report


def test_copied_mail_sent_first_does_not_swallow_the_real_one(box):
    """Someone who saw the ciphertext on its way sends it first, under another name: both are filed, the later one marked."""
    rhea, before = box["rhea"], set(reports(box))
    raw = rhea.write("The real one. %s" % canary(), "Real", seal="encrypt")
    copied = raw.replace(b"rhea@research.example", b"mallory@elsewhere.example").replace(b"Rhea Sandoval", b"Mallory")
    box.post("mallory@elsewhere.example", [box.desk["address"]], copied)
    wait_for(lambda: set(reports(box)) - before, 30, "the copy")
    rhea.post(raw)
    wait_for(lambda: len(set(reports(box)) - before) == 2, 30, "the real one")
    copy, real = sorted(set(reports(box)) - before)
    assert reports(box)[real]["from"] == rhea.email and reports(box)[real]["like"] and not reports(box)[copy]["like"]
    contested = {m["place"] for m in box.ctl_json("mail", "list", as_="aiko") if m["contested"]}
    assert {"R%d" % copy, "R%d" % real} <= contested


def test_second_mail_of_a_reporter_comes_to_its_report_or_case(box):
    word, more = canary(), canary()
    rhea = box["rhea"]
    raw = rhea.write("First. %s" % word, "Thread", seal="sign+encrypt", with_key=True, message_id="<%s@research.example>" % word)
    before = set(reports(box))
    rhea.post(raw)
    r = "R%d" % max(wait_for(lambda: set(reports(box)) - before, 30, "the report"))
    c = accept(box, box["aiko"], r)
    told = canary()
    box["aiko"].command(c, "Tell: reporter", text="Thank you. %s" % told)
    rhea.reply(notice(rhea, told), "Second. %s" % more, seal="sign+encrypt")
    notice(box["aiko"], more)
    assert set(reports(box)) - before == {int(r[1:])}
    assert len(case(box, c)["pieces"]) >= 2


def test_two_reporters_joined_in_one_case_do_not_see_each_other(box):
    first, second = canary(), canary()
    r1 = report(box, box["rhea"], "One flaw. %s" % first, "One", seal="sign+encrypt", with_key=True)
    c = accept(box, box["aiko"], r1)
    r2 = report(box, box["nils"], "The same flaw. %s" % second, "Same")
    accept(box, box["aiko"], r2, into=c)
    summary = canary()
    notify(box, c, "Both reported %s." % summary, ["acme"])
    letter = notice(box["acme"], summary)
    settled(box)
    shown = case(box, c)
    assert len(shown["pieces"]) >= 2
    for reader, hidden in ((box["rhea"], second), (box["nils"], first), (box["acme"], first), (box["acme"], second)):
        assert not [m for m in reader.inbox() if hidden in m.text], reader
    for word in ("rhea", "nils", "Sandoval", "Aaltonen"):
        assert word not in letter.text


def test_mail_to_others_never_becomes_a_report(box):
    before = set(reports(box))
    box.post("someone@elsewhere.example", [SINK], box["nils"].write("Not for you", "Private"))
    word = canary()
    report(box, box["nils"], "For you. %s" % word)
    assert len(set(reports(box)) - before) == 1
