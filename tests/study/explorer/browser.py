"""A real browser without a window, spoken to over a pipe (DevTools protocol), and what it asked for."""

import json
import os
import select
import shutil
import subprocess
import time

import pytest

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is on this machine")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--remote-debugging-pipe", "--window-size=1300,1900",
)  # fmt: skip
PATIENCE = 60  # [s] until something must be wrong


class Browser:
    """``with Browser(folder) as b: b.open(path); b.run("document.title")``."""

    def __init__(self, folder):
        self.folder, self.number, self.kept, self.events = folder, 0, b"", []

    def __enter__(self):
        mine_out, its_in = os.pipe(), os.pipe()  # its 4 -> us, us -> its 3
        self.read, write = mine_out
        read, self.write = its_in

        def place():  # the browser reads from 3 and writes to 4
            a, b = os.dup(read), os.dup(write)
            os.dup2(a, 3)
            os.dup2(b, 4)

        self.process = subprocess.Popen(
            [CHROMIUM, *FLAGS, f"--user-data-dir={self.folder / 'profile'}", "about:blank"],
            preexec_fn=place, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(read)
        os.close(write)
        targets = self.ask("Target.getTargets")["targetInfos"]
        page = next(t for t in targets if t["type"] == "page")
        self.session = self.ask("Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.ask(f"{domain}.enable")
        return self

    session = None

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)
        os.close(self.read)
        os.close(self.write)

    def ask(self, method, **parameters):
        self.number += 1
        words = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            words["sessionId"] = self.session
        os.write(self.write, json.dumps(words).encode() + b"\0")
        while True:
            said = self._next()
            if said.get("id") == self.number:
                assert "error" not in said, said
                return said["result"]
            self.events.append(said)

    def _next(self):
        end = time.monotonic() + PATIENCE
        while b"\0" not in self.kept:
            ready, _, _ = select.select([self.read], [], [], max(0.0, end - time.monotonic()))
            assert ready, "the browser does not answer"
            self.kept += os.read(self.read, 1 << 20)
        text, _, self.kept = self.kept.partition(b"\0")
        return json.loads(text)

    def open(self, path, hash_=""):
        self.ask("Page.navigate", url="about:blank")
        self.events.clear()
        self.ask("Page.navigate", url=path.as_uri() + hash_)
        end = time.monotonic() + PATIENCE
        while self.run("document.readyState") != "complete" or not self.run(
            "!!document.getElementById('data')"
        ):
            assert time.monotonic() < end, "the page does not load"

    def run(self, script):
        """The value of ``script``; a promise is waited for."""
        found = self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def frame(self):
        """Wait until the page has drawn."""
        self.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))")

    def told(self, *methods):
        return [e["params"] for e in self.events if e.get("method") in methods]

    def requests(self):
        return [e["request"]["url"] for e in self.told("Network.requestWillBeSent")]

    def complaints(self):
        """Exceptions, errors in the console, and what the page's own policy refused."""
        return [
            *self.told("Runtime.exceptionThrown"),
            *(e for e in self.told("Log.entryAdded") if e["entry"]["level"] == "error"),
            *(e for e in self.told("Runtime.consoleAPICalled") if e["type"] == "error"),
        ]
