"""The marking sheet in a real browser: marked with the keyboard alone, and the saved file is what gets read back.

Runs where a Chromium is on PATH (`apt-get install chromium`); tests/test_marking.py holds the page itself without one.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from grader.course import RubricLine
from grader.marking import marking_page, read_marks
from grader.marks import Mark, Marks
from grader.records import Text
from tests.chromium import CHROMIUM, QUIET, needs_chromium
from tests.pages.sample import a_sheet, an_assignment
from tests.processes import PATIENCE, appears

pytestmark = needs_chromium

HW5 = an_assignment()
RUBRIC = tuple(RubricLine(Fraction(points), Text(points, points)) for points in ("1", "0.5", "0.5"))
ESSAY = replace(HW5.essays[0], rubric=RUBRIC)
HW5 = replace(HW5, essays=(ESSAY,))
ESCAPE = 27  # its key code; a letter's or digit's is its capital's


class Page:
    """One page in the browser, driven by the DevTools protocol."""

    def __init__(self, socket: WebSocketClientConnection) -> None:
        self.socket = socket
        self.number = 0
        self.events: list[dict[str, Any]] = []  # what the browser told of its own accord

    async def ask(self, method: str, **parameters: Any) -> Any:
        self.number += 1
        await self.socket.write_message(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while True:
            told = await self.told()
            if told.get("id") == self.number:
                assert "error" not in told, told
                return told["result"]
            self.events.append(told)

    async def told(self) -> dict[str, Any]:
        message = await self.socket.read_message()
        assert message is not None, "the browser has closed the line"
        found: dict[str, Any] = json.loads(message)
        return found

    async def until(self, method: str, **facts: Any) -> None:
        while not any(e.get("method") == method and facts.items() <= e["params"].items() for e in self.events):
            self.events.append(await self.told())

    async def press(self, *keys: str) -> None:
        for key in keys:
            code = ESCAPE if key == "Escape" else ord(key.upper())
            text = key if len(key) == 1 else ""
            await self.ask("Input.dispatchKeyEvent", type="keyDown", key=key, text=text, windowsVirtualKeyCode=code)
            await self.ask("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    async def write(self, text: str) -> None:
        await self.ask("Input.insertText", text=text)

    async def value(self, expression: str) -> Any:
        told = await self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        return told["result"].get("value")


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The DevTools address of a browser, and beside it the marking sheet of three answers, the last one empty."""
    answers = {"s1": "It diverges.", "=s2": "It  diverges.", "s3": "Too fast, says L.", "s4": ""}
    marks = {"s3": Marks({ESSAY.part: Mark(Fraction(1), comment="so far", lines=(1,))})}
    sheet = tmp_path / "sheet.html"
    sheet.write_text(marking_page(HW5, ESSAY, answers, {s: a_sheet(s) for s in answers}, marks), encoding="utf-8")
    profile = tmp_path / "profile"
    driven = ("--headless", "--remote-debugging-port=0", f"--user-data-dir={profile}")
    command = [str(CHROMIUM), *driven, *QUIET, "about:blank"]
    browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        port = profile / "DevToolsActivePort"
        appears(port)
        number = port.read_text(encoding="utf-8").split()[0]
        with urllib.request.urlopen(f"http://127.0.0.1:{number}/json/list", timeout=60) as answer:
            (page,) = [target for target in json.load(answer) if target["type"] == "page"]
        yield page["webSocketDebuggerUrl"]
    finally:
        browser.terminate()
        browser.wait()


def test_essays_are_marked_by_keyboard_and_read_back(address: str, tmp_path: Path) -> None:
    """Keys move, tick, write and save; the file has every student of an answer, and what was marked before.

    What was ticked is ticked still: a second line adds its points to the first's. Points that were given without ticks
    count too. A comment goes on where it ended.
    """

    async def mark() -> tuple[Any, Any]:
        socket = await websocket_connect(address)
        page = Page(socket)
        await page.ask("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path), eventsEnabled=True)
        await page.ask("Page.enable")
        await page.ask("Emulation.setFocusEmulationEnabled", enabled=True)
        await page.ask("Page.navigate", url=(tmp_path / "sheet.html").as_uri())
        await page.until("Page.loadEventFired")
        await page.value("document.getElementById('marker').focus()")
        await page.write("Ann")
        await page.value("document.activeElement.blur()")
        await page.press("j")
        first = await page.value("document.activeElement.dataset.students")
        if first != '["s3"]':
            await page.press("j")
        await page.press("2", "c")
        await page.write(", go on")
        await page.press("Escape", "k" if first != '["s3"]' else "j", "p")
        await page.write("1.25")
        await page.press("Escape", "2", "c")
        await page.write('=1,"')
        await page.press("Escape", "n")
        names = await page.value("document.querySelector('.answer .names').hidden")
        progress = await page.value("document.getElementById('status').textContent")
        await page.press("s")
        await page.until("Browser.downloadProgress", state="completed")
        socket.close()
        while await socket.read_message() is not None:  # until the browser has closed it too
            pass
        return names, progress

    names, progress = asyncio.run(asyncio.wait_for(mark(), PATIENCE))

    saved = tmp_path / "hw5-q1a.essay-Ann.csv"
    marks, conflicts = read_marks({saved.name: saved.read_bytes()}, HW5)
    assert (names, progress) == (False, "2 / 3 •")
    assert conflicts == []
    assert marks == {
        ("s1", "q1a.essay"): Mark(Fraction(7, 4), comment='=1,"', lines=(2,)),
        ("=s2", "q1a.essay"): Mark(Fraction(7, 4), comment='=1,"', lines=(2,)),
        ("s3", "q1a.essay"): Mark(Fraction(3, 2), comment="so far, go on", lines=(1, 2)),
    }
