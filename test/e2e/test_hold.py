"""What the guard holds: how coordinators hear of it, and how a letter goes all the same; and two persons for a send."""
import os
import re
import subprocess

from sandboxlib.actor import wait_for
from steps import canary, configure, letters, notice, notify, open_case


def held_letters(box, vendors):
    """A case whose coordinator repeats what its reporter wrote: the guard holds each letter. Its name, a word of the report,
    and the held letters."""
    word, secret = canary(), " ".join(canary(9) for _ in range(12))
    c = open_case(box, "Details: %s." % secret)
    notify(box, c, "Short: %s" % word, vendors)
    for vendor in vendors:
        notice(box[vendor], word)
    before = set(letters(box))
    said = box["aiko"].command(c, "Tell: " + " ".join(vendors), text="We were told that %s." % secret)
    # Who orders it reads at once what will be held; whose letter, and how to look at it.
    words = " ".join(said.text.split())
    for vendor in vendors:
        assert re.search(r"L\d+, tell to <%s>, would be HELD: words of a piece outside the audience in text: .*\"Preview: L\d+\" shows it"
                         % re.escape(box[vendor].email), words), said.text

    def held():
        found = {n: l for n, l in letters(box).items() if n not in before and l["place"] == c and l["state"] == "held"}
        return found if len(found) == len(vendors) else None
    return c, secret.split()[0], wait_for(held, 40, "%d held letters" % len(vendors))


def told(actor, c):
    return [m for m in actor.inbox() if "Letters are held" in m.subject and c in m.subject]


def log_of(box, c, kind):
    return [e for e in box.ctl_json("case", "log", c, as_="aiko") if e.get("kind") == kind]


def test_one_message_tells_of_all_held_letters_and_of_the_way_out(box):
    aiko = box["aiko"]
    c, _, held = held_letters(box, ["acme", "globex"])
    box.sandbox("clock", "+1m")
    mail = aiko.wait_mail(lambda m: "Letters are held" in m.subject and c in m.subject, what="word of the held letters")
    for n, letter in held.items():
        assert "L%d" % n in mail.text and letter["address"] in mail.text
        assert "Send-Anyway: L%d <reason>" % n in mail.text
    assert len(told(aiko, c)) == 1
    sends = box.ctl_json("case", "show", c, as_="aiko")["sends"]
    assert [(s["state"], s["letters"]) for s in sends] == [("sent", {"handed-over": 2}), ("held", {"held": 2})]
    plain = box.ctl("outbox", "list", as_="aiko").stdout.splitlines()
    for n, letter in held.items():
        (i,) = [i for i, l in enumerate(plain) if l.startswith("L%d " % n)]
        assert letter["address"] in plain[i] and " held " in plain[i] and "Send-Anyway: L%d <reason>" % n in plain[i + 1]


def test_signed_send_anyway_lets_that_letter_go_and_is_on_record(box):
    aiko = box["aiko"]
    c, secret, held = held_letters(box, ["acme", "globex"])
    (one, other) = sorted(held, key=lambda n: held[n]["org"])
    answer = aiko.command(c, "Send-Anyway: L%d the reporter agreed by phone" % one)
    assert "L%d goes" % one in answer.text and re.search(r"Commands:\n  .*Send-Anyway", answer.text, re.S)
    assert c in notice(box["acme"], secret).text
    assert letters(box)[other]["state"] == "held"
    event = log_of(box, c, "letter-anyway")[0]
    assert event["text"] == "the reporter agreed by phone" and "aiko" in event["by"] and event["letter"] == one
    assert event["list"] == [held[one]["reason"]]
    assert not [m for m in box["globex"].inbox() if secret in m.text]


def test_send_anyway_is_for_what_was_held_and_for_nothing_else(box):
    aiko = box["aiko"]
    c, secret, held = held_letters(box, ["acme"])
    (n,) = held
    # In one block, so that the letter can't go between: what was let through is not what would go.
    answer = aiko.command(c, "Send-Anyway: L%d as it is" % n, "Title: Another one")
    assert "L%d goes" % n in answer.text
    again = wait_for(lambda: "changed since" in (letters(box)[n]["reason"] or "") and letters(box)[n], 40, "the letter held again")
    assert again["state"] == "held" and "the case's title" in again["reason"]
    assert "reason" in aiko.command(c, "Send-Anyway: L%d" % n).text
    assert not [m for m in box["acme"].inbox() if secret in m.text]
    # What made the guard hold it is mended: tried again, it goes, and that is on record too.
    aiko.command(c, "Share: 1 acme")
    box.ctl("outbox", "retry", "L%d" % n, as_="aiko")
    notice(box["acme"], secret)
    assert [e["letter"] for e in log_of(box, c, "letter-retried")] == [n]


def test_send_anyway_by_embargoctl_is_the_same_decision(box):
    c, secret, held = held_letters(box, ["initech"])
    (n,) = held
    refused = box.ctl("send-anyway", c, "L%d" % (n + 1000), "because", as_="ben", check=False)
    assert refused.returncode == 65 and re.search(r"no such letter", refused.stderr + refused.stdout)
    box.ctl("send-anyway", c, "L%d" % n, "agreed", "by", "phone", as_="ben")
    notice(box["initech"], secret)
    assert [e["by"] for e in log_of(box, c, "letter-anyway")] == ["coordinator ben"]


