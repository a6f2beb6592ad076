"""A reader's own language: the same letter in Japanese to one vendor and in English to another, from subject to mask."""
import json
import re

import pytest

from steps import accept, canary, notice, notify, report, settled

ORGS = [("nichihoku", "日北電機株式会社", "nichihoku.example", "ja", ["日北電機"]),
        ("tohto", "東都ソフト株式会社", "tohto.example", "ja", ["東都ソフト"]),
        ("acme", "Acmeron Systems", "acmeron.example", "en", ["Acmeron"]),
        ("globex", "Globexia Devices", "globexia.example", "en", ["Globexia"])]
KINDS = {"tohto": None, "acme": "smime-rsa"}


@pytest.fixture
def bilingual(own, tmp_path):
    made = [{"slug": slug, "name": name, "domain": domain, "person": slug.title() + " PSIRT", "kind": KINDS.get(slug, "ed25519"),
             "language": language, "zone": {"nichihoku": "Asia/Tokyo"}.get(slug),
             "aliases": aliases, "terms": []} for slug, name, domain, language, aliases in ORGS]
    (tmp_path / "orgs.json").write_text(json.dumps(made), encoding="utf-8")
    return own(orgs=tmp_path / "orgs.json", send_delay="1s")


def wraps(mail):
    """Every text part travels in short lines of ASCII."""
    for leaf in mail.leaves():
        if leaf.get_content_maintype() == "text" and not leaf.get_content().isascii():
            assert leaf["Content-Transfer-Encoding"] in ("base64", "quoted-printable")
            lines = leaf.get_payload().splitlines()
            assert lines and all(l.isascii() and len(l) <= 76 for l in lines)
            return True
    return False


def test_each_reads_its_own_language(bilingual):
    box, flaw, summary = bilingual, canary(), canary()
    name = report(box, box["rhea"], "Globexia Devices の製品にも同じ問題があります。%s" % flaw, seal="sign+encrypt", with_key=True)
    case = accept(box, box["aiko"], name)
    notify(box, case, "Short: %s" % summary, ["nichihoku", "tohto", "acme"])
    japanese, english = notice(box["nichihoku"], summary), notice(box["acme"], summary)
    assert "当窓口で調整している脆弱性が、日北電機株式会社 の製品に" in japanese.text and "Dear" not in japanese.text
    assert "Status: affected" in japanese.text and "調査中" in japanese.text
    assert "Dear Acme PSIRT" in english.text and "脆弱性" not in english.text
    assert wraps(japanese)
    request = box["tohto"].wait_mail(what="key-needed")
    assert "公開鍵送付のお願い" in request.subject and "理由: 鍵が登録されていません。" in request.text and wraps(request)

    box["aiko"].command(case, "Share: 1 all")
    japanese, english = notice(box["nichihoku"], flaw), notice(box["acme"], flaw)
    assert "| [伏せ字] の製品にも" in japanese.text and "(提供元: 報告者、" in japanese.text
    assert "| [伏せ字] の製品にも" in english.text and ", from the reporter, " in english.text  # the text's language, not the reader's
    assert not [m for m in (japanese, english) if "Globexia" in m.text]

    box["aiko"].command(case, "Embargo: 2030-12-24T14:00+09:00")
    box["aiko"].command(case, "Send: embargo-reminder nichihoku acme")
    box.ctl("send", case, "advisory-draft", "nichihoku", "acme", "--text", "Users should update.", as_="aiko")
    for slug, subjects in (("nichihoku", ("公表日のお知らせ", "公表日のご確認", "アドバイザリ案のご確認のお願い")),
                           ("acme", ("] Date of publication", "Reminder: date of publication", "Draft of our advisory"))):
        for words in subjects:
            mail = box[slug].wait_mail(lambda m, words=words: words in m.subject, what=words)
            assert ("2030-12-24 05:00 UTC (2030-12-24 14:00 JST)" if slug == "nichihoku" else "2030-12-24 05:00 UTC") in mail.text
            assert (" JST" in mail.text) == (slug == "nichihoku")
            assert mail.text.startswith("TLP:AMBER+STRICT\n\n")
            entries = [p.get_payload(decode=True).decode() for p in mail.leaves() if p.get_content_type() == "text/calendar"]
            assert len(entries) == (words != subjects[2])
            assert all(("公表日" in entry) == (slug == "nichihoku") for entry in entries)
            assert ("Users should update." in mail.text) == (words == subjects[2])

    refused = box.ctl("send", case, "key-expiring", "nichihoku", "acme", as_="aiko", check=False)
    assert refused.returncode != 0 and "key of nichihoku does not expire" in refused.stdout + refused.stderr
    box.ctl("send", case, "key-expiring", "acme", as_="aiko")
    mail = box["acme"].wait_mail(lambda m: m.subject == "Your key is about to expire", what="key-expiring")
    assert mail.encrypted and re.search(r"expires\nat 20\d\d-\d\d-\d\d \d\d:\d\d UTC\.", mail.text)
    settled(box)


def said_in_english(mail):
    """What the desk says to a coordinator in a line of its own, and not in Japanese."""
    lines = []
    for line in mail.text.split("コマンド (1 行に 1 つ)")[0].splitlines():
        if re.match("[-!] ", line):
            lines.append(line)
        elif lines and line.startswith("  "):
            lines[-1] += line
    return [l for l in lines if not re.search("[\u3040-\u30ff\u4e00-\u9fff]", l) and not re.match(r"- \w+: [^,]*<[^>]*>, key \w+$", l)]


def test_a_coordinator_reads_japanese(bilingual):
    box, flaw = bilingual, canary()
    aiko, secret = box["aiko"], " ".join(canary(9) for _ in range(12))
    assert box.ctl("contact", "set", "desk/aiko", "--language", "ja").returncode == 0
    name = report(box, box["rhea"], "%s: %s" % (flaw, secret), seal="sign+encrypt", with_key=True,
                  attachments=[("poc.bin", b"\1\2\3", "application/octet-stream")])
    case = accept(box, aiko, name)
    answers = [aiko.command(case, "Vendors: +acme +globex +tohto", "Summary:", text="In short."),
               aiko.command(case, "Send: vendor-notice acme globex"),
               aiko.command(case, "Sned: all", "Send: vendor-notice nobody", "Share: 9 acme"),
               aiko.command(case, "Title: Acmeron", "Owner: ben", "Watch: aiko")]
    assert re.search(r"使えるコマンド:\n  .*Send, Stop, Tell,.*Preview", answers[0].text, re.S), answers[0].text
    notice(box["acme"], "In short.")
    answers += [aiko.command(case, "Title: A flaw", "Share: 1 acme", "Release: 1.2 acme"),
                aiko.command(case, "Share: 1 acme quoted", "Share: 1 acme"),
                aiko.command(case, "Tell: globex", text="We were told that %s." % secret)]
    box.sandbox("clock", "+1m")
    answers.append(aiko.wait_mail(lambda m: "保留" in m.subject and case in m.subject, what="word of the held letter"))
    aiko.command(case, "Preview: acme")
    preview = aiko.wait_mail(lambda m: "プレビュー" in m.subject, what="the preview")
    assert "宛先: acme <" in preview.text and "テンプレート: vendor-notice" in preview.text
    left = [l for m in [*answers, *aiko.inbox()] for l in said_in_english(m)]
    assert not left, sorted(set(left))
    assert "Send-Anyway: L" in answers[-1].text and "(理由)" in answers[-1].text
    copy = aiko.wait_mail(lambda m: name in m.subject and "新しい報告" in m.text, what="the copy")
    assert "暗号化 (有効)" in copy.text and "信頼度:" in copy.text
