"""A vendor's reply is shared: its answer reaches the others, and nothing of what it quotes does."""
import html
import re

import pytest
from sandboxlib.actor import wait_for
from steps import canary, case, notice, notify, open_case, settled

OUT = "[quoted text left out]"
HEADERS = "From: CERT Example <%s>\nSent: Monday, 23 November 2026 10:00\nTo: psirt@acme.example\nSubject: [%s] A flaw\n"


class Quoting:
    """One letter that acme got, and the ways in which a client or a ticket system puts it into a reply."""

    def __init__(self, mail, c):
        self.mail, self.case = mail, c
        self.text = mail.text.replace("\r\n", "\n").strip("\n")
        self.desk = mail.header("From")
        self.heads = HEADERS % (self.desk, c)

    def marked(self, text=None):
        return "".join("> " + l if l else ">" for l in (text or self.text).splitlines(True))


def above(q, answer):
    return "%s\n\nOn Mon, 23 Nov 2026 at 10:00, CERT Example <%s> wrote:\n\n%s\n" % (answer, q.desk, q.marked()), [answer, OUT]


def below(q, answer):
    return "Acmeron PSIRT, On 23/11/2026 10:00, %s wrote:\n%s\n\n%s\n" % (q.desk, q.marked(), answer), [OUT, answer]


def between(q, answer):
    first, second = answer.split()
    parts = q.text.split("\n\n")
    one, two, three = (q.marked("\n\n".join(p)) for p in (parts[:2], parts[2:4], parts[4:]))
    return "%s\n%s\n%s\n%s\n%s\n" % (one, first, two, second, three), [OUT, first, OUT, second, OUT]


def outlook(q, answer):
    return "%s\n\n________________________________\n%s\n%s\n" % (answer, q.heads, q.text), [answer, OUT]


def outlook_old(q, answer):
    return "%s\n\n-----Original Message-----\n%s\n%s\n" % (answer, q.heads, q.text), [answer, OUT]


def outlook_japanese(q, answer):
    heads = "差出人: CERT Example <%s>\n送信日時: 2026年11月23日 10:00\n宛先: psirt@acme.example\n件名: RE: [%s] 脆弱性\n" % (q.desk, q.case)
    return "%s\n確認しました。\n\n-----元のメッセージ-----\n%s\n%s\n" % (answer, heads, q.text), [answer, "確認しました。", OUT]


def rt(q, answer):
    return "%s\n\nOn Mon Nov 23 10:00:00 2026, %s wrote:\n\n%s\n" % (answer, q.desk, q.text), [answer, OUT]


def jira(q, answer):
    return "%s\n\n{quote}\n%s\n{quote}\n\n—-—-—-—\nReply above this line.\n\n%s\n" % (answer, q.text, q.text), [answer, OUT]


def servicenow(q, answer):
    return "%s\n\n2026-11-23 09:30:00 JST - CERT Example (Additional comments)\n%s\n" % (answer, q.text), [answer, OUT]


def zendesk(q, answer):
    return "%s\n\n##- Please type your reply above this line -##\n\n%s\n" % (answer, q.text), [answer, OUT]


def gmail(q, answer):
    return ('<div dir="ltr">%s</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Mon, 23 Nov 2026 at 10:00, CERT '
            'Example &lt;<a href="mailto:%s">%s</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex">%s'
            '</blockquote></div>' % (answer, q.desk, q.desk, html.escape(q.text).replace("\n", "<br>\n"))), [answer, OUT]


def outlook_html(q, answer):
    lines = "".join('<p class="MsoNormal">%s</p>\n' % (html.escape(l) or "&nbsp;") for l in q.text.splitlines())
    heads = "<br>".join("<b>%s:</b>%s" % tuple(html.escape(h).split(":", 1)) for h in q.heads.splitlines())
    return ('<html><body><p class="MsoNormal">%s</p><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in">'
            '<p class="MsoNormal">%s</p></div>%s</body></html>' % (answer, heads, lines)), [answer, OUT]


