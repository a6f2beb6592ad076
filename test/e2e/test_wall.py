"""The wall around who reads strangers' bytes: what runs there, and what it costs when it goes down."""
import json
import os
import re
import signal
import socket
import subprocess

from sandboxlib import box as sandbox_box, space
from sandboxlib.actor import wait_for
from planted import marked, plant
from steps import USERS, canary, case, inside, log, notice, notify, open_case, outside, program, programs, report, reports


def test_the_small_parent_is_replaced_and_reads_no_mail(box):
    report(box, box["nils"], canary())
    wait_for(lambda: len(programs(box, "embargod-open")) == 1, 20, "the opener's parent to be alone")
    parent = programs(box, "embargod-open")[0]
    report(box, box["nils"], canary())
    assert programs(box, "embargod-open")[0] == parent  # it forks, and is never used up
    with open("/proc/%d/oom_score_adj" % parent, encoding="ascii") as f:
        assert f.read() == "1000\n"  # where memory does not suffice it is the first to go
    os.kill(parent, signal.SIGKILL)
    report(box, box["nils"], canary())
    assert parent not in programs(box, "embargod-open")


ONLY = {0, 1, 3, 5, 6, 7}  # CAP_CHOWN, DAC_OVERRIDE, FOWNER, KILL, SETGID, SETUID


def status(pid):
    with open("/proc/%d/status" % pid, encoding="ascii", errors="replace") as f:
        return dict(l.rstrip("\n").split(":\t", 1) for l in f if ":\t" in l)


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
    assert os.stat(run).st_uid == root and os.stat(run).st_mode & 0o7777 == 0o755
    assert os.stat(run + "/sock").st_uid == desk and os.stat(run + "/sock").st_mode & 0o7777 == 0o755  # or Sendmail trusts none in it
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
    for left in ("scratch", "gnupg", "smime", "public", "embargod.pid", "lock", "sock"):
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


# A worker that was taken over


def mails(box):
    return box.ctl_json("mail", "list", as_="aiko")


def of_subject(box, subject):
    return [m for m in mails(box) if m["subject"] == subject]


def unopened(box):
    return [m for m in mails(box) if m["state"] == "unopened"]


def test_a_crash_a_loop_and_a_hog_cost_one_mail_each(own):
    box = own(vendors=1)
    plant(box, limit_seconds=5)
    for n, word in enumerate(("crash", "loop", "hog"), 1):
        marked(box, word)
        report(box, box["nils"], "fine after " + word)  # the next is fine, and need not wait long
        wait_for(lambda n=n: len(unopened(box)) == n, 60, "the mail that says %s, kept unopened" % word)
    said = log(box)
    for how in ("signal %d" % signal.SIGSEGV, "signal %d" % signal.SIGABRT):
        assert len(re.findall("worker .* ended: " + how, said)) == 2, how
    # A loop ends by its processor time or, where others need the processor too, by the clock.
    assert len(re.findall("ended: signal %d$|worker lost.*did not answer in time$" % signal.SIGXCPU, said, re.M)) == 2
    assert len(reports(box)) == 6  # each is a report, whole, for a person to look at


def test_open_answers_what_kills_its_opener(own, tmp_path):
    box = own(vendors=1)
    plant(box, limit_seconds=5)
    names = []
    for n, word in enumerate(("crash", "fine", "hog", "loop", "fine")):
        names.append("%s/%d.eml" % (tmp_path, n))
        with open(names[-1], "wb") as f:
            f.write(box["nils"].write("planted:%s\n" % word, "Subject"))
    names.insert(2, "%s/none.eml" % tmp_path)
    done = box.ctl("open", "--json", "-", data="\n".join(names) + "\n", check=False)
    said = [json.loads(l) for l in done.stdout.splitlines()]
    assert done.returncode == 66 and [r["file"] for r in said] == names, done.stderr
    dead = ["opener-died"]
    assert [r["defects"] for r in said] == [dead, [], [], dead, dead, []]
    assert [bool(r["error"]) for r in said] == [False, False, True, False, False, False]
    assert [r["from"] for r in said] == [None, box["nils"].email, None, None, None, box["nils"].email]


PROBES = {"socket": "inet inet-datagram inet6 netlink packet unix",
          "connect": "control desk-socket milter agent-open agent-seal abstract abstract-datagram",
          "read": "store store-folder ring epoch keys pgp-keys smime-keys home-open home-seal smime-open smime-seal config "
                   "scratches",
          "write": "run tmp",
          "memory": "supervisor desk front parent holder other",
          "signal": "supervisor desk front parent holder other everyone",
          "limit": "supervisor desk front parent holder other",
          "become": "root desk", "namespace": "", "mount": "", "chroot": "", "leave": "", "forks": ""}


