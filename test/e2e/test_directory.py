"""Who is known: what coordinators change of orgs and contacts, with the checks of adding them."""
import json

import pytest


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
