"""Commands by mail: what must not act, and what must be stoppable."""
import re
import time

from sandboxlib.actor import wait_for
from steps import accept, canary, case, filed, letters, notice, notify, open_case, report, reports, settled


def title(box, c):
    return case(box, c)["title"] or ""


def answered(actor, before, what="an answer"):
    return actor.wait_mail(what=what, after=before)


def test_wrong_vendor_stopped_within_the_delay_gets_nothing(own):
    box = own(send_delay="10m")
    aiko, word = box["aiko"], canary()
    c = open_case(box, "Details")
    answer = notify(box, c, "Short: %s" % word, ["acme", "globex"])
    send = re.search(r"\bS\d+\b", answer.text).group(0)
    for org in ("acme", "globex"):
        assert org in answer.text  # the plan
    aiko.command(c, "Stop: " + send)
    box.sandbox("clock", "+11m")
    aiko.command(c, "Vendors: -globex", "Send: vendor-notice acme")
    box.sandbox("clock", "+11m")
    notice(box["acme"], word)
    settled(box)
    assert box["globex"].files() == []
    assert len([m for m in box["acme"].inbox() if word in m.text]) == 1


def test_replayed_command_does_nothing(box):
    aiko = box["aiko"]
    c = open_case(box, "Details")
    code = aiko.code(c)
    aiko.used.add(code)
    raw = aiko.write("Embargod: %s %s\nTitle: First\n" % (c, code), "x", seal="sign,encrypt")
    before = len(aiko.files())
    aiko.post(raw)
    answered(aiko, before)
    assert title(box, c) == "First"
    aiko.command(c, "Title: Second")
    before = len(aiko.files())
    again = aiko.write("Embargod: %s %s\nTitle: First\n" % (c, code), "x", seal="sign,encrypt")
    aiko.post(again)
    answered(aiko, before)
    aiko.post(raw)  # the very same bytes
    time.sleep(2)
    assert title(box, c) == "Second"


def test_command_moved_to_another_case_does_nothing(box):
    aiko = box["aiko"]
    one, two = open_case(box, "One"), open_case(box, "Two")
    before = len(aiko.files())
    aiko.command(two, "Title: Moved", code=aiko.code(one), wait=False)
    answered(aiko, before)
    assert title(box, two) != "Moved" and title(box, one) != "Moved"


def test_code_of_another_coordinator_does_nothing(box):
    aiko, ben = box["aiko"], box["ben"]
    c = open_case(box, "Details")
    aiko.command(c, "Watch: ben")
    before = len(ben.files())
    ben.command(c, "Title: Borrowed", code=aiko.code(c), wait=False)
    answered(ben, before)
    assert title(box, c) != "Borrowed"


def test_signature_outside_the_encryption_does_not_command(box):
    aiko = box["aiko"]
    c = open_case(box, "Details")
    code = aiko.code(c)
    before = filed(box)
    aiko.send("Embargod: %s %s\nTitle: Outside\n" % (c, code), "x", seal="encrypt,sign")
    wait_for(lambda: filed(box) > before, 40, "the mail to be filed")
    assert title(box, c) != "Outside"
    aiko.command(c, "Title: Inside", code=code)
    assert title(box, c) == "Inside"


def test_unsigned_and_badly_signed_blocks_do_not_command(box):
    aiko, rhea = box["aiko"], box["rhea"]
    c = open_case(box, "Details")
    code, before = aiko.code(c), filed(box)
    aiko.send("Embargod: %s %s\nTitle: Unsigned\n" % (c, code), "x", seal="encrypt")
    rhea.send("Embargod: %s %s\nTitle: Stranger\n" % (c, code), "x", seal="sign+encrypt", sender=aiko.email)
    wait_for(lambda: filed(box) >= before + 2, 40, "both mails to be filed")
    assert title(box, c) not in ("Unsigned", "Stranger")


def test_block_with_a_mistake_does_nothing_and_names_it(box):
    aiko = box["aiko"]
    c = open_case(box, "Details")
    answer = aiko.command(c, "Title: Half", "Sned: vendor-notice all", "Vendors: +acmee")
    assert "Send" in answer.text and "acme" in answer.text
    assert "Nothing was done" in answer.subject and "your command did nothing" in answer.text
    assert title(box, c) != "Half"
    code = aiko.code(c)
    assert "Done" in aiko.command(c, "Title: Whole", code=code).subject
    assert title(box, c) == "Whole"


def test_fence_shows_its_inside_to_those_it_names(box):
    aiko, inside, told, summary = box["aiko"], canary(), canary(), canary()
    c = open_case(box, "Details")
    notify(box, c, "Short: %s" % summary, ["acme", "globex"])
    notice(box["globex"], summary)
    aiko.command(c, "Tell: acme globex", text="Hello, %s\n[[only acme]]\n%s\n[[end]]\nBye\n" % (told, inside))
    assert inside in notice(box["acme"], told).text
    shown = notice(box["globex"], told).text
    assert inside not in shown and "Bye" in shown


