"""A headless Chromium, driven over its debugging protocol."""

import base64
import json
import shutil
import subprocess
import time
import urllib.request
from itertools import count

import pytest
from websockets.sync.client import connect

from tests.conftest import BROWSERS


class Page:
    """One tab of a headless Chromium, driven over its debugging protocol."""

    def __init__(self, socket):
        self._socket, self._numbers = socket, count(1)
        self.events = []

    def call(self, method, **parameters):
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._socket.recv(timeout=120))
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return answer["result"]
            self.events.append(answer)

    def value(self, script):
        return self.call("Runtime.evaluate", expression=script, returnByValue=True)["result"].get("value")

    def wait(self, script, seconds=120):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := self.value(script):
                return found
            time.sleep(0.3)
        raise AssertionError(f"{script} never held on: {self.value('document.body.innerText')}")

    def click(self, text):
        """Click the innermost visible thing with exactly this text, as a mouse would."""
        script = (
            "(() => { const all = [...document.querySelectorAll('button, a, [role=menuitem], .p-overflow-menu-item')]"
            f".filter(e => e.innerText.trim() === {json.dumps(text)} && e.getClientRects().length);"
            " if (!all.length) return null; all.at(-1).scrollIntoView({block: 'center'});"
            " const b = all.at(-1).getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })()"
        )
        x, y = self.wait(script)
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def fill(self, parameter, text):
        """Type into the field of a parameter of the form that starts a run."""
        self.wait(
            "(() => { const label = [...document.querySelectorAll('label')]"
            f".find(e => e.innerText.replace('(Optional)', '').trim() === {json.dumps(parameter)});"
            " const field = label && label.parentElement.parentElement.querySelector('textarea, input');"
            " if (!field) return false; field.scrollIntoView({block: 'center'}); field.focus(); field.select();"
            " return document.activeElement === field; })()"
        )
        self.call("Input.insertText", text=text)

    def tall(self, height):
        """Make the window so high that a whole page fits a picture."""
        self.call("Emulation.setDeviceMetricsOverride", width=1400, height=height, deviceScaleFactor=1, mobile=False)
        time.sleep(1)

    def picture(self, path):
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))


@pytest.fixture
def page(tmp_path):
    program = next(shutil.which(name) for name in BROWSERS if shutil.which(name))
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"]
    quiet = ["--window-size=1400,1000", "--mute-audio"]
    quiet += ["--disable-background-networking", "--no-first-run", f"--user-data-dir={tmp_path / 'browser'}"]
    process = subprocess.Popen([program, *options, *quiet, "about:blank"], stderr=subprocess.PIPE, text=True)
    try:
        line = next(line for line in process.stderr if "DevTools listening on" in line)
        port = line.split(":")[-1].split("/")[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=60) as answer:
            tab = next(each for each in json.load(answer) if each["type"] == "page")
        with connect(tab["webSocketDebuggerUrl"], max_size=None) as socket:
            yield Page(socket)
    finally:
        process.kill()
        process.communicate()
