"""kill -9 of each program, during reports and a send to 50 vendors: nothing lost, nothing twice.

EMBARGOD_DEEP=1: 20 times each, as it is to be shown in full; otherwise twice each.
"""
import os
import random
import signal
import threading
import time

from sandboxlib import box as sandbox_box
from sandboxlib.actor import wait_for
from steps import canary, letters, notice, notify, open_case, programs, settled

TIMES = 20 if os.environ.get("EMBARGOD_DEEP") else 2
PROGRAMS = ("embargod-front", "embargod-desk", "embargod-holder", "embargod-open", "embargod-verify",
            "embargod-seal", "embargod")
WORKERS = ("embargod-open", "embargod-verify", "embargod-seal")


def kill(box, setup, program):
    """Kill one of the program as soon as it is there (a worker lives for some milliseconds), or, if it stays, a moment
    later; a dead supervisor is started again."""
    until = time.monotonic() + 60
    while True:
        there = programs(box, program)
        if there:
            break
        assert time.monotonic() < until, "no %s for 60 s" % program
    if program not in WORKERS:
        time.sleep(random.uniform(0, 0.3))
    try:
        os.kill(random.choice(there), signal.SIGKILL)  # of embargod-open: the small parent, or a worker
    except ProcessLookupError:
        return
    if program == "embargod":
        wait_for(lambda: not sandbox_box.embargod_pids(setup), 20, "the rest to notice that the supervisor is gone")
        sandbox_box.start_daemon(box.dir)


class Reports(threading.Thread):
    """Mail to the desk until told to stop, plain and signed by turns; remembers what the MTA took."""

    def __init__(self, box):
        super().__init__(daemon=True)
        self.box, self.taken, self.more, self.failed = box, [], True, None

    def run(self):
        try:
            while self.more:
                for actor, seal in (("nils", ""), ("acme", "sign,encrypt")):
                    word = canary()
                    raw = self.box[actor].write("Report %s" % word, "Report " + word, seal=seal)
                    if self.box[actor].post(raw)[0] == 250:
                        self.taken.append(word)
                time.sleep(1 if TIMES > 2 else 0.3)
        except OSError as error:
            self.failed = error


def subjects(box):
    return [m["subject"] or "" for m in box.ctl_json("mail", "list", as_="aiko")]


def test_killed_programs_lose_and_repeat_nothing(own):
    box = own(vendors=50, send_delay="1s")
    setup = sandbox_box.load(box.dir, "setup.json")
    word = canary()
    c = open_case(box, "Details")
    stream = Reports(box)
    stream.start()
    try:
        notify(box, c, "Short: %s" % word, [v.org for v in box.vendors])
        for program in PROGRAMS:
            for _ in range(TIMES):
                kill(box, setup, program)
        time.sleep(1)
    finally:
        stream.more = False
        stream.join(30)
    assert stream.failed is None and stream.taken

    def missing():
        seen = " ".join(subjects(box))
        return [w for w in stream.taken if w not in seen]
    wait_for(lambda: not missing(), 120, "every mail that was taken")
    settled(box, 120)
    seen = subjects(box)
    assert [w for w in stream.taken if sum(w in s for s in seen) != 1] == []
    for vendor in box.vendors:
        if vendor.key_state == "usable":
            notice(vendor, word, 60)
            copies = [m.message_id for m in vendor.inbox() if word in m.text]
            assert len(set(copies)) == 1, (vendor.email, copies)
            vendor.end_agent()
    assert all(l["state"] != "bounced" for l in letters(box).values())