def test_fence_that_a_quoted_vendor_tries_to_close(box):
    """A vendor's text, quoted by a coordinator inside a fence, has an [[end]] of its own: it closes nothing, and the
    coordinator is told of it, in the answer or by the letter being right."""
    aiko, inside, after = box["aiko"], canary(), canary()
    c = open_case(box, "Details")
    summary, told = canary(), canary()
    notify(box, c, "Short: %s" % summary, ["acme", "globex"])
    notice(box["globex"], summary)
    text = "Hello, %s\n[[only acme]]\n> they wrote\n> [[end]]\n> %s\n%s\n[[end]]\nBye\n" % (told, inside, after)
    answer = aiko.command(c, "Tell: acme globex", text=text)
    settled(box)
    letters_ = [m for m in box["globex"].inbox() if told in m.text]
    assert "[[end]]" in answer.text or letters_
    assert not [m for m in box["globex"].inbox() if inside in m.text or after in m.text]


def test_vendors_fence_in_a_shared_reply_only_narrows(box):
    """A vendor's [[end]] and [[only ...]] in its own answer, shared with another: nothing of ours is opened by them."""
    aiko, acme, hidden, summary, shown = box["aiko"], box["acme"], canary(), canary(), canary()
    c = open_case(box, "Details")
    notify(box, c, "Short: %s" % summary, ["acme", "globex"])
    acme.reply(notice(acme, summary), "Shown %s\n[[internal]]\n%s\n[[end]]\n" % (shown, hidden), seal="sign+encrypt")
    notice(aiko, hidden)
    piece = max(p["n"] for p in case(box, c)["pieces"])
    aiko.command(c, "Share: %d globex" % piece)
    notice(box["globex"], shown)
    settled(box)
    assert not [m for m in box["globex"].inbox() if hidden in m.text]


def test_unclosed_fence_shows_nothing_to_anyone_else(box):
    aiko, hidden = box["aiko"], canary()
    c = open_case(box, "Details")
    summary = canary()
    notify(box, c, "Short: %s" % summary, ["acme", "globex"])
    notice(box["globex"], summary)
    before = len(aiko.files())
    aiko.command(c, "Tell: acme globex", text="Hi\n[[internal]]\n%s\n" % hidden, wait=False)
    answered(aiko, before)
    settled(box)
    for vendor in ("acme", "globex"):
        assert not [m for m in box[vendor].inbox() if hidden in m.text]


def test_vendor_status_by_signed_reply_and_by_a_coordinator(box):
    aiko, acme, globex = box["aiko"], box["acme"], box["globex"]
    c = open_case(box, "Details")
    word = canary()
    notify(box, c, "Short: %s" % word, ["acme", "globex"])
    block = notice(acme, word).blocks()
    assert block, "a vendor's notice ends with a ready block"
    acme.reply(notice(acme, word), "Embargod: %s %s\nStatus: affected\n\nOurs is." % block[-1], seal="sign,encrypt")

    def status(org):
        return next(p["status"] for p in case(box, c)["parties"] if p["org"] == org)
    wait_for(lambda: status("acme") == "affected", 30, "acme is affected")
    told = canary()
    globex.reply(notice(globex, word), "We are not. %s" % told)
    notice(aiko, told)
    assert status("globex") == "unknown"
    piece = max(p["n"] for p in case(box, c)["pieces"])
    aiko.command(c, "Status: globex not-affected from %d" % piece)
    assert status("globex") == "not-affected"


def test_decline_and_junk_leave_the_queue(box):
    aiko = box["aiko"]
    one = report(box, box["nils"], "Spam %s" % canary())
    aiko.command(one, "Junk: spam")
    two = report(box, box["rhea"], "Not ours %s" % canary(), seal="sign+encrypt", with_key=True)
    aiko.command(two, "Decline:", text="Not for us, sorry.")
    states = {n: r["state"] for n, r in reports(box).items()}
    assert states.get(int(one[1:]), "junk") == "junk" and states.get(int(two[1:]), "declined") == "declined"


def test_bounce_marks_that_letter_only(box):
    """A contact's mailbox that does not exist: its letter bounces, the others are handed over."""
    word = canary()
    box.ctl("org", "add", "gonesoft", "--name", "Gonesoftia Works", "--trust", "verified")
    box.ctl("contact", "add", "gonesoft/psirt", "--name", "Gone", "--email", "psirt@bounce.example", "--protocol", "none")
    c = open_case(box, "Details")
    notify(box, c, "Short: %s" % word, ["acme", "gonesoft"])
    notice(box["acme"], word)

    def states():
        return {l["org"]: l["state"] for l in letters(box).values() if l["org"] in ("gonesoft",)}
    wait_for(lambda: states().get("gonesoft") == "bounced", 40, "the letter to bounce")


def test_command_by_mail_and_by_embargoctl_are_one(box):
    c = open_case(box, "Details")
    box.ctl("title", c, "By hand", as_="aiko")
    assert title(box, c) == "By hand"


def test_excluded_coordinator_sees_nothing_of_the_report_either(box):
    word = canary()
    r = report(box, box["rhea"], "Not for everyone. %s" % word, "A flaw", seal="sign+encrypt", with_key=True)
    c = accept(box, box["aiko"], r)
    assert word in box.ctl("report", "show", r, "--json", as_="ben").stdout
    box.ctl("exclude", c, "ben", as_="aiko")
    assert r not in [x["number"] for x in box.ctl_json("report", "list", as_="ben")]
    assert r in [x["number"] for x in box.ctl_json("report", "list", as_="aiko")]
    refused = box.ctl("report", "show", r, "--json", as_="ben", check=False)
    assert refused.returncode == 77 and word not in refused.stdout + refused.stderr
