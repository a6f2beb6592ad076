"""Forms, and what the desk answers before anybody has looked."""
from sandboxlib.actor import wait_for
from steps import accept, canary, notice, notify, report

FORM = """contact_name: Rhea %s
contact_phone: +81 3 %s
share_release: No
credit_release: Yes
product_name: Widget %s
product_version: 2.4
vul_description: The parser reads past the end of its buffer %s
  when a record has no length.
vul_impact: Code runs as the service.
comments: Acme was rude to us %s the last time.
"""


def test_form_is_shown_and_its_private_answers_are_cut(box):
    name, phone, product, text, private = (canary() for _ in range(5))
    r = report(box, box["rhea"], FORM % (name, phone, product, text, private), "VRF", seal="sign+encrypt", with_key=True)
    shown = box.ctl_json("report", "show", r, as_="aiko")
    form = (shown[0] if isinstance(shown, list) else shown)["mails"][0]["form"]
    assert form["share_release"] == "No" and form["product_name"] == "Widget " + product
    copy = box["aiko"].wait_mail(lambda m: product in m.text, 40, "the copy")
    assert "share_release = No" in copy.text and "vendors do not learn who reported (no)" in copy.text
    c = accept(box, box["aiko"], r)
    notify(box, c, "A flaw in widgets %s." % canary(), ["acme"])
    box["aiko"].command(c, "Share: 1 acme")
    letter = notice(box["acme"], text)
    for word in (name, phone, private):
        assert word not in letter.text and word.encode() not in letter.raw


def automatic(actor):
    return [m for m in actor.inbox() if m.outer["Auto-Submitted"] == "auto-replied"]


def test_received(own):
    """The same short answer to what opens and what does not: later, once a day, and not to a machine."""
    box = own(send_delay="1s", auto_answer="yes")
    rhea, nils = box["rhea"], box["nils"]
    long_ = "A flaw, told at length. " * 200
    rhea.send(long_, "A flaw", seal="sign+encrypt")
    rhea.send(long_, "Another flaw", seal="sign+encrypt")
    nils.send(long_, "A flaw")
    box["aiko"].wait_mail(lambda m: "Another flaw" in m.text, 40, "the last copy")
    assert not automatic(rhea) and not automatic(nils)
    box.sandbox("clock", "+6m")
    wait_for(lambda: automatic(rhea) and automatic(nils), 60, "both answers")
    (to_rhea,), (to_nils,) = automatic(rhea), automatic(nils)
    assert "Return-Path: <>" in to_rhea.raw.decode() and to_rhea.sealed == []
    assert to_rhea.subject == to_nils.subject and len(to_rhea.raw) < len(long_)
    assert "A flaw" not in to_rhea.text
    box.sandbox("clock", "+1d")
    before = len(box["aiko"].inbox())
    rhea.send(long_, "A third one", seal="encrypt", to_keys=[rhea.fingerprint])  # opens for nobody but her
    wait_for(lambda: len(box["aiko"].inbox()) > before, 40, "the copy")
    box.sandbox("clock", "+6m")
    wait_for(lambda: len(automatic(rhea)) == 2, 60, "the next day's answer")
    answers = [(to_rhea, rhea), (to_nils, nils), (automatic(rhea)[1], rhea)]
    same = {m.subject + m.text.replace(a.email, "").split("This message was prepared")[0] for m, a in answers}
    assert len(same) == 1


def test_registration(own):
    box = own(send_delay="1s", auto_answer="yes")
    nils = box["nils"]
    r = report(box, nils, "Registration class: general\nCompany name: Newco\nDomains: newco.example\nProducts: Hub\nTechnologies: SIP\n"
               + "Thank you. " * 400, "Registration", rcpt=[box.desk["address"].replace("@", "+register@")])
    shown = box.ctl_json("report", "show", r, as_="aiko")
    shown = shown[0] if isinstance(shown, list) else shown
    assert shown["registration"] is True and shown["mails"][0]["form"]["company_name"] == "Newco"
    # What it calls itself is no term, but waits, with where it comes from.
    waiting = {p["name"]: (p["org"], p["from"], p["hits"]) for p in box.ctl_json("term", "pending", as_="aiko")}
    assert waiting == {"Newco": (None, r, 0), "newco.example": (None, r, 0), "Hub": (None, r, 0)}, waiting
    box.ctl("term", "refuse", "Hub")
    box.ctl("org", "add", "newco", "--name", "Newco", "--domain", "newco.example")
    assert wait_for(lambda: box.ctl_json("term", "pending", as_="aiko") == [], 20, "nothing that waits")
    box.sandbox("clock", "+6m")
    wait_for(lambda: automatic(nils), 60, "the answer")
    assert "registration" in automatic(nils)[0].text
