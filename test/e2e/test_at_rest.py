"""On disk: no plaintext of mail, no name, address or key of an org, in any form a search would find."""
import base64
import json
import os
import re
import time

from sandboxlib import names
from steps import accept, canary, notice, notify, report, settled


def forms(word):
    """The word as it may lie in a file: plain, other letter case, UTF-16, base64 at each alignment, JSON-escaped, hex."""
    found = {}
    for text in {word, word.upper(), word.lower(), word.capitalize()}:
        found["utf-8 " + text] = text.encode()
        found["utf-16-le " + text] = text.encode("utf-16-le")
        found["utf-16-be " + text] = text.encode("utf-16-be")
        found["json " + text] = "".join("\\u%04x" % ord(c) for c in text).encode()
        found["hex " + text] = text.encode().hex().encode()
        for code in ("utf-8", "utf-16-le"):
            data = text.encode(code)
            for skip in range(3):
                # Only the groups that the word alone decides.
                whole = base64.b64encode(b"\0" * skip + data)
                found["base64 %s %s %d" % (code, text, skip)] = whole[4 if skip else 0:len(whole) // 4 * 4 - 4]
    if re.fullmatch("(?:[0-9A-F]{2}){20,32}", word):  # a fingerprint
        found["binary " + word] = bytes.fromhex(word)
    return {k: v for k, v in found.items() if len(v) >= 10}


def files(top, since=0):
    """Files below top, on its own file system: what is mounted there (a chroot's /proc) is not ours to read."""
    for base, below, found in os.walk(top):
        below[:] = [name for name in below if not os.path.ismount(os.path.join(base, name))]
        for name in found:
            path = os.path.join(base, name)
            try:
                if os.path.isfile(path) and not os.path.islink(path) and os.stat(path).st_mtime >= since:
                    yield path
            except OSError:
                pass


def search(paths, words):
    """[(path, form)] of every hit."""
    wanted = [f for w in words for f in forms(w).items()]
    hits = []
    for path in paths:
        try:
            with open(path, "rb") as f:
                data = f.read()
        except OSError:
            continue
        hits += [(path, label) for label, needle in wanted if needle in data]
    return hits


def test_nothing_readable_lies_on_disk(own):
    began = time.time() - 1
    box = own(send_delay="1s")
    aiko, rhea, acme = box["aiko"], box["rhea"], box["acme"]
    words = {k: canary() for k in "subject text file name title summary note tell reply plain".split()}
    r = report(box, rhea, "Text %s" % words["text"], "Subject %s" % words["subject"], seal="sign+encrypt", with_key=True,
               attachments=[("%s.bin" % words["file"], words["name"].encode() * 20, "application/octet-stream")])
    c = accept(box, aiko, r)
    report(box, box["nils"], "Plain %s" % words["plain"], "Plain %s" % words["plain"])
    notify(box, c, "Summary %s" % words["summary"], ["acme", "globex", "initech"], title="Title %s" % words["title"])
    acme.reply(notice(acme, words["summary"]), "Reply %s" % words["reply"], seal="sign+encrypt")
    notice(aiko, words["reply"])
    aiko.command(c, "Note:", text="Note %s" % words["note"])
    aiko.command(c, "Tell: acme", text="Tell %s" % words["tell"])
    notice(acme, words["tell"])
    settled(box)
    orgs = [w for i in range(6) for w in (names.vendor(i)[1], names.vendor(i)[2])]
    people = [w for a in box.info["actors"] for w in (a["email"], a.get("fingerprint")) if w]
    own_files = list(files(box.dir + "/embargod"))
    assert own_files
    assert search(own_files, list(words.values()) + orgs + people) == []
    others = [p for top in ("/tmp", "/var/tmp", "/dev/shm") for p in files(top, began) if not p.startswith(box.dir)]
    assert search(others, words.values()) == []
    box.sandbox("daemon", "stop")
    assert search(files(box.dir + "/embargod"), list(words.values()) + orgs + people) == []


def test_the_search_itself_finds_what_is_there(tmp_path):
    word = canary()
    for n, data in enumerate([word.encode(), word.encode("utf-16-le"), base64.b64encode(b"x" + word.encode() + b"yy"),
                              json.dumps("\u00e9" + word).encode(), word.encode().hex().encode()]):
        (tmp_path / str(n)).write_bytes(b"\0" * 33 + data + b"\xff")
    assert len({p for p, _ in search(files(str(tmp_path)), [word])}) == 5
