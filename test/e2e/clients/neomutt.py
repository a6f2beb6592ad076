"""neomutt - a real NeoMutt in a terminal of its own, which gets keys to press and leaves files to read."""
import os
import pty
import select
import stat
import subprocess
import time

CONFIG = """
set mbox_type=Maildir folder="{mail}" spoolfile="{mail}" record="" header_cache=""
set realname="{name}" from="{address}" use_from=yes envelope_from_address="{address}" hostname=client.example
set sendmail="{folder}/post" pager="{folder}/pager" editor="{folder}/editor" fast_reply=yes include=yes abort_unmodified=no
set crypt_use_gpgme=yes crypt_replysign=yes crypt_replyencrypt=yes crypt_replysignencrypted=yes {keys}
set reply_to=yes quit=yes delete=no move=no mark_old=no wait_key=no beep=no pipe_decode=yes confirmcreate=no prompt_after=no
set sort=threads sort_aux=date uncollapse_jump=yes copy=no pager_stop=yes arrow_cursor=no abort_nosubject=no abort_noattach=no
set crypt_protected_headers_read=yes crypt_protected_headers_save=no
"""


class Neomutt:
    """Over a Maildir that holds copies of the mails given, with a keyring of its own in which the desk's key is valid."""

    def __init__(self, folder, actor, port, mails):
        self.folder, self.mail, self.home = folder, folder + "/mail", folder + "/gnupg"
        os.makedirs(self.home, 0o700)
        (self.openpgp if actor.home else self.smime)(actor)
        for sub in ("cur", "new", "tmp"):
            os.makedirs(self.mail + "/" + sub)
        for n, raw in enumerate(mails):
            with open("%s/cur/%d.client:2,S" % (self.mail, n), "wb") as f:
                f.write(raw.replace(b"\r\n", b"\n"))
        with open(folder + "/rc", "w", encoding="utf-8") as f:
            f.write(CONFIG.format(mail=self.mail, folder=folder, name=actor.name, address=actor.email, keys=self.keys))

        self.script("pager", "cat \"$1\" >%s/shown" % folder)
        self.script("post", "exec python3 -c 'import smtplib, sys\nwith smtplib.SMTP(\"127.0.0.1\", %d) as s:\n"
                    " s.sendmail(\"%s\", sys.argv[-1:], sys.stdin.buffer.read())' \"$@\"" % (port, actor.email))

    def tool(self, *words, data=b""):
        done = subprocess.run([words[0], "--homedir", self.home, "--batch", "--quiet", *words[1:]], input=data, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False)
        assert done.returncode == 0, done.stderr.decode(errors="replace")

    def openpgp(self, actor):
        desk = actor.box.desk
        with open(desk["openpgp_key"], "rb") as f:
            keys = f.read()
        self.tool("gpg", "--import", data=actor.gpg("--export-secret-keys", actor.fingerprint)[0])
        self.tool("gpg", "--import", data=keys)
        self.tool("gpg", "--import-ownertrust", data="".join("%s:6:\n" % k for k in (actor.fingerprint, desk["openpgp"])).encode())
        self.tool("gpg", "--check-trustdb")
        self.keys = "pgp_sign_as={0} pgp_default_key={0}".format(actor.fingerprint)

    def smime(self, actor):
        """gpgsm, which NeoMutt uses through gpgme, reads what has RSA keys only."""
        authority, pkcs12 = actor.box.desk["smime_ca"], self.folder + "/person.p12"
        old = ["-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"]
        actor.openssl("pkcs12", "-export", "-inkey", actor.entry["smime_key"], "-in", actor.entry["smime_cert"], "-out", pkcs12,
                      "-passout", "pass:", *old)
        sha1 = actor.openssl("x509", "-in", authority, "-noout", "-fingerprint", "-sha1")[0].decode().partition("=")[2].strip()
        own = actor.openssl("x509", "-in", actor.entry["smime_cert"], "-noout", "-fingerprint", "-sha1")[0].decode().partition("=")[2].strip()
        for name, text in (("gpgsm.conf", "disable-crl-checks\n"), ("gpg-agent.conf", "allow-loopback-pinentry\n"),
                           ("trustlist.txt", sha1 + " S relax\n")):
            with open(self.home + "/" + name, "w", encoding="ascii") as f:
                f.write(text)
        self.tool("gpgsm", "--import", authority)
        self.tool("gpgsm", "--pinentry-mode", "loopback", "--passphrase-fd", "0", "--import", pkcs12, data=b"\n\n")
        self.keys = "smime_is_default=yes smime_sign_as=0x{0} smime_default_key=0x{0}".format(own.replace(":", ""))

    def script(self, name, text):
        with open(self.folder + "/" + name, "w", encoding="utf-8") as f:
            f.write("#!/bin/sh\n%s\n" % text)
        os.chmod(self.folder + "/" + name, stat.S_IRWXU)

    def press(self, keys, timeout=60):
        """Start it, press keys (its own names: <reply>), and wait for its end: what the terminal showed."""
        words = ["neomutt", "-n", "-F", self.folder + "/rc", "-e", "push '%s'" % keys]
        env = {**os.environ, "GNUPGHOME": self.home, "HOME": self.folder, "TERM": "xterm", "LC_ALL": "C.UTF-8", "COLUMNS": "160", "LINES": "50"}
        main, side = pty.openpty()
        child = subprocess.Popen(words, stdin=side, stdout=side, stderr=side, env=env, start_new_session=True)
        os.close(side)
        shown, until = b"", time.monotonic() + timeout
        while child.poll() is None and time.monotonic() < until:
            if select.select([main], [], [], 0.2)[0]:
                try:
                    shown += os.read(main, 65536)
                except OSError:
                    break
        if child.poll() is None:
            try:
                child.wait(2)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
                raise AssertionError("NeoMutt did not end: %s" % shown[-3000:].decode(errors="replace")) from None
        os.close(main)
        return shown.decode(errors="replace")

    def read(self, n):
        """Mail number n of the index as its reader sees it, with what was decrypted and verified."""
        self.press("%d<enter><display-message><quit>" % n)
        with open(self.folder + "/shown", encoding="utf-8", errors="replace") as f:
            return f.read()

    def thread(self, n):
        """How many mails hang together with number n."""
        out = "%s/thread-%d" % (self.folder, n)
        self.press("%d<enter><tag-thread><tag-prefix><pipe-message>cat >>%s<enter><quit>" % (n, out))
        with open(out, encoding="utf-8", errors="replace") as f:
            return f.read().count("\nMessage-ID: ") or f.read()

    def reply(self, n, text):
        """Reply to mail n with the keys that it finds by itself."""
        self.script("editor", "{ cat <<'.'\n%s\n.\ncat \"$1\"; } >\"$1.new\" && mv \"$1.new\" \"$1\"" % text)
        return self.press("%d<enter><display-message><reply><send-message><quit>" % n)
