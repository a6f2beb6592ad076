"""actor - a person in the sandbox: writes mail with gpg and openssl, and reads a Maildir with them.

The reader shares no code with the product: Python's email package, gpg and openssl only. What is
signed is built once as bytes and put into its wrapper as those bytes; what is verified is cut out
of the message as bytes.
"""
import base64
import contextlib
import email
import email.policy
import email.utils
import json
import os
import re
import secrets
import smtplib
import subprocess
import tempfile
import time
from email.message import EmailMessage

CRLF = email.policy.SMTP.clone(max_line_length=76)
READ = email.policy.default
BLOCK = re.compile(r"^Embargod:[ \t]+(\S+)[ \t]+([A-Za-z2-7-]{16,24})[ \t]*$", re.M)


class Signature:
    """One checked signature: status good, bad or unknown, and whose key."""

    def __init__(self, status, signer=None):
        self.status, self.signer = status, signer

    def __repr__(self):
        return "Signature(%s, %s)" % (self.status, self.signer)


class Opened:
    """A mail as its reader's client shows it."""

    def __init__(self, path, raw):
        self.path, self.raw = path, raw
        self.outer = email.message_from_bytes(raw, policy=READ)
        self.inner = self.outer  # the innermost entity; its header fields are the protected ones, if any
        self.sealed = []         # layers from outside: "openpgp encrypted", "smime signed" ...
        self.signatures = []
        self.error = None        # why it could not be opened

    @property
    def encrypted(self):
        return any(s.endswith("encrypted") for s in self.sealed)

    def header(self, name):
        """The protected field if there is one, else the outer one."""
        value = self.inner[name] if self.inner[name] is not None else self.outer[name]
        return None if value is None else str(value)

    @property
    def subject(self):
        return self.header("Subject") or ""

    @property
    def message_id(self):
        return str(self.outer["Message-ID"] or "").strip()

    @property
    def references(self):
        return str(self.outer["References"] or "").split()

    def leaves(self):
        return [p for p in self.inner.walk() if not p.is_multipart()]

    @property
    def text(self):
        """Every text part, decoded, LF."""
        return "\n".join(p.get_content().replace("\r\n", "\n") for p in self.leaves()
                         if p.get_content_maintype() == "text" and p.get_content_disposition() != "attachment")

    @property
    def attachments(self):
        return {p.get_filename(): p.get_payload(decode=True) for p in self.leaves() if p.get_filename()}

    def blocks(self):
        """[(case, code)] of the command blocks that the desk offers in this mail."""
        return BLOCK.findall(self.text)

    def signed_by(self, fingerprint):
        return any(s.status == "good" and s.signer == fingerprint for s in self.signatures)


def wait_for(condition, timeout=30, what="condition"):
    """The first true value that condition returns; AssertionError after timeout seconds."""
    until = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > until:
            raise AssertionError("waited %s s for: %s" % (timeout, what))
        time.sleep(0.1)


def halves(signed):
    """(content bytes, signature part) of a multipart/signed entity's bytes (RFC 1847: the content without the boundary's CRLF)."""
    boundary = email.message_from_bytes(signed, policy=READ).get_boundary()
    pieces = re.split(rb"(?:^|\r?\n)--" + re.escape(boundary.encode()) + rb"(?:--)?[ \t]*(?:\r?\n|$)", signed)
    return pieces[1], email.message_from_bytes(pieces[2], policy=READ)


