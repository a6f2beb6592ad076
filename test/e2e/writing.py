"""writing - random reports and replies: harmless sentences, with names planted in them in every way that people write them."""
import io
import unicodedata
import zipfile

import vendors

# Ordinary words that names are made of too stand among them, in lower case: none of these may be cut.
WORDS = """the parser trusts a length field that was read from the network and copies it into a fixed buffer on the stack so crafted
input overwrites return address when debug mode is enabled after reboot device answers with stale memory of other sessions which can
hold passwords we saw this with firmware builds older than spring but not with current ones an attacker needs no account only access
to management port or malicious page padding oracle lets anyone decrypt cookies one apple of mine melts every edge case of chrome
plated delta filters turned sharp under pressure ampere currents canon fodder snapdragon seeds brocade curtain safari tours target
rust express visa unity open source linux kernel module curl requests hang forever signature check skipped because certificate
chain ends early race between threads frees object twice heap corruption follows we think fix is to validate size before use and
zero memory after use mitigation disable feature until patched severity high please confirm receipt and tell us your timeline""".split()
PHRASES = ("長さの検査がありません", "細工した入力で任意のコードが実行されます", "再起動後に古い記憶領域が読み出せます", "回避策はまだ見つかっていません",
           "ご確認をお願いいたします", "設定画面から攻撃できます", "署名の検証が省かれています")
WIDE = {c: c + 0xFEE0 for c in range(0x21, 0x7F)}


def half_width(text):
    """Katakana as half-width letters, with their sound marks behind them."""
    back = {unicodedata.normalize("NFKC", chr(c)): chr(c) for c in range(0xFF61, 0xFFA0)}
    back.update({"\u3099": "\uff9e", "\u309a": "\uff9f"})
    return "".join(back.get(c, c) for c in unicodedata.normalize("NFD", text))


def hiragana(text):
    return "".join(chr(ord(c) - 0x60) if 0x30A1 <= ord(c) <= 0x30F6 else c for c in text)


def _middle(rng, text):
    """A place inside of a word's letters."""
    at = [i for i in range(2, len(text) - 1) if text[i - 1].isalnum() and text[i].isalnum()]
    return rng.choice(at) if at else None


def _inside(rng, text, with_):
    at = _middle(rng, text)
    return text if at is None else text[:at] + with_ + text[at:]


def variants(rng, name, common, quoted=""):
    """Ways to write a name. A common one only as it is written, or in capitals; quoted: the marks before a line that goes on."""
    over_lines = "\n%s" % quoted
    found = [name, name.upper(), name.translate(WIDE), _inside(rng, name, "\u00ad"), _inside(rng, name, "\u200b"),
             name.replace(" ", over_lines), "(%s)" % name, "\u201c%s\u201d" % name, name.replace(" ", "\u00a0")]
    if common:
        return found
    letters = sum(c.isalnum() for c in name)
    found += [name.lower(), name.replace(" ", "-"), name.replace(" ", "_"), name.swapcase()]
    if vendors.japanese(name):
        found += [half_width(name), _inside(rng, name, over_lines), "「%s」の製品" % name]
        if all(0x30A1 <= ord(c) <= 0x30FC for c in name):
            found.append(hiragana(name))
    elif letters >= 6:
        found += [_inside(rng, name, "-" + over_lines), _inside(rng, name, over_lines), name.replace(" ", "")]
    return found


def sightings(org, quoted=""):
    """Where a name is met that is no word of a sentence: addresses, URLs, file names."""
    d = org["domain"]
    return ["psirt@%s" % d, "https://www.%s/advisories/%s.html" % (d, org["slug"]), "PSIRT@%s" % d.upper(), "mailto:psirt%%40%s" % d,
            "<psirt@%s>" % d, "ftp.%s" % d]


class Piece:
    """A text under way: what must arrive whole at those it was shared with, and at nobody else."""

    def __init__(self, rng, known):
        self.rng, self.known = rng, known
        self.clean = []     # words that nothing may take out
        self.canary = ["".join(rng.choice("bcdfghjklmnprstvz") + rng.choice("aeiou") for _ in range(5)) for _ in range(12)]
        self.fenced = []    # (words, slugs that may read them)
        self.paragraphs = []
        self.n, self.author, self.readers = 0, None, set()

    def sentence(self, n):
        words = [self.rng.choice(WORDS) for _ in range(n)]
        self.clean += words
        return " ".join(words)

    def name(self, quoted=""):
        org = self.rng.choice(self.known)
        if self.rng.random() < 0.25:
            return self.rng.choice(sightings(org))
        word = self.rng.choice([org["name"], *org["aliases"], *org["terms"]])
        return self.rng.choice(variants(self.rng, word, word in org["common"], quoted))

    def write(self, paragraphs):
        """Paragraphs with a name or two in each; the canary words are in the first."""
        self.clean += self.canary
        self.paragraphs.append(" ".join(self.canary[:6]) + "\n" + " ".join(self.canary[6:]))
        for _ in range(paragraphs):
            lines = [self.sentence(self.rng.randint(4, 9)) + " " + self.name() for _ in range(self.rng.randint(1, 2))]
            self.paragraphs.append("\n".join(lines) + "\n" + self.sentence(self.rng.randint(4, 9)))
        if self.rng.random() < 0.4:
            self.paragraphs.append("弊社の調査では%sの製品でも%s。" % (self.name(), self.rng.choice(PHRASES)))
        return self

    def fence(self, slugs):
        words = ["".join(self.rng.choice("bcdfghjklmnprstvz") + self.rng.choice("aeiou") for _ in range(5)) for _ in range(12)]
        self.fenced.append((words, set(slugs)))
        head = "only " + ", ".join(slugs) if slugs else "internal"
        self.paragraphs.append("[[%s]]\n%s\n[[end]]" % (head, " ".join(words)))

    @property
    def text(self):
        return "\n\n".join(self.paragraphs) + "\n"


def zipped(rng, org, other):
    """An archive whose entries are named after two vendors, with their names inside."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("%s/notes.txt" % org["slug"], "seen at %s and %s\n" % (org["name"], other["name"]))
        z.writestr("poc.bin", bytes(rng.randrange(256) for _ in range(200)))
    return out.getvalue()


CERT_FORM = """contact_name: %(person)s
contact_phone: %(phone)s
contact_email: %(email)s
share_release: No
credit_release: No
vendor_name: %(vendor)s
product_name: %(product)s
product_version: 2.4
vul_description: %(text)s
vul_impact: Code runs as the service.
comments: %(private)s
"""
IPA_FORM = """1. 届出者情報
 1.1 届出者情報の取扱い
   製品開発者への届出者情報の通知：否
   謝辞への氏名の掲載：否
 1.2 氏名・所属：%(person)s
 1.3 メールアドレス：%(email)s
     電話番号：%(phone)s
2. 脆弱性関連情報
 2.1 脆弱性関連情報の入手先
   自分で発見した
 2.2 ソフトウエア等の名称：%(product)s
     バージョン：2.4
     パッチレベル：なし
 2.3 脆弱性の種類：バッファオーバーフロー
 2.4 再現手順
   %(text)s
 2.5 再現の状況：常に
 2.6 脅威
   サービスの権限で任意のコードが実行される
 2.7 回避策：なし
 2.8 検証コードの有無：有
 2.9 その他：%(private)s
3. IPA 以外の組織への届出：なし
4. 今後の連絡について：PGP で暗号化してください
5. その他：%(private)s
"""
