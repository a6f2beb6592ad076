"""Mails that are cheap to send and dear to open: a named defect, soon, in little memory, and nothing left running."""
import json
import os
import subprocess
import threading
import time

import pytest

import bombs
from conftest import TOP
from sandboxlib import box as sandbox_box, space
from sandboxlib.actor import wait_for
from steps import reports

DESK = "security@cert.example"
SECONDS, MEGABYTES = 5, 300
SLACK = 1 if os.environ.get("EMBARGOD_DEEP") else 3  # of the clock, on a machine with other work


def build():
    return os.environ.get("EMBARGOD_BUILD") or TOP + "/build/gcc"


class Watch(threading.Thread):
    """Looks at processes all the time: the most memory that one had, and that all had together."""

    def __init__(self, pids):
        super().__init__(daemon=True)
        self.pids, self.more, self.one, self.all = pids, True, 0, 0

    def run(self):
        while self.more:
            now = 0
            for pid in self.pids():
                try:
                    with open("/proc/%d/status" % pid, encoding="ascii", errors="replace") as f:
                        said = dict(l.split(":", 1) for l in f)
                except OSError:
                    continue
                self.one = max(self.one, int(said.get("VmHWM", "0 kB").split()[0]) // 1024)
                now += int(said.get("VmRSS", "0 kB").split()[0]) // 1024
            self.all = max(self.all, now)
            time.sleep(0.01)


def session(sid):
    """The processes of a session, but for an agent that went its own way."""
    found = []
    for name in os.listdir("/proc"):
        try:
            if name.isdigit() and os.getsid(int(name)) == sid and not space.is_zombie(int(name)):
                found.append(int(name))
        except (ProcessLookupError, PermissionError):
            pass
    return found


def comm(pid):
    try:
        with open("/proc/%d/comm" % pid, encoding="utf-8", errors="replace") as f:
            return f.read().strip()
    except OSError:
        return "gpg-agent"  # gone


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder for `open --home` with a key of each protocol."""
    dir_ = str(tmp_path_factory.mktemp("h", numbered=False))
    os.mkdir(dir_ + "/gnupg", 0o700)
    os.makedirs(dir_ + "/smime/keys")
    os.mkdir(dir_ + "/smime/certs")
    bombs.gpg(dir_ + "/gnupg", "--passphrase", "", "--quick-gen-key", "desk <%s>" % DESK, "future-default", "default", "0")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", dir_ + "/smime/keys/desk.pem", "-out",
                    dir_ + "/smime/certs/desk.pem", "-subj", "/CN=desk", "-addext", "subjectAltName=email:" + DESK, "-days", "30"],
                   check=True, stderr=subprocess.DEVNULL)
    yield dir_
    subprocess.run(["gpgconf", "--homedir", dir_ + "/gnupg", "--kill", "all"], check=False)


def pgp_bombs(gnupg, recipient, own):
    return {
        "literal": (bombs.pgp_mime(bombs.sealed(gnupg, recipient, own, bombs.literal_bomb()), b"literal"), "decompressed-too-large"),
        "quiet": (bombs.pgp_mime(bombs.sealed(gnupg, recipient, own, bombs.quiet_bomb()), b"quiet"), "decompressing-too-long"),
        "wrapped-keys": (bombs.pgp_mime(bombs.sealed(gnupg, recipient, own, bombs.packet(11, b"b\0\0\0\0\0words"), copies=10000), b"keys"),
                 "too-many-keys"),
        "hidden-keys": (bombs.pgp_mime(bombs.sealed(gnupg, recipient, own, b"", copies=10000, hidden=True), b"hidden"), "too-many-keys"),
    }


def mime_bombs():
    return {
        "deep": (bombs.deep(), "too-deep"),
        "deep-mails": (bombs.deep_mails(), "too-many-layers"),
        "many": (bombs.many(), "too-many-parts"),
        "many-mails": (bombs.many_mails(), "too-many-parts"),
        "fields": (bombs.many_fields(), "header-too-large"),
    }


def all_bombs(home):
    return {
        **pgp_bombs(home + "/gnupg", DESK, DESK),
        **mime_bombs(),
        "inline": (bombs.inline(bombs.literal_bomb(), b"inline"), "decompressed-too-large"),
        "line": (bombs.long_line(), "too-large"),
        "line-in-header": (bombs.long_line(field=b"X-Long: "), "too-large"),
        "cms-keys": (bombs.smime(bombs.cms_many(home + "/smime/certs/desk.pem"), b"keys"), "too-many-keys"),
    }


def test_bombs_are_small_and_their_cost_is_bounded(home, tmp_path):
    """Through `embargoctl open`: each one alone, so that its cost is its own."""
    costs = {}
    for name, (mail, defect) in all_bombs(home).items():
        path = str(tmp_path / name)
        with open(path, "wb") as f:
            f.write(mail)
        start = time.monotonic()
        child = subprocess.Popen([build() + "/embargoctl", "open", "--home", home, "--json", path], stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, start_new_session=True)
        watch = Watch(lambda: session(child.pid))
        watch.start()
        out, said = child.communicate(timeout=60)
        took, watch.more = time.monotonic() - start, False
        watch.join()
        os.unlink(path)
        shown = json.loads(out)
        assert child.returncode == 0 and shown["error"] is None, (name, said)
        assert defect in shown["defects"], (name, shown["defects"], shown["seals"])
        assert took < SECONDS * SLACK, (name, took)
        assert watch.one < MEGABYTES and watch.all < 1.5 * MEGABYTES, (name, watch.one, watch.all)
        # gpg goes on unpacking for nobody until it meets its limit on processor time, or is killed with its worker.
        wait_for(lambda: not [p for p in session(child.pid) if comm(p) != "gpg-agent"], 10 * SLACK, "no gpg at work after " + name)
        costs[name] = "%.2f s %d MB" % (took, watch.one)
    print(costs)
    assert len(bombs.literal_bomb()) < 20000


def of_comm(setup, *names):
    found = []
    for pid in space.members(setup["holder"]):
        try:
            with open("/proc/%d/comm" % pid, encoding="utf-8", errors="replace") as f:
                if f.read().strip() in names:
                    found.append(pid)
        except OSError:
            pass
    return found


def test_bombs_cost_the_daemon_no_more(own):
    """Through the desk's own opener: every one filed, opened, soon, and the next mail is fine."""
    box = own()
    rhea, setup, before = box["rhea"], sandbox_box.load(box.dir, "setup.json"), set(reports(box))
    them = {**pgp_bombs(rhea.home, box.desk["openpgp"], rhea.fingerprint), **mime_bombs(),
            "inline": (bombs.inline(bombs.literal_bomb(), b"inline"), "decompressed-too-large"),
            "cms-keys": (bombs.smime(bombs.cms_many(box.desk["smime_cert"]), b"keys"), "too-many-keys")}
    watch = Watch(lambda: of_comm(setup, "embargod-open", "gpg"))
    watch.start()
    del them["fields"]  # front refuses it
    for mail, _ in them.values():
        assert rhea.post(mail)[0] == 250
    wait_for(lambda: len(set(reports(box)) - before) == len(them), 20 * SLACK, "every bomb as a report")
    watch.more = False
    watch.join()
    with open(box.dir + "/embargod/log", encoding="utf-8", errors="replace") as f:
        filed = [dict(w.split("=", 1) for w in l.split() if "=" in w) for l in f if " filed mail=" in l]
    assert len(filed) == len(them) and all(f["opened"] == "1" for f in filed), filed
    assert max(int(f["ms"]) for f in filed) < 1000 * SECONDS * SLACK, filed
    assert watch.one < MEGABYTES, watch.one

    def told():
        text = " ".join(m.text for m in box["aiko"].inbox())
        return all("not all of it was looked at (%s)" % defect in text for _, defect in them.values())
    wait_for(told, 20 * SLACK, "a copy that tells of each")
    wait_for(lambda: not of_comm(setup, "gpg"), 10 * SLACK, "no gpg at work")
