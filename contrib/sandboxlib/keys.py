"""keys - throw-away keys and certificates, made by gpg and openssl, kept in a cache between sandboxes.

A made OpenPGP key is plain files: its public key, and gpg-agent's private key files. A home is put
together from those (pubring.gpg is nothing but keys, one after the other), without running gpg.
"""
import base64
import collections
import concurrent.futures
import hashlib
import os
import shutil
import subprocess
import tempfile

Identity = collections.namedtuple("Identity", "kind name email")  # kind: ed25519 rsa3072 expired; smime-rsa smime-p256
PgpKey = collections.namedtuple("PgpKey", "fingerprint public private")  # public: bytes; private: {file name: bytes}

GPG_CONF = "no-random-seed-file\ntrust-model always\nno-auto-key-locate\nno-auto-key-retrieve\nno-greeting\nno-permission-warning\n"
KINDS = {"ed25519": "Key-Type: eddsa\nKey-Curve: ed25519\nKey-Usage: sign\nSubkey-Type: ecdh\nSubkey-Curve: cv25519\nSubkey-Usage: encrypt\n",
         "rsa3072": "Key-Type: rsa\nKey-Length: 3072\nKey-Usage: sign\nSubkey-Type: rsa\nSubkey-Length: 3072\nSubkey-Usage: encrypt\n"}
