"""mta - a private Postfix: unpacked, never installed; its configuration, start and state.

Three ports on loopback. `smtp` takes the world's mail; `submit` takes the desk's letters and has no
milter of ours; `inner` (that placement only) stands behind the transport map and alone has the
milter. Every address is delivered to a Maildir; bounce.example refuses, defer.example never answers.
"""
import errno
import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile

from . import keys, space

PACKAGES = ("postfix", "libnsl2", "libtirpc3", "libdb5.3", "libsasl2-2")
SINK = "other@sink.example"
PORTS = range(12000, 32000)

MAIN = """compatibility_level = 3.6
config_directory = {at}/postfix/etc
meta_directory = {root}/etc/postfix
queue_directory = {at}/postfix/spool
data_directory = {at}/postfix/data
command_directory = {root}/usr/sbin
daemon_directory = {root}/usr/lib/postfix/sbin
shlib_directory = {root}/usr/lib/postfix
sendmail_path = {root}/usr/sbin/sendmail
import_environment = MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ LANG=C LD_LIBRARY_PATH={lib}
mail_owner = postfix
setgid_group = postdrop
maillog_file = {at}/postfix/log/mail.log
maillog_file_prefixes = {at}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = {hostname}
mydestination =
local_recipient_maps =
mynetworks = 127.0.0.0/8
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
smtp_host_lookup = native
alias_maps =
alias_database =
default_database_type = hash
recipient_delimiter = +
transport_maps = regexp:{at}/postfix/etc/transport
virtual_mailbox_domains = static:all
virtual_mailbox_maps = texthash:{at}/postfix/etc/boxes, static:{sink_box}
virtual_mailbox_base = {at}/mail
virtual_uid_maps = static:{mailbox}
virtual_gid_maps = static:{mailbox}
virtual_minimum_uid = 1
virtual_mailbox_limit = 0
mailbox_size_limit = 0
message_size_limit = 83886080
smtpd_relay_restrictions = permit_mynetworks,reject
smtpd_milters =
non_smtpd_milters =
milter_default_action = {default_action}
milter_connect_timeout = 5s
milter_command_timeout = 30s
milter_content_timeout = 300s
minimal_backoff_time = 2s
maximal_backoff_time = 4s
queue_run_delay = 2s
smtpd_client_connection_count_limit = 0
smtp_destination_concurrency_failed_cohort_limit = 0
smtpd_tls_security_level = none
smtp_tls_security_level = none
disable_vrfy_command = yes
in_flow_delay = 0
null_sender =
desk_destination_recipient_limit = 1
"""

MASTER = """127.0.0.1:{smtp} inet n - n - 50 smtpd
  -o syslog_name=postfix/outer
  -o smtpd_data_restrictions=check_sender_access,texthash:{at}/postfix/etc/dmarc
  -o smtpd_milters={outer_milter}
127.0.0.1:{submit} inet n - n - 50 smtpd
  -o syslog_name=postfix/submit
  -o receive_override_options=no_unknown_recipient_checks,no_header_body_checks
{inner_service}pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
desk unix - n n - 4 pipe
  flags=DRX user=embargod eol=\\r\\n argv={receive} receive - --sender ${{sender}} --rcpt ${{original_recipient}}
nouser unix - n n - - pipe
  flags=q user=mailbox argv=/bin/sh -c {{exit 67}}
"""

INNER = """127.0.0.1:{inner} inet n - n - 50 smtpd
  -o syslog_name=postfix/inner
  -o smtpd_milters={milter}
"""


def fetch(names, folder):
    """Packages of this distribution, unpacked below folder (once): never installed, so no package script runs."""
    done = os.path.join(folder, ".complete")
    if os.path.exists(done):
        return folder
    base = os.path.dirname(folder)
    os.makedirs(base, exist_ok=True)
    work = tempfile.mkdtemp(prefix="deb-", dir=base)
    # apt's sandbox user could not write into a private folder; it checks the packages' hashes either way.
    apt = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root"]
    try:
        if subprocess.run(apt + ["download", *names], cwd=work, check=False, stderr=subprocess.DEVNULL).returncode != 0:
            # No package lists, or old ones: get fresh ones that are ours alone.
            state = os.path.join(work, "apt")
            os.makedirs(state + "/lists/partial", exist_ok=True)
            os.makedirs(state + "/cache/archives/partial", exist_ok=True)
            apt += ["-o", "Dir::State::lists=" + state + "/lists", "-o", "Dir::Cache=" + state + "/cache"]
            keys.run(apt + ["update"])
            keys.run(apt + ["download", *names], cwd=work)
            shutil.rmtree(state)
        for deb in os.listdir(work):
            if deb.endswith(".deb"):
                keys.run(["dpkg", "-x", os.path.join(work, deb), work + "/root"])
        open(work + "/root/.complete", "wb").close()
        try:
            os.rename(work + "/root", folder)
        except OSError:
            if not os.path.exists(done):
                raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return folder


