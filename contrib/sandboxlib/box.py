"""box - a sandbox as a whole: who is in it, its files, up, down, clock, and what info says."""
import json
import os
import re
import shlex
import subprocess
import sys
import time

from . import keys, mta, names, space

PROGRAM = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "sandbox")
TOP = os.path.dirname(os.path.dirname(PROGRAM))
DOMAIN, ALIAS, HOSTNAME = "cert.example", "security@cert.example", "mx.cert.example"
PATTERNS = {"plus": ["^security(\\+[^@]*)?@cert\\.example$"],
            "subdomain": ["^security@cert\\.example$", "@reply\\.cert\\.example$"],
            "none": ["^security(-register|-key)?@cert\\.example$"]}
# The kinds of the first six vendors, then those that repeat.
FIRST_KINDS = ("ed25519", "rsa3072", "smime-rsa", "smime-p256", "expired", None)
MORE_KINDS = ("ed25519",) * 5 + ("smime-p256",) + ("ed25519",) * 2 + ("smime-rsa", "rsa3072")
LONGEST_DIR = 60  # a socket's path has 107 bytes: DIR/actors/<slug>/S.gpg-agent.browser
READY_SECONDS = 60


class Failed(Exception):
    """The sandbox could not do what was asked; the text says why."""


CONFIG = """# A sandbox's configuration: throw-away keys, loopback only.
desk-name = "Example CERT"
addresses = {{ "{alias_address}" }}
address-form = {form}
reply-domain = "{reply_domain}"
register-address = "{register}"
key-address = "{key_address}"
hostname = "{hostname}"
state-directory = "{at}/embargod/state"
key-directory = "{at}/embargod/keys"
run-directory = "{at}/run"
template-directory = "{at}/templates"
vendor-list = "{at}/contrib/vendors.txt"
milter-socket = "unix:{at}/run/sock/milter.sock"
milter-socket-group = "postfix"
submit-host = "127.0.0.1"
submit-port = {submit}
own-hops = {hops}
authserv-id = "{hostname}"
auth-results-stripped = no
send-delay = "{send_delay}"
auto-answer = {auto_answer}
message-size-limit = 52428800
terms-before-details = no
language = "en"
clock-file = "{at}/embargod/clock"
libexec-directory = "{at}/build"
worker-count = 0
coordinator "aiko" {{ uid = {{{uids}}} }}
coordinator "ben" {{ uid = {{{uids}}} }}
"""


def build_dir(given):
    """Where the programs are: as given, or the build tree that is at hand."""
    for path in [given] if given else [os.environ.get("EMBARGOD_BUILD"), os.getcwd(), TOP + "/build/gcc", TOP + "/build/demo", TOP]:
        if path and os.path.exists(os.path.join(path, "embargod")):
            return os.path.abspath(path)
    raise Failed("no built embargod found: build it (contrib/demo and contrib/check do), or give --build BUILDDIR")


def load(dir_, name):
    try:
        with open(os.path.join(dir_, name), encoding="utf-8") as f:
            return json.load(f)
    except OSError as error:
        raise Failed("%s is no sandbox: %s" % (dir_, error.strerror)) from error


def save(dir_, name, value):
    with open(os.path.join(dir_, name), "w", encoding="utf-8") as f:
        json.dump(value, f, indent=1)


# Who is in it


def _vendors(count, file):
    """The vendors' orgs: those of a JSON file, or so many made-up ones: [{slug, name, domain, person, kind, language, aliases, terms}]."""
    if file:
        with open(file, encoding="utf-8") as f:
            return json.load(f)
    made = []
    for i in range(count):
        slug, name, domain, person = names.vendor(i)
        kind = FIRST_KINDS[i] if i < len(FIRST_KINDS) else MORE_KINDS[(i - len(FIRST_KINDS)) % len(MORE_KINDS)]
        made.append({"slug": slug, "name": name, "domain": domain, "person": person, "kind": kind, "language": "en",
                     "aliases": [name.rpartition(" ")[0] or name], "terms": []})
    return made


def _people(vendors):
    """Every actor, without keys yet: [{role, org, name, email, kind, slug, language}]."""
    people = [{"role": "coordinator", "org": "desk", "name": "Aiko Mori", "email": "aiko@" + DOMAIN, "kind": "ed25519", "slug": "aiko"},
              {"role": "coordinator", "org": "desk", "name": "Ben Okafor", "email": "ben@" + DOMAIN, "kind": "ed25519", "slug": "ben"},
              {"role": "reporter", "org": None, "name": "Rhea Sandoval", "email": "rhea@research.example", "kind": "ed25519", "slug": "rhea"},
              {"role": "reporter", "org": None, "name": "Nils Aaltonen", "email": "nils@freemail.example", "kind": None, "slug": "nils"}]
    for v in vendors:
        people.append({"role": "vendor", "org": v["slug"], "name": v["person"], "email": "psirt@" + v["domain"], "kind": v["kind"],
                       "slug": v["slug"], "language": v["language"], "zone": v.get("zone")})
    return people


