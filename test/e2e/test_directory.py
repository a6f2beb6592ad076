"""Who is known: what coordinators change of orgs and contacts, with the checks of adding them."""
import json

import pytest
from sandboxlib.actor import wait_for
from steps import accept, notify, report, settled


@pytest.fixture
def desk(own):
    return own(vendors=2)


def org(box, slug):
    return next(o for o in map_of(box, "org") if o["slug"] == slug)


def map_of(box, noun):
    return json.loads(box.ctl(noun, "list", "--json").stdout)


def tried(box, *words):
    return box.ctl(*words, check=False)


def test_an_org_is_changed_and_its_old_name_stays_a_term(desk):
    old = org(desk, "acme")["name"]
    done = tried(desk, "org", "set", "acme", "--name", "Acme Next", "--alias", "Anext", "--term", "acmebot", "--phone", "+81 3 5555 0101",
                 "--trust", "nda")
    assert done.returncode == 0 and "stays an alias" in done.stderr, done
    acme = org(desk, "acme")
    assert acme["name"] == "Acme Next" and {"Anext", old} <= set(acme["aliases"]) and acme["trust"] == "nda"
    assert "acmebot" in acme["terms"] and "+81 3 5555 0101" in acme["phones"]
    assert tried(desk, "org", "set", "acme", "--remove", "Anext", "--remove", "+81 3 5555 0101").returncode == 0
    acme = org(desk, "acme")
    assert "Anext" not in acme["aliases"] and not acme.get("phones") and old in acme["aliases"] and "acmebot" in acme["terms"]
    for words, hint in ((["acme", "--remove", "Nothing"], 'no "Nothing" to take out'), (["acme", "--trust", "much"], "write one of: registered"),
                        (["desk", "--name", "X"], "no org desk that can be changed"), (["acme"], "what to change")):
        done = tried(desk, "org", "set", *words)
        assert done.returncode != 0 and hint in done.stderr, done


def test_a_contact_is_changed_and_its_old_address_stays_a_term(desk):
    contact = next(c for c in map_of(desk, "contact") if c["org"] == "acme")
    name = "acme/" + contact["slug"]
    done = tried(desk, "contact", "set", name, "--email", "new@acme.example", "--language", "ja", "--zone", "Asia/Tokyo")
    assert done.returncode == 0 and "the key does not name new@acme.example" in done.stderr, done
    now = next(c for c in map_of(desk, "contact") if c["org"] == "acme")
    assert (now["email"], now["language"], now["zone"], now["key"]) == ("new@acme.example", "ja", "Asia/Tokyo", contact["key"])
    assert contact["email"] in org(desk, "acme")["terms"]
    for words, hint in ((["--language", "jp"], "write ja (there are: en, ja)"), (["--language", "tlh"], "write one of: en, ja"),
                        (["--language", "ja-JP"], "write ja"), (["--zone", "Asia/Tokio"], "Asia/Tokyo"), (["--email", "acme"], "is no mail address")):
        done = tried(desk, "contact", "set", name, *words)
        assert done.returncode != 0 and hint in done.stderr, done
    done = tried(desk, "contact", "add", "acme/jp", "--name", "Tokyo", "--email", "jp@acme.example", "--language", "jp")
    assert done.returncode != 0 and "write ja" in done.stderr, done
    assert next(c for c in map_of(desk, "contact") if c["org"] == "acme") == now


def test_a_name_from_outside_is_cut_once_it_is_approved(own):
    box = own(vendors=3, send_delay="1s")
    r = report(box, box["rhea"], "The Zorbatron of yours and a plain plum fail.", seal="sign+encrypt", with_key=True)
    c = accept(box, box["aiko"], r)
    notify(box, c, "In short.", ["acme"], more=["Share: 1 acme"])
    settled(box)

    def pending():
        return {p["name"]: p for p in box.ctl_json("term", "pending", as_="aiko")}

    def shown():
        return " ".join(box.ctl_json("case", "preview", c, "--to", "acme", as_="aiko")["text"].split())
    for name in ("Zorbatron", "plum", "Nowhere"):
        box.ctl("term", "propose", "globex", name)
    waiting = wait_for(lambda: len(pending()) == 3 and pending(), 20, "what waits")
    assert [(waiting[n]["org"], waiting[n]["from"], waiting[n]["hits"], waiting[n]["cases"]) for n in ("Zorbatron", "plum", "Nowhere")] == \
        [("globex", "directory", 1, [c]), ("globex", "directory", 1, [c]), ("globex", "directory", 0, [])]
    assert "Zorbatron" in waiting["Zorbatron"]["around"] and "Zorbatron" in shown(), "what waits cuts nothing"
    box.ctl("term", "approve", "Zorbatron")
    box.ctl("term", "refuse", "plum")
    wait_for(lambda: "Zorbatron" not in shown(), 20, "the name cut")
    assert "plain plum" in shown() and set(pending()) == {"Nowhere"}
    assert "Zorbatron" in org(box, "globex")["aliases"] and "plum" not in str(org(box, "globex"))
    for words, hint in ((["approve", "Unheard"], "--org ORG"), (["approve", "Unheard", "--org", "hooli"], "no org hooli"),
                        (["propose", "desk", "X"], "no org desk"), (["propose", "acme", ""], "one line")):
        done = tried(box, "term", *words)
        assert done.returncode != 0 and hint in done.stderr, done