class Actor:
    """Someone with an address, perhaps a key, and a Maildir."""

    def __init__(self, box, entry):
        self.box, self.entry = box, entry
        self.name, self.email, self.protocol = entry["name"], entry["email"], entry["protocol"]
        self.role, self.org, self.key_state = entry["role"], entry["org"], entry["key_state"]
        self.home = entry.get("gnupghome")
        self.fingerprint = entry.get("fingerprint")
        self.maildir = box.info["maildirs"][self.email]
        self.used = set()
        self._opened = {}

    def __repr__(self):
        return "Actor(%s)" % self.email

    # Tools

    def gpg(self, *words, data=b"", check=True):
        """Run gpg in this actor's home at the sandbox's time: (stdout, status lines, exit code)."""
        offset = self.box.clock_offset()
        fake = ["--faked-system-time", time.strftime("%Y%m%dT%H%M%S", time.gmtime(time.time() + offset))] if offset else []
        status, write = os.pipe()
        child = subprocess.Popen(["gpg", "--homedir", self.home, "--batch", "--quiet", "--status-fd", str(write), *fake, *words],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=(write,))
        os.close(write)
        out, err = child.communicate(data)
        with open(status, encoding="utf-8", errors="replace") as f:
            lines = [l[9:].rstrip("\n") for l in f if l.startswith("[GNUPG:] ")]
        if check and child.returncode != 0:
            raise RuntimeError("gpg %s: %s" % (" ".join(words), err.decode(errors="replace")))
        return out, lines, child.returncode

    @staticmethod
    def openssl(*words, data=b"", check=True):
        done = subprocess.run(["openssl", *words], input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if check and done.returncode != 0:
            raise RuntimeError("openssl %s: %s" % (" ".join(words), done.stderr.decode(errors="replace")))
        return done.stdout, done.returncode

    # Writing

    def build(self, text, subject, *, attachments=(), to=None, sender=None, in_reply_to=None, references=(), headers=(),
              message_id=None, date=None):
        """An entity with all its header fields; attachments: (file name, bytes, type) or (..., charset-less type)."""
        m = EmailMessage(policy=CRLF)
        m["From"] = email.utils.formataddr((self.name, sender or self.email))
        m["To"] = to or self.box.desk["address"]
        m["Subject"] = subject
        m["Date"] = date or email.utils.formatdate(time.time() + self.box.clock_offset())
        m["Message-ID"] = message_id or "<%s@%s>" % (secrets.token_hex(12), (sender or self.email).rpartition("@")[2])
        if in_reply_to:
            m["In-Reply-To"] = in_reply_to
            m["References"] = " ".join([*references, in_reply_to])
        for name, value in headers:
            m[name] = value
        m.set_content(text)
        for name, data, type_ in attachments:
            main, _, sub = type_.partition("/")
            m.add_attachment(data, maintype=main, subtype=sub, filename=name)
        return m

    def write(self, text, subject="", *, seal="", protocol=None, protect=True, outer_subject="...", with_key=False, to_keys=None, **kw):
        """A whole mail as bytes. seal: "", "sign", "encrypt", "sign+encrypt" (one OpenPGP message, or S/MIME signed in
        enveloped), "sign,encrypt" (multipart/signed inside), "encrypt,sign" (the signature outside). with_key: own public key attached."""
        protocol = protocol or (self.protocol if self.protocol != "none" else "openpgp")
        if with_key:
            kw["attachments"] = [*kw.get("attachments", ()), ("key.asc", self.public_key(), "application/pgp-keys")]
        m = self.build(text, subject, **kw)
        if not seal:
            return m.as_bytes()
        fields = [(n, str(v)) for n, v in m.items() if not n.lower().startswith("content-") and n != "MIME-Version"]
        hide = "encrypt" in seal
        for name in list(m.keys()):
            if not name.lower().startswith("content-") and not (protect and name in ("From", "To", "Subject", "Date", "Message-ID")):
                del m[name]
        if protect:
            m.set_param("hp", "cipher" if hide else "clear")
            if hide:
                for name, value in fields:
                    if name in ("From", "To", "Date", "Message-ID"):
                        m.add_header("HP-Outer", "%s: %s" % (name, value))
                m.add_header("HP-Outer", "Subject: " + outer_subject)
        entity = m.as_bytes()
        for step in seal.split(","):
            entity = getattr(self, "_%s_%s" % (protocol, step.replace("+", "_")))(entity, to_keys)
        outer = EmailMessage(policy=CRLF)
        for name, value in fields:
            outer[name] = outer_subject if name == "Subject" and hide and protect else value
        outer["MIME-Version"] = "1.0"
        return outer.as_bytes().rstrip(b"\r\n") + b"\r\n" + entity

    def _openpgp_sign(self, entity, _):
        signature = self.gpg("--armor", "--digest-algo", "SHA256", "--local-user", self.fingerprint, "--detach-sign", data=entity)[0]
        return _multipart("signed; micalg=pgp-sha256; protocol=\"application/pgp-signature\"", entity,
                          b"Content-Type: application/pgp-signature; name=\"signature.asc\"\r\n\r\n" + _crlf(signature))

    def _pgp_encrypted(self, entity, to_keys, *sign):
        recipients = [w for k in (to_keys or [self.box.desk["openpgp"]]) for w in ("--recipient", k)]
        data = self.gpg("--armor", "--trust-model", "always", *sign, "--encrypt", *recipients, data=entity)[0]
        return _multipart("encrypted; protocol=\"application/pgp-encrypted\"",
                          b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n",
                          b"Content-Type: application/octet-stream; name=\"encrypted.asc\"\r\n\r\n" + _crlf(data))

    def _openpgp_encrypt(self, entity, to_keys):
        return self._pgp_encrypted(entity, to_keys)

    def _openpgp_sign_encrypt(self, entity, to_keys):
        return self._pgp_encrypted(entity, to_keys, "--digest-algo", "SHA256", "--local-user", self.fingerprint, "--sign")

    def _smime_sign(self, entity, _):
        signature = self.openssl("cms", "-sign", "-binary", "-md", "sha256", "-signer", self.entry["smime_cert"],
                                 "-inkey", self.entry["smime_key"], "-outform", "DER", data=entity)[0]
        return _multipart("signed; micalg=sha-256; protocol=\"application/pkcs7-signature\"", entity,
                          b"Content-Type: application/pkcs7-signature; name=\"smime.p7s\"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                          + _base64(signature))

    def _smime_encrypt(self, entity, to_keys):
        der = self.openssl("cms", "-encrypt", "-binary", "-aes256", "-outform", "DER", *(to_keys or [self.box.desk["smime_cert"]]),
                           data=entity)[0]
        return (b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=\"smime.p7m\"\r\n"
                b"Content-Transfer-Encoding: base64\r\n\r\n" + _base64(der))

    def _smime_sign_encrypt(self, entity, to_keys):
        der = self.openssl("cms", "-sign", "-nodetach", "-binary", "-md", "sha256", "-signer", self.entry["smime_cert"],
                           "-inkey", self.entry["smime_key"], "-outform", "DER", data=entity)[0]
        return self._smime_encrypt(b"Content-Type: application/pkcs7-mime; smime-type=signed-data; name=\"smime.p7m\"\r\n"
                                   b"Content-Transfer-Encoding: base64\r\n\r\n" + _base64(der), to_keys)

    def public_key(self):
        return self.gpg("--armor", "--export", self.fingerprint)[0]

    def post(self, raw, *, rcpt=None, envelope=None):
        """Hand bytes to the outer MTA; the SMTP reply of DATA as (code, text), or raises as smtplib does."""
        return self.box.post(envelope if envelope is not None else self.email, rcpt or [self.box.desk["address"]], raw)

    def send(self, text, subject="", *, rcpt=None, envelope=None, **kw):
        """write and post; the bytes that were sent."""
        if "sender" in kw and envelope is None:
            envelope = kw["sender"]
        raw = self.write(text, subject, **kw)
        self.post(raw, rcpt=rcpt, envelope=envelope)
        return raw

    def reply(self, mail, text, subject=None, **kw):
        """Answer a mail of the desk as a client does: to its Reply-To or From, in its thread."""
        kw.setdefault("to", mail.header("Reply-To") or mail.header("From"))
        address = email.utils.parseaddr(kw["to"])[1]
        return self.send(text, subject if subject is not None else "Re: " + mail.subject, in_reply_to=mail.message_id,
                         references=mail.references, rcpt=[address], **kw)

    # Reading

    def files(self):
        """Paths of the mails in the Maildir, in order of arrival."""
        paths = []
        for name in ("new", "cur"):
            with contextlib.suppress(FileNotFoundError):
                paths += [os.path.join(self.maildir, name, n) for n in os.listdir(os.path.join(self.maildir, name))]
        return sorted(paths, key=_arrival)

    def inbox(self):
        """Every mail in the Maildir, opened with this actor's keys, in order of arrival."""
        for path in self.files():
            # In a user namespace a new mail is its reader's a moment after it was delivered.
            if path not in self._opened and os.access(path, os.R_OK):
                with open(path, "rb") as f:
                    self._opened[path] = self.open(path, f.read().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
        return [self._opened[p] for p in self.files() if p in self._opened]

    def open(self, path, raw):
        mail = Opened(path, raw)
        entity = raw
        try:
            for _ in range(6):
                inner = self._unwrap(mail, entity)
                if inner is None:
                    break
                entity = inner
                mail.inner = email.message_from_bytes(entity, policy=READ)
        except RuntimeError as error:
            mail.error = str(error)
        return mail

    def _unwrap(self, mail, entity):
        """One layer off: the bytes within, or None when there is none."""
        m = email.message_from_bytes(entity, policy=READ)
        type_ = m.get_content_type()
        if type_ == "multipart/encrypted":
            mail.sealed.append("openpgp encrypted")
            data = m.get_payload(1).get_payload(decode=True)
            out, status, code = self.gpg("--decrypt", data=data, check=False)
            if not any(s.startswith("DECRYPTION_OKAY") for s in status):
                raise RuntimeError("gpg could not decrypt (exit %d): %s" % (code, status))
            mail.signatures += _gpg_signatures(status)
            return out
        if type_ == "multipart/signed":
            content, signature = halves(entity)
            self._check_detached(mail, content, signature)
            return content
        if type_ in ("application/pkcs7-mime", "application/x-pkcs7-mime"):
            return self._unwrap_cms(mail, m)
        return None

    def _check_detached(self, mail, content, signature):
        with tempfile.NamedTemporaryFile(prefix="signature") as f:
            f.write(signature.get_payload(decode=True))
            f.flush()
            if "pgp" in signature.get_content_type():
                mail.sealed.append("openpgp signed")
                if self.home:
                    status = self.gpg("--verify", f.name, "-", data=content, check=False)[1]
                    mail.signatures += _gpg_signatures(status)
            else:
                mail.sealed.append("smime signed")
                code = self.openssl("cms", "-verify", "-inform", "DER", "-in", f.name, "-content", "/dev/stdin", "-binary",
                                    "-CAfile", self.box.desk["smime_ca"], "-purpose", "any", data=content, check=False)[1]
                mail.signatures.append(Signature("good" if code == 0 else "bad", self._cms_signer(signature.get_payload(decode=True))))

    def _unwrap_cms(self, mail, m):
        der = m.get_payload(decode=True)
        if m.get_param("smime-type") == "signed-data":
            mail.sealed.append("smime signed")
            out, code = self.openssl("cms", "-verify", "-inform", "DER", "-binary", "-CAfile", self.box.desk["smime_ca"],
                                     "-purpose", "any", data=der, check=False)
            mail.signatures.append(Signature("good" if code == 0 else "bad", self._cms_signer(der)))
            if code != 0:
                raise RuntimeError("openssl could not verify")
            return out
        mail.sealed.append("smime encrypted")
        return self.openssl("cms", "-decrypt", "-inform", "DER", "-binary", "-inkey", self.entry["smime_key"],
                            "-recip", self.entry["smime_cert"], data=der)[0]

    def _cms_signer(self, der):
        """SHA-256 of the signer's certificate, which came along, as the desk's fingerprint is written."""
        pem = self.openssl("cms", "-verify", "-inform", "DER", "-noverify", "-no_content_verify", "-content", "/dev/null",
                           "-signer", "/dev/stdout", "-out", "/dev/null", data=der, check=False)[0]
        out = self.openssl("x509", "-noout", "-fingerprint", "-sha256", data=pem, check=False)[0].decode()
        return out.rpartition("=")[2].strip().replace(":", "") or None

    def wait_mail(self, condition=lambda mail: True, timeout=40, what="mail", after=0):
        """The first mail (after that many) for which condition holds."""
        try:
            return wait_for(lambda: next((m for m in self.inbox()[after:] if condition(m)), None), timeout, what)
        except AssertionError as error:
            raise AssertionError("%s at %s; its mailbox: %s" % (error, self.email, [(m.subject, m.error) for m in self.inbox()])) from None

    def end_agent(self):
        """End the gpg-agent that this actor's home may have running."""
        if self.home:
            subprocess.run(["gpgconf", "--homedir", self.home, "--kill", "gpg-agent"], check=False, stderr=subprocess.DEVNULL)

    # Commands

    def code(self, case, timeout=40):
        """A code for case (C42, R17, -) that this actor has not used, from the newest mail that offers one."""
        def look():
            for mail in reversed(self.inbox()):
                for offered, code in reversed(mail.blocks()):
                    if offered == case and code not in self.used:
                        return code
            return None
        try:
            return wait_for(look, timeout, "a command block for %s" % case)
        except AssertionError as error:
            raise AssertionError("%s at %s; offered: %s" % (error, self.email, [(m.subject, m.blocks(), m.error) for m in self.inbox()])) \
                from None

    def command(self, case, *lines, text="", code=None, seal="sign,encrypt", wait=True, timeout=40, **kw):
        """Send a command block; the answer to that very mail, opened, when wait."""
        code = code or self.code(case)
        self.used.add(code)
        body = "Embargod: %s %s\n%s\n\n%s" % (case, code, "\n".join(lines), text)
        message_id = "<%s@%s>" % (secrets.token_hex(12), self.email.rpartition("@")[2])
        self.send(body, "Re: " + case, seal=seal, message_id=message_id, **kw)
        if not wait:
            return None
        return self.wait_mail(lambda m: message_id in (m.header("In-Reply-To") or "") + (m.header("References") or ""), timeout,
                              "an answer to %s %s" % (case, list(lines)))


def _arrival(path):
    """Sort key: Postfix's file names begin with the second and have M<microseconds> in them."""
    match = re.match(r"(\d+)\.V.*M(\d+)\.", os.path.basename(path))
    return (int(match.group(1)), int(match.group(2))) if match else (int(os.stat(path).st_mtime), 0)


def _crlf(data):
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def _base64(data):
    return _crlf(base64.encodebytes(data))


def _multipart(type_, *parts):
    boundary = "=_" + secrets.token_hex(16)
    head = "Content-Type: multipart/%s; boundary=\"%s\"\r\n\r\n" % (type_, boundary)
    line = b"--" + boundary.encode()
    return head.encode() + b"".join(line + b"\r\n" + p + b"\r\n" for p in parts) + line + b"--\r\n"


def _gpg_signatures(status):
    """Signatures from gpg's status lines; VALIDSIG's last word is the primary key."""
    found, good = [], False
    for word, *rest in (s.split() for s in status if s):
        if word == "GOODSIG":
            good = True
        elif word == "VALIDSIG":
            found.append(Signature("good" if good else "bad", rest[-1]))
            good = False
        elif word in ("BADSIG", "EXPKEYSIG", "REVKEYSIG"):
            found.append(Signature("bad"))
        elif word == "ERRSIG":
            found.append(Signature("unknown"))
    return found


class Box:
    """A running sandbox, as tests and the demo use it."""

    def __init__(self, program, dir_):
        self.program, self.dir = program, dir_
        self.info = json.loads(subprocess.run([program, "info", dir_], check=True, stdout=subprocess.PIPE).stdout)
        self.desk = self.info["desk"]
        self.actors = {}
        for entry in self.info["actors"]:
            slug = entry["org"] if entry["role"] == "vendor" else entry["email"].partition("@")[0]
            self.actors[slug] = Actor(self, entry)

    def __getitem__(self, slug):
        return self.actors[slug]

    @property
    def vendors(self):
        return [a for a in self.actors.values() if a.role == "vendor"]

    def clock_offset(self):
        with open(os.path.dirname(self.info["config"]) + "/clock", encoding="ascii") as f:
            return int(f.read())

    def post(self, envelope, rcpt, raw):
        """One SMTP transaction with the outer port: (code, text) of the last reply."""
        host = self.info["smtp"]
        with smtplib.SMTP(host["host"], host["port"], local_hostname="client.example", timeout=60) as s:
            s.ehlo_or_helo_if_needed()
            code, text = s.mail(envelope, ["BODY=8BITMIME"])
            if code // 100 != 2:
                return code, text.decode(errors="replace")
            for r in rcpt:
                code, text = s.rcpt(r)
                if code // 100 != 2:
                    return code, text.decode(errors="replace")
            code, text = s.data(raw)
            return code, text.decode(errors="replace")

    def sandbox(self, *words):
        subprocess.run([self.program, words[0], self.dir, *words[1:]], check=True)

    def ctl(self, *words, as_=None, check=True, data=None):
        """Run embargoctl: the finished process, its output as text."""
        done = subprocess.run([*self.info["ctl"], *(["--as", as_] if as_ else []), *words], check=False, input=data, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if check and done.returncode != 0:
            raise AssertionError("embargoctl %s: exit %d: %s%s" % (" ".join(words), done.returncode, done.stdout, done.stderr))
        return done

    def ctl_json(self, *words, as_=None):
        """embargoctl ... --json: the value, or the list of values where there is one a line."""
        out = self.ctl(*words, "--json", as_=as_).stdout
        try:
            return json.loads(out)
        except ValueError:
            return [json.loads(line) for line in out.splitlines() if line.strip()]

    def files(self):
        """Every file in every Maildir that is its reader's already."""
        paths = [os.path.join(base, n) for path in self.info["maildirs"].values() for base, _, names in os.walk(path) for n in names]
        return [p for p in paths if os.access(p, os.R_OK)]