def bare(q, answer):
    """No mark and no heading: what the coordinator had written, in other lines."""
    told = re.search(r"SUMMARY\n\n(.*?)\n\n", q.text, re.S).group(1)
    return "%s\n\n%s\n" % (answer, told.upper().replace(" AND ", "\nAND ")), [answer, OUT]


def naked(q, answer):
    """The whole letter, without a mark or a heading, with an answer in the middle."""
    first, second = answer.split()
    head, tail = q.text.split("HOW TO ANSWER")
    return "%s\n\n%s\n%s\n\nHOW TO ANSWER%s\n" % (first, head.strip(), second, tail), [first, OUT, second, OUT]


def bars(q, answer):
    """Other marks; what says HEADER is a mail's head to nobody else."""
    head = "From: 3.0, all of them\nTo: 3.4\nDate: fixed in May"
    return ("%s\n%s\n\n%s\n" % (answer, head, "".join("| " + l for l in q.text.splitlines(True))),
            [answer, *head.splitlines(), OUT])


def initials(q, answer):
    first, second = answer.split()
    one, two = q.text.split("HOW TO ANSWER")
    lines = ["".join("CE> " + l for l in part.strip("\n").splitlines(True)) for part in (one, two)]
    return "%s\n%s\n%s\n%s\n" % (lines[0], first, lines[1], second), [OUT, first, OUT, second]


def wrapped(q, answer):
    """A quoted line goes on in the next one, which has no mark; an answer looks the same."""
    told = " ".join(re.search(r"SUMMARY\n\n(.*?)\n\n", q.text, re.S).group(1).split())
    one, rest = told[:told.index(" past")], told[told.index("past"):]
    two, three = rest[:rest.index("gives")], rest[rest.index("gives"):]
    return "> %s\n%s\n> %s\nsaid: %s\n> %s\n" % (one, two.strip(), three, answer, "The end."), [OUT, "said: " + answer, OUT]


def flowed(q, answer):
    """Lines that go on in the next one, and a stuffed one (RFC 3676)."""
    lines = [(">" + " " * bool(w) + w + " " * (i < len(ws))) for l in q.text.splitlines() for ws in [re.findall(r"\S+(?: \S+){0,5}", l) or [""]]
             for i, w in enumerate(ws, 1)]
    return "%s\n\n%s\n From there on it is fixed.\n" % (answer, "\n".join(lines)), [answer, OUT, "From there on it is fixed."]


def signed_inline(q, answer):
    """What PGP inline leaves when it is quoted: its armor, and dashes before dashes."""
    head = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n- -----Original Message-----\n"
    tail = "\n-----BEGIN PGP SIGNATURE-----\n\niHUEARYKAB0WIQ\n-----END PGP SIGNATURE-----"
    return "%s\n\n%s\n" % (answer, q.marked(head + q.text + tail)), [answer, OUT]


TEXTS = (above, below, between, outlook, outlook_old, outlook_japanese, rt, jira, servicenow, zendesk, bare, naked, bars, initials, wrapped, flowed, signed_inline)
PAGES = (gmail, outlook_html)


@pytest.fixture(scope="module")
def told(sandboxes):
    """A case of acme and globex, acme's notice with words for acme alone in it."""
    box = sandboxes.get(placement="inner", form="plus", send_delay="1s")
    only, word = canary(), canary()
    c = open_case(box, "Details")
    said = notify(box, c, "The parser of the management console reads %s past the end and gives away its keys.\n\n[[only acme]]\n"
           "In Acmeron Devices it is %s, in line twelve of the file that reads what comes from outside.\n[[end]]" % (word, only), ["acme", "globex"])
    assert "S1: vendor-notice to 2" in said.text, said.text
    settled(box)
    assert only not in notice(box["globex"], word).text
    return box, c, Quoting(notice(box["acme"], only), c), [only, word]