def _protocol(kind):
    return "none" if kind is None else "smime" if kind.startswith("smime") else "openpgp"


def _equip(dir_, people):
    """Keys and homes for the people and the desk; (actors as info shows them, key texts by address, desk)."""
    identity = {p["email"]: keys.Identity(p["kind"], p["name"], p["email"]) for p in people if p["kind"]}
    pgp = keys.pgp_keys([i for i in identity.values() if _protocol(i.kind) == "openpgp"])
    smime = keys.certificates([i for i in identity.values() if _protocol(i.kind) == "smime"])
    (desk_key, desk_secret), = keys.generate_pgp([keys.Identity("ed25519", "Example CERT", ALIAS)])
    desk_cert = keys.new_certificate(keys.Identity("smime-rsa", "Example CERT", ALIAS), "open")
    sign_cert = keys.new_certificate(keys.Identity("smime-rsa", "Example CERT", ALIAS), "sign")
    files = {"desk.asc": keys.armor(desk_key.public).encode(), "desk.pem": desk_cert["cert.pem"],
             "ca.pem": keys._load(keys.ca())["cert.pem"]}
    os.makedirs(dir_ + "/actors")
    for name, data in files.items():
        with open("%s/actors/%s" % (dir_, name), "wb") as f:
            f.write(data)
    actors, texts = [], {}
    for p in people:
        actor = {k: p[k] for k in ("role", "org", "name", "email")}
        actor["protocol"] = _protocol(p["kind"])
        actor["key_state"] = {None: "none", "expired": "expired"}.get(p["kind"], "usable")
        home = "%s/actors/%s" % (dir_, p["slug"])
        if actor["protocol"] == "openpgp":
            key = pgp[identity[p["email"]]]
            keys.make_home(home, key, [desk_key.public])
            texts[p["email"]] = keys.armor(key.public)
            actor.update(gnupghome=home, fingerprint=key.fingerprint)
        elif actor["protocol"] == "smime":
            os.makedirs(home, mode=0o700)
            for name, data in smime[identity[p["email"]]].items():
                with open("%s/%s" % (home, name), "wb") as f:
                    f.write(data)
            texts[p["email"]] = smime[identity[p["email"]]]["cert.pem"].decode()
            actor.update(smime_key=home + "/key.pem", smime_cert=home + "/cert.pem",
                         fingerprint=keys.certificate_fingerprint(texts[p["email"]].encode()))
        actors.append(actor)
    desk = {"address": ALIAS, "openpgp": desk_key.fingerprint, "smime": keys.certificate_fingerprint(desk_cert["cert.pem"]),
            "smime_signer": keys.certificate_fingerprint(sign_cert["cert.pem"]),
            "openpgp_key": dir_ + "/actors/desk.asc", "smime_cert": dir_ + "/actors/desk.pem", "smime_ca": dir_ + "/actors/ca.pem"}
    secrets = {"desk.sec": desk_secret, "open.key": desk_cert["key.pem"], "open.pem": desk_cert["cert.pem"],
               "sign.key": sign_cert["key.pem"], "sign.pem": sign_cert["cert.pem"]}
    return actors, texts, desk, secrets


def directory(people, texts, vendors):
    """What `embargoctl import` reads: the desk's coordinators, every vendor, the CA."""
    def contact(p, slug):
        made = {"slug": slug, "name": p["name"], "email": p["email"], "protocol": _protocol(p["kind"]), "language": p.get("language", "en"),
                "private_reply": p["kind"] in ("rsa3072", None)}
        if p.get("zone"):
            made["zone"] = p["zone"]
        if p["email"] in texts:
            made["key"] = texts[p["email"]]
        return made

    orgs = [{"slug": "desk", "name": "Example CERT", "role": "desk", "trust": "nda", "aliases": [], "domains": [], "terms": [],
             "groups": [], "contacts": [contact(p, p["slug"]) for p in people if p["role"] == "coordinator"]}]
    for v, p in zip(vendors, (p for p in people if p["role"] == "vendor")):
        orgs.append({"slug": v["slug"], "name": v["name"], "role": "vendor", "trust": "verified", "aliases": v["aliases"], "common": v.get("common", []),
                     "domains": [v["domain"]], "terms": v["terms"], "groups": ["vendors"], "contacts": [contact(p, "psirt")]})
    return {"orgs": orgs, "cas": [keys._load(keys.ca())["cert.pem"].decode()]}


# Up