KINDS["expired"] = KINDS["ed25519"]
LEAF = """[req]
distinguished_name = dn
x509_extensions = leaf
prompt = no
utf8 = yes
[dn]
CN = %(name)s
[leaf]
basicConstraints = critical,CA:FALSE
keyUsage = critical,%(usage)s
extendedKeyUsage = emailProtection
subjectAltName = email:%(email)s
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""
CA = """[req]
distinguished_name = dn
x509_extensions = ca
prompt = no
[dn]
CN = Sandbox mail CA
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
"""


def cache_dir():
    base = os.environ.get("EMBARGOD_CACHE") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "embargod")
    os.makedirs(base, exist_ok=True)
    return os.path.abspath(base)


def run(words, **kw):
    """Run a tool; its output, or an exception that shows what it said."""
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, **kw)
    if done.returncode != 0:
        raise RuntimeError("%s: exit %d: %s" % (" ".join(words[:6]), done.returncode, done.stderr.decode(errors="replace").strip()))
    return done.stdout


def _place(kind, identity):
    name = hashlib.sha256("\0".join(identity).encode()).hexdigest()[:24]
    return os.path.join(cache_dir(), "keys", kind, name)


def _keep(folder, files):
    """Write files as a new folder at once, so that two sandboxes starting together cannot mix theirs."""
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    fresh = tempfile.mkdtemp(prefix="new-", dir=os.path.dirname(folder))
    for name, data in files.items():
        with open(os.path.join(fresh, name), "wb") as f:
            f.write(data)
    try:
        os.rename(fresh, folder)
    except OSError:
        shutil.rmtree(fresh)


def _load(folder):
    files = {}
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), "rb") as f:
            files[name] = f.read()
    return files


def generate_pgp(identities):
    """New keys for identities, in their order: [(PgpKey, armored secret key)]."""
    home = tempfile.mkdtemp(prefix="g", dir=cache_dir())
    try:
        gpg = ["gpg", "--homedir", home, "--batch", "--quiet"]
        for old in (False, True):
            text = "".join("%%no-protection\n%sName-Real: %s\nName-Email: %s\nExpire-Date: %s\n%%commit\n"
                           % (KINDS[i.kind], i.name, i.email, "30d" if old else "0")
                           for i in identities if (i.kind == "expired") == old)
            if text:
                run(gpg + (["--faked-system-time", "20240101T000000"] if old else []) + ["--gen-key"], input=text.encode())
        listing = run(gpg + ["--with-colons", "--with-keygrip", "--list-secret-keys"]).decode()
        found, fpr, grips = {}, None, []
        for f in (line.split(":") for line in listing.splitlines()):
            if f[0] == "sec":
                fpr, grips = None, []
            elif f[0] == "fpr" and not fpr:
                fpr = f[9]
            elif f[0] == "grp":
                grips.append(f[9])
            elif f[0] == "uid":
                found[f[9].rpartition("<")[2].rstrip(">")] = (fpr, grips)
        made = []
        for i in identities:
            fpr, grips = found[i.email]
            private = {}
            for grip in grips:
                with open("%s/private-keys-v1.d/%s.key" % (home, grip), "rb") as f:
                    private[grip + ".key"] = f.read()
            made.append((PgpKey(fpr, run(gpg + ["--export", fpr]),  private),
                         run(gpg + ["--armor", "--export-secret-keys", fpr])))
        return made
    finally:
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False, stderr=subprocess.DEVNULL)
        shutil.rmtree(home, ignore_errors=True)


def pgp_keys(identities):
    """Keys for identities, from the cache or new: {identity: PgpKey}."""
    missing = [i for i in identities if not os.path.isdir(_place("pgp", i))]
    lots = [lot for lot in (missing[0::2], missing[1::2]) if lot]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for lot, made in zip(lots, pool.map(generate_pgp, lots)):
            for identity, (key, _) in zip(lot, made):
                _keep(_place("pgp", identity), {"public": key.public, "fingerprint": key.fingerprint.encode(), **key.private})
    keys = {}
    for i in identities:
        files = _load(_place("pgp", i))
        keys[i] = PgpKey(files.pop("fingerprint").decode(), files.pop("public"), files)
    return keys


def make_home(folder, key, others=()):
    """A GNUPGHOME that holds key with its private part, and the public keys of others."""
    os.makedirs(folder + "/private-keys-v1.d", mode=0o700)
    os.chmod(folder, 0o700)
    with open(folder + "/pubring.gpg", "wb") as f:
        f.write(b"".join([key.public, *others]))
    with open(folder + "/gpg.conf", "w", encoding="ascii") as f:
        f.write(GPG_CONF)
    for name, data in key.private.items():
        path = "%s/private-keys-v1.d/%s" % (folder, name)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as f:
            f.write(data)


def armor(data):
    """A public key as ASCII armor (RFC 4880, 6.2 with its CRC-24)."""
    crc = 0xB704CE
    for byte in data:
        crc ^= byte << 16
        for _ in range(8):
            crc = (crc << 1) ^ (0x1864CFB if crc & 0x800000 else 0)
    body = base64.b64encode(data).decode()
    lines = [body[i:i + 64] for i in range(0, len(body), 64)]
    check = "=" + base64.b64encode(crc.to_bytes(3, "big")).decode()
    return "\n".join(["-----BEGIN PGP PUBLIC KEY BLOCK-----", "", *lines, check, "-----END PGP PUBLIC KEY BLOCK-----", ""])


def _openssl_new(config, kind, extra):
    with tempfile.TemporaryDirectory(prefix="x", dir=cache_dir()) as work:
        with open(work + "/cnf", "w", encoding="utf-8") as f:
            f.write(config)
        new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"] if kind == "smime-p256" else ["-newkey", "rsa:3072"]
        run(["openssl", "req", "-x509", "-config", work + "/cnf", *new, "-nodes", "-sha256", "-days", "3650",
             "-keyout", work + "/key.pem", "-out", work + "/cert.pem", *extra])
        files = _load(work)
        del files["cnf"]
        return files


def ca():
    """The sandbox's certificate authority: folder with key.pem and cert.pem."""
    folder = os.path.join(cache_dir(), "keys", "ca")
    if not os.path.isdir(folder):
        _keep(folder, _openssl_new(CA, "smime-rsa", []))
    return folder


def new_certificate(identity, use="both"):
    """A new key and certificate from our CA, to "open" (decrypt) and "sign" or for "both": {"key.pem": bytes, "cert.pem": bytes}."""
    encrypts = "keyAgreement" if identity.kind == "smime-p256" else "keyEncipherment"
    usage = {"open": encrypts, "sign": "digitalSignature", "both": "digitalSignature," + encrypts}[use]
    config = LEAF % {"name": identity.name, "email": identity.email, "usage": usage}
    return _openssl_new(config, identity.kind, ["-CA", ca() + "/cert.pem", "-CAkey", ca() + "/key.pem"])


def certificates(identities):
    """Keys and certificates, from the cache or new: {identity: {"key.pem", "cert.pem"}}."""
    ca()

    def one(i):
        if not os.path.isdir(_place("smime", i)):
            _keep(_place("smime", i), new_certificate(i))
        return _load(_place("smime", i))

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return dict(zip(identities, pool.map(one, identities)))


def certificate_fingerprint(pem):
    """SHA-256 over the DER, 64 upper-case hex digits."""
    return hashlib.sha256(run(["openssl", "x509", "-outform", "DER"], input=pem)).hexdigest().upper()
