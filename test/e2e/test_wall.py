"""The wall around who reads strangers' bytes: what runs there, and what it costs when it goes down."""
import os
import signal

from sandboxlib import box as sandbox_box, space
from sandboxlib.actor import wait_for
from steps import canary, report


def openers(box):
    """The pids of embargod-open, the small parent first: it is there before any worker."""
    found = []
    for pid in space.members(sandbox_box.load(box.dir, "setup.json")["holder"]):
        try:
            with open("/proc/%d/cmdline" % pid, "rb") as f, open("/proc/%d/stat" % pid, encoding="ascii", errors="replace") as stat:
                if os.path.basename(f.read().split(b"\0")[0].decode()) == "embargod-open":
                    found.append((int(stat.read().rpartition(")")[2].split()[19]), pid))
        except OSError:
            pass
    return [pid for _, pid in sorted(found)]


def test_the_small_parent_is_replaced_and_reads_no_mail(box):
    report(box, box["nils"], canary())
    wait_for(lambda: len(openers(box)) == 1, 20, "the opener's parent to be alone")
    parent = openers(box)[0]
    report(box, box["nils"], canary())
    assert openers(box)[0] == parent  # it forks, and is never used up
    os.kill(parent, signal.SIGKILL)
    report(box, box["nils"], canary())
    assert parent not in openers(box)
