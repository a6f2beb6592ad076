"""campaign - random cases against one desk, and what every copy of every letter holds of anyone else."""
import collections
import concurrent.futures
import json
import os
import random
import re
import tempfile
import unicodedata

import leaks
import steps
import vendors
import writing
from sandboxlib.actor import wait_for

REPORTERS = ("Rhea Sandoval", "rhea@research.example", "Nils Aaltonen", "nils@freemail.example")
PATIENCE = 120  # seconds for a case's letters
ATTACHED = ("text", "binary", "none")
FOR_US = ("coordinator", "command")
FALSE_CUTS, FALSE_HOLDS = 0.01, 0.02


def start(own, n, **options):
    """A sandbox with the first n of our vendors."""
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as f:
        json.dump(vendors.orgs(n), f)
        f.flush()
        return own(orgs=f.name, send_delay="0s", **options)


class Campaign:
    """All cases of one seed on one sandbox, and what was counted."""

    def __init__(self, box, n_orgs, seed):
        self.box, self.seed, self.rng = box, seed, random.Random(seed)
        self.orgs = vendors.orgs(n_orgs)
        self.forms = {o["slug"]: leaks.forms(o) + self._key_forms(o["slug"]) for o in self.orgs}
        self.known = vendors.orgs(len(vendors.NAMES))[:n_orgs]
        self.ids = leaks.Ids()
        self.texts = {}
        self.cases, self.leaks, self.cuts, self.holds, self.missing, self.kept = [], [], [], [], [], []
        self.words = self.letters = 0
        self.layer_off = None

    def _key_forms(self, slug):
        key = self.box[slug].fingerprint
        return [leaks.Form(key), leaks.Form(key[-16:])] if key else []

    def case(self, n_vendors):
        case = Case(self, n_vendors)
        self.cases.append(case)
        case.run()
        return case

    # Judging

    def judge(self):
        """Open every mailbox, and look at every mail in it."""
        readers = [self.box[o["slug"]] for o in self.orgs] + [self.box["rhea"], self.box["nils"]]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            boxes = list(pool.map(lambda r: r.inbox(), readers))
        for reader, mails in zip(readers, boxes):
            self.texts[reader.org] = [m.text for m in mails if not m.error]
            for mail in mails:
                self.ids.learn(reader.email, *leaks.ids_of(mail))
        for reader, mails in zip(readers, boxes):
            for mail in mails:
                self._judge_mail(reader, mail)
        for case in self.cases:
            self._judge_cuts(case)
        self._judge_holds()

    def _leak(self, reader, mail, what):
        self.leaks.append("%s: %r got %s" % (mail.path, reader.email, what))

    def _judge_mail(self, reader, mail):
        if mail.error:
            self._leak(reader, mail, "a mail it can't open: " + mail.error)
            return
        whole = leaks.Text(leaks.everything(mail))
        rest = whole.without(self.forms.get(reader.org, []), leaks.ids_of(mail))
        for slug, forms in self.forms.items():
            if slug != reader.org:
                for form in forms:
                    if rest.has(form):
                        self._leak(reader, mail, "%r of %s: %r" % (form.text, slug, rest.around(form)))
        for word in REPORTERS:
            if word not in (reader.name, reader.email) and leaks.fold(word) in whole.loose:
                self._leak(reader, mail, "the reporter's %r" % word)
        for whose, what in self.ids.others(whole.loose, reader.email):
            self._leak(reader, mail, "id %s of %s" % (what, whose))
        for case in self.cases:
            for words, why in case.forbidden(reader):
                got = [w for w in words if w in whole.loose]
                if got:
                    self._leak(reader, mail, "%s of %s: %s" % (why, case.name, got[:3]))

    def _judge_cuts(self, case):
        """What a piece's readers got of the words that nothing should cut."""
        for piece in case.pieces:
            for slug in piece.readers - {piece.author}:
                texts = [t for t in self.texts[slug] if piece.canary[0] in t or piece.canary[6] in t]
                if not texts:
                    self.missing.append("%s: %s got nothing of piece %d" % (case.name, slug, piece.n))
                    continue
                got = collections.Counter(re.findall(r"\w+", unicodedata.normalize("NFKC", texts[0])))
                lost = collections.Counter(piece.clean) - got
                self.words += len(piece.clean)
                if lost:
                    self.cuts.append((sum(lost.values()), "%s: %s misses of piece %d: %s" % (case.name, slug, piece.n, dict(lost))))

    def _judge_holds(self):
        for number, letter in steps.letters(self.box).items():
            if letter["template"].startswith(FOR_US):
                continue
            self.letters += 1
            if letter["state"] != "handed-over":
                # A file with others' names in it was released: the guard does what it is for.
                meant = re.search(r"in (attachment|file name) \d", letter.get("reason") or "")
                (self.kept if meant else self.holds).append("L%d %s to %s: %s (%s)" % (number, letter["template"], letter["org"], letter["state"], letter.get("reason")))

    def report(self):
        cut = sum(n for n, _ in self.cuts)
        lines = ["seed %d: %d cases, %d letters, %d words" % (self.seed, len(self.cases), self.letters, self.words),
                 "leaks: %d" % len(self.leaks), *self.leaks[:40],
                 "words cut for nothing: %d (%.3f %%)" % (cut, 100 * cut / max(1, self.words)), *(t for _, t in self.cuts[:20]),
                 "letters held: %d (%.2f %%)" % (len(self.holds), 100 * len(self.holds) / max(1, self.letters)), *self.holds[:20],
                 "letters held for a file that names others: %d" % len(self.kept), "pieces that did not arrive: %d" % len(self.missing), *self.missing[:10]]
        return "\n".join(lines)

    def check(self):
        """The whole promise."""
        said = self.report()
        print(said)
        cut = sum(n for n, _ in self.cuts)
        assert not self.leaks, said
        assert self.words and self.letters, said
        assert cut < FALSE_CUTS * self.words, said
        assert len(self.holds) < FALSE_HOLDS * self.letters, said
        assert len(self.missing) <= len(self.holds) + len(self.kept), said


