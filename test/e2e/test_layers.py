"""Each layer switched off alone: the others still let nothing through. Letters may be held, or hold nothing foreign."""
import re

import campaign
import planted
import pytest
from sandboxlib.actor import wait_for
from steps import canary, case, letters, notice, notify, open_case

READERS, ORGS = 6, 16


@pytest.mark.parametrize("layer", ["selection", "fences", "redaction", "quotes", "guard"])
def test_without_one_layer_nothing_leaks(own, layer):
    box = campaign.start(own, ORGS)
    planted.plant(box, layer_off=layer)
    run = campaign.Campaign(box, ORGS, campaign.seed())
    run.layer_off = layer
    for _ in range(2 if layer in ("quotes", "guard") else 1):
        run.case(READERS)
    run.judge()
    print(run.report())
    assert not run.leaks, run.report()
    assert run.letters
    if layer in ("selection", "fences", "redaction"):
        assert run.holds, "it was not off"


def test_the_guard_that_is_off_is_off(own):
    """What test_leak.py shows to be held goes out: a coordinator's words that are an unshared report's."""
    box = own(vendors=2, send_delay="1s")
    planted.plant(box, layer_off="guard")
    words, summary = " ".join(canary(9) for _ in range(12)), canary()
    c = open_case(box, "It begins so: %s. And ends." % words)
    notify(box, c, "Short: %s" % summary, ["acme"])
    notice(box["acme"], summary)
    box["aiko"].command(c, "Tell: acme", text="As was said, %s, and more." % words)
    notice(box["acme"], words.split()[0])


def test_without_the_mask_the_guard_knows_anothers_mark(own):
    """A quote that goes on with a coordinator's yes has its reader's mark and code in it: masked, and if not, held."""
    box = own(vendors=2, send_delay="1s")
    planted.plant(box, layer_off="ids")
    summary, answer = canary(), canary()
    c = open_case(box, "Details")
    notify(box, c, "Short: %s" % summary, ["acme", "globex"])
    mark = re.search(r"^Copy (\S+)$", notice(box["acme"], summary).text, re.M).group(1)
    box["acme"].reply(notice(box["acme"], summary), "Yes. %s\n\n> Copy %s" % (answer, mark), seal="sign+encrypt")
    wait_for(lambda: len(case(box, c)["pieces"]) > 1, 40, "the reply in its case")
    box["aiko"].command(c, "Share: 2 globex quoted")
    reason = wait_for(lambda: [l["reason"] for l in letters(box).values() if l["state"] == "held"], 40, "the held letter")
    assert "mark of another reader in text: %s" % mark.replace("-", "") in reason[0]


def test_the_firewall_that_is_off_is_off(own):
    """A quote goes on with the reply that it stands in, without anyone's yes."""
    box = own(vendors=2, send_delay="1s")
    planted.plant(box, layer_off="quotes")
    summary, answer = canary(), canary()
    c = open_case(box, "Details")
    notify(box, c, "Short: %s" % summary, ["acme", "globex"])
    box["acme"].reply(notice(box["acme"], summary), "Yes. %s\n\n> Short: %s" % (answer, summary), seal="sign+encrypt")
    wait_for(lambda: len(case(box, c)["pieces"]) > 1, 40, "the reply in its case")
    box["aiko"].command(c, "Share: 2 globex")
    assert "> Short: %s" % summary in notice(box["globex"], answer).text
