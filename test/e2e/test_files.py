"""Attached files: what they carry is told at arrival and at Release, and keeps a letter back like any other text."""
import io
import struct
import zipfile

from sandboxlib.actor import wait_for
from steps import accept, canary, case, cases, letters, notice, notify, report


def docx(text, author):
    """As small as Word takes it; the second half of the text stands in a run of its own."""
    half = len(text) // 2
    runs = "".join("<w:r><w:rPr><w:b/></w:rPr><w:t>%s</w:t></w:r>" % t for t in (text[:half], text[half:]))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("word/document.xml", "<?xml version='1.0'?><w:document xmlns:w='w'><w:body><w:p>%s</w:p></w:body></w:document>" % runs)
        z.writestr("docProps/core.xml", "<?xml version='1.0'?><p xmlns:dc='d'><dc:creator>%s</dc:creator></p>" % author)
    return out.getvalue()


PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 400]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj
4 0 obj<</Length 66>>stream
BT /F 12 Tf 9 99 Td <476C6F6265786961204E6574776F726B73> Tj ET
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
6 0 obj<</Author(An Author)>>endobj
trailer<</Root 1 0 R/Info 6 0 R>>
%%EOF
"""


def photo(text, artist):
    """A JPEG, grey, 8 by 8: lying on its side, with an artist and a comment; and what is seen of it alone."""
    def block(marker, data):
        return b"\xff" + bytes([marker]) + struct.pack(">H", len(data) + 2) + data
    artist = artist.encode() + b"\0"
    tiff = b"II*\0" + struct.pack("<IHHHIIHHIII", 8, 2, 0x112, 3, 1, 6, 0x13B, 2, len(artist), 38, 0) + artist
    table = bytes([1] + [0] * 15) + b"\0"
    seen = (block(0xDB, b"\0" + b"\1" * 64) + block(0xC0, b"\x08\0\x08\0\x08\x01\x01\x11\0") + block(0xC4, b"\0" + table)
            + block(0xC4, b"\x10" + table) + block(0xDA, b"\1\1\0\0\x3f\0") + b"\x3f\xff\xd9")
    return b"\xff\xd8" + block(0xE1, b"Exif\0\0" + tiff) + block(0xFE, text.encode()) + seen, seen


def released(box, data, to="acme", ending=".docx", how=""):
    """A case with that file in its report, and the answer to its release; the letter's number."""
    word, name = canary(), canary() + ending
    aiko = box["aiko"]
    r = report(box, box["rhea"], "With a file. %s" % word, "File", seal="sign+encrypt", with_key=True,
               attachments=[(name, data, "application/octet-stream")])
    copy = aiko.wait_mail(lambda m: name in m.text, 30, "the copy that names the file")
    c = accept(box, aiko, r)
    notify(box, c, "Short: %s" % word, [to])
    notice(box[to], word)
    shown, = [p for piece in case(box, c)["pieces"] for p in piece["parts"] if p["filename"] == name]
    part = shown["n"]
    before = set(letters(box))
    answer = aiko.command(c, "Release: %s %s%s" % (part, to, how))
    n, = [n for n, l in letters(box).items() if n not in before and l["org"] == to]
    for fact in shown["facts"]:
        assert fact in answer.text and fact in copy.text
    assert (shown["unread"] or "") in answer.text
    return copy, answer, part, n


def test_a_name_inside_a_document_holds_the_letter(box):
    copy, answer, part, n = released(box, docx("It hits Globexia Networks, too.", "Rhea Sandoval"))
    for text in (copy.text, answer.text):
        assert "author: Rhea Sandoval" in text
    held = wait_for(lambda: letters(box)[n]["state"] == "held" and letters(box)[n], 40, "the held letter")
    assert "attachment %s" % part in held["reason"] and "Globexia" in held["reason"] and "(author): Rhea Sandoval" in held["reason"]
    assert not [m for m in box["acme"].inbox() if any(name.endswith(".docx") for name in m.attachments)]


def test_its_maker_is_told_and_what_is_harmless_goes(box):
    data = docx("It reads past the end.", "An Author")
    _, answer, part, _ = released(box, data)
    assert "%s carries author: An Author" % part in answer.text
    mail = box["acme"].wait_mail(lambda m: any(name.endswith(".docx") for name in m.attachments), 40, "the file")
    assert data in mail.attachments.values()


