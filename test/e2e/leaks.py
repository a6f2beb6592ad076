"""leaks - what of anyone else stands in a mail, by means that share nothing with the product: Python's unicodedata, zipfile and re.

Two readings of everything that a reader can come by: `loose` is letters and digits alone, in which long names are looked for
anywhere; `words` still knows where words end and how they were written, for short names and for those that are ordinary words.
"""
import base64
import functools
import html
import io
import quopri
import re
import unicodedata
import urllib.parse
import zipfile

LOOSE_MIN = 7   # letters of a name that is looked for inside other words too
ID_PREFIX = 12  # letters and digits of an id by which it is known
KANA = {c: c + 0x60 for c in range(0x3041, 0x3097)}  # hiragana to katakana
LEGAL = re.compile(r",?\s+(Inc|Ltd|LLC|LTD|AG|SE|GmbH|S\.L|Corporation|Corp|Limited|Incorporated)\.?$|^株式会社|株式会社$|, The$")


def invisible(c):
    return unicodedata.category(c) in ("Cf", "Mn", "Cc") and c not in "\n\t\r"


def plain(text):
    """Compatibility forms and what can't be seen taken away; letters keep their case, words their ends."""
    text = "".join(c for c in unicodedata.normalize("NFKC", text) if not invisible(c))
    return "".join(c for c in unicodedata.normalize("NFC", text).translate(KANA))


@functools.lru_cache(maxsize=4096)
def fold(text):
    """Letters and digits alone, without case, accents, or a difference between the kana."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold()).translate(KANA)
    return "".join(c for c in text if c.isalnum())


def _files_in(data):
    """Names and texts in a zip, and in a zip in it."""
    texts = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as z:
            texts.append(z.comment.decode("utf-8", "replace"))
            for entry in z.infolist():
                inside = z.read(entry)
                texts += [entry.filename, entry.comment.decode("utf-8", "replace"), *_readings(inside)]
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError):
        pass
    return texts


def _readings(data):
    texts = [data.decode("utf-8", "replace"), data.decode("utf-16-le", "replace")]
    return texts + (_files_in(data) if data[:2] == b"PK" else [])


def _decoded(whole):
    """What stands behind base64, percent signs, entities and quoted-printable in a text."""
    found = [urllib.parse.unquote(whole)] if "%" in whole else []
    if "&" in whole:
        found.append(html.unescape(whole))
    if "=" in whole:
        found.append(quopri.decodestring(whole.encode("utf-8", "replace")).decode("utf-8", "replace"))
    for run in re.findall(r"[A-Za-z0-9+/]{16,}={0,2}", whole):
        try:
            found.append(base64.b64decode(run + "=" * (-len(run) % 4)).decode("utf-8", "replace"))
        except ValueError:
            pass
    return found


def everything(mail):
    """All text that a reader of this mail can come by: fields, bodies, names, what encodings and archives hide."""
    texts = ["%s: %s" % h for h in [*mail.outer.items(), *mail.inner.items()]]
    for leaf in mail.leaves():
        texts += [*_readings(leaf.get_payload(decode=True) or b""), leaf.get_filename() or ""]
    whole = "\n".join(texts)
    return "\n".join([whole, *_decoded(whole)])


class Form:
    """One way to write one name, ready to be looked for."""

    def __init__(self, text, common=False):
        self.text, self.folded, self.common = text, fold(text), common
        self.loose = not common and (len(self.folded) >= LOOSE_MIN or any(ord(c) >= 0x3040 for c in text))
        pattern = r"[\s_-]{0,4}".join(re.escape(w) for w in re.split(r"[\s_-]+", plain(text)) if w)
        if common:
            self.pattern = re.compile(r"(?<![A-Za-z0-9])(?:%s|%s)(?![A-Za-z0-9])" % (pattern, pattern.upper().replace(r"\S", r"\s")))
        else:
            self.pattern = re.compile(r"(?<![A-Za-z0-9])%s(?![A-Za-z0-9])" % pattern, re.I)


class Text:
    """A mail's two readings."""

    def __init__(self, whole):
        self.loose = fold(whole)
        kept = plain(whole)
        # Through quote marks, and through a hyphen at a line's end.
        kept += "\n" + re.sub(r"[-\u2010]\s*\n[>|\s]*", "", kept)
        self.words = re.sub(r"\n[>|\s]+", " ", kept)

    def without(self, forms, ids=()):
        """The same without the reader's own names, the longest first, so that what they contain is no hit; and without
        its ids, whose letters can be a part of a name together with what stands beside them."""
        rest = Text.__new__(Text)
        rest.loose, rest.words = self.loose, self.words
        for folded in map(fold, ids):
            if len(folded) >= ID_PREFIX:
                rest.loose = rest.loose.replace(folded, "|")
        for form in sorted(forms, key=lambda f: -len(f.folded)):
            if form.loose:
                rest.loose = rest.loose.replace(form.folded, "|")
            rest.words = form.pattern.sub("|", rest.words)
        return rest

    def has(self, form):
        return form.folded in self.loose and (form.loose or form.pattern.search(self.words) is not None)

    def around(self, form):
        """Where it stands, for whoever has to find out why."""
        found = form.pattern.search(self.words)
        return self.words[max(0, found.start() - 30):found.end() + 30] if found else "inside other words"


def forms(org):
    """Every way in which an org of vendors.orgs() is named; domains and addresses too."""
    common = set(org["common"])
    words = {org["name"], org["person"], *org["aliases"], *org["terms"]}
    shorter = {LEGAL.sub("", org["name"]).strip()} - words
    common_short = {LEGAL.sub("", w).strip() for w in common} | common
    found = [Form(w, w in common) for w in words] + [Form(w, w in common_short) for w in shorter if w]
    return found + [Form(org["domain"]), Form("psirt@" + org["domain"])]


class Ids:
    """What tells of one reader's letter: Message-IDs, marks, codes, tags, envelope senders. Each has one owner."""

    def __init__(self):
        self.owners = {}

    def learn(self, owner, *ids):
        for text in ids:
            folded = fold(text)
            if len(folded) >= ID_PREFIX:
                self.owners[folded[:ID_PREFIX]] = owner

    def others(self, loose, owner):
        found = []
        for i in range(len(loose) - ID_PREFIX + 1):
            whose = self.owners.get(loose[i:i + ID_PREFIX], owner)
            if whose != owner:
                found.append((whose, loose[i:i + ID_PREFIX]))
        return found


def ids_of(mail):
    """The ids in a mail that are its reader's alone."""
    text = mail.text
    ids = re.findall(r"^Copy ([a-z2-7]{4}(?:-[a-z2-7]{4}){3})", text, re.M) + [code for _, code in mail.blocks()]
    ids += [mail.message_id.strip("<>").partition("@")[0]]
    ids += re.findall(r"security\+([^@\s>]+)@", "%s %s" % (mail.outer["Return-Path"], mail.header("Reply-To")))
    return ids
