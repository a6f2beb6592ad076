"""What someone who sees two letters of one case on their way can relate: nothing."""
import re

from sandboxlib.actor import _arrival
from steps import canary, notice, notify, open_case

ADDED_BY_MTA = ("received", "delivered-to", "x-original-to", "to")


def tokens(mail):
    """Every word of 6 or more characters in the outer header fields and the MIME structure, with the envelope sender."""
    fields = ["%s: %s" % (k, v) for k, v in mail.outer.items() if k.lower() not in ADDED_BY_MTA]
    fields += ["%s: %s" % h for part in mail.outer.walk() for h in part.items() if part is not mail.outer]
    return set(re.findall(r"[A-Za-z0-9_]{6,}", " ".join(fields)))


def padme(n):
    """Whether n is a length that Padmé pads to."""
    e = n.bit_length() - 1
    s = e.bit_length()
    return n & ((1 << (e - s)) - 1) == 0


def test_two_letters_of_one_case_share_only_the_desks_constants(box):
    word, other = canary(), canary()
    one, two = open_case(box, "One"), open_case(box, "Two")
    notify(box, one, "Short: %s" % word, ["acme", "globex", "initech", "umbra"], title="Title %s" % canary())
    notify(box, two, "Else: %s" % other, ["acme", "globex", "initech", "umbra"])
    for left, right in (("acme", "globex"), ("initech", "umbra")):
        a, b = notice(box[left], word), notice(box[right], word)
        constants = tokens(notice(box[right], other)) & tokens(notice(box[left], other))
        assert tokens(a) & tokens(b) <= constants, (tokens(a) & tokens(b)) - constants
        assert a.message_id != b.message_id and a.outer["Return-Path"] != b.outer["Return-Path"]
        assert a.outer["Subject"] != b.outer["Subject"]
        for mail in (a, b):
            outside = mail.raw.decode("latin-1")
            assert not re.search(r"\b%s\b" % one, outside.split("\r\n\r\n")[0]) and word not in outside
            assert re.fullmatch(r"security(\+[^@]*)?@cert\.example", mail.outer["Return-Path"].strip("<> "))


def test_from_and_reply_to_are_the_plain_alias(box):
    c = open_case(box, "Details")
    word = canary()
    notify(box, c, "Short: %s" % word, ["acme", "globex"])
    letter = notice(box["acme"], word)
    assert "security@cert.example" in letter.outer["From"]
    assert letter.outer["Reply-To"] is None or "security@cert.example" in letter.outer["Reply-To"]


def test_sealed_sizes_are_padded(box):
    c = open_case(box, "Details")
    word = canary()
    notify(box, c, "Short: %s" % word, ["acme", "globex"])
    for org in ("acme", "globex"):
        mail = notice(box[org], word)
        data = mail.outer.get_payload(1).get_payload(decode=True)
        plain = box[org].gpg("--decrypt", data=data)[0]
        assert padme(len(plain)), len(plain)


def test_twenty_letters_of_one_send_tell_only_that_each_had_mail(own):
    """Envelope, outer header fields, sizes and order of two sends to the same twenty, as the mail log and its reader have them."""
    box = own(vendors=24, send_delay="1s")
    usable = [v for v in box.vendors if v.key_state == "usable"][:20]
    orders, values = [], []
    for turn in range(2):
        word = canary()
        c = open_case(box, "Report %d" % turn)
        notify(box, c, "Short: %s" % word, [v.org for v in usable])
        mails = {v.org: notice(v, word) for v in usable}
        orders.append(sorted(mails, key=lambda org: _arrival(mails[org].path)))
        values.append({org: tokens(m) for org, m in mails.items()})
        for field in ("Message-ID", "Subject", "Return-Path"):
            assert len({str(m.outer[field]) for m in mails.values()}) == len(usable), field
    listed = [v.org for v in usable]
    assert listed not in orders and listed[::-1] not in orders and orders[0] != orders[1]
    # What two letters of one send share stands in the other send too; what two letters to one reader share, in letters to others.
    for here, there in (values, values[::-1]):
        known = set().union(*there.values())
        for i, one in enumerate(listed):
            for two in listed[i + 1:]:
                assert here[one] & here[two] <= known, (here[one] & here[two]) - known
            others = set().union(*(t for org, t in there.items() if org != one))
            assert here[one] & there[one] <= others, (here[one] & there[one]) - others
