"""space - the mount namespace a sandbox lives in, and how other processes get into it.

One small process, the holder, makes the namespace and keeps it alive. Inside it /etc/passwd and
/etc/group are the sandbox's own, DIR/run is a tmpfs, and the folders of DIR that others than root
must reach stand below a short path (the alias): DIR itself may be long, for sockets, and its
parents may be closed, for Postfix.
"""
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time

ALIASES = ("/mnt", "/media", "/srv", "/opt")
USERS = {"postfix": 61001, "postdrop": 61002, "embargod": 61003, "mailbox": 61004, "embargod-open": 61005,
         "embargod-verify": 61006, "embargod-seal": 61007, "embargod-keys": 61008}

CLONE_NEWNS = 0x00020000
MS_NOSUID, MS_NODEV, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 4096, 16384, 1 << 18
SKIP = 77  # the exit code of "cannot be done on this host"

libc = ctypes.CDLL(None, use_errno=True)


class Unsupported(Exception):
    """This host does not let us make a namespace."""


def wrapper():
    """The command before the holder's: nothing as root, a user namespace otherwise."""
    if os.geteuid() == 0:
        return []
    try:
        name = pwd.getpwuid(os.geteuid()).pw_name
        with open("/etc/subuid", encoding="ascii") as f:
            mapped = any(line.split(":")[0] in (name, str(os.geteuid())) for line in f)
    except (OSError, KeyError):
        mapped = False
    if not mapped or not shutil.which("newuidmap") or not shutil.which("unshare"):
        raise Unsupported("needs root, or newuidmap (package uidmap) and a range in /etc/subuid and /etc/subgid")
    return ["unshare", "--user", "--map-root-user", "--map-auto", "--"]


def choose_alias(*paths):
    """The first of the usual empty folders below which none of the paths lies."""
    for alias in ALIASES:
        if os.path.isdir(alias) and not any((p + "/").startswith(alias + "/") for p in paths):
            return alias
    raise Unsupported("none of %s can be used as a mount point" % ", ".join(ALIASES))


def _call(name, *args):
    if getattr(libc, name)(*args) != 0:
        code = ctypes.get_errno()
        raise OSError(code, "%s: %s" % (name, os.strerror(code)))


def _mount(source, target, fstype, flags, data=None):
    enc = lambda s: None if s is None else os.fsencode(s)
    _call("mount", enc(source), enc(target), enc(fstype), ctypes.c_ulong(flags), enc(data))


def _private():
    """Nothing that we mount may show outside. In a chroot "/" is no mount point: go to the namespace's real root for it."""
    _call("unshare", CLONE_NEWNS)
    try:
        _mount("none", "/", None, MS_REC | MS_PRIVATE)
        return
    except OSError:
        pass
    root = os.open("/", os.O_RDONLY | os.O_DIRECTORY)
    own = os.open("/proc/self/ns/mnt", os.O_RDONLY)
    _call("setns", own, CLONE_NEWNS)
    _mount("none", "/", None, MS_REC | MS_PRIVATE)
    os.fchdir(root)
    os.chroot(".")
    os.close(root)
    os.close(own)


def _accounts(dir_):
    """passwd and group for the namespace: the host's, with our users in place of any of the same name."""
    os.makedirs(dir_ + "/etc", exist_ok=True)
    for name, line in (("passwd", "{0}:x:{1}:{1}::/nonexistent:/usr/sbin/nologin\n"), ("group", "{0}:x:{1}:\n")):
        with open("/etc/" + name, encoding="utf-8", errors="surrogateescape") as f:
            kept = [l for l in f if l.split(":")[0] not in USERS]
        with open("%s/etc/%s" % (dir_, name), "w", encoding="utf-8", errors="surrogateescape") as f:
            f.writelines(kept + [line.format(user, number) for user, number in USERS.items()])


def hold(dir_, alias, binds):
    """The holder's life: mounts, then a byte on stdout, then nothing until SIGTERM. binds: {name below alias: path}."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))
    try:
        _private()
    except OSError as error:
        print("cannot make a mount namespace: %s" % error, file=sys.stderr)
        return SKIP
    _accounts(dir_)
    for name in ("passwd", "group"):
        _mount("%s/etc/%s" % (dir_, name), "/etc/" + name, None, MS_BIND)
    os.makedirs(dir_ + "/run", exist_ok=True)
    _mount("tmpfs", dir_ + "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1g")
    _mount("tmpfs", alias, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=1m")
    for name, path in binds.items():
        os.makedirs(alias + "/" + name)
        _mount(path, alias + "/" + name, None, MS_BIND)
    os.write(1, b"+")
    os.close(1)
    if os.environ.get("EMBARGOD_SANDBOX_GIVE"):
        _give_mail(dir_ + "/mail")
    while True:
        signal.pause()


def _give_mail(mail):
    """In a user namespace delivered mail belongs to a subordinate user: hand it to root, who is the caller outside."""
    while True:
        for base, _, names in os.walk(mail):
            if base.endswith("/tmp"):
                continue
            for path in [base] + [base + "/" + n for n in names]:
                try:
                    if os.lstat(path).st_uid != 0 and os.path.isfile(path):
                        os.lchown(path, 0, 0)
                except OSError:
                    pass
        time.sleep(0.2)


def start_holder(program, dir_, alias, binds, kept):
    """Start the holder, detached; its pid, once the namespace stands. It keeps those sockets open as long as it lives."""
    give = {"EMBARGOD_SANDBOX_GIVE": "1"} if os.geteuid() != 0 else {}
    words = wrapper() + [sys.executable, program, "hold", dir_, alias] + ["%s=%s" % b for b in binds.items()]
    with open(dir_ + "/holder.log", "wb") as log:
        child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, cwd="/",
                                 start_new_session=True, env={**os.environ, **give}, pass_fds=[s.fileno() for s in kept])
    if child.stdout.read(1) == b"+":
        return child.pid
    child.wait()
    with open(dir_ + "/holder.log", encoding="utf-8", errors="replace") as log:
        said = log.read().strip()
    raise Unsupported(said or "the namespace's holder ended with code %d" % child.returncode)


def enter(pid, wd="/"):
    """The words that run a command inside the holder's namespace."""
    user = [] if os.geteuid() == 0 else ["-U"]
    return ["nsenter", "-t", str(pid), *user, "-m", "-r", "--wd=" + wd, "--"]


def members(pid):
    """Every process in the holder's namespace but the holder itself."""
    try:
        own = os.readlink("/proc/%d/ns/mnt" % pid)
    except OSError:
        return []
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != pid:
            try:
                if os.readlink("/proc/%s/ns/mnt" % name) == own and not is_zombie(int(name)):
                    found.append(int(name))
            except OSError:
                pass
    return found


def is_zombie(pid):
    try:
        with open("/proc/%d/stat" % pid, encoding="ascii", errors="replace") as f:
            return f.read().rpartition(")")[2].split()[0] in "ZX"
    except (OSError, IndexError):
        return True


def end(pids, gone, seconds):
    """SIGTERM to pids, wait until gone() is true, SIGKILL after that many seconds."""
    for number, limit in ((signal.SIGTERM, seconds), (signal.SIGKILL, 5)):
        for pid in pids():
            try:
                os.kill(pid, number)
            except OSError:
                pass
        until = time.monotonic() + limit
        while time.monotonic() < until:
            if gone():
                return True
            time.sleep(0.05)
    return gone()
