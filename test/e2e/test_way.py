"""The whole way: a report in, a case, notices out, answers back; in both placements and all address forms."""
import re

from steps import accept, canary, case, letters, notice, notify, report, settled


def test_report_reaches_coordinators_encrypted_and_signed(everywhere):
    word = canary()
    rhea = everywhere["rhea"]
    report(everywhere, rhea, "A flaw in the parser, %s." % word, "Parser", seal="sign+encrypt", with_key=True)
    for name in ("aiko", "ben"):
        copy = notice(everywhere[name], word)
        assert copy.encrypted and copy.signed_by(everywhere.desk["openpgp"])
        assert word not in copy.raw.decode("latin-1")


def test_case_goes_to_every_vendor_and_answers_come_back(everywhere):
    box = everywhere
    secret, summary = canary(), canary()
    aiko, rhea = box["aiko"], box["rhea"]
    r = report(box, rhea, "The details: %s." % secret, "Details", seal="sign,encrypt", with_key=True)
    c = accept(box, aiko, r)
    notify(box, c, "In short: %s." % summary, [v.org for v in box.vendors])

    for vendor in box.vendors:
        if vendor.key_state == "usable":
            letter = notice(vendor, summary)
            assert letter.encrypted, vendor.email
            signer = box.desk["smime_signer"] if vendor.protocol == "smime" else box.desk["openpgp"]
            assert letter.signed_by(signer), (vendor.email, letter.signatures)
            assert secret not in letter.text
        else:
            letter = vendor.wait_mail(what="key-needed")
            assert not letter.encrypted
            assert secret not in letter.text and summary not in letter.text and not re.search(r"\b%s\b" % c, letter.text)
    settled(box)
    assert all(summary not in m.text for v in box.vendors if v.key_state != "usable" for m in v.inbox())

    signed, smime, unsigned = canary(), canary(), canary()
    box["acme"].reply(notice(box["acme"], summary), "We look at it: %s" % signed, seal="sign+encrypt")
    box["initech"].reply(notice(box["initech"], summary), "So do we: %s" % smime, seal="sign+encrypt")
    globex = box["globex"]
    globex.reply(notice(globex, summary), "Ticket opened. %s" % unsigned, "[globex #4711] Re: your mail", sender="tickets@globex-support.example")
    for word in (signed, smime, unsigned):
        assert notice(aiko, word).encrypted
    assert len(case(box, c)["pieces"]) >= 4

    # The tag is learned: in that party's subjects only.
    later = canary()
    aiko.command(c, "Tell: acme globex", text="More: %s" % later)
    assert "4711" in notice(globex, later).subject
    assert "4711" not in notice(box["acme"], later).subject
    assert "4711" not in notice(box["acme"], later).raw.decode("latin-1")


def test_each_letter_is_in_the_outbox_once(everywhere):
    settled(everywhere)
    sent = [l["message_id"] for l in letters(everywhere).values() if l["state"] == "handed-over"]
    assert sent and len(sent) == len(set(sent))
