"""Nothing of anyone else in anyone's letter, by a matcher of our own."""
import base64
import re
import unicodedata
import urllib.parse

from sandboxlib import names
from sandboxlib.actor import Opened, wait_for
from steps import accept, canary, letters, notice, notify, open_case, report, settled

WIDE = {c: c + 0xFEE0 for c in range(0x21, 0x7F)}


def fold(text):
    """Compatibility forms, case, marks and everything that is neither letter nor digit taken away."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(c for c in text if c.isalnum())


def everything(mail):
    """All text that a reader of this mail can come by: fields, bodies, names, and what encodings hide."""
    texts = ["%s: %s" % h for h in [*mail.outer.items(), *mail.inner.items()]]
    for leaf in mail.leaves():
        data = leaf.get_payload(decode=True) or b""
        texts += [data.decode("utf-8", "replace"), data.decode("utf-16-le", "replace"), leaf.get_filename() or ""]
    whole = "\n".join(texts)
    whole += "\n" + urllib.parse.unquote(whole)
    for run in re.findall(r"[A-Za-z0-9+/]{16,}={0,2}", whole):
        try:
            whole += "\n" + base64.b64decode(run + "=" * (-len(run) % 4)).decode("utf-8", "replace")
        except ValueError:
            pass
    return fold(whole)


def variants(name):
    words = name.split(" ")
    return ["%s is hit" % name, "also\n%s\nover lines" % "\n".join(words), name.upper() + "!", name.translate(WIDE), "(%s)" % name.lower(),
            "%s's product" % name]


def test_the_matcher_itself_finds_every_variant():
    for text in [*variants("Acmeron Devices"), base64.b64encode(b"so Acmeron Devices it is").decode(), "Acmeron%20Devices"]:
        raw = b"Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text.encode()
        assert fold("Acmeron Devices") in everything(Opened("", raw)), text


def test_a_text_that_names_everyone_leaks_nobody(own):
    box = own(vendors=12, send_delay="1s")
    rhea, word, summary = box["rhea"], canary(), canary()
    who = [names.vendor(i) for i in range(12)]
    text = "Report %s by Rhea Sandoval, rhea@research.example.\n\n" % word
    text += "\n\n".join("\n".join([*variants(name), "mail psirt@%s or see https://www.%s/advisory" % (domain, domain)])
                        for _, name, domain, _ in who)
    subject = "Flaw in " + ", ".join(name for _, name, _, _ in who)
    r = report(box, rhea, text, subject, seal="sign+encrypt", with_key=True,
               attachments=[("poc-%s.txt" % "-".join(slug for slug, *_ in who), b"proof", "application/octet-stream")])
    c = accept(box, box["aiko"], r)
    notify(box, c, "In short: %s." % summary, [v.org for v in box.vendors], title="Many products", more=["Share: 1 all"])
    usable = [v for v in box.vendors if v.key_state == "usable"]
    for vendor in usable:
        notice(vendor, summary, 60)
    settled(box, 60)
    shared = 0
    for i, vendor in enumerate(box.vendors):
        for mail in vendor.inbox():
            assert mail.error is None
            shared += word in mail.text
            seen = everything(mail)
            hits = [name for j, (_, name, domain, _) in enumerate(who) if j != i and (fold(name) in seen or fold(domain) in seen)]
            hits += [w for w in ("Sandoval", "rhea@research", "research.example") if fold(w) in seen]
            assert not hits, (vendor.email, mail.subject, hits)
    assert shared == len(usable), "the shared report is in every notice, cut but there"


def test_all_keys_of_a_vendor_are_cut(box):
    """Its subkeys too, in which a receipt or a keyring names it."""
    listed = box["acme"].gpg("--list-keys", "--with-colons", box["acme"].fingerprint)[0].decode()
    subkey = re.search(r"^sub:.*?:([0-9A-F]{16}):", listed, re.M).group(1)
    word, shared = canary(), canary()
    c = open_case(box, "%s was encrypted to %s and 0x%s." % (shared, subkey, subkey))
    notify(box, c, "Short: %s" % word, ["acme", "globex"], more=["Share: 1 acme globex"])
    assert subkey in notice(box["acme"], shared).text
    assert subkey not in notice(box["globex"], shared).text


def test_summary_that_names_a_vendor_stops_the_send(box):
    aiko = box["aiko"]
    c = open_case(box, "Details")
    word = canary()
    answer = notify(box, c, "Acmeron Devices is at fault. %s" % word, ["acme", "globex"])
    assert "Acmeron" in answer.text
    settled(box)
    assert not [m for v in ("acme", "globex") for m in box[v].inbox() if word in m.text]
    aiko.command(c, "Allow-Term: Acmeron Devices", "Allow-Term: Acmeron", "Send: vendor-notice all")


def test_padding_oracle_goes_out_whole_once_allowed(own):
    """A desk that knows Oracle, Apple and curl: ordinary words until a coordinator lets them through."""
    box = own(send_delay="1s")
    for slug, name in (("oracle", "Oracle"), ("apple", "Apple"), ("curl", "curl")):
        box.ctl("org", "add", slug, "--name", name, "--trust", "verified")
    c = open_case(box, "Details")
    word = canary()
    summary = "A padding oracle, seen with curl against an Apple of mine. %s" % word
    notify(box, c, summary, ["acme"])
    settled(box)
    assert not [m for m in box["acme"].inbox() if word in m.text]
    notify(box, c, summary, ["acme"], more=["Allow-Term: Oracle", "Allow-Term: Apple", "Allow-Term: curl"])
    assert "padding oracle, seen with curl against an Apple" in " ".join(notice(box["acme"], word).text.split())


def test_guard_holds_a_letter_that_repeats_an_unshared_report(box):
    """What redaction has no part in: a coordinator's own words that are the report's."""
    words, summary = " ".join(canary(9) for _ in range(12)), canary()
    c = open_case(box, "It begins so: %s. And ends." % words)
    notify(box, c, "Short: %s" % summary, ["acme", "globex"])
    notice(box["acme"], summary)
    before = set(letters(box))
    box["aiko"].command(c, "Tell: acme", text="As was said, %s, and more." % words)

    def held():
        return [l for n, l in letters(box).items() if n not in before and l["template"] == "tell" and l["state"] == "held"]
    wait_for(held, 30, "a held letter")
    assert not [m for m in box["acme"].inbox() if words.split()[0] in m.text]
