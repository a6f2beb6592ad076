"""demo - one report from the alias to every vendor's mailbox and back, shown step by step."""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, TOP + "/contrib")

from sandboxlib.actor import Box, wait_for  # noqa: E402  (the path must be set first)

PROGRAM = TOP + "/contrib/sandbox"
REPORT = """Hello,

the firmware parser of several products copies a length field from the file
into a fixed buffer. A crafted file runs code. {word}

A proof of concept is attached.

Rhea
"""
SUMMARY = """A length field in firmware images is trusted by the parser, which leads to
memory corruption. Please check your products, and answer to this mail.
({word})
"""
FULL = 6  # of that many vendors the mailbox is shown whole; of the others a line


class Steps:
    """What has been done, and how long it took."""

    def __init__(self):
        self.done = []

    def __call__(self, title):
        return Step(self, title)


class Step:
    def __init__(self, steps, title):
        self.steps, self.title = steps, title

    def __enter__(self):
        self.began = time.monotonic()
        print("\n== %s" % self.title, flush=True)
        return self

    def __exit__(self, kind, *_):
        seconds = time.monotonic() - self.began
        if kind is None:
            self.steps.done.append((self.title, seconds))
            print("   %.1f s" % seconds, flush=True)


def bar(done, total, what):
    """A progress bar, on a terminal drawn over itself, elsewhere a line at each tenth."""
    total = max(total, 1)
    width = 40 * done // total
    text = "   [%s%s] %d/%d %s" % ("#" * width, "." * (40 - width), done, total, what)
    if sys.stdout.isatty():
        print("\r" + text, end="\n" if done >= total else "", flush=True)
    elif done * 10 // total != bar.last:
        bar.last = done * 10 // total
        print(text, flush=True)


bar.last = -1


