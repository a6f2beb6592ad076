"""Random cases with everyone's names in them: every copy that anyone got is opened and searched. EMBARGOD_SEED chooses another one."""
import os
import time

import campaign

DEEP = bool(os.environ.get("EMBARGOD_DEEP"))
CASES, READERS, ORGS = (100, 30, 60) if DEEP else (2, 8, 24)


def test_nothing_of_anyone_else_in_any_copy(own):
    began = time.monotonic()
    run = campaign.Campaign(campaign.start(own, ORGS), ORGS, campaign.seed())
    for _ in range(CASES):
        run.case(READERS)
    run.judge()
    print("%.0f s" % (time.monotonic() - began))
    run.check()
