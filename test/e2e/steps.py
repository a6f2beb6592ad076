"""steps - what the tests do again and again: a report in, a case open, a notice out."""
import re
import secrets
import string

from sandboxlib.actor import wait_for


def canary(n=20):
    """A word that stands nowhere else, letters only, so that no folding or wrapping splits it."""
    return "".join(secrets.choice(string.ascii_lowercase) for _ in range(n))


def number(value):
    """17 of 17, "17", "R17", "C17"."""
    return int(re.sub(r"\D", "", str(value)))


def reports(box):
    return {number(r["number"]): r for r in box.ctl_json("report", "list", as_="aiko")}


def cases(box):
    return {number(c["case"]): c for c in box.ctl_json("case", "list", as_="aiko")}


def case(box, name):
    shown = box.ctl_json("case", "show", name, as_="aiko")
    return shown[0] if isinstance(shown, list) else shown


def letters(box):
    return {number(l["letter"]): l for l in box.ctl_json("outbox", "list", as_="aiko")}


def report(box, actor, text, subject="A flaw", **kw):
    """A mail of a stranger that becomes a report: its name, "R17"."""
    before = set(reports(box))
    actor.send(text, subject, **kw)
    new = wait_for(lambda: set(reports(box)) - before, 40, "a new report from %s" % actor.email)
    return "R%d" % max(new)


def accept(box, coordinator, name, into=None):
    """Accept a report by a signed command: the case's name, "C42"."""
    before = set(cases(box))
    coordinator.command(name, "Accept: %s%s" % (name, " into " + into if into else ""))
    if into:
        return into
    new = wait_for(lambda: set(cases(box)) - before, 40, "a new case for " + name)
    return "C%d" % max(new)


def open_case(box, text, coordinator="aiko", reporter="rhea", subject="A flaw"):
    """A report taken in and accepted: the case's name."""
    name = report(box, box[reporter], text, subject, seal="sign+encrypt" if box[reporter].home else "",
                  with_key=bool(box[reporter].home))
    return accept(box, box[coordinator], name)


def notify(box, name, summary, vendors, coordinator="aiko", title="A flaw", more=()):
    """Title, summary, vendors and the notice in one command: the answer."""
    them = " ".join("+" + v for v in vendors)
    return box[coordinator].command(name, "Title: " + title, "Vendors: " + them, "Summary:", *more, "Send: vendor-notice all",
                                    text=summary)


def notice(vendor, word, timeout=40):
    """The mail in the vendor's mailbox that has the word in it, opened with the vendor's own key."""
    return vendor.wait_mail(lambda m: word in m.text, timeout, "a mail with the notice's word")


def settled(box, timeout=40):
    """Wait until no letter is on its way."""
    def quiet():
        return not [l for l in letters(box).values() if l["state"] in ("planned", "waiting", "handing-over")]
    wait_for(quiet, timeout, "an outbox at rest")
