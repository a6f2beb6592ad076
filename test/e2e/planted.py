"""planted - a sandbox with a program of test/planted: mail marked for it makes embargod-open misbehave; embargod-desk lacks a layer."""
import os
import shutil
import subprocess

from sandboxlib import box as sandbox_box

PROGRAMS = ("embargod-front", "embargod-desk", "embargod-open", "embargod-verify", "embargod-seal", "embargod-holder")


def plant(box, landlock=True, layer_off=None, **options):
    """Stop the daemon, put the planted program in the place of embargod-open, or of embargod-desk with that layer off, and start it
    again, with more options."""
    bad = "embargod-desk" if layer_off else "embargod-open"
    setup = sandbox_box.load(box.dir, "setup.json")
    subprocess.run(["make", "-s", "-C", setup["build"], "test/planted/" + bad], check=True, stdout=subprocess.DEVNULL)
    folder = box.dir + "/embargod/libexec"
    os.mkdir(folder)
    for name in PROGRAMS:
        if os.path.exists(setup["build"] + "/" + name):
            shutil.copy(setup["build"] + "/" + name, folder)
    shutil.copy(setup["build"] + "/test/planted/" + bad, folder)
    if layer_off:
        with open(folder + "/layer-off", "w", encoding="ascii") as f:
            f.write(layer_off)
    if not landlock:
        open(folder + "/no-landlock", "wb").close()
    box.sandbox("daemon", "stop")
    path = box.info["config"]
    with open(path, encoding="utf-8") as f:
        lines = [l for l in f if not l.startswith("libexec-directory")]
    lines.insert(0, 'libexec-directory = "%s/embargod/libexec"\n' % setup["alias"])
    lines[1:1] = ["%s = %s\n" % (k.replace("_", "-"), v) for k, v in options.items()]
    with open(path, "w", encoding="utf-8") as f:
        f.writelines(lines)
    box.sandbox("daemon", "start")


def marked(box, word, actor="nils", **aims):
    """Send a mail that makes the planted opener do word; its subject."""
    subject = "Marked %s %s" % (word, os.urandom(6).hex())
    text = "planted:%s\n" % word + "".join("aim %s %s\n" % (k.replace("_", "-"), v) for k, v in aims.items())
    assert box[actor].post(box[actor].write(text, subject))[0] == 250
    return subject
