"""The wall around who reads strangers' bytes: what runs there, and what it costs when it goes down."""
import os
import signal
import subprocess

from sandboxlib import box as sandbox_box, space
from sandboxlib.actor import wait_for
from steps import canary, open_case, report


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


USERS = {"embargod-front": 61003, "embargod-desk": 61003, "embargod-open": 61005, "embargod-verify": 61006, "embargod-seal": 61007,
         "embargod-holder": 61008}
ONLY = {0, 1, 3, 5, 6, 7}  # CAP_CHOWN, DAC_OVERRIDE, FOWNER, KILL, SETGID, SETUID


def status(pid):
    with open("/proc/%d/status" % pid, encoding="ascii", errors="replace") as f:
        return dict(l.rstrip("\n").split(":\t", 1) for l in f if ":\t" in l)


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


def test_each_program_is_its_own_user(box):
    open_case(box, canary())  # letters went out: the sealer is there too
    setup = sandbox_box.load(box.dir, "setup.json")
    seen = set()
    for pid in sandbox_box.embargod_pids(setup):
        with open("/proc/%d/cmdline" % pid, "rb") as f:
            name = os.path.basename(f.read().split(b"\0")[0].decode())
        s = status(pid)
        if name in USERS:
            seen.add(name)
            assert set(s["Uid"].split()) == {str(outside(box, USERS[name]))}, name
            assert name == "embargod-front" or s["Groups"].split() == [], name
            assert int(s["CapPrm"], 16) == int(s["CapEff"], 16) == 0, name
        if name == "embargod":
            seen.add(name)
            assert {i for i in range(64) if int(s["CapPrm"], 16) >> i & 1} <= ONLY
        assert {i for i in range(64) if int(s["CapBnd"], 16) >> i & 1} <= ONLY, name
    assert seen >= {"embargod", "embargod-front", "embargod-desk", "embargod-holder", "embargod-open", "embargod-seal"}


def test_what_belongs_to_whom(box):
    open_case(box, canary())
    box.ctl("org", "add", "whose", "--name", "Whose Corp")  # a verb of root's on the store
    desk, root = outside(box, 61003), outside(box, 0)
    for base, _, names in os.walk(inside(box, "embargod/state")):
        for name in [""] + names:
            assert os.lstat(os.path.join(base, name)).st_uid == desk, (base, name)
    keys = inside(box, "embargod/keys")
    assert os.stat(keys).st_uid == root and os.stat(keys).st_mode & 0o7777 == 0o1770
    for private in ("openpgp", "smime"):
        assert os.stat(keys + "/" + private).st_uid == root and os.stat(keys + "/" + private).st_mode & 0o77 == 0
    for ring in ("epoch.key", "ring"):
        assert os.stat(keys + "/" + ring).st_uid == desk and os.stat(keys + "/" + ring).st_mode & 0o77 == 0
    run = inside(box, "run")
    assert os.stat(run).st_uid == root and os.stat(run).st_mode & 0o1000
    for copy in os.listdir(run + "/gnupg"):
        st = os.stat(run + "/gnupg/" + copy)
        assert st.st_uid not in (root, desk) and st.st_mode & 0o77 == 0, copy


def test_one_user_for_all_is_said_aloud(own):
    box = own()
    box.sandbox("daemon", "stop")
    setup = sandbox_box.load(box.dir, "setup.json")
    at = setup["alias"]
    for part in ("state", "keys"):
        for base, dirs, names in os.walk(inside(box, "embargod/" + part)):
            for name in [""] + names + dirs:
                os.lchown(os.path.join(base, name), outside(box, 61003), outside(box, 61003))
    os.chown(inside(box, "run"), outside(box, 61003), outside(box, 61003))
    for left in ("scratch", "gnupg", "smime", "public", "embargod.pid", "milter.sock"):
        subprocess.run(["rm", "-rf", inside(box, "run/" + left)], check=True)
    words = space.enter(setup["holder"]) + ["setpriv", "--reuid=61003", "--regid=61003", "--groups=61001", at + "/build/embargod",
                                            "-c", at + "/embargod/embargod.conf"]
    with open(box.dir + "/embargod/log", "ab") as log:
        daemon = subprocess.Popen(words, stderr=log, stdout=log)
    try:
        wait_for(lambda: os.path.exists(inside(box, "run/ready")), 20, "embargod as one user")
        with open(box.dir + "/embargod/log", encoding="utf-8") as log:
            assert "TEST MODE: not started as root" in log.read()
        done = subprocess.run([box.dir + "/embargoctl", "check"], stdout=subprocess.PIPE, text=True, check=False)
        assert done.returncode == 78 and "embargod runs as one user, which is a test mode" in done.stdout
        report(box, box["nils"], canary())
    finally:
        daemon.terminate()
        daemon.wait(30)