def test_poppler_reads_pdf_behind_the_wall(box):
    """The name stands in the file as hexadecimal digits of glyphs: only who sets the page sees it."""
    _, answer, part, n = released(box, PDF)
    assert "%s carries author: An Author" % part in answer.text and "could not be looked into" not in answer.text
    held = wait_for(lambda: letters(box)[n]["state"] == "held" and letters(box)[n], 40, "the held letter")
    assert "attachment %s" % part in held["reason"] and "Globexia Networks" in held["reason"]


def test_what_nobody_can_read_is_said_so(box):
    _, answer, part, _ = released(box, b"\x00\x01\x02" * 400)
    assert "%s could not be looked into, or not wholly: an unknown kind of file" % part in answer.text


def test_a_bomb_costs_its_own_file_only(box):
    """200 MB of nothing in an archive of 200 kB: the mail is opened, the other files' makers are told."""
    out, word = io.BytesIO(), canary()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("zeros", bytes(200 * 1024 * 1024))
    report(box, box["rhea"], "With a bomb. %s" % word, "Bomb", seal="sign+encrypt", with_key=True,
           attachments=[("bomb.zip", out.getvalue(), "application/zip"), ("a.docx", docx("Text.", "An Author"), "application/zip")])
    copy = box["aiko"].wait_mail(lambda m: word in m.text, 40, "the copy")
    assert "an archive that unpacks to too much" in copy.text or "too large" in copy.text
    assert "author: An Author" in copy.text


def test_a_photo_goes_cleaned_where_a_coordinator_says_so(box):
    """The artist would hold it, being another vendor's name; the copy has none. What is seen of the picture stays bit for bit."""
    data, seen = photo("a note by Globexia Networks", "Globexia Networks")
    _, answer, part, n = released(box, data, ending=".jpg", how=" cleaned")
    c = "C%d" % max(cases(box))
    assert "%s goes cleaned, without artist: Globexia Networks" % part in answer.text
    mail = box["acme"].wait_mail(lambda m: any(name.endswith(".jpg") for name in m.attachments), 40, "the picture")
    copy, = [d for name, d in mail.attachments.items() if name.endswith(".jpg")]
    assert b"Globexia" not in copy and copy.startswith(b"\xff\xd8") and copy.endswith(seen)
    known = {p["party"]: p["knows"] for p in box.ctl_json("case", "who-knew", c, as_="aiko")["parties"]}
    assert part + " cleaned" in known["acme"] and part not in known["acme"]
    shown, = [p for piece in case(box, c)["pieces"] for p in piece["parts"] if p["n"] == part]
    assert shown["cleaned"] == ["acme"] and shown["copy"] and shown["copy_facts"] == []
    row, = [r for r in box.ctl_json("case", "preview", c, "--all", as_="aiko") if r["to"] == "acme"]
    assert row["parts"][part] == "cleaned"
    assert "goes as a cleaned copy" in box.ctl("case", "preview", c, "--to", "acme", "--diff", as_="aiko").stdout


def test_without_the_word_it_goes_as_it_came(box):
    data, _ = photo("by a friend", "An Artist")
    _, answer, part, _ = released(box, data, ending=".jpg")
    assert '"Release: %s acme cleaned" sends a copy without it' % part in answer.text
    mail = box["acme"].wait_mail(lambda m: data in m.attachments.values(), 40, "the picture")
    assert any(name.endswith(".jpg") for name in mail.attachments)


def test_what_has_no_copy_does_not_go_cleaned(box):
    """Once as it came, once asked for cleaned: a mistake, with the reason, and nothing goes."""
    _, answer, part, _ = released(box, PDF, to="initech")
    assert "%s can't be cleaned: what is taken out of a PDF can be put back" % part in answer.text
    before = set(letters(box))
    answer = box["aiko"].command("C%d" % max(cases(box)), "Release: %s all cleaned" % part)
    assert "can't go cleaned: what is taken out of a PDF can be put back" in answer.text
    assert not [n for n, l in letters(box).items() if n not in before and l["org"] == "initech"]
