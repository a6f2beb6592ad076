"""steps - what the tests do again and again: a report in, a case open, a notice out."""
import os
import re
import secrets
import string

from sandboxlib import box as sandbox_box, space
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


def log(box):
    with open(box.dir + "/embargod/log", encoding="utf-8", errors="replace") as f:
        return f.read()


def filed(box):
    """How many mails were filed so far, opened or not."""
    return log(box).count(" filed mail=")


def configure(box, *lines):
    """Add lines to the configuration and start the daemon anew; its counts begin anew too."""
    sandbox_box.stop_daemon(box.dir)
    with open(box.dir + "/embargod/embargod.conf", "a", encoding="utf-8") as f:
        f.write("".join(l + "\n" for l in lines))
    sandbox_box.start_daemon(box.dir)


# Programs, users and files of a sandbox


USERS = {"embargod-front": 61003, "embargod-desk": 61003, "embargod-open": 61005, "embargod-verify": 61006, "embargod-seal": 61007,
         "embargod-holder": 61008}


def programs(box, name):
    """The pids of a program, the oldest first: of embargod-open the small parent, which is there before any worker."""
    found = []
    for pid in space.members(sandbox_box.load(box.dir, "setup.json")["holder"]):
        try:
            with open("/proc/%d/cmdline" % pid, "rb") as f, open("/proc/%d/stat" % pid, encoding="ascii", errors="replace") as stat:
                if os.path.basename(f.read().split(b"\0")[0].decode()) == name:
                    found.append((int(stat.read().rpartition(")")[2].split()[19]), pid))
        except OSError:
            pass
    return [pid for _, pid in sorted(found)]


def program(box, name):
    return programs(box, name)[0]


def outside(box, uid):
    """A uid of the sandbox as this test sees it: a namespace of users may lie between."""
    with open("/proc/%d/uid_map" % sandbox_box.load(box.dir, "setup.json")["holder"], encoding="ascii") as f:
        for first, host, n in (map(int, l.split()) for l in f):
            if first <= uid < first + n:
                return uid - first + host
    raise AssertionError(uid)


def inside(box, path):
    setup = sandbox_box.load(box.dir, "setup.json")
    return "/proc/%d/root%s/%s" % (setup["holder"], setup["alias"], path)
