"""Looking before sending: what a reader would get, what it would miss and why, and all readers at once."""
import re

import pytest
from sandboxlib.actor import wait_for

from sandboxlib.actor import wait_for
from steps import accept, canary, case, configure, notice, notify, report, settled


def preview(box, c, *words):
    return box.ctl_json("case", "preview", c, *words, as_="aiko")


@pytest.fixture
def told(own):
    """A case in which a report with fences, names and a file is shared with two of three vendors."""
    box = own(send_delay="1s")
    word = canary()
    text = "\n".join(["It is about %s." % word, "[[only globex]]", "Only for the one of them.", "[[end]]",
                      "Acmeron Devices and Globexia Networks ship it; ask psirt@globex.example.", "The end."])
    r = report(box, box["rhea"], text, seal="sign+encrypt", with_key=True, attachments=[("poc.bin", b"\1\2\3", "application/octet-stream")])
    c = accept(box, box["aiko"], r)
    notify(box, c, "In short, %s." % canary(), ["acme", "globex", "initech"], more=["Share: 1 acme globex"])
    settled(box)
    return box, c, word


def same(text):
    """Without what differs from letter to letter; a preview draws no code, and shows a block without one."""
    assert re.search(r"Embargod: C\d+ (x{16}|[a-z2-7-]{16,19})\s", text), text
    assert ("Copy xxxx-xxxx-xxxx-xxxx" in text) == ("x" * 16 in text), "a preview has no mark either"
    for pattern in (r"(?<=Embargod: )C\d+ [a-z2-7-]+", r"letter L\d+", r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", r"Copy [a-z2-7-]+"):
        text = re.sub(pattern, "*", text)
    return " ".join(text.split())


def test_it_is_what_is_sent(told):
    box, c, word = told
    shown = preview(box, c, "--to", "acme")
    sent = notice(box["acme"], word)
    assert shown["held"] is None and shown["subject"] == sent.subject and shown["address"] == box["acme"].email
    assert same(shown["text"]) == same(sent.text)
    plain = box.ctl("case", "preview", c, "--to", "acme", as_="aiko").stdout
    assert "To: acme <%s>" % box["acme"].email in plain and "| " in plain


def test_the_difference_has_lines_and_reasons(told):
    box, c, _ = told
    shown = preview(box, c, "--to", "acme", "--diff")
    lines = {l["text"]: l for l in shown["pieces"][0]["lines"]}
    assert {t for t, l in lines.items() if l["left_out"]} == {"[[only globex]]", "Only for the one of them.", "[[end]]"}
    assert {l["why"] for l in lines.values() if l["left_out"]} == {"fence"}
    cut = [l for t, l in lines.items() if t.startswith("Acmeron")][0]
    assert {(x["written"], x["why"]) for x in cut["cuts"]} == {("Globexia Networks", "name of globex"), ("psirt@globex.example", "domain of globex")} or \
        {x["why"].split(" of ")[1] for x in cut["cuts"]} == {"globex"}
    assert shown["not_released"] == ["1.2", "1.3"] or "1.2" in shown["not_released"]
    plain = box.ctl("case", "preview", c, "--to", "acme", "--diff", as_="aiko").stdout
    assert re.search(r"^-    3 \| Only for the one of them\.  \[fence\]$", plain, re.M), plain
    assert re.search(r"^~    5 \| Acmeron Devices .*\[Globexia Networks: name of globex\]", plain, re.M), plain


def test_a_report_lists_its_attachments(told):
    box, c, _ = told
    files = [f for m in box.ctl_json("report", "show", "R1", as_="aiko")["mails"] for f in m.get("attachments", [])]
    parts = [(p["n"], p["filename"], p["size"]) for p in box.ctl_json("case", "show", c, as_="aiko")["pieces"][0]["parts"]]
    assert [("1." + f["n"], f["filename"], f["size"]) for f in files] == [p for p in parts if p[1]] and len(files) == 2


def test_a_reader_without_the_piece_is_told_of(told):
    box, c, _ = told
    shown = preview(box, c, "--to", "initech", "--diff")
    assert shown["pieces"] == [] and shown["not_shared"] == ["1"]


def test_the_matrix_has_a_row_for_each_reader(told):
    box, c, _ = told
    rows = {r["to"]: r for r in preview(box, c, "--all")}
    assert set(rows) == {"acme", "globex", "initech", "reporter 1"}
    assert rows["acme"]["pieces"]["1"] == "2 cuts, 3 lines left out"
    assert rows["globex"]["pieces"]["1"].startswith("1 cut,") and rows["initech"]["pieces"]["1"] == "no"
    assert rows["reporter 1"]["pieces"]["1"] == "own" and set(rows["acme"]["parts"].values()) == {"no"}
    invited = preview(box, c, "--all", "--template", "vendor-invite")
    assert {s for r in invited if r["to"] != "reporter 1" for s in r["pieces"].values()} == {"no"}, "an invite holds no piece"
    table = box.ctl("case", "preview", c, "--all", as_="aiko").stdout.splitlines()
    assert table[0].split()[:2] == ["reader", "1"] and len(table) == 5


def test_who_has_not_accepted_the_terms_gets_an_invitation(told):
    box, c, word = told
    configure(box, "terms-before-details = yes")
    box.ctl("org", "add", "novel", "--name", "Novellia Works")
    box.ctl("contact", "add", "novel/psirt", "--email", "psirt@novel.example")
    box["aiko"].command(c, "Vendors: +novel")
    wait_for(lambda: [p for p in case(box, c)["parties"] if p["org"] == "novel"], 40, "the party")
    shown = preview(box, c, "--to", "novel")
    assert shown["template"] == "vendor-invite" and "Short" not in shown["text"] and "A flaw" not in shown["subject"], shown
    assert preview(box, c, "--to", "acme")["template"] == "vendor-notice"
    done = box.ctl("case", "preview", c, "--to", "novel", "--template", "case-update", as_="aiko", check=False)
    assert done.returncode == 65 and "has not accepted the terms" in done.stderr, done


def test_a_wrong_question_says_what_is_right(told):
    box, c, _ = told
    for words, code, hint in ((["--to", "hooli"], 65, "Vendors: +hooli"), (["--to", "nobody"], 65, "org list"),
                              (["--to", "acme", "--template", "vendor-notiz"], 65, "no template"),
                              (["--to", "reporter 1", "--template", "vendor-notice"], 65, "not for this reader"),
                              ([], 64, "--to ORG"), (["--all", "--diff"], 64, "--all")):
        done = box.ctl("case", "preview", c, *words, as_="aiko", check=False)
        assert done.returncode == code and hint in done.stderr, (words, done)


def test_by_mail_it_is_the_same_and_nothing_else_happens(told):
    box, c, word = told
    aiko = box["aiko"]
    events = len(box.ctl_json("case", "log", c, as_="aiko"))
    aiko.command(c, "Preview: acme")
    mail = aiko.wait_mail(lambda m: "] Preview" in m.subject and c in m.subject, what="the preview")
    assert mail.encrypted and "To: acme <%s>" % box["acme"].email in mail.text and "| " in mail.text and word in mail.text
    assert "Only for the one of them" not in mail.text
    settled(box)
    kinds = {e["kind"] for e in box.ctl_json("case", "log", c, as_="aiko")[events:]}
    assert kinds <= {"letter-out", "letter-answered", "filed"}, kinds
    aiko.command(c, "Preview: all")
    table = aiko.wait_mail(lambda m: "] Preview" in m.subject and "initech" in m.text and c in m.subject, what="the matrix")
    rows = [l.split() for l in table.text.splitlines()]
    assert ["reader", "1"] in [r[:2] for r in rows]


def test_a_held_letter_is_shown_with_why_and_what_to_write(told):
    box, c, _ = told
    secret = " ".join(canary(9) for _ in range(12))
    r = report(box, box["rhea"], "Details: %s." % secret, seal="sign+encrypt", with_key=True)
    d = accept(box, box["aiko"], r)
    notify(box, d, "In short, %s." % canary(), ["acme"])
    settled(box)
    box["aiko"].command(d, "Tell: acme", text="We were told that %s." % secret)
    held = wait_for(lambda: [l for l in box.ctl_json("outbox", "list", as_="aiko") if l["place"] == d and l["state"] == "held"], 40, "the held letter")[0]
    way = "Send-Anyway: %s <reason>" % held["letter"]
    shown = preview(box, d, "--to", "acme")
    assert [w for w in shown["waiting"] if held["letter"] in w and held["reason"] in w and way in w], shown
    shown = preview(box, d, "--to", held["letter"])
    assert shown["held"] == held["reason"] and secret in " ".join(shown["text"].split()) and shown["to"] == "acme"
    assert [w for w in shown["ways_out"] if way in w]
    box["aiko"].command(d, "Preview: " + held["letter"])
    mail = box["aiko"].wait_mail(lambda m: "] Preview" in m.subject and d in m.subject, what="the preview")
    assert way in mail.text and secret.split()[0] in mail.text
    done = box.ctl("case", "preview", c, "--to", held["letter"], as_="aiko", check=False)
    assert done.returncode == 65 and "no such letter in this case" in done.stderr, "it is another case's"


def test_a_word_is_tried_before_it_is_made_a_name(told):
    box, c, word = told
    found = box.ctl_json("term", "try", "NODE", as_="aiko")
    assert found == []
    found = box.ctl_json("term", "try", word.upper(), as_="aiko")
    assert [(f["case"], f["piece"], f["hits"]) for f in found] == [(c, 1, 1)] and word in found[0]["around"]
    assert box.ctl_json("term", "try", word.upper(), "--common", as_="aiko") == [], "an ordinary word in small letters is none"
    done = box.ctl("term", "try", " ", as_="aiko", check=False)
    assert done.returncode == 64 and "letter or digit" in done.stderr
