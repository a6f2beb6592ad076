"""Real mail clients open, verify and thread what the desk sends, and answer it sealed without anyone choosing a key.

On demand: EMBARGOD_CLIENTS=1, with Thunderbird, NeoMutt and notmuch installed. The check does not look into this folder.
"""
import json
import os
import subprocess

import pytest

from neomutt import Neomutt
from sandboxlib.actor import wait_for
from steps import canary, case, notice, notify, open_case
from thunderbird import Thunderbird


class WithThunderbird:
    def __init__(self, folder, vendor):
        self.vendor, self.known = vendor, {}
        self.client = Thunderbird(folder + "/profile")
        desk, port = vendor.box.desk, vendor.box.info["smtp"]["port"]
        if vendor.home:
            secret = folder + "/secret.asc"
            with open(secret, "wb") as f:
                f.write(vendor.gpg("--armor", "--export-secret-keys", vendor.fingerprint)[0])
            self.client.run("setUpOpenpgp", vendor.email, vendor.name, port, secret, vendor.fingerprint, desk["openpgp_key"],
                            desk["openpgp"], desk["address"])
        else:
            subprocess.run(["openssl", "pkcs12", "-export", "-inkey", vendor.entry["smime_key"], "-in", vendor.entry["smime_cert"],
                            "-out", folder + "/p12", "-passout", "pass:x", "-name", vendor.name], check=True)
            self.client.run("setUpSmime", vendor.email, vendor.name, port, folder + "/p12", "x", desk["smime_ca"])

    def read(self, mails, n):
        seen = self.client.run("read", mails[n].path, "letters")
        assert seen["encrypted"] == "message-encrypted-ok.svg", seen
        assert seen["signed"] in ("message-signed-verified.svg", "message-signed-ok.svg"), seen
        return "%s\n%s" % (seen["subject"], seen["text"])

    def reply(self, mails, n, text):
        done = self.client.run("reply", mails[n].path, "answered", text + "\n")
        assert done["encrypt"] and done["sign"] and done["sent"] == "0x0", done

    def threads(self, _mails):
        return sorted(len(t) for t in self.client.run("threads", "letters"))

    def end(self):
        self.client.end()


class WithNeomutt:
    def __init__(self, folder, vendor):
        self.folder, self.vendor, self.homes = folder, vendor, []

    def start(self, mails):
        folder = "%s/%d" % (self.folder, len(self.homes))  # a fresh one, with a keyring in it
        os.makedirs(folder)
        client = Neomutt(folder, self.vendor, self.vendor.box.info["smtp"]["port"], [m.raw for m in mails])
        self.homes.append(client.home)
        return client

    def read(self, mails, n):
        text = self.start([mails[n]]).read(1)
        assert "Good signature from" in text, text
        return text

    def reply(self, mails, n, text):
        self.start([mails[n]]).reply(1, text)

    def threads(self, mails):
        client = self.start(mails)
        return sorted({n: client.thread(n) for n in (1, len(mails))}.values())

    def end(self):
        for home in self.homes:
            subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False)


class WithNotmuch(WithNeomutt):
    """notmuch reads and threads; what it answers is a draft, and NeoMutt or Emacs seals and sends that."""

    def ask(self, mails, *words):
        client = self.start(mails)  # for its keyring and its Maildir
        config = client.folder + "/notmuch-config"
        with open(config, "w", encoding="ascii") as f:
            f.write("[database]\npath=%s\n[user]\nname=x\nprimary_email=%s\n[new]\ntags=new\n[crypto]\n" % (client.mail, self.vendor.email))
        env = {**os.environ, "NOTMUCH_CONFIG": config, "HOME": client.folder, "GNUPGHOME": client.home}
        for command in (["new", "--quiet"], words):
            out = subprocess.run(["notmuch", *command], check=True, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE).stdout
        return out.decode()

    def read(self, mails, n):
        shown = self.ask([mails[n]], "show", "--format=json", "--decrypt=true", "--verify", "*")
        crypto = json.loads(shown)[0][0][0]["crypto"]
        assert crypto["decrypted"]["status"] == "full" and crypto["signed"]["status"][0]["status"] == "good", crypto
        return json.loads(shown)[0][0][0]["headers"]["Subject"] + shown

    def reply(self, mails, n, text):
        draft = self.ask([mails[n]], "reply", "--decrypt=true", "*")
        assert "\nTo: %s" % self.vendor.box.desk["address"] in draft and "\nIn-Reply-To: " in draft, draft
        super().reply(mails, n, text)

    def threads(self, mails):
        return sorted(len(json.loads(self.ask(mails, "search", "--format=json", "--output=messages", "thread:" + t)))
                      for t in {t["thread"] for t in json.loads(self.ask(mails, "search", "--format=json", "*"))})


READERS = [(WithThunderbird, "acme"), (WithThunderbird, "initech"), (WithThunderbird, "umbra"), (WithNeomutt, "acme"), (WithNeomutt, "initech"),
           (WithNotmuch, "acme"), (WithNotmuch, "initech")]


@pytest.mark.parametrize("client,org", READERS, ids=["thunderbird-openpgp", "thunderbird-smime-rsa", "thunderbird-smime-p256",
                                                     "neomutt-openpgp", "neomutt-smime-rsa", "notmuch-openpgp", "notmuch-smime-rsa"])
def test_a_client_reads_threads_and_answers(own, tmp_path, client, org):
    box = own(send_delay="1s")
    vendor = box[org]
    c, word, more, other = open_case(box, "Details %s" % canary()), canary(), canary(), canary()
    notify(box, c, "Short: %s" % word, [org])
    first = notice(vendor, word)
    it = client(str(tmp_path), vendor)
    try:
        text = it.read([first], 0)
        assert word in text and (vendor.protocol == "smime" or "[%s] A flaw" % c in text)
        it.reply([first], 0, "Thank you, says the client.")
        piece = wait_for(lambda: [p for p in case(box, c)["pieces"] if p["from"] == org], 40, "the client's answer in the case")[0]
        assert piece["trust"] == "verified", "sealed to the desk, and signed, by the client alone"
        box["aiko"].command(c, "Tell: %s" % org, text="More. %s" % more)
        second = notice(vendor, more)
        c2 = open_case(box, "Details %s" % canary())
        notify(box, c2, "Short: %s" % other, [org])
        third = notice(vendor, other)
        mails = [first, second, third]
        assert more in it.read(mails, 1) and other in it.read(mails, 2)
        assert it.threads(mails) == [1, 2], "one thread for each case"
    finally:
        it.end()
