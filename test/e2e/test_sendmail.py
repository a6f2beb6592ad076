"""Sendmail in Postfix's place: one report in, one letter out."""
import re

from sandboxlib import box as sandbox_box
from sendmail import Sendmail
from steps import canary, notice, notify, open_case


def test_one_report_in_one_letter_out(own):
    box = own(send_delay="1s")
    sm = Sendmail(box)
    # What comes in goes through Sendmail's milter, what goes out through its port without.
    box.info["smtp"]["port"] = sm.port
    with open(box.info["config"], encoding="utf-8") as f:
        config = re.sub(r"submit-port = \d+", "submit-port = %d" % sm.submit, f.read())
    with open(box.info["config"], "w", encoding="utf-8") as f:
        f.write(config)
    sandbox_box.stop_daemon(box.dir)
    sandbox_box.start_daemon(box.dir)
    word = canary()
    c = open_case(box, "Details")
    notify(box, c, "Short: %s" % word, ["acme"])
    letter = notice(box["acme"], word)
    assert letter.encrypted and "sm.cert.example" in str(letter.outer["Received"])