def up(dir_, vendors, send_delay, auto_answer, placement, form, build, orgs=None):
    """Everything, from an empty folder to a desk that answers."""
    dir_ = os.path.realpath(dir_)
    if len(os.fsencode(dir_)) > LONGEST_DIR:
        raise Failed("DIR is %d bytes long; sockets below it allow %d: choose a shorter one" % (len(os.fsencode(dir_)), LONGEST_DIR))
    if os.path.isdir(dir_) and os.listdir(dir_):
        raise Failed("%s is not empty: `down` it and remove it, or choose another" % dir_)
    build = build_dir(build)
    for name in ("postfix", "mail", "run", "embargod"):
        os.makedirs("%s/%s" % (dir_, name), exist_ok=True)
    at = space.choose_alias(dir_, build, TOP, keys.cache_dir())
    root = mta.fetch(mta.PACKAGES, keys.cache_dir() + "/postfix")
    (smtp, submit, inner), kept = mta.reserve_ports(3)
    vendors = _vendors(vendors, orgs)
    people = _people(vendors)
    actors, texts, desk, secrets = _equip(dir_, people)
    addresses = [a["email"] for a in actors] + [mta.SINK]
    holder = space.start_holder(PROGRAM, dir_, at, {"postfix": dir_ + "/postfix", "mail": dir_ + "/mail", "run": dir_ + "/run",
                                                    "embargod": dir_ + "/embargod", "build": build, "templates": TOP + "/templates",
                                                    "contrib": TOP + "/contrib"}, kept)
    setup = {"holder": holder, "alias": at, "mta_root": root, "build": build, "placement": placement, "form": form,
             "smtp": smtp, "submit": submit, "inner": inner, "hostname": HOSTNAME, "desk_patterns": PATTERNS[form],
             "addresses": addresses, "domains": sorted({a.rpartition("@")[2] for a in addresses})}
    save(dir_, "setup.json", setup)
    try:
        _write_config(dir_, setup, send_delay, auto_answer)
        info = {"smtp": {"host": "127.0.0.1", "port": smtp}, "submit": {"host": "127.0.0.1", "port": submit}, "desk": desk,
                "actors": actors, "maildirs": {a: "%s/mail/%s" % (dir_, mta.box_of(a).rstrip("/")) for a in addresses},
                "config": dir_ + "/embargod/embargod.conf", "ctl": [dir_ + "/embargoctl"]}
        save(dir_, "info.json", info)
        keys.run(space.enter(holder) + [sys.executable, PROGRAM, "files", dir_])
        _set_up_desk(dir_, setup, directory(people, texts, vendors), secrets)
        mta.start(setup, space.enter(holder))
        start_daemon(dir_)
        wait_until(lambda: mta.answers(smtp) and mta.answers(submit), 20, "Postfix does not answer; see %s/postfix/log/mail.log" % dir_)
    except BaseException:
        down(dir_)
        raise


def _write_config(dir_, setup, send_delay, auto_answer):
    at = setup["alias"]
    form = setup["form"]
    values = {"alias_address": ALIAS, "form": form, "hostname": HOSTNAME, "at": at, "submit": setup["submit"],
              "hops": 1 if setup["placement"] == "inner" else 0, "send_delay": send_delay, "auto_answer": auto_answer,
              "reply_domain": "reply." + DOMAIN if form == "subdomain" else "",
              "register": "security-register@" + DOMAIN if form == "none" else "",
              "key_address": "security-key@" + DOMAIN if form == "none" else "",
              "uids": ", ".join(str(u) for u in sorted({0, os.getuid()}))}
    with open(dir_ + "/embargod/embargod.conf", "w", encoding="utf-8") as f:
        f.write(CONFIG.format(**values))
    with open(dir_ + "/embargod/clock", "w", encoding="ascii") as f:
        f.write("0\n")
    # The working directory is opened before the namespace is entered, so relative FILE arguments work.
    words = " ".join(shlex.quote(w) for w in space.enter(setup["holder"])[:-2])
    ctl = "#!/bin/sh\nexec %s --wd=\"$PWD\" -- %s -c %s \"$@\"\n" % (
        words, shlex.quote(at + "/build/embargoctl"), shlex.quote(at + "/embargod/embargod.conf"))
    with open(os.open(dir_ + "/embargoctl", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o755), "w", encoding="utf-8") as f:
        f.write(ctl)


def _set_up_desk(dir_, setup, wanted, secrets):
    """init with the desk's keys, then the whole directory in one import. Secrets pass through the tmpfs."""
    work = "/proc/%d/root%s/run/setup" % (setup["holder"], setup["alias"])
    inside = setup["alias"] + "/run/setup/"
    os.mkdir(work, 0o700)
    for name, data in {**secrets, "directory.json": json.dumps(wanted).encode()}.items():
        with open("%s/%s" % (work, name), "wb") as f:
            f.write(data)
    ctl = [dir_ + "/embargoctl"]
    keys.run(ctl + ["init", "--openpgp-key", inside + "desk.sec", "--smime-open-key", inside + "open.key", "--smime-open-cert", inside + "open.pem",
                    "--smime-sign-key", inside + "sign.key", "--smime-sign-cert", inside + "sign.pem"])
    keys.run(ctl + ["import", inside + "directory.json"])
    for name in os.listdir(work):
        os.unlink("%s/%s" % (work, name))
    os.rmdir(work)


