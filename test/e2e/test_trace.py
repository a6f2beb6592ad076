"""Whose copy was this: a leaked text against all letters of the desk."""
import json

import pytest

from sandboxlib.actor import wait_for
from steps import canary, case, notice, notify, open_case, settled

PROSE = ("The parser reads a length from the first record and trusts it, so that a crafted file makes it copy far past the end of the "
         "buffer that it had allocated for the header before.")


@pytest.fixture(scope="module")
def leak(sandboxes):
    """A case of four vendors with one text for all of them and a part for one: {org: notice}."""
    box = sandboxes.get(placement="inner", form="plus", send_delay="1s")
    word = canary()
    c = open_case(box, "Details")
    summary = "%s %s\n\n[[only globex]]\nOnly your firmware has the second copy of this routine, in its recovery image for old boards.\n[[end]]" % (
        word, PROSE)
    notify(box, c, summary, ["acme", "globex", "initech", "umbra"])
    found = {org: notice(box[org], word) for org in ("acme", "globex", "initech", "umbra")}
    settled(box)
    return box, c, found


def trace(box, text, code=0):
    done = box.ctl("trace", "-", "--json", as_="aiko", check=False, data=text)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)["findings"]


def mark_line(mail):
    return [l for l in mail.text.splitlines() if l.startswith("Copy ")][0]


def test_a_whole_copy_is_its_readers_for_certain(leak):
    box, c, mails = leak
    found = trace(box, "Look what I was sent:\n\n" + mails["acme"].text)
    sure = [f for f in found if f["sure"] == "certain"]
    assert {f["what"] for f in sure} == {"distribution mark", "command code"}
    assert {(f["reader"], f["place"], f["template"], f["address"]) for f in sure} == {("acme", c, "vendor-notice", box["acme"].email)}


def test_the_mark_survives_quoting_capitals_and_wrapping(leak):
    box, _, mails = leak
    line = mark_line(mails["initech"])
    half = line.rindex("-") + 1
    for text in ("> > " + line, line.upper(), "> %s\n> %s" % (line[:half], line[half:]), "x" * 2000 + "\n" + line + "."):
        assert [(f["reader"], f["sure"]) for f in trace(box, text)] == [("initech", "certain")], text


def test_a_forwarded_mail_tells_by_its_header_alone(leak):
    box, _, mails = leak
    raw = mails["umbra"].raw.decode("ascii", "replace").split("\n\n", 1)[0].split("\r\n\r\n", 1)[0]
    found = trace(box, raw + "\n\nI forward this without its text.\n")
    assert {"Message-ID", "envelope sender"} <= {f["what"] for f in found if f["sure"] == "certain"}
    assert {f["reader"] for f in found} == {"umbra"}


def test_words_that_one_copy_alone_has_are_likely_that_readers(leak):
    box, _, _ = leak
    found = trace(box, "They say: only your firmware has the second copy of this routine,\nin its recovery image for old boards!")
    assert [(f["reader"], f["sure"], f["what"]) for f in found] == [("globex", "likely", "wording")] and found[0]["runs"] > 5


def test_words_that_all_have_are_possible_for_each(leak):
    box, _, _ = leak
    found = trace(box, PROSE)
    assert {(f["reader"], f["sure"]) for f in found} == {(org, "possible") for org in ("acme", "globex", "initech", "umbra")}
    assert {f["runs"] for f in found} == {len(PROSE.split()) - 7}, "each run of eight words counts once"


def test_base64_in_a_mail_is_opened_first(leak):
    box, _, mails = leak
    import base64
    mail = "From: a@b.example\nSubject: x\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n%s" % (
        base64.encodebytes(mark_line(mails["globex"]).encode()).decode())
    assert [(f["reader"], f["sure"]) for f in trace(box, mail)] == [("globex", "certain")]


def test_nothing_is_an_answer_too(leak):
    box, _, _ = leak
    assert trace(box, "Nothing of this stands in any letter that the desk has ever sent to anybody at all.", code=1) == []
    assert "no trace" in box.ctl("trace", "-", as_="aiko", check=False, data="Nothing.").stdout


def test_a_reply_that_quotes_a_letter_makes_its_case_no_source(leak):
    """Every letter has the template's words; the vendor's answer in another case does too, once as a quote, once bare."""
    box, _, mails = leak
    word = canary()
    other = open_case(box, "Details")
    notify(box, other, "Something else. %s" % word, ["acme"])
    first = notice(box["acme"], word)
    for text in ("Thanks.\n\n> " + "\n> ".join(first.text.splitlines()), "Thanks.\n\n" + first.text):
        before = len(case(box, other)["pieces"])
        box["acme"].reply(first, text, seal="sign+encrypt")
        wait_for(lambda n=before: len(case(box, other)["pieces"]) > n, 40, "the reply in its case")
    assert {f["place"] for f in trace(box, mails["acme"].text) if f["what"] == "wording"} == {leak[1]}


def test_what_was_not_looked_at_is_said(leak):
    """More marks than are looked at: the one that matters stands behind them."""
    import itertools
    box, _, mails = leak
    marks = "\n".join("Copy " + "-".join("".join(p) for p in (m, "qrst", "uvwx", "yz23"))
                      for m in itertools.islice(itertools.product("abcdefghij", repeat=4), 1001))
    text = marks + "\n" + mark_line(mails["acme"])
    done = box.ctl("trace", "-", as_="aiko", check=False, data=text)
    assert done.returncode == 1 and "not all: only the first 1000 distribution marks were looked at" in done.stdout
    said = json.loads(box.ctl("trace", "-", "--json", as_="aiko", check=False, data=text).stdout)
    assert said == {"findings": [], "incomplete": ["only the first 1000 distribution marks were looked at"]}
    repeated = "\n".join([mark_line(mails["globex"])] * 500)
    said = json.loads(box.ctl("trace", "-", "--json", as_="aiko", data=repeated).stdout)
    assert [f["reader"] for f in said["findings"]] == ["globex"] and said["incomplete"] == []


def test_who_is_excluded_from_the_case_learns_nothing(leak):
    box, c, mails = leak
    box["aiko"].command(c, "Exclude: ben")
    text = mails["acme"].text
    assert box.ctl("trace", "-", "--json", as_="ben", check=False, data=text).returncode == 1