def secrets_of(q):
    """What is in acme's letter and in nobody else's."""
    marks = re.findall(r"^Copy (\S+)", q.text, re.M)
    codes = [code for _, code in q.mail.blocks()]
    numbers = re.findall(r"letter (L\d+)", q.text)
    assert marks and codes and numbers, "acme's letter tells whose it is"
    return [*marks, *codes, *numbers, q.mail.message_id.strip("<>"), "acme", "acmeron"]


def reply(box, q, shape, answer):
    """acme's reply as it is delivered; what another reader is to see of it."""
    body, wanted = shape(q, answer)
    acme = box["acme"]
    m = acme.build(body, "AW: RE: [acme #1234] %s" % shape.__name__, in_reply_to=q.mail.message_id, references=q.mail.references)
    if shape is flowed:
        m.set_param("format", "flowed")
    if shape in PAGES:
        m.clear_content()
        m.set_content(body, subtype="html")
    acme.post(m.as_bytes())
    return wanted


def pieces_in(mail):
    """The lines of others' texts in it."""
    return [l[2:].strip() for l in mail.text.replace("\r\n", "\n").split("\n") if l.startswith("| ") and l[2:].strip()]


def test_nothing_of_a_quote_reaches_another_vendor(told):
    box, c, q, words = told
    wanted = {}
    for shape in (*TEXTS, *PAGES):
        before = {p["n"] for p in case(box, c)["pieces"]}
        answer = canary() + " " + canary() if shape in (between, naked, initials) else canary()
        lines = reply(box, q, shape, answer)
        new = wait_for(lambda b=before: {p["n"] for p in case(box, c)["pieces"]} - b, 40, "the reply of " + shape.__name__)
        wanted[max(new)] = (shape.__name__, answer.split()[0], lines)
    said = box["aiko"].command(c, *("Share: %d globex" % n for n in wanted))
    assert said.text.count("quoted lines are left out") == len(wanted), said.text
    assert "had not sent" not in said.text, "nothing of ours looks new"
    assert len(wanted) == len(TEXTS) + len(PAGES)
    for name, answer, lines in wanted.values():
        mail = notice(box["globex"], answer)
        assert pieces_in(mail) == lines, name
        whole = "\n".join([mail.subject, mail.text]).casefold()
        assert not [w for w in [*secrets_of(q), words[0]] if re.search(r"(?<!\w)%s(?!\w)" % re.escape(w.casefold()), whole)], name
        assert "1234" not in whole and name not in mail.subject
    settled(box)


def test_a_coordinators_yes_passes_the_quote_on(told):
    box, c, q, _ = told
    answer, asked = canary(), canary()
    before = {p["n"] for p in case(box, c)["pieces"]}
    box["acme"].reply(q.mail, "> Is %s hit, Globexia Networks and Acmeron Devices ask?\n%s\n" % (asked, answer), seal="sign+encrypt")
    n = max(wait_for(lambda: {p["n"] for p in case(box, c)["pieces"]} - before, 40, "the reply"))
    said = box["aiko"].command(c, "Share: %d globex" % n)
    assert '1 quoted lines are left out; "Share: %d globex quoted" passes them on' % n in " ".join(said.text.split())
    assert pieces_in(notice(box["globex"], answer)) == [OUT, answer]
    box["aiko"].command(c, "Share: %d globex quoted" % n)
    assert next(p for p in case(box, c)["pieces"] if p["n"] == n)["quoted"] == ["globex"]
    mail = notice(box["globex"], asked)
    assert pieces_in(mail) == ["> Is %s hit, Globexia Networks and [redacted] ask?" % asked, answer]


