"""Writers and readers: gpg, sq, OpenPGP.js and openssl each write encrypted, signed and both, and read what the desk writes.

The keys are those of test/keys, so every program is told that it is November 2026. For P-256, keys are made here.
"""
import base64
import email
import email.policy
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

from conftest import TOP, cannot

KEYS = pathlib.Path(TOP, "test/keys")
BUILD = pathlib.Path(os.environ.get("EMBARGOD_BUILD") or "/nonexistent")
WRITTEN = "2026-11-20T10:00:00Z"
NOW = "2026-12-01T00:00:00Z"
FAKE = ["faketime", "2026-11-20 10:00:00"]
ENTITY = b"Content-Type: text/plain; charset=utf-8\r\n\r\nFrames of length 0: \xc3\xbc\r\n"
TEXT = "Frames of length 0: ü"
SHAPES = ["encrypted", "signed", "both"]


def run(words, data=b"", **kw):
    done = subprocess.run([str(w) for w in words], input=data, capture_output=True, check=False, **kw)
    assert done.returncode == 0, (words, done.stdout[-500:], done.stderr[-1500:])
    return done.stdout


def crlf(data):
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


@pytest.fixture(scope="module")
def work():
    """A folder with a short name: agents have their sockets in it."""
    if not (BUILD / "test/e2e/letter").exists():
        cannot("no built embargod: set EMBARGOD_BUILD")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="em-"))
    yield folder
    for home in folder.glob("**/private-keys-v1.d"):
        subprocess.run(["gpgconf", "--homedir", str(home.parent), "--kill", "gpg-agent"], check=False)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def module():
    if not shutil.which("node") or not shutil.which("npm"):
        cannot("no node and npm for OpenPGP.js")
    done = subprocess.run([TOP + "/contrib/openpgpjs", str(BUILD / "openpgpjs")], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        cannot("OpenPGP.js can't be fetched: " + done.stderr[-300:])
    return done.stdout.strip()


def gnupg(home, *names):
    home.mkdir(mode=0o700, parents=True)
    for name in names:
        run(["gpg", "--homedir", home, "--batch", "-q", "--import", KEYS / name])
    return home


@pytest.fixture(scope="module")
def peer(work):
    """The reporter's GNUPGHOME."""
    return gnupg(work / "peer", "rhea.secret.asc", "desk.asc")


# --- X.509 -----------------------------------------------------------------------------------------


def certificate(folder, kind, name, address):
    key = ["-newkey", "rsa:2048"] if kind == "rsa" else ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    usage = "digitalSignature," + ("keyEncipherment" if kind == "rsa" else "keyAgreement")
    run(["openssl", "req", *key, "-nodes", "-keyout", folder / f"{name}.key", "-out", folder / f"{name}.csr", "-subj",
         f"/CN={name}"])
    (folder / "extensions").write_text(f"subjectAltName=email:{address}\nkeyUsage={usage}\nextendedKeyUsage=emailProtection\n")
    run(["faketime", "2026-01-01", "openssl", "x509", "-req", "-in", folder / f"{name}.csr", "-CA", folder / "ca.pem", "-CAkey",
         folder / "ca.key", "-CAcreateserial", "-days", "3650", "-extfile", folder / "extensions", "-out",
         folder / f"{name}.pem"])


@pytest.fixture(scope="module")
def certificates(work):
    """By kind, a folder with a CA, the desk's and the reporter's certificates and keys."""
    folders = {}
    for kind in ("rsa", "p256"):
        folder = folders[kind] = work / kind
        folder.mkdir()
        run(["faketime", "2026-01-01", "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "ca.key",
             "-out", folder / "ca.pem", "-days", "3650", "-subj", "/CN=CA", "-addext", "basicConstraints=critical,CA:true",
             "-addext", "keyUsage=critical,keyCertSign,cRLSign"])
        certificate(folder, kind, "desk", "desk@cert.example")
        certificate(folder, kind, "rhea", "rhea@finder.example")
    return folders


@pytest.fixture(scope="module")
def home(work, certificates):
    """A --home of a desk that has keys of both kinds; only their content tells which belongs to what."""
    made = work / "home"
    gnupg(made / "gnupg", "desk.secret.asc", "rhea.asc")
    for name in ("certs", "keys"):
        (made / "smime" / name).mkdir(parents=True)
    for kind, folder in certificates.items():
        with open(made / "smime/ca.pem", "ab") as file:
            file.write((folder / "ca.pem").read_bytes())
        shutil.copy(folder / "desk.pem", made / f"smime/certs/{kind}-desk.pem")
        shutil.copy(folder / "rhea.pem", made / f"smime/certs/{kind}-rhea.pem")
        shutil.copy(folder / "desk.key", made / f"smime/keys/{kind}.pem")
    return made


# --- the other side writes -------------------------------------------------------------------------


def mail(entity):
    return crlf(b"From: Rhea <rhea@finder.example>\nTo: desk@cert.example\nSubject: A flaw\n"
                b"Date: Fri, 20 Nov 2026 10:00:00 +0000\nMIME-Version: 1.0\n") + entity


def multipart(kind, *parts):
    out = crlf(f'Content-Type: multipart/{kind}; boundary="=_b"\n\n'.encode())
    for part in parts:
        out += b"--=_b\r\n" + part + b"\r\n"
    return out + b"--=_b--\r\n"


def pgp_mime(shape, armored):
    if shape == "signed":
        return multipart('signed; protocol="application/pgp-signature"', ENTITY,
                         b"Content-Type: application/pgp-signature\r\n\r\n" + crlf(armored))
    return multipart('encrypted; protocol="application/pgp-encrypted"',
                     b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n",
                     b"Content-Type: application/octet-stream\r\n\r\n" + crlf(armored))


def gpg_writes(shape, peer):
    words = {"encrypted": ["-r", "desk", "-e"], "signed": ["-b"], "both": ["-r", "desk", "-se"]}[shape]
    return run(["gpg", "--homedir", peer, "--batch", "-q", "--faked-system-time", "20261120T100000!", "--trust-model", "always",
                "-u", "rhea", "-a", *words], ENTITY)


def sq_writes(shape):
    secret, desk = KEYS / "rhea.secret.asc", KEYS / "desk.asc"
    words = {"encrypted": ["encrypt", "--recipient-cert", desk], "signed": ["sign", "--detached", "--signer-key", secret],
             "both": ["encrypt", "--recipient-cert", desk, "--signer-key", secret]}[shape]
    return run([*FAKE, "sq", *words], ENTITY)


def openpgpjs(module, *words, data):
    return run(["node", TOP + "/test/e2e/openpgp.mjs", module, WRITTEN, *words], data)


def openpgpjs_writes(shape, module):
    secret, desk = KEYS / "rhea.secret.asc", KEYS / "desk.asc"
    words = {"encrypted": ["encrypt", desk], "signed": ["sign", secret], "both": ["encrypt", desk, secret]}[shape]
    return openpgpjs(module, *words, data=ENTITY)


def smime(der, kind):
    return crlf(f'Content-Type: application/pkcs7-mime; smime-type={kind}; name="smime.p7m"\n'
                "Content-Transfer-Encoding: base64\n\n".encode() + base64.encodebytes(der))


def openssl_writes(shape, folder):
    signer = ["-signer", folder / "rhea.pem", "-inkey", folder / "rhea.key", "-outform", "DER"]
    entity = ENTITY
    if shape == "signed":
        der = run([*FAKE, "openssl", "cms", "-sign", "-binary", *signer], ENTITY)
        return multipart('signed; protocol="application/pkcs7-signature"', ENTITY,
                         crlf(b"Content-Type: application/pkcs7-signature\nContent-Transfer-Encoding: base64\n\n"
                              + base64.encodebytes(der)))
    if shape == "both":
        entity = smime(run([*FAKE, "openssl", "cms", "-sign", "-nodetach", "-binary", *signer], ENTITY), "signed-data")
    der = run([*FAKE, "openssl", "cms", "-encrypt", "-binary", "-aes256", "-outform", "DER", folder / "desk.pem"], entity)
    return smime(der, "enveloped-data")


def desk_reads(home, entity, work, protocol, shape):
    file = work / "mail.eml"
    file.write_bytes(mail(entity))
    out = run([BUILD / "embargoctl", "--json", "open", file, "--home", home, "--now", NOW])
    record = json.loads(out)
    seals = [("encrypted", "valid", 0)] if shape != "signed" else []
    if shape != "encrypted":
        seals.append(("signed", "valid", len(seals)))
    assert record["error"] is None
    assert [(s["kind"], s["status"], s["layer"]) for s in record["seals"]] == seals, record
    assert all(s["protocol"] == protocol and s["covers"] == "whole" for s in record["seals"])
    assert record["trust"] == ("claimed" if shape == "encrypted" else "verified"), record
    assert record["text"] == TEXT
    assert record["from"] == "rhea@finder.example"


@pytest.mark.parametrize("shape", SHAPES)
def test_desk_reads_gpg(home, peer, work, shape):
    desk_reads(home, pgp_mime(shape, gpg_writes(shape, peer)), work, "openpgp", shape)


@pytest.mark.parametrize("shape", SHAPES)
def test_desk_reads_sq(home, work, shape):
    desk_reads(home, pgp_mime(shape, sq_writes(shape)), work, "openpgp", shape)


@pytest.mark.parametrize("shape", SHAPES)
def test_desk_reads_openpgpjs(home, module, work, shape):
    desk_reads(home, pgp_mime(shape, openpgpjs_writes(shape, module)), work, "openpgp", shape)


@pytest.mark.parametrize("kind", ["rsa", "p256"])
@pytest.mark.parametrize("shape", SHAPES)
def test_desk_reads_openssl(home, certificates, work, shape, kind):
    desk_reads(home, openssl_writes(shape, certificates[kind]), work, "smime", shape)


# --- the desk writes -------------------------------------------------------------------------------


def desk_writes(work, protocol, recipient):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="l-", dir=work))
    raw = run([BUILD / "test/e2e/letter", KEYS, folder, protocol, recipient, WRITTEN])
    return email.message_from_bytes(raw, policy=email.policy.default)


