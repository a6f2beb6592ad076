"""A store that an older Embargod wrote: schema-1.tar.xz is a desk of schema 1 with its store's (throw-away) keys, two cases and
two letters that the guard held, made by the last program that wrote it."""
import os
import re
import shutil
import tarfile

from sandboxlib import box as sandbox_box
from sandboxlib.actor import wait_for
from steps import USERS, case, cases, letters

HERE = os.path.dirname(os.path.abspath(__file__))
OLD_LETTERS = 24


def put_old_store(box):
    """The sandbox's own store is taken away, with the store's keys; the desk's keys stay."""
    at = box.dir + "/embargod/"
    user = USERS["embargod-desk"] if os.geteuid() == 0 else -1
    shutil.rmtree(at + "state/store")
    with tarfile.open(HERE + "/schema-1.tar.xz") as old:
        for member in old.getmembers():
            old.extract(member, at, set_attrs=False)
            path = at + member.name
            if member.isfile() or member.name == "state/store":
                os.chmod(path, 0o600 if member.isfile() else 0o700)
                os.chown(path, user, user)


def log_of(box):
    with open(box.dir + "/embargod/log", encoding="utf-8") as f:
        return re.findall(r"upgrade schema=.*", f.read())


def check_old_store(box):
    assert sorted(cases(box)) == [1, 2] and len(letters(box)) >= OLD_LETTERS
    for name in ("C1", "C2"):
        assert "agree" in box.ctl("case", "fsck", name, as_="aiko").stdout
    shown = case(box, "C1")
    assert shown["title"] == "A flaw in frames"
    parts = [p for piece in shown["pieces"] if piece["n"] == 1 for p in piece["parts"]]
    assert [p.get("filename") for p in parts] == [None, "trace.txt", "key.asc"]
    assert {p["unread"] for p in parts} == {"it came before attached files were looked into"}
    known = {p["party"]: p["knows"] for p in box.ctl_json("case", "who-knew", "C1", as_="aiko")["parties"]}
    assert set(known["acme"]) == {"1", "1.1", "2"}


def test_the_desk_upgrades_it_at_its_start(own):
    box = own(send_delay="1s")
    sandbox_box.stop_daemon(box.dir)
    put_old_store(box)
    sandbox_box.start_daemon(box.dir)
    assert log_of(box) == ["upgrade schema=2 from=C1 to=C2 of=2 events=%s" % re.search(r"events=(\d+)", log_of(box)[0])[1]]
    check_old_store(box)
    # What the old guard held goes out by the way of anything that is held, and is judged again.
    held = [n for n, l in letters(box).items() if l["place"] == "C2" and l["state"] == "held"]
    assert len(held) == 2
    box.ctl("outbox", "retry", "L%d" % held[0], as_="aiko")
    again = wait_for(lambda: [l for l in [letters(box)[held[0]]] if l["state"] == "held"], 40, "the letter held again")[0]
    assert "Send-Anyway" in str(again)
    sandbox_box.stop_daemon(box.dir)
    sandbox_box.start_daemon(box.dir)
    assert len(log_of(box)) == 1, "once"


def test_a_verb_on_the_store_upgrades_it_too(own):
    box = own(send_delay="1s")
    sandbox_box.stop_daemon(box.dir)
    put_old_store(box)
    done = box.ctl("org", "list")
    assert "upgrade schema=2 from=C1 to=C2" in done.stderr and "acme" in done.stdout
    sandbox_box.start_daemon(box.dir)
    assert not log_of(box)
    check_old_store(box)
