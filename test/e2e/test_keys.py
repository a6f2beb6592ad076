"""The desk's own keys: how they come in, and what becomes of a mail while their holder is away."""
import os
import shutil
import signal
import subprocess
import time

import pytest

from sandboxlib import box as sandbox_box, keys, space
from sandboxlib.actor import wait_for
from steps import canary, program, programs, report


@pytest.fixture
def desk(box, tmp_path):
    """init, or another verb, on a second desk in the same sandbox, with two pairs of S/MIME keys to choose from."""
    setup = sandbox_box.load(box.dir, "setup.json")
    at = setup["alias"] + "/run/second"
    here = "/proc/%d/root%s" % (setup["holder"], at)
    os.mkdir(here)
    for use in ("open", "sign"):
        for name, data in keys.new_certificate(keys.Identity("smime-rsa", "Second CERT", "second@cert.example"), use).items():
            with open("%s/%s-%s" % (here, use, name), "wb") as f:
                f.write(data)
    with open(box.dir + "/embargod/embargod.conf", encoding="utf-8") as f:
        text = f.read().replace(setup["alias"] + "/embargod/", at + "/")
    with open(here + "/embargod.conf", "w", encoding="utf-8") as f:
        f.write(text.replace(at + "/clock", setup["alias"] + "/embargod/clock"))

    def run(*words):
        words = [w.replace("@", at + "/") for w in words]
        return subprocess.run(space.enter(setup["holder"]) + [setup["alias"] + "/build/embargoctl", "-c", at + "/embargod.conf", *words],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)

    run.here = here
    yield run
    shutil.rmtree(here)


OPEN = ("--smime-open-key", "@open-key.pem", "--smime-open-cert", "@open-cert.pem")
SIGN = ("--smime-sign-key", "@sign-key.pem", "--smime-sign-cert", "@sign-cert.pem")


def same(desk, one, other):
    with open("%s/%s" % (desk.here, one), "rb") as f, open("%s/%s" % (desk.here, other), "rb") as g:
        return f.read() == g.read()


def test_one_pair_decrypts_and_another_signs(desk):
    made = desk("init", *OPEN, *SIGN)
    assert made.returncode == 0, made.stdout
    for use in ("open", "sign"):
        for kind in ("key", "cert"):
            assert same(desk, "keys/smime/%s-%s.pem" % (use, kind), "%s-%s.pem" % (use, kind))
    with open(desk.here + "/open-cert.pem", "rb") as f, open(desk.here + "/keys/smime.fpr", encoding="ascii") as g:
        assert g.read().strip() == keys.certificate_fingerprint(f.read())  # what others encrypt to
    assert "one S/MIME key" not in desk("check").stdout


@pytest.mark.parametrize("words", [OPEN, SIGN, OPEN[:2] + SIGN, OPEN + SIGN[:2], OPEN + SIGN + ("--smime-one-pair",), ("--smime-one-pair",)])
def test_half_a_pair_or_one_for_both_is_refused(desk, words):
    made = desk("init", *words)
    assert made.returncode != 0 and "--smime-one-pair" in made.stdout
    assert not os.path.exists(desk.here + "/keys/smime/open-key.pem")


def test_init_can_be_run_again_after_a_wrong_file(desk):
    for name in ("openpgp-key", "smime-open-key"):
        with open("%s/wrong" % desk.here, "w", encoding="ascii") as f:
            f.write("no key\n")
        words = ("--openpgp-key", "@wrong") if name == "openpgp-key" else ("--smime-open-key", "@wrong") + OPEN[2:] + SIGN
        made = desk("init", *words)
        assert made.returncode != 0 and "already" not in made.stdout, made.stdout
    made = desk("init", *OPEN, *SIGN)
    assert made.returncode == 0, made.stdout
    assert "a store is there already" in desk("init", *OPEN, *SIGN).stdout
    assert same(desk, "keys/smime/open-key.pem", "open-key.pem")


def test_check_says_what_is_gone(desk):
    assert desk("init", *OPEN, *SIGN).returncode == 0
    assert "is gone" not in desk("check").stdout
    for folder in ("openpgp", "smime"):
        os.rename("%s/keys/%s" % (desk.here, folder), desk.here + "/away")
        assert "keys/%s is gone" % folder in desk("check").stdout
        os.rename(desk.here + "/away", "%s/keys/%s" % (desk.here, folder))
    shutil.rmtree(desk.here + "/state/store")
    assert "no store is there" in desk("check").stdout


def test_one_pair_for_both_has_to_be_asked_for(desk):
    made = desk("init", *OPEN, "--smime-one-pair")
    assert made.returncode == 0, made.stdout
    assert same(desk, "keys/smime/sign-key.pem", "open-key.pem")
    assert "warning: one S/MIME key decrypts and signs" in desk("check").stdout


def test_a_second_embargod_touches_nothing(box):
    setup = sandbox_box.load(box.dir, "setup.json")
    second = subprocess.run(space.enter(setup["holder"]) + [setup["alias"] + "/build/embargod", "-c", setup["alias"] + "/embargod/embargod.conf"],
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30, check=False)
    assert second.returncode == 78 and "another embargod runs" in second.stdout, second.stdout
    report(box, box["rhea"], canary(), seal="sign+encrypt")


def test_a_mail_waits_for_the_holder(box):
    """It stands still while the mail comes, then dies: that is our failure, and the mail is opened after."""
    pid = program(box, "embargod-holder")
    os.kill(pid, signal.SIGSTOP)
    word = canary()
    raw = box["rhea"].write("Held %s" % word, "Report " + word, seal="sign+encrypt")
    assert box["rhea"].post(raw)[0] == 250
    time.sleep(1.5)  # its worker has asked by now
    assert not [m for m in box.ctl_json("mail", "list", as_="aiko") if word in (m["subject"] or "")]
    os.kill(pid, signal.SIGKILL)
    mail = wait_for(lambda: [m for m in box.ctl_json("mail", "list", as_="aiko") if word in (m["subject"] or "")], 60, "the mail to be opened")
    assert mail[0]["state"] != "unopened"
    assert programs(box, "embargod-holder") != [pid]
    report(box, box["nils"], canary())
