"""What `embargoctl open` says across the wall."""
import json
import os
import subprocess

from conftest import cannot
from mutate import NOW, corpus, frozen_keys


def opened(data, tmp_path):
    build = os.environ.get("EMBARGOD_BUILD", "")
    if not os.access(build + "/embargoctl", os.X_OK):
        cannot("no built embargoctl")
    (tmp_path / "mail.eml").write_bytes(data)
    with frozen_keys() as home:
        words = [build + "/embargoctl", "open", "--home", home, "--now", NOW, "--json", "--", str(tmp_path / "mail.eml")]
        return json.loads(subprocess.run(words, check=True, stdout=subprocess.PIPE).stdout)


def test_from_is_who_owns_the_key(tmp_path):
    signed = dict(corpus())["list-footer"]
    record = opened(signed.replace(b"Rhea <rhea@finder.example>", b"Mallory <mallory@finder.example>"), tmp_path)
    assert (record["trust"], record["from"]) == ("verified", "rhea@finder.example")
    assert record["defects"] == ["from-not-key-owner"]
