"""What coordinators are told of a seal beside its status."""
import os

from sandboxlib import keys
from steps import canary

OPEN_QUESTION = "may have been revoked"


def revocation_list(folder):
    """Of the sandbox's authority; it revokes nobody."""
    with open(folder + "/ca.conf", "w", encoding="ascii") as file:
        file.write("[ca]\ndefault_ca=d\n[d]\ndatabase=%s/ca.index\ndefault_md=sha256\n" % folder)
    with open(folder + "/ca.index", "w", encoding="ascii"):
        pass
    keys.run(["openssl", "ca", "-config", folder + "/ca.conf", "-keyfile", keys.ca() + "/key.pem", "-cert", keys.ca() + "/cert.pem",
              "-gencrl", "-crldays", "30", "-out", folder + "/ca.crl"])
    return folder + "/ca.crl"


def copy_of_mail(box, vendor):
    word = canary()
    vendor.send("We ask: " + word, "A question", seal="sign+encrypt")
    return box["aiko"].wait_mail(lambda m: word in m.text, 40, "a copy of the vendor's mail").text


def test_revocation_is_shown_until_a_list_is_at_hand(box):
    vendor = next(v for v in box.vendors if v.protocol == "smime")
    assert OPEN_QUESTION in copy_of_mail(box, vendor)
    box.ctl("ca", "add", revocation_list(os.path.dirname(box.dir)))
    assert OPEN_QUESTION not in copy_of_mail(box, vendor)
