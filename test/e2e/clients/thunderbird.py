"""thunderbird - a real Thunderbird without a display, asked over Marionette on loopback.

One profile, with the keys and certificates of one person; what it says of a mail is what its own code decrypted and
verified, and a reply is written in its own composition window, so that the choice of keys is Thunderbird's.
"""
import json
import os
import signal
import socket
import subprocess
import time

PREFS = {
    "app.update.auto": False, "app.update.enabled": False, "datareporting.policy.dataSubmissionEnabled": False,
    "datareporting.healthreport.uploadEnabled": False, "toolkit.telemetry.enabled": False, "mail.shell.checkDefaultClient": False,
    "mailnews.start_page.enabled": False, "mail.rights.version": 1, "mail.spotlight.firstRunDone": True, "browser.dom.window.dump.enabled": False,
    "network.proxy.type": 0, "network.captive-portal-service.enabled": False, "network.connectivity-service.enabled": False,
    "extensions.update.enabled": False, "app.normandy.enabled": False, "services.settings.server": "http://127.0.0.1:9/",
    "mail.provider.enabled": False, "app.donation.eoy.version.viewed": 999, "mail.openpgp.allow_external_gnupg": False,
    "mailnews.reply_header_type": 1, "mail.warn_on_send_accel_key": False, "mail.compose.warn_public_recipients.threshold": 99,
    "temp.openpgp.autoEncryptOnReply": True,
}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


class Thunderbird:
    def __init__(self, folder):
        self.profile = folder
        os.makedirs(folder)
        self.port = free_port()
        with open(folder + "/user.js", "w", encoding="ascii") as f:
            for name, value in {**PREFS, "marionette.port": self.port}.items():
                f.write("user_pref(%s, %s);\n" % (json.dumps(name), json.dumps(value)))
        env = {**os.environ, "HOME": folder, "MOZ_HEADLESS": "1", "MOZ_CRASHREPORTER_DISABLE": "1", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        self.log = open(folder + "/log", "wb")
        self.child = subprocess.Popen(["thunderbird", "--headless", "--marionette", "--remote-allow-system-access", "--profile", folder,
                                       "--no-remote"], env=env, stdout=self.log, stderr=self.log, start_new_session=True)
        self.number, self.rest = 0, b""
        self.socket = self.connect(time.monotonic() + 90)
        self.receive()
        self.command("WebDriver:NewSession", {})
        self.command("Marionette:SetContext", {"value": "chrome"})
        self.command("WebDriver:SetTimeouts", {"script": 120000})

    def connect(self, until):
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self.port))
            except OSError:
                assert self.child.poll() is None, "Thunderbird ended"
                assert time.monotonic() < until, "Thunderbird does not answer"
                time.sleep(0.3)

    def receive(self):
        while b":" not in self.rest:
            self.rest += self.more()
        n, _, data = self.rest.partition(b":")
        while len(data) < int(n):
            data += self.more()
        self.rest = data[int(n):]
        return json.loads(data[:int(n)])

    def more(self):
        data = self.socket.recv(65536)
        assert data, "Thunderbird hung up"
        return data

    def command(self, name, what):
        self.number += 1
        data = json.dumps([0, self.number, name, what]).encode()
        self.socket.sendall(b"%d:%s" % (len(data), data))
        _, _, error, value = self.receive()
        if error:
            raise RuntimeError("%s: %s" % (name, json.dumps(error)[:1500]))
        return value

    def run(self, name, *args):
        """A function of thunderbird.js, with its arguments."""
        with open(os.path.dirname(os.path.abspath(__file__)) + "/thunderbird.js", encoding="utf-8") as f:
            library = f.read()
        script = library + ("\n%s(...Array.from(arguments).slice(0, -1)).then(arguments[arguments.length - 1],"
                            " e => arguments[arguments.length - 1]({error: String(e), stack: e.stack}));" % name)
        answer = self.command("WebDriver:ExecuteAsyncScript", {"script": script, "args": list(args), "newSandbox": True, "sandbox": "system"})["value"]
        if isinstance(answer, dict) and answer.get("error"):
            raise RuntimeError("%s: %s\n%s" % (name, answer["error"], answer.get("stack")))
        return answer

    def end(self):
        self.socket.close()
        try:
            os.killpg(self.child.pid, signal.SIGTERM)
            self.child.wait(20)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait()
        self.log.close()