def run(words, log, cwd, watch=None):
    """Run a tool with its output in a log; watch(line) sees every line."""
    with open(log, "a", encoding="utf-8") as f:
        child = subprocess.Popen(words, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        for line in child.stdout:
            f.write(line)
            if watch:
                watch(line)
    if child.wait() != 0:
        with open(log, encoding="utf-8", errors="replace") as f:
            sys.exit("%s failed:\n%s" % (" ".join(words), "".join(f.readlines()[-25:])))


def build(build_dir):
    """An out-of-tree build, with a bar over the C files."""
    os.makedirs(build_dir, exist_ok=True)
    log = build_dir + "/demo-build.txt"
    if not os.path.exists(TOP + "/configure"):
        run(["./bootstrap"], log, TOP)
    if not os.path.exists(build_dir + "/config.status"):
        print("   configure ...", flush=True)
        run([TOP + "/configure", "-q"], log, build_dir)
    plan = subprocess.run(["make", "-n"], cwd=build_dir, check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    total, done = plan.count(" -c -o "), 0

    def watch(line):
        nonlocal done
        if line.lstrip().startswith("CC ") and done < total:
            done += 1
            bar(done, total, "files compiled")

    run(["make", "-j%d" % (os.cpu_count() or 1)], log, build_dir, watch)


def show(mail, actor):
    """A mail as its reader sees it."""
    layers = " in ".join(reversed(mail.sealed)) or "not encrypted"
    signed = ", signed by the desk" if mail.signed_by(actor.box.desk["openpgp"]) or mail.signed_by(actor.box.desk["smime_signer"]) else ""
    print("   | %s -> %s   (%s%s)" % (mail.outer["From"], actor.email, layers, signed))
    print("   | outer subject: %s" % mail.outer["Subject"])
    if mail.error:
        print("   | CANNOT BE OPENED: %s" % mail.error)
        return
    if mail.subject != str(mail.outer["Subject"] or ""):
        print("   | subject:       %s" % mail.subject)
    lines = mail.text.strip().splitlines()
    for line in lines[:28]:
        print(textwrap.shorten("   |     " + line, 130, placeholder=" ...", drop_whitespace=False) if len(line) > 120 else "   |     " + line)
    if len(lines) > 28:
        print("   |     ... %d more lines" % (len(lines) - 28))
    print("   |", flush=True)


def command(coordinator, case, *lines, text=""):
    print("   %s sends, signed and encrypted:" % coordinator.name)
    for line in ("Embargod: %s <one-time code>" % case, *lines, *(["", *text.strip().splitlines()] if text else [])):
        print("   >     " + line)
    answer = coordinator.command(case, *lines, text=text, timeout=120)
    show(answer, coordinator)
    return answer


def first(names, what):
    return wait_for(lambda: next(iter(names()), None), 120, what)


def report_in(box):
    rhea, aiko = box["rhea"], box["aiko"]
    rhea.send(REPORT.format(word="Report-marker quince-obelisk."), "Memory corruption in a firmware parser", seal="sign+encrypt", with_key=True,
              attachments=[("poc.bin", bytes(range(256)) * 4, "application/octet-stream")])
    copy = aiko.wait_mail(lambda m: "quince-obelisk" in m.text, 120, "the coordinators' copy")
    show(copy, aiko)
    return next(c for c, _ in copy.blocks() if c.startswith("R"))


def opened_case(box, report):
    """Accept the report: the case's name, from the blocks that the answers offer."""
    command(box["aiko"], report, "Accept: " + report)
    return first(lambda: [c for m in reversed(box["aiko"].inbox()) for c, _ in m.blocks() if c.startswith("C")], "a command block of the case")


def usable(box):
    return [v for v in box.vendors if v.key_state == "usable"]


def delivered(box, timeout):
    """Every vendor with a usable key opens its mailbox; {vendor: its notice, or None}."""
    waiting, notices = usable(box), {}
    total, until = len(waiting), time.monotonic() + timeout
    while waiting and time.monotonic() < until:
        for vendor in list(waiting):
            if vendor.files():
                found = next((m for m in vendor.inbox() if "amber-lattice" in m.text), None)
                if found:
                    notices[vendor] = found
                    waiting.remove(vendor)
                    vendor.end_agent()
                    bar(len(notices), total, "vendors have decrypted their notice")
        time.sleep(0.2)
    return {**notices, **{v: None for v in waiting}}


def right(box, vendor, mail):
    """Whether this is that vendor's own notice: encrypted, signed by the desk, and nothing of others in it."""
    signer = box.desk["smime_signer" if vendor.protocol == "smime" else "openpgp"]
    return mail is not None and mail.encrypted and mail.signed_by(signer) and not mail.error


def answers(box, notices):
    acme, globex, aiko = box["acme"], box["globex"], box["aiko"]
    acme.reply(notices[acme], "We can reproduce it. (signed-answer)", seal="sign+encrypt")
    globex.reply(notices[globex], "Your mail has become a ticket. (unsigned-answer)", "[globex #4711] Re: your mail",
                 sender="tickets@globex-support.example")
    for word in ("signed-answer)", "unsigned-answer)"):
        show(aiko.wait_mail(lambda m, w=word: "(" + w in m.text, 120, "the copy of a vendor's answer"), aiko)


def mailboxes(box):
    for actor in box.actors.values():
        mails = actor.inbox()
        if actor.role == "vendor" and box.vendors.index(actor) >= FULL:
            print("   %-40s %d mail: %s" % (actor.email, len(mails), "; ".join(m.subject for m in mails)))
            actor.end_agent()
            continue
        print("\n   -- %s <%s>, %s, key %s: %d in the mailbox" % (actor.name, actor.email, actor.protocol, actor.key_state, len(mails)))
        for mail in mails[-3:] if actor.role == "coordinator" else mails:
            show(mail, actor)


def parse():
    parser = argparse.ArgumentParser(prog="contrib/demo", description="The whole way of a report, on loopback.")
    parser.add_argument("--vendors", type=int, default=6)
    parser.add_argument("--placement", choices=("inner", "inline"), default="inner")
    parser.add_argument("--form", choices=("plus", "subdomain", "none"), default="plus")
    parser.add_argument("--build", default=os.environ.get("EMBARGOD_BUILD") or TOP + "/build/demo", help="build tree (default: build/demo)")
    parser.add_argument("--keep", action="store_true", help="leave the sandbox running, and say where")
    args = parser.parse_args()
    if args.vendors < 2:
        parser.error("--vendors: at least 2, of whom one answers signed and one unsigned")
    return args


def story(box, step, vendors):
    with step("A reporter writes to %s, encrypted; coordinators get their copies" % box.desk["address"]):
        report = report_in(box)
    with step("A coordinator accepts the report"):
        case = opened_case(box, report)
    with step("Title, summary, vendors, and the send"):
        command(box["aiko"], case, "Title: Memory corruption in firmware parsers", "Vendors: +@vendors", "Summary:",
                "Send: vendor-notice all", text=SUMMARY.format(word="amber-lattice"))
    with step("Notices go out: each vendor reads its own with its own key"):
        notices = delivered(box, 90 + vendors)
    with step("A signed answer, and an unsigned one from a ticket system"):
        answers(box, notices)
    with step("What each mailbox holds, opened with its owner's key"):
        mailboxes(box)
    return [v.email for v, mail in notices.items() if not right(box, v, mail)]


def main():
    args, step = parse(), Steps()
    if "EMBARGOD_INSTALL_SECONDS" in os.environ:
        step.done.append(("Packages installed", float(os.environ["EMBARGOD_INSTALL_SECONDS"])))
    with step("Build"):
        build(os.path.abspath(args.build))
    dir_ = tempfile.mkdtemp(prefix="embargod-demo-") + "/box"
    with step("Sandbox: a private Postfix, embargod, keys and mailboxes for %d vendors" % args.vendors):
        done = subprocess.run([PROGRAM, "up", dir_, "--vendors", str(args.vendors), "--placement", args.placement, "--form", args.form,
                               "--build", os.path.abspath(args.build)], check=False)
        if done.returncode != 0:
            return done.returncode
        box = Box(PROGRAM, dir_)
    try:
        failed = story(box, step, args.vendors)
    finally:
        if args.keep:
            print("\nThe sandbox goes on: contrib/sandbox info %s; end it with: contrib/sandbox down %s" % (dir_, dir_))
        else:
            subprocess.run([PROGRAM, "down", dir_], check=False)
            shutil.rmtree(os.path.dirname(dir_), ignore_errors=True)
    print("\n%-75s seconds" % "step")
    for title, seconds in step.done:
        print("%-75s %7.1f" % (title[:75], seconds))
    total = len(usable(box))
    print("\n%d of %d vendors with a usable key have decrypted their own notice." % (total - len(failed), total))
    for address in failed:
        print("MISSING or wrong: %s" % address)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except AssertionError as error:
        print("\ndemo: %s" % error, file=sys.stderr)
        sys.exit(1)