def test_answers_between_the_lines_of_an_unmarked_quote_are_shown(told):
    """Outlook's "see below": nothing but what was sent tells them from the quote."""
    box, c, q, words = told
    inside = [canary(), canary()]
    head, tail = q.text.split("HOW TO ANSWER")
    before = {p["n"] for p in case(box, c)["pieces"]}
    body = "See below in red.\n\n-----Original Message-----\n%s\n%s\nNO, %s\n\nHOW TO ANSWER%s\nIn May, %s\n" % (
        q.heads, head.rstrip(), inside[0], tail.rstrip(), inside[1])
    box["acme"].reply(q.mail, body, seal="sign+encrypt")
    n = max(wait_for(lambda: {p["n"] for p in case(box, c)["pieces"]} - before, 40, "the reply"))
    said = box["aiko"].command(c, "Share: %d globex" % n)
    assert "2 of them the desk had not sent" in said.text, said.text
    assert re.findall(r"^- \| (.*?)\s*$", said.text, re.M) == ["NO, " + inside[0], "In May, " + inside[1]], said.text
    preview = box.ctl_json("case", "preview", c, "--to", "globex", "--diff", as_="aiko")
    shown = {l["text"]: l["why"] for p in preview["pieces"] if p["n"] == n for l in p["lines"]}
    assert [t for t, why in shown.items() if why == "quote, perhaps an answer"] == ["NO, " + inside[0], "In May, " + inside[1]]
    settled(box)
    box["aiko"].command(c, "Share: %d globex quoted" % n)
    mail = notice(box["globex"], inside[0])
    assert inside[1] in mail.text and words[0] not in mail.text


def test_a_yes_does_not_pass_on_what_was_fenced(told):
    """A coordinator who says quoted may not have seen what acme's notice had for acme alone."""
    box, c, q, words = told
    answer = canary()
    before = {p["n"] for p in case(box, c)["pieces"]}
    reply(box, q, above, answer)
    n = max(wait_for(lambda: {p["n"] for p in case(box, c)["pieces"]} - before, 40, "the reply"))
    box["aiko"].command(c, "Share: %d globex quoted" % n)
    mail = notice(box["globex"], answer)
    assert OUT in "".join(pieces_in(mail)) and "gives away its keys" in " ".join(mail.text.split())
    assert words[0] not in mail.text and "line twelve" not in mail.text


def test_a_yes_passes_on_no_code_and_no_mark(told):
    box, c, q, _ = told
    answer = canary()
    tail = "\n".join(l for l in q.text.splitlines() if re.match("Copy|Case|Embargod:|Please look|when you", l))
    before = {p["n"] for p in case(box, c)["pieces"]}
    box["acme"].reply(q.mail, "%s\n\n%s" % (answer, q.marked(tail)), seal="sign+encrypt")
    n = max(wait_for(lambda: {p["n"] for p in case(box, c)["pieces"]} - before, 40, "the reply"))
    box["aiko"].command(c, "Share: %d globex quoted" % n)
    lines = pieces_in(notice(box["globex"], answer))
    assert "> Copy [redacted]" in lines and "> Embargod: %s [redacted]" % c in lines and "> when you can have a fix." in lines


def test_a_yes_does_not_pass_on_marked_lines_of_a_piece_that_was_not_shared(told):
    """Its writer's own lines with a '>' before them are its words all the same."""
    box, c, q, _ = told
    inside, answer = canary(), canary()
    marked = "> the key that the box prints when it starts is %s today" % inside
    for text in ("Our log has it:\n%s\n" % marked, "%s\n\nOn Mon, 23 Nov 2026 at 10:00, Jane <psirt@acme.example> wrote:\n>%s\n" % (answer, marked)):
        before = {p["n"] for p in case(box, c)["pieces"]}
        box["acme"].reply(q.mail, text, seal="sign+encrypt")
        n = max(wait_for(lambda b=before: {p["n"] for p in case(box, c)["pieces"]} - b, 40, "the reply"))
    box["aiko"].command(c, "Share: %d globex quoted" % n)
    mail = notice(box["globex"], answer)
    assert inside not in mail.text and OUT in mail.text