@pytest.fixture(scope="module")
def armored(work):
    letter = desk_writes(work, "openpgp", KEYS / "rhea.asc")
    assert letter.get_content_type() == "multipart/encrypted"
    return letter.get_payload(1).get_content()


def check_entity(data):
    entity = email.message_from_bytes(data, policy=email.policy.default)
    text, attachment = list(entity.iter_parts())
    assert entity["Subject"] == "Pufferüberlauf in libfoo"
    assert entity["Content-Type"].params["hp"] == "cipher"
    assert text.get_content().replace("\r\n", "\n") == "Frames of length 0\nare read past their end: ü.\n"
    assert attachment.get_filename() == "poc.c" and attachment.get_content().strip() in ("int main;", b"int main;")
    return entity


def test_gpg_reads_desk(armored, peer):
    done = subprocess.run(["gpg", "--homedir", str(peer), "--batch", "--status-fd", "2", "-d"], input=armored,
                          capture_output=True, check=False)
    assert done.returncode == 0 and b"GOODSIG" in done.stderr, done.stderr
    check_entity(done.stdout)


def test_sq_reads_desk(armored):
    check_entity(run([*FAKE, "sq", "decrypt", "--recipient-key", KEYS / "rhea.secret.asc", "--signer-cert", KEYS / "desk.asc",
                      "-n", "1"], armored))


