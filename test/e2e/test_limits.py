"""Limits on what strangers may take, and who gets in all the same."""
import re
import threading

import pytest

from sandboxlib import box as sandbox_box
from sandboxlib.actor import wait_for
from steps import canary, case, notice, notify, open_case, reports


def configure(box, *lines):
    """Add lines to the configuration and start the daemon anew; its counts begin anew too."""
    sandbox_box.stop_daemon(box.dir)
    with open(box.dir + "/embargod/embargod.conf", "a", encoding="utf-8") as f:
        f.write("".join(l + "\n" for l in lines))
    sandbox_box.start_daemon(box.dir)


def answer(actor, text, subject="More", **kw):
    """The SMTP reply to a mail of the actor's, as text."""
    return "%d %s" % actor.post(actor.write(text, subject, **kw))


def test_strangers_have_a_budget_and_known_parties_get_in(own):
    """Inline, so that the sender hears the desk's own answer."""
    box = own(placement="inline", send_delay="1s")
    nils, acme, summary = box["nils"], box["acme"], canary()
    c = open_case(box, "Details")
    notify(box, c, "Short: %s" % summary, ["acme"])
    letter = notice(acme, summary)
    configure(box, "stranger-mails-per-hour = 3")
    before, pieces = set(reports(box)), len(case(box, c)["pieces"])
    raw = nils.write("The first", "First")
    assert nils.post(raw)[0] == 250
    assert nils.post(raw)[0] == 250  # the same once more is no other mail
    for i in range(2):
        assert answer(nils, "One of some %d" % i).startswith("250")
    assert re.match(r"451 4\.7\.0 .*try again later", answer(nils, "One too many"))
    assert re.match(r"451 4\.7\.0 ", answer(nils, "And another", in_reply_to="<guessed@cert.example>"))
    acme.reply(letter, "We look into it. %s" % canary())
    wait_for(lambda: len(case(box, c)["pieces"]) > pieces, 40, "the vendor's reply")
    wait_for(lambda: len(set(reports(box)) - before) == 3, 40, "the three that were taken")
    assert re.match(r"451 4\.7\.0 ", answer(nils, "Still too many"))


def test_bytes_of_strangers_are_counted(own):
    box = own(placement="inline", send_delay="1s")
    configure(box, "stranger-bytes-per-hour = 1048576")
    nils = box["nils"]
    assert answer(nils, "x" * 700000).startswith("250")
    assert re.match(r"451 4\.7\.0 ", answer(nils, "y" * 700000))
    assert answer(nils, "Small").startswith("250")


def test_a_program_that_can_not_start_is_told_and_tried_less_and_less(own):
    box = own()
    sandbox_box.stop_daemon(box.dir)
    with open(box.dir + "/embargod/embargod.conf", "a", encoding="utf-8") as f:
        f.write("milter-socket-group = \"nobody-has-this-group\"\n")
    starting = threading.Thread(target=lambda: pytest.raises(sandbox_box.Failed, sandbox_box.start_daemon, box.dir))
    starting.start()

    def waits():
        with open(box.dir + "/embargod/log", encoding="utf-8", errors="replace") as f:
            return [float(x) for x in re.findall(r"embargod-front ended: exit 78; it is started again in ([0-9.]+) s: correct what it said", f.read())]
    wait_for(lambda: len(waits()) >= 4, 30, "front to be started four times")
    assert waits()[:4] == [0.5, 1, 2, 4]
    with open(box.dir + "/embargod/log", encoding="utf-8", errors="replace") as f:
        assert "milter-socket-group" in f.read()
    sandbox_box.stop_daemon(box.dir)
    starting.join(60)
