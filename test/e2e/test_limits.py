"""Limits on what strangers may take, and who gets in all the same."""
import re
import threading

import pytest

from sandboxlib import box as sandbox_box
from sandboxlib.actor import wait_for
from milter import Session
from steps import canary, case, configure, notice, notify, open_case, reports


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


def test_room_is_kept_for_known_parties(own):
    """Strangers hold all the sessions that they may have: one more waits, and an answer to a letter gets in."""
    box = own(send_delay="1s")
    acme, desk, summary = box["acme"], box.desk["address"], canary()
    c = open_case(box, "Details")
    notify(box, c, "Short: %s" % summary, ["acme"])
    letter = notice(acme, summary)
    configure(box, "session-limit = 4", "session-reserve = 1")
    held = [Session(box) for _ in range(3)]
    for session in held:
        assert session.begin(desk) == "continue"
        assert session.headers(("Subject", "held")) == "continue"
    with Session(box) as more:
        assert more.begin(desk) == "continue"
        assert re.match(r"451 4\.3\.2 ", more.headers(("Subject", "one too many")))
    with Session(box) as known:
        assert known.begin(desk, "<psirt@acme.example>") == "continue"
        assert known.headers(("References", "<%s@elsewhere.example> " % ("x" * 5000) + letter.message_id)) == "continue"
        assert known.end() == "discard"
    for session in held:
        session.sock.close()

    def room():
        with Session(box) as again:
            again.begin(desk)
            return again.headers(("Subject", "again")) == "continue" and again.end(canary().encode()) == "discard"
    wait_for(room, 20, "room for strangers once theirs is free")


def test_who_is_slow_and_who_is_many_keeps_nobody_out(own):
    """A hundred clients that named a recipient and say no more; one with thousands of recipients; one with headers without end."""
    box = own(send_delay="1s")
    desk = box.desk["address"]
    held = [Session(box) for _ in range(100)]
    for session in held:
        assert session.begin(desk) == "continue"
    assert answer(box["nils"], "Not kept out").startswith("250")
    local, _, domain = desk.partition("@")
    with Session(box) as many:
        assert many.begin(desk) == "continue"
        said = [many.say(b"R", "<%s+%d@%s>" % (local, i, domain)) for i in range(3000)]
        assert said[:99] == ["continue"] * 99
        assert all(re.match(r"452 4\.5\.3 ", s) for s in said[99:])
        assert many.headers(("Subject", canary())) == "continue"
        assert many.end() == "discard"
    with Session(box) as large:
        assert large.begin(desk) == "continue"
        assert large.headers(*[("X-%d" % i, "x" * 60000) for i in range(30)]) == "continue"
        assert re.match(r"552 5\.3\.4 ", large.end())
    wait_for(lambda: len(reports(box)) == 2, 40, "the two that were taken")
    for session in held:
        session.sock.close()


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