class Case:
    """One random case, from the report to what the vendors answered."""

    def __init__(self, campaign, n_vendors):
        self.campaign, self.box, self.rng = campaign, campaign.box, campaign.rng
        self.who = self.rng.sample(campaign.orgs, min(n_vendors, len(campaign.orgs)))
        self.slugs = [o["slug"] for o in self.who]
        self.pieces, self.private = [], []
        self.name = "?"

    def forbidden(self, reader):
        """What the reader must not meet: (words, why)."""
        mine = reader.org or reader.email
        found = [(self.private, "private answers")] if reader.role == "vendor" else []
        for piece in self.pieces:
            if mine == piece.author:
                continue
            if mine not in piece.readers:
                found.append((piece.canary, "unshared piece %d" % piece.n))
            found += [(words, "fenced text of piece %d" % piece.n) for words, slugs in piece.fenced
                      if mine not in slugs or mine not in piece.readers]
        return found

    def run(self):
        self._report()
        ctl = self._ctl
        ctl("title", self.name, "Flaw number %d" % self.rng.randrange(10**6))
        self.summary = " ".join(self.rng.choice(writing.WORDS) for _ in range(12))
        ctl("summary", self.name, self.summary)
        ctl("vendors", self.name, *("+" + s for s in self.slugs))
        if self.campaign.layer_off != "selection" and self.rng.random() < 0.7:
            self._share(self.pieces[0], self.slugs)
        for part in steps.case(self.box, self.name)["pieces"][0]["parts"]:
            if re.match("poc|crash", part["filename"] or ""):
                ctl("release", self.name, part["n"], *self.rng.sample(self.slugs, 2))
        ctl("send", self.name, "vendor-notice", "all")
        self.settled()
        for slug in self.rng.sample(self.slugs, min(3, len(self.slugs))):
            self._reply(slug)
        for piece in self.pieces[1:]:
            self._share(piece, self.slugs if self.rng.random() < 0.6 else self.rng.sample(self.slugs, len(self.slugs) // 2))
        ctl("embargo", self.name, "2030-12-24T14:00+09:00")
        self.settled()

    def _ctl(self, *words):
        """What is shared with everyone by mistake can't be shared once more: not a mistake of this test."""
        self.box.ctl(*words, as_="aiko", check=not self.campaign.layer_off)

    def settled(self):
        """Nothing on its way to anyone; what coordinators are told of held letters takes its time."""
        def quiet():
            return not [l for l in steps.letters(self.box).values() if l["state"] in ("planned", "waiting", "handing-over")
                        and not l["template"].startswith(FOR_US)]
        wait_for(quiet, PATIENCE, "the letters of " + self.name)

    def _share(self, piece, slugs):
        to = [s for s in slugs if s != piece.author]
        self._ctl("share", self.name, str(piece.n), *(["all"] if set(slugs) == set(self.slugs) else to))
        piece.readers |= set(to)

    def _attachments(self):
        one, two = self.rng.sample(self.campaign.orgs, 2)
        # What stands in a file, the guard alone can know; without it a coordinator has to look.
        kind = self.rng.choice(["binary", "none"] if self.campaign.layer_off == "guard" else ATTACHED)
        if kind == "text":
            return [("poc-%s.txt" % one["slug"], ("made for %s\n" % two["name"]).encode(), "application/octet-stream")]
        if kind == "zip":
            return [("poc for %s and %s.zip" % (one["name"], two["name"]), writing.zipped(self.rng, one, two), "application/zip")]
        if kind == "binary":
            return [("crash.bin", bytes(self.rng.randrange(256) for _ in range(300)), "application/octet-stream")]
        return []

    def _report(self):
        rng = self.rng
        person = self.box[rng.choice(["rhea", "nils"])]
        piece = writing.Piece(rng, self.campaign.known).write(rng.randint(2, 4))
        piece.n, piece.author = 1, person.email
        fenced = self.campaign.layer_off == "fences"
        shape = "free" if fenced else rng.choice(["free", "free", "cert", "ipa"])
        if fenced or (shape == "free" and rng.random() < 0.5):
            piece.fence(rng.sample(self.slugs, rng.randint(0, 2)))
        text = piece.text
        if shape != "free":
            self.private = ["".join(rng.choice("bcdfg") + rng.choice("aeiou") for _ in range(6)) for _ in range(3)]
            values = {"person": self.private[0], "phone": "+81 3 5555 %04d" % rng.randrange(10**4), "email": person.email,
                      "vendor": rng.choice(self.who)["name"], "product": "Widget " + self.private[1], "private": self.private[2],
                      "text": text.strip().replace("\n\n", "\n").replace("\n", "\n   ")}
            self.private = [self.private[0]] + ([self.private[2]] if shape == "cert" else [])  # IPA's has no private remarks
            text = (writing.CERT_FORM if shape == "cert" else writing.IPA_FORM) % values
        name = steps.report(self.box, person, text, "Flaw in %s" % piece.name().replace("\n", " "), attachments=self._attachments(),
                            seal="sign+encrypt" if person.home else "", with_key=bool(person.home))
        self.pieces.append(piece)
        before = set(steps.cases(self.box))
        self.box.ctl("accept", name, as_="aiko")
        self.name = "C%d" % max(set(steps.cases(self.box)) - before)

    def _quoted(self, mail):
        """The notice as clients quote it: (above or below, text)."""
        lines = mail.text.strip().split("\n")
        shape = self.rng.randrange(4)
        if shape == 0:
            return "\n\nOn Tue, 24 Nov 2026, Example CERT wrote:\n" + "\n".join("> " + l for l in lines)
        if shape == 1:
            return ("\n\n-----Original Message-----\nFrom: Example CERT <security@cert.example>\nSent: Tuesday, November 24, 2026 2:00 PM\n"
                    "To: %s\nSubject: %s\n\n" % (mail.header("To"), mail.subject) + "\n".join(lines))
        if shape == 2:
            return "\n\n" + "\n".join("> > " + l for l in lines[:40])
        return ""

    def _reply(self, slug):
        rng, actor = self.rng, self.box[slug]
        held = [l for l in steps.letters(self.box).values() if l["org"] == slug and l["place"] == self.name and l["state"] == "held"]
        if held:
            return
        notice = actor.wait_mail(lambda m: "[%s]" % self.name in m.subject, 40, "the notice of " + self.name)
        piece = writing.Piece(rng, self.campaign.known).write(rng.randint(1, 2))
        piece.author = slug
        if rng.random() < 0.3:
            piece.fence([])
        org = next(o for o in self.who if o["slug"] == slug)
        text = piece.text + "\n-- \n%s\npsirt@%s\n" % (org["person"], org["domain"]) + self._quoted(notice)
        subject = rng.choice(["Re: " + notice.subject, "[%s #%d] Re: %s" % (slug, rng.randrange(10**5), notice.subject), "our answer"])
        before = self._replies()
        actor.reply(notice, text, subject, seal=rng.choice(["sign+encrypt", "encrypt"]), attachments=self._attachments())
        new = wait_for(lambda: self._replies() - before, 40, "%s's reply to %s as a piece" % (slug, self.name))
        piece.n = max(new)
        self.pieces.append(piece)

    def _replies(self):
        return {p["n"] for p in steps.case(self.box, self.name)["pieces"]}


def seed():
    return int(os.environ.get("EMBARGOD_SEED") or 20261124)
