"""One thread per case in a reader's own client (notmuch), replies in place."""
import os
import shutil
import subprocess

import pytest

from steps import canary, notice, notify, open_case


def threads(folder, query="*"):
    config = folder + "/notmuch-config"
    if not os.path.exists(config):
        with open(config, "w", encoding="ascii") as f:
            f.write("[database]\npath=%s/mail\n[user]\nname=x\nprimary_email=x@y.example\n[new]\ntags=new\nignore=\n" % folder)
    env = {**os.environ, "NOTMUCH_CONFIG": config, "HOME": folder}
    subprocess.run(["notmuch", "new", "--quiet"], check=True, env=env, stderr=subprocess.DEVNULL)
    out = subprocess.run(["notmuch", "count", "--output=threads", query], check=True, env=env, stdout=subprocess.PIPE).stdout
    return int(out)


@pytest.mark.skipif(not shutil.which("notmuch"), reason="notmuch is not installed")
def test_vendor_and_coordinator_see_one_thread_per_case(own, tmp_path):
    box = own(send_delay="1s")
    aiko, acme = box["aiko"], box["acme"]
    sent = {aiko: [], acme: []}
    for actor, kept in sent.items():
        post = actor.post
        actor.post = lambda raw, post=post, kept=kept, **kw: (kept.append(raw), post(raw, **kw))[1]
    cases = []
    for _ in range(2):
        c, word, back, more, last = open_case(box, "Details %s" % canary()), canary(), canary(), canary(), canary()
        cases.append(c)
        notify(box, c, "Short: %s" % word, ["acme", "globex"])
        acme.reply(notice(acme, word), "Thanks. %s" % back, seal="sign+encrypt")
        notice(aiko, back)
        aiko.command(c, "Tell: acme", text="More. %s" % more)
        acme.reply(notice(acme, more), "Again. %s" % last, seal="sign+encrypt")
        notice(aiko, last)
    for actor, kept in sent.items():
        folder = str(tmp_path / actor.email)
        os.makedirs(folder + "/mail/cur")
        os.makedirs(folder + "/mail/new")
        os.makedirs(folder + "/mail/tmp")
        for n, raw in enumerate([m.raw for m in actor.inbox()] + kept):
            with open("%s/mail/cur/%d:2,S" % (folder, n), "wb") as f:
                f.write(raw.replace(b"\r\n", b"\n"))
        assert threads(folder) == len(cases), actor
