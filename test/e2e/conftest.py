"""Fixtures: sandboxes, one for each placement and address form, started when first needed.

EMBARGOD_BUILD names the build tree. Without a build, or where no namespace can be made, the tests
skip; with CI=true they fail instead.
"""
import concurrent.futures
import os
import shutil
import subprocess
import sys
import tempfile

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.dont_write_bytecode = True
sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), TOP + "/contrib"]

from sandboxlib.actor import Box  # noqa: E402  (the path must be set first)

PROGRAM = TOP + "/contrib/sandbox"
collect_ignore = [] if os.environ.get("EMBARGOD_CLIENTS") else ["clients"]  # on demand: needs Thunderbird
KEEP = os.environ.get("EMBARGOD_KEEP")  # keep the sandboxes' folders, to look into
STARTED = []  # the sandboxes that run now
LOGS = ("embargod/log", "postfix/log/mail.log")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """With a failure go the last lines that each sandbox logged, and why letters are held."""
    report = (yield).get_result()
    for box_ in STARTED if report.failed else ():
        for name in LOGS:
            path = os.path.join(box_.dir, name)
            if os.path.exists(path):
                with open(path, encoding="utf-8", errors="replace") as f:
                    report.sections.append((path, "".join(f.readlines()[-25:])))
        told = box_.ctl("outbox", "list", check=False).stdout
        report.sections.append((box_.dir + " holds", "\n".join(line for line in told.splitlines() if "held" in line)))


def cannot(why):
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)


class Sandboxes:
    """Sandboxes by their options; each is started once and shared."""

    def __init__(self):
        self.running = {}

    def get(self, **options):
        key = tuple(sorted(options.items()))
        if key not in self.running:
            self.running[key] = self.start(**options)
        self.must_run(self.running[key])
        return self.running[key]

    @staticmethod
    def must_run(box):
        """A host that allows no sandbox skips; a sandbox that does not come up fails."""
        if isinstance(box, str):
            (cannot if "exit 77" in box or "no built embargod" in box else pytest.fail)(box)

    @staticmethod
    def start(**options):
        dir_ = tempfile.mkdtemp(prefix="embargod-e2e-")
        words = [PROGRAM, "up", dir_ + "/box"] + ["--%s=%s" % (k.replace("_", "-"), v) for k, v in options.items()]
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode == 0:
            box_ = Box(PROGRAM, dir_ + "/box")
            STARTED.append(box_)
            return box_
        if not KEEP:
            shutil.rmtree(dir_, ignore_errors=True)
        return "sandbox up: exit %d: %s" % (done.returncode, done.stdout.strip()[-600:])

    def end(self, box):
        box.sandbox("down")
        STARTED.remove(box)
        if not KEEP:
            shutil.rmtree(os.path.dirname(box.dir), ignore_errors=True)

    def end_all(self):
        with concurrent.futures.ThreadPoolExecutor() as pool:
            list(pool.map(self.end, [b for b in self.running.values() if not isinstance(b, str)]))


@pytest.fixture(scope="session")
def sandboxes():
    them = Sandboxes()
    yield them
    them.end_all()


@pytest.fixture
def box(sandboxes):
    """The reference: behind the transport map, plus addresses."""
    return sandboxes.get(placement="inner", form="plus", send_delay="1s")


@pytest.fixture(params=["inner", "inline"])
def placed(request, sandboxes):
    """Both placements."""
    return sandboxes.get(placement=request.param, form="plus", send_delay="1s")


@pytest.fixture(params=["inner-plus", "inner-subdomain", "inner-none", "inline-plus", "inline-subdomain", "inline-none"])
def everywhere(request, sandboxes):
    """Both placements in all three address forms."""
    placement, form = request.param.split("-")
    return sandboxes.get(placement=placement, form=form, send_delay="1s")


def alone(sandboxes):
    mine = []

    def start(**options):
        box_ = sandboxes.start(**options)
        sandboxes.must_run(box_)
        mine.append(box_)
        return box_

    yield start
    for box_ in mine:
        sandboxes.end(box_)


@pytest.fixture
def own(sandboxes):
    """Sandboxes that one test has for itself: own(send_delay="10m") starts one."""
    yield from alone(sandboxes)


@pytest.fixture(scope="module")
def own_module(sandboxes):
    """The same for the tests of one file together."""
    yield from alone(sandboxes)
