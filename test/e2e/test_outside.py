"""What someone who sees two letters of one case on their way can relate: nothing."""
import base64
import itertools
import os
import re

import campaign
import pytest
import vendors
from sandboxlib.actor import _arrival
from steps import accept, canary, case, notice, notify, open_case, report

CIPHER_SLACK = 16  # bytes: numbers of a key exchange and a signature lose leading zeros
ADDED_BY_MTA = ("received", "delivered-to", "x-original-to", "to")


def tokens(mail):
    """Every word of 6 or more characters in the outer header fields and the MIME structure, with the envelope sender."""
    fields = ["%s: %s" % (k, v) for k, v in mail.outer.items() if k.lower() not in ADDED_BY_MTA]
    fields += ["%s: %s" % h for part in mail.outer.walk() for h in part.items() if part is not mail.outer]
    return set(tokens_of(" ".join(fields)))


def tokens_of(text):
    return re.findall(r"[A-Za-z0-9_]{6,}", text)


def threads(sends, org):
    """Words of a reader's own thread: its letters name its earlier ones."""
    return {w for mails in sends.values() for w in tokens_of(mails[org].message_id)}


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


class Twenty:
    """Twenty vendors, with short and long and Japanese names and all kinds of keys, and the letters that they got."""

    def __init__(self, own):
        self.box = campaign.start(own, 20)
        self.orgs = {o["slug"]: o for o in vendors.orgs(20)}
        self.seen = set()

    def next(self, what):
        """The one new letter of each: {org: mail}."""
        found = {}
        for org in self.orgs:
            found[org] = self.box[org].wait_mail(lambda m: m.message_id not in self.seen, 90, "%s for %s" % (what, org))
        self.seen |= {m.message_id for m in found.values()}
        return found

    def told(self, summary, title, **kw):
        """A case of all twenty: its name, and their notices."""
        r = report(self.box, self.box["rhea"], "Details.", seal="sign+encrypt", with_key=True, **kw)
        c = accept(self.box, self.box["aiko"], r)
        notify(self.box, c, summary, list(self.orgs), title=title)
        return c, self.next("the notice")

    def kinds(self):
        """Whose ciphertexts have the same form: by the kind of key."""
        groups = {}
        for org, o in self.orgs.items():
            groups.setdefault(o["kind"], []).append(org)
        return groups.values()


def sealed(mail):
    """The encrypted bytes."""
    if mail.outer.get_content_type() == "multipart/encrypted":
        armor = mail.outer.get_payload(1).get_payload(decode=True)
        return base64.b64decode(re.sub(rb"(?s).*?\r?\n\r?\n(.*?)\r?\n=.*", rb"\1", armor))
    return mail.outer.get_payload(decode=True)


def logged(box, mail):
    """What the mail log says of this letter, without the times and the queue's number."""
    with open(box.dir + "/postfix/log/mail.log", encoding="utf-8", errors="replace") as f:
        lines = f.read().splitlines()
    queue = [re.search(r": ([0-9A-F]{8,}): message-id=", l).group(1) for l in lines if "message-id=" + mail.message_id in l][0]
    return [re.sub(r"^.*?%s: " % queue, "", l) for l in lines if " %s: " % queue in l]


@pytest.fixture(scope="module")
def twenty(own_module):
    """Two cases of the same twenty with texts of other lengths; in the first a release and an agreed date, too."""
    t = Twenty(own_module)
    short, long = canary(), " ".join(canary(9) for _ in range(120))
    c, first = t.told(short, "T", attachments=[("poc.bin", os.urandom(5000), "application/octet-stream")])
    sends = {"notice": first, "other": t.told(long, "A rather longer title of a flaw in a parser")[1]}
    part = [q for q in case(t.box, c)["pieces"][0]["parts"] if q["filename"] == "poc.bin"][0]
    t.box["aiko"].command(c, "Release: %s all" % part["n"])
    sends["release"] = t.next("the released file")
    assert all("poc.bin" in [p.get_filename() for p in m.leaves()] for m in sends["release"].values())
    t.box["aiko"].command(c, "Embargo: 2027-03-01T14:00+09:00")
    sends["date"] = t.next("the date")
    return t, sends


