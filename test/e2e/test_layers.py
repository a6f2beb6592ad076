"""Each layer switched off alone: the others still let nothing through. Letters may be held, or hold nothing foreign."""
import campaign
import planted
import pytest

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
