"""measure - what fan-out and other-mail share: a sandbox for a while, and the processor time of its programs."""
import contextlib
import ctypes
import os
import shutil
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, TOP + "/contrib")
sys.dont_write_bytecode = True

from sandboxlib import box as sandbox, space  # noqa: E402  (the path must be set first)
from sandboxlib.actor import Box  # noqa: E402

PROGRAM = TOP + "/contrib/sandbox"
TICK = os.sysconf("SC_CLK_TCK")
OURS = ("embargod", "gpg", "scdaemon", "dirmngr", "keyboxd", "bench-bare")


PR_SET_CHILD_SUBREAPER = 36


def adopt():
    """From now on orphans among our descendants become our children: gpgme lets go of each gpg that it starts."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def orphans():
    """Seconds of all adopted processes that ended since the last call. Not while a child of our own runs."""
    total = 0.0
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, _, used = os.wait4(-1, os.WNOHANG)
            if pid == 0:
                break
            total += used.ru_utime + used.ru_stime
    return total


@contextlib.contextmanager
def running(*options):
    """A sandbox in a folder of its own; gone afterwards. Ends the program with 77 where the host does not allow one."""
    base = tempfile.mkdtemp(prefix="embargod-bench-")
    try:
        done = subprocess.run([PROGRAM, "up", base + "/box", *options], check=False)
        if done.returncode != 0:
            sys.exit(done.returncode)
        try:
            yield Box(PROGRAM, base + "/box")
        finally:
            subprocess.run([PROGRAM, "down", base + "/box"], check=False)
    finally:
        shutil.rmtree(base, ignore_errors=True)


def ours(dir_):
    """{pid: (name, seconds)} of our programs and GnuPG's in the sandbox; ended children count for who waited for them."""
    found = {}
    for pid in space.members(sandbox.load(dir_, "setup.json")["holder"]):
        with contextlib.suppress(OSError):
            with open("/proc/%d/stat" % pid, encoding="utf-8", errors="replace") as f:
                head, _, rest = f.read().rpartition(")")
            name, words = head.partition("(")[2], rest.split()
            if name.startswith(OURS):
                found[pid] = (name, sum(int(w) for w in words[11:15]) / TICK)
    return found


def spent(before, after):
    """Seconds by name of program between two looks."""
    total = {}
    for pid, (name, seconds) in after.items():
        total[name] = total.get(name, 0) + seconds - before.get(pid, (name, 0))[1]
    return total


def line(what, value, unit=""):
    print("  %-44s %9.2f %s" % (what, value, unit), flush=True)