def test_openpgpjs_reads_desk(armored, module):
    check_entity(openpgpjs(module, "decrypt", KEYS / "rhea.secret.asc", KEYS / "desk.asc", data=armored))


@pytest.mark.parametrize("kind", ["rsa", "p256"])
def test_openssl_reads_desk(work, certificates, kind):
    folder = certificates[kind]
    letter = desk_writes(work, "smime", folder / "rhea.pem")
    der = letter.get_payload(decode=True)
    inner = run(["openssl", "cms", "-decrypt", "-binary", "-inform", "DER", "-recip", folder / "rhea.pem", "-inkey",
                 folder / "rhea.key"], der)
    signed = email.message_from_bytes(inner, policy=email.policy.default)
    assert signed.get_content_type() == "application/pkcs7-mime"
    check_entity(run([*FAKE, "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-CAfile", KEYS / "ca.pem"],
                     signed.get_payload(decode=True)))


def test_outer_fields_are_named_inside(work, armored, peer):
    """RFC 9788 2.2: each field that stands outside is repeated as HP-Outer, as it stands there."""
    letter = desk_writes(work, "openpgp", KEYS / "rhea.asc")
    inner = run(["gpg", "--homedir", peer, "--batch", "-q", "-d"], letter.get_payload(1).get_content())
    entity = check_entity(inner)
    outer = [f"{name}: {value}" for name, value in letter.items()
             if not name.lower().startswith("content-") and name.lower() != "mime-version"]
    assert sorted(entity.get_all("HP-Outer")) == sorted(outer)
    assert letter["Subject"] == "..."
