"""Nothing that a sender can hear tells whether a seal opened: reply, its time, the automatic answer.

EMBARGOD_DEEP=1 measures 200 of each, as it is to be shown in full; otherwise 25.
"""
import email
import email.policy
import os
import random
import re
import smtplib
import statistics
import time

import bombs
from sandboxlib.actor import wait_for
from sandboxlib.mta import SINK
from steps import configure, filed, reports

TIMES = 200 if os.environ.get("EMBARGOD_DEEP") else 25
ROUNDS = 2000  # of the permutation test
KINDS = ("pgp-opens", "pgp-other", "pgp-wrong", "smime-opens", "smime-other", "smime-wrong")


def wrong_pgp(binary):
    """The wrapped key damaged: its integrity check, or its padding, fails when it is unwrapped."""
    parts = list(bombs.packets(binary))
    tag, first = parts[0]
    assert tag == 1
    return first[:-1] + bytes([first[-1] ^ 1]) + b"".join(p for _, p in parts[1:])


def wrong_smime(der):
    """The RSA block damaged: its padding is wrong when it is unwrapped."""
    at = der.index(b"\x04\x82\x01\x80") + 4  # the encrypted key, of 3072 bits
    return der[:at + 128] + bytes([der[at + 128] ^ 1]) + der[at + 129:]


def write(box, kind, sender):
    """One mail of a kind; each one is new, and all are of one size but for what tells the recipient."""
    rhea = box["rhea"]
    protocol, what = kind.split("-")
    entity = b"Content-Type: text/plain\r\n\r\n" + re.sub(rb"(.{70})", rb"\1\r\n", os.urandom(4000).hex().encode()) + b"\r\n"
    head = ("From: %s\r\nTo: %s\r\nSubject: ...\r\nDate: %s\r\nMessage-ID: <%s@research.example>\r\nMIME-Version: 1.0\r\n" % (
        sender, box.desk["address"], email.utils.formatdate(time.time() + box.clock_offset()), os.urandom(12).hex())).encode()
    if protocol == "pgp":
        key = rhea.fingerprint if what == "other" else box.desk["openpgp"]
        data = rhea.gpg("--trust-model", "always", "--compress-algo", "none", "--encrypt", "--recipient", key, data=entity)[0]
        return head + bombs.pgp_entity(wrong_pgp(data) if what == "wrong" else data)
    cert = box["initech"].entry["smime_cert"] if what == "other" else box.desk["smime_cert"]
    data = rhea.openssl("cms", "-encrypt", "-binary", "-aes256", "-outform", "DER", cert, data=entity)[0]
    return head + bombs.smime_entity(wrong_smime(data) if what == "wrong" else data)


def reply(box, port, sender, raw):
    """The milter's own reply to DATA without its queue id, and how long it took."""
    with smtplib.SMTP("127.0.0.1", port, local_hostname="client.example", timeout=60) as s:
        s.ehlo()
        s.mail(sender)
        s.rcpt(box.desk["address"])
        start = time.monotonic()
        code, text = s.data(raw)
        took = time.monotonic() - start
    return "%d %s" % (code, re.sub(r"queued as \w+", "queued as ...", text.decode())), took


def spread(times):
    """How far the kinds' medians lie from that of all."""
    middle = statistics.median([t for kind in times for t in kind])
    return max(abs(statistics.median(kind) - middle) for kind in times)


def chance(times):
    """How often kinds drawn by lot would lie as far apart."""
    lots = random.Random(7)
    together = [t for kind in times for t in kind]
    seen, more = spread(times), 0
    for _ in range(ROUNDS):
        lots.shuffle(together)
        more += spread([together[i::len(times)] for i in range(len(times))]) >= seen
    return more / ROUNDS


def test_reply_and_its_time_tell_nothing(own):
    box = own(placement="inline", send_delay="1s")
    configure(box, "stranger-mails-per-hour = 100000")
    order = [k for k in KINDS for _ in range(TIMES)]
    random.Random(1).shuffle(order)
    times, said, before = {k: [] for k in KINDS}, set(), filed(box)
    for i, kind in enumerate(order):
        text, took = reply(box, box.info["smtp"]["port"], "rhea@research.example", write(box, kind, "rhea@research.example"))
        said.add(text)
        times[kind].append(took)
        wait_for(lambda n=i: filed(box) - before > n, 60, "the mail to be filed")  # so that no opening runs beside the next
    assert len(said) == 1 and said.pop().startswith("250 ")
    medians = {k: round(1000 * statistics.median(t), 2) for k, t in times.items()}
    print("medians in ms: %s; that far apart by chance: %.3f" % (medians, chance(list(times.values()))))
    assert chance(list(times.values())) > 0.001 or spread(list(times.values())) < 0.002, medians
    opened = [r for r in box.ctl_json("mail", "list", as_="aiko") if r["state"] == "filed"]
    assert len(opened) == len(order)


def test_automatic_answers_tell_nothing(own):
    """One answer of the same words and size, whatever was in the mail and whether it opened."""
    box = own(send_delay="1s", auto_answer="yes")
    senders = {k: "sender-%d@research.example" % i for i, k in enumerate(KINDS)}
    before = len(reports(box))
    for kind, sender in senders.items():
        assert box.post(sender, [box.desk["address"]], write(box, kind, sender))[0] == 250
    wait_for(lambda: len(reports(box)) == before + len(KINDS), 60, "the reports")
    box.sandbox("clock", "+6m")

    def answers():
        found = {}
        for path in (f for f in box.files() if f.startswith(box.info["maildirs"][SINK] + "/new/")):
            with open(path, "rb") as f:
                raw = f.read()
            for kind, sender in senders.items():
                if b"To: " + sender.encode() in raw or b"<" + sender.encode() + b">" in raw.split(b"\n\n")[0]:
                    found[kind] = raw
        return found if len(found) == len(KINDS) else None
    found = wait_for(answers, 60, "six answers")
    shapes = set()
    for kind, raw in found.items():
        m = email.message_from_bytes(raw, policy=email.policy.default)
        body = m.get_body().get_content().replace(senders[kind], "sender").split("This message was prepared")[0]
        shapes.add((str(m["Subject"]), m["Auto-Submitted"], tuple(n for n in m.keys() if n != "Received"), body))
    assert len(shapes) == 1, shapes
