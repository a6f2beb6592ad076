"""The agreed end of an embargo as an entry in each reader's own calendar (RFC 5545)."""
import re

from steps import canary, notice, notify, open_case, settled


def entry(mail):
    """The calendar part as {property: value}, unfolded."""
    part = [p for p in mail.leaves() if p.get_content_type() == "text/calendar"][0]
    assert part.get_param("method") == "PUBLISH" and part.get_content_charset() == "utf-8"
    raw = part.get_payload(decode=True)
    assert all(len(l) <= 75 for l in raw.split(b"\r\n")) and raw.endswith(b"END:VCALENDAR\r\n") and b"\n" not in raw.replace(b"\r\n", b"")
    lines = re.sub(r"\r\n[ \t]", "", raw.decode()).strip().split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR" and lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 1
    return dict(re.fullmatch(r"([A-Z-]+)(?:;[^:]*)?:(.*)", l).groups() for l in lines if not l.startswith(("BEGIN", "END")))


def test_each_reader_gets_an_entry_of_its_own_that_later_ones_replace(own):
    box = own(send_delay="1s")
    word, title = canary(), "Title %s" % canary()
    c = open_case(box, "Details")
    notify(box, c, "Short. %s" % word, ["acme", "initech"], title=title)
    first = {org: notice(box[org], word) for org in ("acme", "initech")}
    settled(box)
    entries, seen = {org: [] for org in first}, set()
    for end in ("2027-03-01T14:00+09:00", "2027-04-01T14:00+09:00"):
        box["aiko"].command(c, "Embargo: " + end)
        for org in first:
            mail = box[org].wait_mail(lambda m: m.message_id not in seen and any(p.get_content_type() == "text/calendar" for p in m.leaves()), 40,
                                      "a calendar entry")
            seen.add(mail.message_id)
            assert mail.encrypted
            entries[org].append(entry(mail))
    acme, initech = entries["acme"], entries["initech"]
    assert [e["DTSTART"] for e in acme] == ["20270301T050000Z", "20270401T050000Z"]
    assert acme[0]["UID"] == acme[1]["UID"] and int(acme[1]["SEQUENCE"]) > int(acme[0]["SEQUENCE"])
    assert len({e["UID"] for e in acme + initech}) == 2, "nothing in it that two readers share"
    for e in acme + initech:
        assert "ORGANIZER" not in e and "ATTENDEE" not in e and title not in str(e)
