"""sendmail - an unpacked Sendmail inside a running sandbox: the same milter, its own ports, mail relayed to the sandbox's Postfix."""
import os
import subprocess

from sandboxlib import box as sandbox_box, keys, mta, space

PACKAGES = ("sendmail-bin", "sendmail-base", "sendmail-cf", "libwrap0", "libnsl2", "libtirpc3", "libdb5.3", "libsasl2-2", "liblockfile1", "m4",
            "libsigsegv2")

MC = """divert(-1)
define(`_CF_DIR_',`{root}/usr/share/sendmail/cf/')
include(`{root}/usr/share/sendmail/cf/m4/cf.m4')
divert(0)dnl
VERSIONID(`embargod test')
OSTYPE(`linux')
define(`confDOMAIN_NAME',`sm.cert.example')
undefine(`ALIAS_FILE')
define(`ALIAS_FILE',`{base}/etc/aliases')
define(`STATUS_FILE',`{base}/etc/stat')
define(`QUEUE_DIR',`{base}/q')
define(`confPID_FILE',`{base}/etc/pid')
define(`confCW_FILE',`-o {base}/etc/cw')
define(`confCT_FILE',`-o {base}/etc/ct')
define(`HELP_FILE',`{base}/etc/helpfile')
define(`confSERVICE_SWITCH_FILE',`{base}/etc/service.switch')
define(`confDONT_PROBE_INTERFACES',`true')
define(`confTO_IDENT',`0')
define(`confMIN_QUEUE_AGE',`0')
define(`confQUEUE_LA',`1000')
define(`confREFUSE_LA',`2000')
define(`confDELAY_LA',`3000')
FEATURE(`nocanonify')
FEATURE(`accept_unresolvable_domains')
FEATURE(`accept_unqualified_senders')
FEATURE(`no_default_msa')
FEATURE(`promiscuous_relay')
define(`SMART_HOST',`relay:[127.0.0.1]')
define(`RELAY_MAILER_ARGS',`TCP $h {relay}')
define(`SMTP_MAILER_ARGS',`TCP $h {relay}')
MAIL_FILTER(`embargod',`S={milter}, F=T, T=C:10s;S:60s;R:60s;E:10m')
DAEMON_OPTIONS(`Name=MTA, Addr=127.0.0.1, Port={port}, InputMailFilters=embargod')
DAEMON_OPTIONS(`Name=SUB, Addr=127.0.0.1, Port={submit}')
MAILER(`smtp')
"""


class Sendmail:
    """One daemon: `port` has the milter, `submit` has none. Ends with the sandbox, whose namespace it lives in."""

    def __init__(self, box):
        self.setup = sandbox_box.load(box.dir, "setup.json")
        self.root = mta.fetch(PACKAGES, keys.cache_dir() + "/sendmail")
        (self.port, self.submit), self.kept = mta.reserve_ports(2)
        self.inside = self.setup["alias"] + "/run/sendmail"
        self.base = "/proc/%d/root%s" % (self.setup["holder"], self.inside)
        # setgid would make the loader ignore LD_LIBRARY_PATH
        os.chmod(self.root + "/usr/libexec/sendmail/sendmail", 0o755)
        os.makedirs(self.base + "/etc")
        os.makedirs(self.base + "/q", 0o700)
        for name, text in (("aliases", ""), ("cw", ""), ("ct", ""), ("service.switch", "hosts files\naliases files\n")):
            self._write(name, text)
        self._write("sm.mc", MC.format(root=self.root, base=self.inside, relay=self.setup["submit"], port=self.port, submit=self.submit,
                                       milter="unix:%s/run/sock/milter.sock" % self.setup["alias"]))
        env = {**os.environ, "LD_LIBRARY_PATH": mta.libraries(self.root)}
        m4 = subprocess.run([self.root + "/usr/bin/m4", self.base + "/etc/sm.mc"], check=True, stdout=subprocess.PIPE, env=env).stdout
        self._write("sm.cf", m4.decode())
        # A name that needs no qualifying, or start-up sleeps a minute: hence a UTS namespace.
        keys.run(space.enter(self.setup["holder"]) + ["env", "LD_LIBRARY_PATH=" + env["LD_LIBRARY_PATH"], "unshare", "-u", "sh", "-c",
                 "hostname sm.cert.example; exec %s/usr/libexec/sendmail/sendmail -C %s/etc/sm.cf -bd -q2s" % (self.root, self.inside)])
        sandbox_box.wait_until(lambda: mta.answers(self.port) and mta.answers(self.submit), 20, "Sendmail does not answer")

    def _write(self, name, text):
        with open("%s/etc/%s" % (self.base, name), "w", encoding="ascii") as f:
            f.write(text)