def probe(box):
    """What the prober says of each of its tries: {"read store": "refused"}."""
    at = sandbox_box.load(box.dir, "setup.json")["alias"]
    name = "embargod-test-%s" % os.urandom(6).hex()
    with socket.socket(socket.AF_UNIX) as stream, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as datagram:
        stream.bind("\0" + name)
        stream.listen()
        datagram.bind("\0" + name + "d")
        marked(box, "wait")
        wait_for(lambda: len(programs(box, "embargod-open")) == 2, 20, "the other mail's worker")
        parent, other = programs(box, "embargod-open")
        marked(box, "probe", supervisor=program(box, "embargod"), desk=program(box, "embargod-desk"),
               front=program(box, "embargod-front"), holder=program(box, "embargod-holder"), parent=parent, other=other, desk_uid=USERS["embargod-desk"],
               control=at + "/run/sock/control.sock", desk_socket=at + "/run/sock/desk.sock", milter=at + "/run/sock/milter.sock",
               agent_open=at + "/run/gnupg/open/S.gpg-agent", agent_seal=at + "/run/gnupg/seal/S.gpg-agent",
               abstract="@" + name, abstract_datagram="@" + name + "d", run_file=at + "/run/planted",
               store=at + "/embargod/state/store/data.mdb", store_folder=at + "/embargod/state/store",
               ring=at + "/embargod/keys/ring", epoch=at + "/embargod/keys/epoch.key", keys=at + "/embargod/keys",
               pgp_keys=at + "/embargod/keys/openpgp", smime_keys=at + "/embargod/keys/smime", home_open=at + "/run/gnupg/open",
               home_seal=at + "/run/gnupg/seal", smime_open=at + "/run/smime/open", smime_seal=at + "/run/smime/seal",
               config=at + "/embargod/embargod.conf", scratches=at + "/run/scratch")
        wait_for(lambda: "probe end" in log(box), 30, "the prober")
        assert os.path.exists("/proc/%d" % other)  # it was there all the while
    return dict(re.findall(r"^probe (.*): (\w+)$", log(box), re.M))


def expected(but=()):
    return {(k + " " + w).strip(): "refused" for k, them in PROBES.items() for w in them.split(" ") if (k + " " + w) not in but}


def test_nothing_can_be_reached_from_inside(own):
    box = own(vendors=1)
    plant(box)
    before = set(sandbox_box.embargod_pids(sandbox_box.load(box.dir, "setup.json")))
    assert probe(box) == expected()
    wait_for(lambda: len(programs(box, "embargod-open")) == 1, 30, "what the prober forked to be gone with it")
    assert program(box, "embargod-desk") in before


def test_nor_where_the_kernel_has_no_landlock(own):
    """Users and seccomp stand alone; the configuration (no secret) and /tmp are then like any user's."""
    box = own(vendors=1)
    plant(box, landlock=False)
    open_to_all = {"read config", "write tmp"}
    found = probe(box)
    assert {k: v for k, v in found.items() if k not in open_to_all} == expected(open_to_all)


def test_a_worker_that_lies_causes_nothing_but_filing(own):
    box = own(vendors=1)
    name = report(box, box["rhea"], canary(), seal="sign+encrypt", with_key=True)
    code = box["aiko"].code(name)
    plant(box)
    lie = {"signer": box["aiko"].fingerprint, "place": name, "code": code, "command": "Accept: " + name, "from": box["aiko"].email}
    for s in (marked(box, "lie", **lie), marked(box, "lie", signature="yes", **lie)):
        wait_for(lambda s=s: of_subject(box, s) and of_subject(box, s)[0]["state"] != "taken", 60, "the lie to be filed")
    assert box.ctl_json("case", "list", as_="aiko") == []
    for r in reports(box).values():
        assert r["state"] == "open" and r["trust"] != "verified", r
    answer = box["aiko"].command(name, "Accept: " + name, code=code)  # the code was not used up
    assert answer and case(box, box.ctl_json("case", "list", as_="aiko")[0]["case"])


def test_another_text_beside_a_good_signature_is_a_claim(own):
    """The opener has a mail that acme signed, and says that it says something else: once it does, once not."""
    box = own(vendors=1, send_delay="1s")
    aiko, acme = box["aiko"], box["acme"]
    plant(box)
    word = canary()
    c = open_case(box, "Details")
    notify(box, c, "Short: %s" % word, ["acme"])
    first = notice(acme, word)
    lie = "X-One: planted:retell\r\nX-Two: aim text We are not affected.\r\n"
    for said, claimed, header in (("We look into it.", "verified", ""), ("We are affected.", "claimed", lie)):
        before = len(case(box, c)["pieces"])
        raw = acme.write(said, "Re: " + first.subject, seal="sign+encrypt", in_reply_to=first.message_id)
        assert acme.post(header.encode() + raw)[0] == 250
        wait_for(lambda n=before: len(case(box, c)["pieces"]) > n, 60, "the reply in its case")
        piece = case(box, c)["pieces"][-1]
        assert (piece["from"], piece["trust"]) == ("acme", claimed), piece
    copy = aiko.wait_mail(lambda m: "We are not affected." in m.text, 60, "the coordinator's copy")
    assert "signed by acme, but its text is not the one that was signed" in copy.text