def planned(box, c, vendors, word):
    """A notice that aiko plans by a signed mail: the answer, and the letters that wait."""
    before = set(letters(box))
    answer = notify(box, c, "Short: %s" % word, vendors)
    return answer, {n: l for n, l in letters(box).items() if n not in before and l["template"] == "vendor-notice"}


def test_two_persons_before_anything_goes(own):
    box = own(send_delay="0s")
    configure(box, "two-persons = yes")
    aiko, ben, word = box["aiko"], box["ben"], canary()
    c = open_case(box, "Details")
    answer, waiting = planned(box, c, ["acme", "globex"], word)
    send = re.search(r"Confirm: (S\d+)", answer.text).group(1)
    assert {l["state"] for l in waiting.values()} <= {"planned", "waiting"}
    assert {l["reason"] for l in waiting.values()} == {"waits for a second coordinator"}
    # The other one is told, with a code; who planned it can't be the second, nor anyone by --as.
    asked = ben.wait_mail(lambda m: "Confirm: " + send in m.text, what="the question whether it may go")
    assert c in asked.subject and "A second coordinator is needed: " + send in asked.subject
    # It shows what would go, to each, with the block that they get.
    assert asked.text.count("| Short: " + word) + asked.text.count("| " + word) >= 1 and asked.text.count(word) >= 2
    for vendor in ("acme", "globex"):
        assert "To: %s <%s>" % (vendor, box[vendor].email) in asked.text
    assert "another coordinator" in aiko.command(c, "Confirm: " + send).text
    refused = box.ctl("confirm", c, send, as_="ben", check=False)
    assert refused.returncode == 65 and "sign a mail" in refused.stderr + refused.stdout
    assert not [m for m in box["acme"].inbox() if word in m.text]
    assert box.ctl_json("case", "show", c, as_="aiko")["sends"][0]["state"] == "unconfirmed"
    ben.command(c, "Confirm: " + send)
    notice(box["acme"], word)
    notice(box["globex"], word)
    assert [e["by"] for e in log_of(box, c, "send-confirmed")] == ["coordinator ben"]


def new_key(box, contact, email, dir_):
    """The contact gets another key, as an admin gives it."""
    gpg = ["gpg", "--homedir", str(dir_), "--batch", "-q"]
    os.chmod(dir_, 0o700)
    subprocess.run([*gpg, "--passphrase", "", "--quick-gen-key", "psirt <%s>" % email, "future-default", "default", "0"], check=True)
    with open(str(dir_) + "/key.asc", "wb") as f:
        subprocess.run([*gpg, "--armor", "--export"], check=True, stdout=f)
    subprocess.run(["gpgconf", "--homedir", str(dir_), "--kill", "gpg-agent"], check=False)
    with open(str(dir_) + "/key.asc", encoding="ascii") as f:
        box.ctl("key", "add", "-", "--contact", contact, data=f.read())


def test_a_key_or_address_that_is_new_since_it_was_confirmed_holds_that_letter(own, tmp_path):
    box = own(send_delay="1h")
    configure(box, "two-persons = yes")
    ben, word = box["ben"], canary()
    c = open_case(box, "Details")
    answer, waiting = planned(box, c, ["acme", "globex", "initech"], word)
    send = re.search(r"Confirm: (S\d+)", answer.text).group(1)
    ben.wait_mail(lambda m: "Confirm: " + send in m.text, what="the question whether it may go")
    ben.command(c, "Confirm: " + send)
    (moved,) = [n for n, l in waiting.items() if l["org"] == "initech"]
    box.ctl("contact", "set", "initech/" + waiting[moved]["contact"], "--email", "security@initech.example")
    (n,) = [n for n, l in waiting.items() if l["org"] == "globex"]
    new_key(box, "globex/" + waiting[n]["contact"], waiting[n]["address"], tmp_path)
    box.sandbox("clock", "+2h")
    notice(box["acme"], word)
    letter = wait_for(lambda: letters(box)[n]["state"] == "held" and letters(box)[n], 40, "the letter held")
    assert letter["reason"] == "changed since it was confirmed: its reader's key"
    letter = wait_for(lambda: letters(box)[moved]["state"] == "held" and letters(box)[moved], 40, "the letter held")
    assert letter["reason"] == "changed since it was confirmed: its address"


def test_what_changed_since_it_was_confirmed_is_held(own):
    box = own(send_delay="1h")
    configure(box, "two-persons = yes")
    ben, word = box["ben"], canary()
    c = open_case(box, "Details")
    answer, waiting = planned(box, c, ["acme"], word)
    (n,) = waiting
    send = re.search(r"Confirm: (S\d+)", answer.text).group(1)
    ben.wait_mail(lambda m: "Confirm: " + send in m.text, what="the question whether it may go")
    ben.command(c, "Confirm: " + send)
    box["aiko"].command(c, "Summary:", text="Another one: %s" % word)
    box.sandbox("clock", "+2h")
    letter = wait_for(lambda: letters(box)[n]["state"] == "held" and letters(box)[n], 40, "the letter held")
    assert "changed since it was confirmed" in letter["reason"] and "the summary" in letter["reason"]
    # Tried again it waits for both; the two say so, and it goes.
    box.ctl("outbox", "retry", "L%d" % n, as_="aiko")
    assert "another coordinator" in ben.command(c, "Confirm: " + send).text
    box["aiko"].command(c, "Confirm: " + send)
    assert "Another one" in notice(box["acme"], word).text