def wait_until(condition, seconds, what):
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise Failed(what)
        time.sleep(0.05)


# The daemon alone


def daemon_pid(setup):
    """The supervisor's pid while it runs, else None."""
    try:
        with open("/proc/%d/root%s/run/embargod.pid" % (setup["holder"], setup["alias"]), encoding="ascii") as f:
            pid = int(f.read())
        return None if space.is_zombie(pid) else pid
    except (OSError, ValueError):
        return None


def start_daemon(dir_):
    """Start embargod and wait until every program of it is ready."""
    setup = load(dir_, "setup.json")
    with open(dir_ + "/embargod/log", "ab") as log:
        child = subprocess.Popen(space.enter(setup["holder"]) + [setup["alias"] + "/build/embargod", "-c",
                                 setup["alias"] + "/embargod/embargod.conf"], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                 start_new_session=True, cwd="/")
    ready = "/proc/%d/root%s/run/ready" % (setup["holder"], setup["alias"])
    until = time.monotonic() + READY_SECONDS
    while not os.path.exists(ready):
        ended = child.poll()
        if ended is not None or time.monotonic() > until:
            with open(dir_ + "/embargod/log", encoding="utf-8", errors="replace") as log:
                raise Failed("embargod %s; its log ends: %s" % (
                    "is not ready after %d s" % READY_SECONDS if ended is None else "ended with code %d" % ended, log.read()[-800:]))
        time.sleep(0.05)


def stop_daemon(dir_):
    """End embargod alone, with all its programs; Postfix goes on."""
    setup = load(dir_, "setup.json")
    pid = daemon_pid(setup)
    if pid is None:
        return
    before = set(embargod_pids(setup))
    space.end(lambda: [pid], lambda: space.is_zombie(pid), 30)
    wait_until(lambda: not before & set(embargod_pids(setup)), 10, "programs of embargod outlived it")


def embargod_pids(setup):
    """The pids in the namespace that run our programs."""
    found = []
    for pid in space.members(setup["holder"]):
        try:
            with open("/proc/%d/comm" % pid, encoding="utf-8", errors="replace") as f:
                if f.read().startswith(("embargod", "lt-embargod")):
                    found.append(pid)
        except OSError:
            pass
    return found


# Down, clock, info


def down(dir_):
    """End everything that lives in the sandbox; returns when every process is gone."""
    dir_ = os.path.realpath(dir_)
    setup = load(dir_, "setup.json")
    holder = setup["holder"]
    if os.path.exists("/proc/%d/root%s/embargod/embargod.conf" % (holder, setup["alias"])):
        stop_daemon(dir_)
        rest = lambda: space.members(holder)
        if not space.end(rest, lambda: not rest(), 15):
            raise Failed("these processes do not end: %s" % rest())
        space.end(lambda: [holder], lambda: space.is_zombie(holder), 5)
    for actor in os.listdir(dir_ + "/actors"):
        home = "%s/actors/%s" % (dir_, actor)
        if os.path.exists(home + "/gpg.conf"):
            _end_agent(home)


def _end_agent(home):
    """The agent that this home's user may have started; it has its sockets in the home, or in /run/user."""
    if os.path.exists(home + "/S.gpg-agent") or os.path.isdir("/run/user/%d/gnupg" % os.getuid()):
        for words in (["--kill", "all"], ["--remove-socketdir"]):
            subprocess.run(["gpgconf", "--homedir", home, *words], check=False, stderr=subprocess.DEVNULL)


def clock(dir_, step):
    """Move the clock of all the sandbox's programs by step: +3d, -2h, +90m, +10s."""
    match = re.fullmatch(r"([+-])(\d+)([smhdw])", step)
    if not match:
        raise Failed("a step is a sign, a number and one of s m h d w: +3d")
    sign, number, unit = match.groups()
    path = os.path.realpath(dir_) + "/embargod/clock"
    with open(path, encoding="ascii") as f:
        offset = int(f.read())
    offset += int(sign + number) * {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}[unit]
    with open(path + ".new", "w", encoding="ascii") as f:
        f.write("%d\n" % offset)
    os.rename(path + ".new", path)
    return offset


def info(dir_):
    """What info prints: how to reach everything, with the pids as they are now."""
    dir_ = os.path.realpath(dir_)
    setup = load(dir_, "setup.json")
    return {**load(dir_, "info.json"), "pids": {"embargod": daemon_pid(setup), "postfix": mta.pid(dir_)}}
