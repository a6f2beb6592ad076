"""embargoctl check: the usual mistakes of a day of setting up, each named with its cure."""
import os

from sandboxlib import box as sandbox_box
from steps import USERS, inside


def check(box):
    done = box.ctl("check", check=False)
    return done.returncode, done.stdout


def with_option(box, name, value, then, without=None, want=78):
    """What check says with one option changed, and a line left out."""
    path = box.info["config"]
    with open(path, encoding="utf-8") as f:
        before = f.read()
    lines = [l for l in before.splitlines(True) if not l.startswith(name + " =") and not (without and l.startswith(without))]
    with open(path, "w", encoding="utf-8") as f:
        f.writelines(["%s = %s\n" % (name, value)] + lines)
    try:
        code, said = check(box)
    finally:
        with open(path, "w", encoding="utf-8") as f:
            f.write(before)
    assert code == want and then in said, said


def test_a_sandbox_is_well(box):
    code, said = check(box)
    assert code == 0 and "all is well" in said and "clock-file" in said, said


def test_usual_mistakes_are_named(own):
    box = own(vendors=1)
    with_option(box, "submit-port", "1", "letters can't be handed in at 127.0.0.1 port 1: Connection refused")
    with_option(box, "zone", "Asia/Tokio", 'zone "Asia/Tokio" is not in /usr/share/zoneinfo')
    done = box.ctl("contact", "add", "desk/taro", "--name", "Taro", "--email", "taro@cert.example", "--zone", "Asia/Tokio", check=False)
    assert done.returncode != 0 and "write one such as Asia/Tokyo, or install tzdata" in done.stderr, done.stderr
    with_option(box, "language", "jp", "write ja (there are: en, ja)")
    with_option(box, "milter-socket-group", '"no-such-group"', "this host has no group no-such-group")
    with_option(box, "milter-socket", '"unix:%s/run/other.sock"' % sandbox_box.load(box.dir, "setup.json")["alias"],
                "nobody answers there")
    with_option(box, "open-user", '"no-such-user"', 'open-user = "no-such-user": there is no such user')
    with_option(box, "seal-user", '"embargod"', "user and seal-user must be two users")
    with_option(box, "vendor-list", '"/no/such/list"', "vendor-list /no/such/list: No such file or directory")
    with_option(box, "coordinator x { uid", "{%d} }" % USERS["embargod-open"], "is a program's of ours")
    keys = inside(box, "embargod/keys")
    os.chmod(keys + "/openpgp", 0o755)
    assert "is not root's alone" in check(box)[1]
    os.chmod(keys + "/openpgp", 0o700)
    os.chmod(keys, 0o1775)
    assert "others may look into" in check(box)[1]
    os.chmod(keys, 0o1770)
    os.remove(inside(box, "run/ready"))
    code, said = check(box)
    assert code == 78 and "problem: embargod runs, but does not serve" in said, said
    box.sandbox("daemon", "stop")
    assert "warning: embargod does not run" in check(box)[1]
    assert box.ctl("check").stdout.endswith("all is well\n")


def test_two_persons_are_those_that_can_sign(own):
    box = own(vendors=1)
    # Who has no section of its own still signs mail.
    with_option(box, "two-persons", "yes", "all is well", without='coordinator "ben"', want=0)
    box.ctl("contact", "retire", "desk/ben")
    with_option(box, "two-persons", "no", "coordinator ben: is retired; take this section out")
    with_option(box, "two-persons", "yes", "fewer than two coordinators can sign", without='coordinator "ben"')


def test_a_site_template_that_nothing_uses_is_named(own):
    box = own(vendors=1)
    folder = inside(box, "embargod/site/en")
    os.makedirs(folder)
    with open(folder + "/vendor-notise.eml", "w", encoding="utf-8") as f:
        f.write("Subject: x\nAudience: vendor\nTLP: red\n\nx\n")
    alias = sandbox_box.load(box.dir, "setup.json")["alias"]
    with_option(box, "site-template-directory", '"%s/embargod/site"' % alias,
                "warning: %s/embargod/site/en/vendor-notise.eml: no letter has this name, so it is never used" % alias, want=0)