def test_twenty_letters_of_one_send_tell_only_that_each_had_mail(twenty):
    """Envelope, outer header fields, MIME structure and log lines, as the mail log and its reader have them."""
    t, sends = twenty
    for name, mails in sends.items():
        assert all(m.encrypted for m in mails.values())
        for field in ("Message-ID", "Subject", "Return-Path"):
            assert len({str(m.outer[field]) for m in mails.values()}) == len(mails), (name, field)
        for org, mail in mails.items():
            log = " ".join(logged(t.box, mail))
            assert mail.outer["Return-Path"].strip("<> ") in log and t.box[org].email in log
            assert not [other for other in t.orgs if other != org and t.box[other].email in log], log
    words = {name: {org: tokens(m) | set(tokens_of(" ".join(logged(t.box, m)))) for org, m in mails.items()}
             for name, mails in sends.items()}
    # What two letters of one send share stands in other sends too; what two letters to one reader share, in letters to others.
    for name, here in words.items():
        known = set().union(*(w for n, there in words.items() if n != name for w in there.values()))
        for i, one in enumerate(t.orgs):
            for two in list(t.orgs)[i + 1:]:
                assert here[one] & here[two] <= known, (name, (here[one] & here[two]) - known)
    for one in t.orgs:
        others = set().union(*(w for here in words.values() for org, w in here.items() if org != one)) | set(tokens_of(t.box[one].email))
        for here, there in itertools.combinations(words.values(), 2):
            shared = here[one] & there[one] - threads(sends, one)
            assert shared <= others, (one, shared - others)


def test_they_go_in_another_order_each_time(twenty):
    t, sends = twenty
    orders = [sorted(mails, key=lambda org, mails=mails: _arrival(mails[org].path)) for mails in sends.values()]
    listed = list(t.orgs)
    assert listed not in orders and listed[::-1] not in orders
    assert len({tuple(o) for o in orders}) == len(orders)


def test_their_sizes_are_those_of_the_readers_keys(twenty):
    """Neither a name, nor a language, nor what a case is about shows in the size of what carries no file."""
    t, sends = twenty
    sizes = {name: {org: len(sealed(m)) for org, m in mails.items()} for name, mails in sends.items()}
    for group in t.kinds():
        for name, of in sizes.items():
            spread = {of[org] for org in group}
            assert max(spread) - min(spread) <= CIPHER_SLACK, (name, {org: of[org] for org in group})
        plain = {sizes[name][org] for name in ("notice", "other", "date") for org in group}
        assert max(plain) - min(plain) <= CIPHER_SLACK, plain
        assert min(sizes["release"][org] for org in group) > max(plain)


def test_files_and_calendars_are_inside_alone(twenty):
    t, sends = twenty
    shapes = {(t.box[org].protocol, tuple(p.get_content_type() for p in m.outer.walk())) for mails in sends.values() for org, m in mails.items()}
    assert len(shapes) == 2, shapes
    uids = {}
    for org, mail in sends["date"].items():
        entry = [p for p in mail.leaves() if p.get_content_type() == "text/calendar"][0].get_payload(decode=True).decode()
        uids[org] = re.search(r"^UID:(\S+)", entry, re.M).group(1)
    assert len(set(uids.values())) == len(t.orgs)
    everything = [m.raw for mails in sends.values() for m in mails.values()] + [open(t.box.dir + "/postfix/log/mail.log", "rb").read()]
    for hidden in list(uids.values()) + ["poc.bin", "calendar", "VEVENT"]:
        assert not [raw for raw in everything if hidden.encode() in raw], hidden
    for one, two in itertools.combinations(uids.values(), 2):
        assert not set(re.findall(r"[0-9a-f]{6,}", one)) & set(re.findall(r"[0-9a-f]{6,}", two))
