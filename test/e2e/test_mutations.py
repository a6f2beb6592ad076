"""Broken mail: seeded mutations of the corpus, opened alone and taken by the running desk.

EMBARGOD_DEEP=1: 20,000 and 500 of them, as they are to be shown in full; otherwise 1,000 and 40.
"""
import collections
import os
import re
import smtplib

from sandboxlib.actor import wait_for
from conftest import cannot
from steps import configure
from mutate import MEMORY_KB, corpus, frozen_keys, mutation, open_all

DEEP = bool(os.environ.get("EMBARGOD_DEEP"))
OPENED = 20000 if DEEP else 1000
POSTED = 500 if DEEP else 40


def test_every_mutation_is_answered():
    """By one line with every key, in time and within the memory of a worker."""
    build = os.environ.get("EMBARGOD_BUILD", "")
    if not os.access(build + "/embargoctl", os.X_OK):
        cannot("no built embargoctl")
    with frozen_keys() as home:
        outcome = open_all(build, home, range(OPENED))
    print(outcome.text())
    assert not outcome.wrong
    assert outcome.answered == OPENED
    assert outcome.memory_kb() < MEMORY_KB
    # They reach what they are for: seals that open and seals that no longer do.
    assert outcome.trust["verified"] > OPENED // 200 and outcome.trust["bad"] > OPENED // 200


def specimens(box):
    """The corpus, and mails that this desk can open."""
    rhea, umbra = box["rhea"], box["umbra"]
    mine = [("sealed-%d" % i, actor.write("Frames of length 0 are read past their end.", "Sealed", seal=seal, attachments=files))
            for i, (actor, seal, files) in enumerate([
                (rhea, "sign+encrypt", [("poc.bin", bytes(range(256)), "application/octet-stream")]), (rhea, "sign", []), (rhea, "encrypt", []),
                (umbra, "sign,encrypt", []), (umbra, "sign", []), (umbra, "encrypt", [("poc.txt", b"AAAA\n", "text/plain")])])]
    every = corpus()
    step = len(every) // (2 * len(mine))
    for i, one in enumerate(mine):
        every.insert(i * step, one)
        every.append(one)
    return every


def posted(box, data):
    """The SMTP reply to a mutation, as text. An MTA hands on neither a lone LF nor a line of any length."""
    try:
        return "%d %s" % box.post("someone@elsewhere.example", [box.desk["address"]], re.sub(rb"\r?\n", b"\r\n", data))
    except smtplib.SMTPServerDisconnected as e:
        return "gone: %s" % e


def mails(box):
    return {m["message"]: m for m in box.ctl_json("mail", "list", as_="aiko")}


def test_every_mutation_is_filed_or_refused(own):
    """Inline, so that the sender hears the desk's own answer: nothing that was taken is lost, and the desk goes on."""
    box = own(placement="inline", send_delay="1s")
    configure(box, "stranger-mails-per-hour = 100000")
    before, every = set(mails(box)), specimens(box)
    replies = []
    for i in range(POSTED):
        # A number of its own makes each one another mail.
        name, data = mutation(every, i * 7, "daemon")
        replies.append((name, posted(box, b"X-Mutation: %d\r\n" % i + data)))
    unclear = [r for r in replies if not re.match(r"(250 2|4\d\d 4|5\d\d 5)\.\d+\.\d+ \S", r[1])]
    assert not unclear
    taken = [name for name, reply in replies if reply.startswith("250")]
    assert len(taken) > POSTED // 2
    wait_for(lambda: not box.ctl_json("mail", "waiting", as_="aiko"), 60 + POSTED, "everything that was taken to be opened")
    filed = [m for number, m in mails(box).items() if number not in before]
    print(collections.Counter(m["state"] for m in filed), collections.Counter(r[:9] for _, r in replies))
    assert len(filed) == len(taken)
    assert [m for m in filed if m["state"] != "filed"] == []
