"""kill -9 of each program, during reports and a send to 50 vendors: nothing lost, nothing twice.

EMBARGOD_DEEP=1: 20 times each, as it is to be shown in full; otherwise twice each.
"""
import os
import random
import signal
import threading
import time

from sandboxlib import box as sandbox_box, space
from sandboxlib.actor import wait_for
from steps import canary, letters, notice, notify, open_case, reports, settled

TIMES = 20 if os.environ.get("EMBARGOD_DEEP") else 2
PROGRAMS = ("embargod-front", "embargod-desk", "embargod-open", "embargod-verify", "embargod-seal", "embargod")


def pids(setup, program):
    found = []
    for pid in space.members(setup["holder"]):
        try:
            with open("/proc/%d/cmdline" % pid, "rb") as f:
                if os.path.basename(f.read().split(b"\0")[0].decode()) == program:
                    found.append(pid)
        except OSError:
            pass
    return found


def kill(box, setup, program):
    """Wait until one of the program is there, let it work a little, and kill it; a dead supervisor is started again."""
    pid = wait_for(lambda: pids(setup, program), 30, program)[0]
    time.sleep(random.uniform(0, 0.3))
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    if program == "embargod":
        wait_for(lambda: not sandbox_box.embargod_pids(setup), 20, "the rest to notice that the supervisor is gone")
        sandbox_box.start_daemon(box.dir)


class Reports(threading.Thread):
    """Reports, one after the other, until told to stop; counts what the MTA took."""

    def __init__(self, box):
        super().__init__(daemon=True)
        self.box, self.taken, self.more = box, 0, True

    def run(self):
        while self.more:
            raw = self.box["nils"].write("Report %s" % canary(), "Report")
            if self.box["nils"].post(raw)[0] == 250:
                self.taken += 1
            time.sleep(0.5)


def test_killed_programs_lose_and_repeat_nothing(own):
    box = own(vendors=50, send_delay="1s")
    setup = sandbox_box.load(box.dir, "setup.json")
    word = canary()
    c = open_case(box, "Details")
    before = len(reports(box))
    stream = Reports(box)
    stream.start()
    notify(box, c, "Short: %s" % word, [v.org for v in box.vendors])
    for program in PROGRAMS:
        for _ in range(TIMES):
            kill(box, setup, program)
    time.sleep(1)
    stream.more = False
    stream.join(30)
    wait_for(lambda: len(reports(box)) - before >= stream.taken, 120, "every report that was taken")
    settled(box, 120)
    assert len(reports(box)) - before == stream.taken
    for vendor in box.vendors:
        if vendor.key_state == "usable":
            notice(vendor, word, 60)
            copies = [m.message_id for m in vendor.inbox() if word in m.text]
            assert len(set(copies)) == 1, (vendor.email, copies)
            vendor.end_agent()
    assert all(l["state"] != "bounced" for l in letters(box).values())
