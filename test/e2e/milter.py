"""milter - speaks the milter protocol to front as a mail server does: to be slow, many, or odd where no Postfix would be."""
import os
import socket
import struct

from sandboxlib import box as sandbox_box

DELRCPT, LEADSPC = 0x08, 0x100000
REPLIES = {b"c": "continue", b"a": "accept", b"d": "discard", b"r": "reject", b"t": "tempfail"}


class Session:
    """One connection of a mail server; each step returns what front said: a word, or the text of an SMTP reply."""

    def __init__(self, box):
        setup = sandbox_box.load(box.dir, "setup.json")
        folder = os.open("/proc/%d/root%s/run" % (setup["holder"], setup["alias"]), os.O_PATH)
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect("/proc/self/fd/%d/sock/milter.sock" % folder)
        os.close(folder)
        assert self.ask(b"O", struct.pack("!III", 6, DELRCPT, 0x1fffff))[:1] == b"O"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    def ask(self, command, data=b""):
        self.sock.sendall(struct.pack("!I", len(data) + 1) + command + data)
        n, = struct.unpack("!I", self._read(4))
        return self._read(n)

    def _read(self, n):
        data = b""
        while len(data) < n:
            more = self.sock.recv(n - len(data))
            assert more, "front closed the connection"
            data += more
        return data

    def say(self, command, *words):
        said = self.ask(command, b"".join(w.encode() + b"\0" for w in words))
        return said[1:].rstrip(b"\0").decode() if said[:1] == b"y" else REPLIES.get(said[:1], repr(said))

    def begin(self, recipient, sender="<someone@elsewhere.example>"):
        assert self.say(b"M", sender) == "continue"
        return self.say(b"R", "<%s>" % recipient)

    def headers(self, *fields):
        """Each (name, value): what front says at their end."""
        assert self.say(b"T") == "continue"
        for name, value in fields:
            assert self.say(b"L", name, " " + value) == "continue"
        return self.say(b"N")

    def end(self, body=b"words\r\n"):
        assert REPLIES.get(self.ask(b"B", body)[:1]) == "continue"
        return self.say(b"E")
