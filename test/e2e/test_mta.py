"""Beside the desk: other people's mail, mixed recipients, sizes, and a desk that is down."""
import email.utils
import os
import time

from sandboxlib.actor import wait_for
from sandboxlib import box as sandbox_box, mta
from sandboxlib.mta import SINK
from steps import canary, notice, reports


def mail(word, body=b""):
    return (b"From: Stranger <someone@elsewhere.example>\r\nTo: other@sink.example\r\nSubject:  two  blanks\r\n"
            b"X-Folded: a\r\n\tb\r\n  c \r\nDate: %s\r\nMessage-ID: <%s@elsewhere.example>\r\n\r\n%s\r\n%s"
            % (email.utils.formatdate().encode(), word.encode(), word.encode(), body))


def sink(box):
    return [contents(f) for f in box.files() if f.startswith(box.info["maildirs"][SINK] + "/new/")]


def contents(path):
    with open(path, "rb") as f:
        return f.read()


def below_received(raw):
    """What the sender wrote: below the last Received, lines ending in CRLF."""
    raw = raw.replace(b"\r\n", b"\n")
    return raw[raw.index(b"From: Stranger"):].replace(b"\n", b"\r\n")


def arrived(box, word):
    return wait_for(lambda: next((m for m in sink(box) if word.encode() in m), None), 30, "the other mail")


def readable(box, word):
    """Whether the word stands in any mailbox as it lies there."""
    return any(word.encode() in contents(f) for f in box.files())


def test_other_mail_passes_byte_for_byte(placed):
    word = canary()
    body = b"8-bit \xc3\xa9 \xff\x00-free\r\n\r\n. \r\n..two dots\r\n" + os.urandom(300).hex().encode() + b"\r\n \t \r\n"
    raw = mail(word, body.replace(b"\x00", b""))
    assert placed.post("someone@elsewhere.example", [SINK], raw)[0] == 250
    assert below_received(arrived(placed, word)) == raw


def test_mixed_recipients_each_get_what_is_theirs(placed):
    word = canary()
    raw = mail(word)
    before = set(reports(placed))
    assert placed.post("someone@elsewhere.example", [SINK, placed.desk["address"]], raw)[0] == 250
    assert below_received(arrived(placed, word)) == raw
    wait_for(lambda: set(reports(placed)) - before, 30, "the report")
    assert notice(placed["aiko"], word).encrypted


def test_too_large_is_refused_clearly(placed):
    """Past message-size-limit: 552 at SMTP, or a bounce from the MTA in front; and nothing in the queue of reports."""
    word = canary()
    before = set(reports(placed))
    code, _ = placed.post("rhea@research.example", [placed.desk["address"]], mail(word, (b"x" * 76 + b"\r\n") * 700000))
    if code == 250:
        bounce = placed["rhea"].wait_mail(lambda m: m.outer.get_content_type() == "multipart/report" and word in m.raw.decode("latin-1"),
                                          60, "a bounce")
        assert "552" in bounce.raw.decode("latin-1")
    else:
        assert code == 552
    assert set(reports(placed)) == before


def test_while_embargod_is_down_other_mail_flows_and_desk_mail_waits(placed):
    other, desk = canary(), canary()
    sandbox_box.stop_daemon(placed.dir)
    try:
        assert placed.post("someone@elsewhere.example", [SINK], mail(other))[0] == 250
        arrived(placed, other)
        code, _ = placed.post("someone@elsewhere.example", [placed.desk["address"]], mail(desk))
        assert code == 250  # the MTA has it; in front of a tempfailing milter a 451 would be as good
        time.sleep(3)
        assert not readable(placed, desk)
    finally:
        sandbox_box.start_daemon(placed.dir)
    assert notice(placed["aiko"], desk, 60).encrypted
    assert not readable(placed, desk)


def test_a_port_is_one_sandboxs_as_long_as_it_lives(monkeypatch):
    (first,), kept = mta.reserve_ports(1)
    monkeypatch.setattr(mta, "PORTS", range(first, first + 9))
    (second,), more = mta.reserve_ports(1)
    assert second != first
    kept[0].close()
    monkeypatch.setattr(mta, "PORTS", range(first, first + 1))
    (again,), last = mta.reserve_ports(1)
    assert again == first
    for claim in more + last:
        claim.close()
