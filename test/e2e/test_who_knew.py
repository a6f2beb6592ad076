"""Who knew what, when: asked of a case's log, for any moment."""
import time

from steps import canary, notice, notify, open_case, report, settled


def who_knew(box, c, *words):
    return box.ctl_json("case", "who-knew", c, *words, as_="aiko")


def knows(found):
    return {p["party"]: set(p["knows"]) for p in found["parties"] if p["kind"] != "coordinator"}


def test_each_moment_has_its_own_answer(own):
    box = own(send_delay="1s")
    aiko, acme = box["aiko"], box["acme"]
    word, told, back = canary(), canary(), canary()
    c = open_case(box, "Details %s" % word)
    opened = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    time.sleep(1.1)
    notify(box, c, "Short: %s" % told, ["acme", "globex"])
    first = notice(acme, told)
    settled(box)
    noticed = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    time.sleep(1.1)
    aiko.command(c, "Share: 1 acme")
    notice(acme, word)
    acme.reply(first, "We look. %s" % back, seal="sign+encrypt")
    notice(aiko, back)
    aiko.command(c, "Vendors: -globex", "Told: acme phone 2026-03-02T14:00+01:00")
    settled(box)

    found = who_knew(box, c)
    assert found["log"] == "sound"
    assert knows(found) == {"reporter 1": {"1"}, "acme": {"1", "2"}, "globex": set()}
    assert knows(who_knew(box, c, "--at", noticed)) == {"reporter 1": {"1"}, "acme": set(), "globex": set()}
    before = who_knew(box, c, "--at", opened)
    assert knows(before) == {"reporter 1": {"1"}, "acme": set()}, "acme by phone alone"
    day = who_knew(box, c, "--at", "2026-03-02")
    assert [(p["party"], [e["how"] for e in p["exposures"]]) for p in day["parties"]] == [("acme", ["told"])]

    assert {p["kind"] for p in found["parties"]} == {"vendor", "reporter"}
    assert "coordinator" in {p["kind"] for p in who_knew(box, c, "--coordinators")["parties"]}
    them = {p["party"]: p for p in found["parties"]}
    assert them["globex"]["removed"] and them["acme"]["since"] == "2026-03-02T13:00:00Z"
    sent = [e for e in them["acme"]["exposures"] if e["how"] == "letter" and e["template"] == "vendor-notice"][0]
    assert sent["message_id"] == first.message_id.strip("<>") and sent["address"] == acme.email
    assert sent["key"] == acme.fingerprint and sent["state"] == "out" and len(sent["digest"]) == 64
    log = box.ctl_json("case", "log", c, as_="aiko")
    assert log[sent["event"] - 1]["kind"] == "letter-out" and log[sent["event"] - 1]["digest"] == sent["digest"]


def test_a_moment_that_is_none_is_said(box):
    c = open_case(box, "Details")
    done = box.ctl("case", "who-knew", c, "--at", "yesterday", as_="aiko", check=False)
    assert done.returncode == 64 and "2026-12-24T14:00+09:00" in done.stderr