def libraries(root):
    triplets = [d for d in os.listdir(root + "/usr/lib") if "-linux-gnu" in d]
    return ":".join([root + "/usr/lib/postfix"] + ["%s/usr/lib/%s" % (root, d) for d in triplets])


def reserve_ports(n):
    """n different loopback ports, and the sockets that keep them: no other sandbox gets one while they are open.

    Postfix listens with SO_REUSEPORT: two that were given the same port both start, and the kernel deals the connections
    out between them. So a port is claimed by name before anyone listens. Outgoing connections have ports above these.
    """
    ports, kept = [], []
    while len(ports) < n:
        port = PORTS.start + secrets.randbelow(len(PORTS))
        claim = socket.socket(socket.AF_UNIX)
        with socket.socket() as probe:
            try:
                claim.bind("\0embargod-sandbox-port-%d" % port)
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                claim.close()
                if error.errno != errno.EADDRINUSE:
                    raise
                continue
        ports.append(port)
        kept.append(claim)
    return ports, kept


def box_of(address):
    return re.sub(r"[^a-z0-9.@_-]", "_", address.lower()) + "/"


def write_files(dir_, setup):
    """The folders and files of a Postfix below dir_/postfix. To be called as root of the namespace's users."""
    base = dir_ + "/postfix"
    for name in ("etc", "spool", "data", "log"):
        os.makedirs("%s/%s" % (base, name), exist_ok=True)
    os.makedirs(dir_ + "/mail", exist_ok=True)
    at, inner = setup["alias"], setup["placement"] == "inner"
    milter = "unix:%s/run/sock/milter.sock" % at
    values = {**setup, "at": at, "root": setup["mta_root"], "lib": libraries(setup["mta_root"]), "milter": milter,
              "mailbox": space.USERS["mailbox"], "sink_box": box_of(SINK), "outer_milter": "" if inner else milter,
              "default_action": "tempfail" if inner else "accept", "inner_service": "",
              "receive": "%s/build/embargoctl -c %s/embargod/embargod.conf" % (at, at)}
    if inner:
        values["inner_service"] = INNER.format(**values)
    _write(base + "/etc/main.cf", MAIN.format(**values))
    _write(base + "/etc/master.cf", MASTER.format(**values))
    to_desk = "smtp:[127.0.0.1]:%s" % setup["inner"] if inner else "desk:"
    _write(base + "/etc/transport", "".join("/%s/ %s\n" % (p, to_desk) for p in setup["desk_patterns"])
           + "/@bounce\\.example$/ nouser:\n/@defer\\.example$/ retry:4.3.0 not now\n")
    _write(base + "/etc/boxes", "".join("%s %s\n" % (a, box_of(a)) for a in setup["addresses"]))
    _write(base + "/etc/dmarc", "".join("%s PREPEND Authentication-Results: %s; dmarc=pass header.from=%s\n" % (d, setup["hostname"], d)
                                        for d in setup["domains"]))
    _own(base, dir_ + "/mail")
    # In a user namespace its root is the caller, who must be able to read what the mailbox user delivers.
    with open("/proc/self/uid_map", encoding="ascii") as f:
        mapped = f.read().split()[1] != "0"
    mode, owner = (0o777, 0) if mapped else (0o700, space.USERS["mailbox"])
    for address in setup["addresses"]:
        for name in ("", "/tmp", "/new", "/cur"):
            _folder("%s/mail/%s%s" % (dir_, box_of(address).rstrip("/"), name), mode, owner, owner)


def _write(path, text):
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def _own(base, mail):
    users, spool = space.USERS, base + "/spool"
    for name in ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace"):
        _folder("%s/%s" % (spool, name), 0o700, users["postfix"], 0)
    _folder(spool + "/maildrop", 0o730, users["postfix"], users["postdrop"])
    _folder(spool + "/public", 0o710, users["postfix"], users["postdrop"])
    _folder(spool + "/pid", 0o755, 0, 0)
    _folder(base + "/data", 0o700, users["postfix"], 0)
    _folder(mail, 0o755, users["mailbox"], users["mailbox"])
    for name in ("", "/etc", "/spool", "/log"):
        os.chmod(base + name, 0o755)


def _folder(path, mode, uid, gid):
    os.makedirs(path, exist_ok=True)
    os.chmod(path, mode)
    os.chown(path, uid, gid)


def start(setup, enter):
    """Start master; enter are the words that lead into the namespace. Returns when it is up."""
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LD_LIBRARY_PATH": libraries(setup["mta_root"])}
    keys.run(enter + ["env", *["%s=%s" % e for e in env.items()], setup["mta_root"] + "/usr/lib/postfix/sbin/master", "-c",
                      setup["alias"] + "/postfix/etc", "-w"], stdin=subprocess.DEVNULL)


def pid(dir_):
    try:
        with open(dir_ + "/postfix/spool/pid/master.pid", encoding="ascii") as f:
            return int(f.read())
    except (OSError, ValueError):
        return None


def answers(port):
    """Whether an SMTP server greets on this loopback port."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as s:
            return s.recv(3) == b"220"
    except OSError:
        return False
