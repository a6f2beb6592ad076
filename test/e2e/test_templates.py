"""Letters looked at without a case: every one renders, faults have their place, a site's own file takes the place of a shipped one."""
import os
import re

import pytest

from conftest import TOP


@pytest.fixture
def letters(box):
    return [l.split()[:2] for l in box.ctl("template", "list").stdout.splitlines()]


def test_every_letter_renders_for_each_of_its_readers(box, letters):
    shipped = [(l, f[:-4]) for l in ("en", "ja") if os.path.isdir(TOP + "/templates/" + l) for f in os.listdir(TOP + "/templates/" + l) if f.endswith(".eml")]
    assert sorted(map(tuple, letters)) == sorted(shipped)
    for language, name in letters:
        shown = box.ctl_json("template", "render", name, "--language", language)
        assert shown["language"] == language and shown["subject"] and shown["text"].endswith("\n"), name
        assert "{{" not in shown["subject"] + shown["text"], name
        assert max(map(len, shown["text"].split("\n"))) <= 130, name


def test_languages_fill_the_same_places():
    """A name in one language's text only would be a fact that the other's readers do not get."""
    places = {}
    for language in ("en", "ja"):
        folder = TOP + "/templates/" + language
        for file in os.listdir(folder):
            with open(folder + "/" + file, encoding="utf-8") as f:
                places.setdefault(file, []).append(set(re.findall(r"{{[#^]?(>?)\s*([a-z_.-]+)", f.read())))
    for file, found in places.items():
        assert len(found) == 2, file + ": in one language only"
        assert found[0] == found[1], (file, found[0] ^ found[1])


def test_a_reader_it_is_not_for_is_refused(box):
    done = box.ctl("template", "render", "coordinator-held", "--audience", "vendor", check=False)
    assert done.returncode == 64 and "not for a vendor" in done.stderr
    done = box.ctl("template", "render", "vendor-notiz", check=False)
    assert done.returncode == 64 and "template list" in done.stderr


def test_faults_have_file_line_column_and_cure(box, tmp_path):
    os.makedirs(str(tmp_path) + "/en")
    with open(str(tmp_path) + "/en/tell.eml", "w", encoding="utf-8") as f:
        f.write("Subject: x\nAudience: vendor\nTLP: white\n\nDear {{reader_nmae}},\n{{proposed_by}}\n")
    done = box.ctl("template", "check", str(tmp_path), check=False)
    assert done.returncode == 65
    for place, words in ((":3:", "clear"), (":5:", "reader_name"), (":6:", "only for: coordinator")):
        assert [l for l in done.stdout.splitlines() if "tell.eml" + place in l and words in l], (place, done.stdout)
    assert box.ctl("template", "check").stdout.endswith("no fault\n")


def test_every_variable_is_listed_with_what_it_holds(box):
    out = box.ctl("template", "variables").stdout
    assert "case_summary" in out and "pieces.text" in out
