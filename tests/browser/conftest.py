"""JupyterLab as somebody starts it, a browser, and the pictures that are left for people to look at."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from tests.chromium import CHROMIUM, QUIET
from tests.processes import PATIENCE, appears
from tests.sample_course import ENVIRONMENT, lay

NO_NEWS = "lab/user-settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings"
WAIT = 5 * PATIENCE * 1000  # milliseconds: behind one button a hand-in is graded, on a busy machine too
ELSEWHERE = re.compile(r"https?://(?!127\.0\.0\.1[:/])")


@pytest.fixture
def jupyterlab() -> Iterator[Callable[[Path], str]]:
    """`jupyterlab(folder)`: `jupyter lab` is started there, on a free port; its address with the token."""
    with ExitStack() as until_the_end:
        yield lambda folder: until_the_end.enter_context(_started(folder))


@contextmanager
def _started(folder: Path) -> Iterator[str]:
    """Nothing of who runs the tests is read or changed: settings, keys and the log lie in a home beside the folder."""
    home = folder.with_name(f"{folder.name}-home")
    lay(home, {f"config/{NO_NEWS}": b'{"fetchNews": "false", "checkForUpdates": false}'})
    places = {f"JUPYTER_{name.upper()}_DIR": str(home / name) for name in ("config", "data", "runtime")}
    others = {name: value for name, value in ENVIRONMENT.items() if not name.startswith("JUPYTER")}
    with (home / "jupyter.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0"],
            cwd=folder,
            env=others | places | {"HOME": str(home)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        appears(home / "runtime" / f"jpserver-{server.pid}-open.html")  # written when it listens, after the .json
        about = json.loads((home / "runtime" / f"jpserver-{server.pid}.json").read_text(encoding="utf-8"))
        yield f"{about['url']}lab?token={about['token']}"
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def browser(tmp_path: Path, jupyterlab: object) -> Iterator[BrowserContext]:
    """This machine's Chromium without a window; it asks no other machine. Where a test left off is pictured too."""
    expect.set_options(timeout=WAIT)
    with sync_playwright() as programs:
        chromium = programs.chromium.launch(executable_path=CHROMIUM, args=[*QUIET])
        context = chromium.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(WAIT)
        context.route(ELSEWHERE, lambda route: route.abort())
        yield context
        for number, page in enumerate(context.pages):
            page.screenshot(path=tmp_path / f"end-{number}.png")
        chromium.close()


@pytest.fixture
def picture(tmp_path: Path) -> Callable[[Page, str], None]:
    """`picture(page, name)` leaves NAME.png in the test's folder: `pytest --basetemp DIR` says where."""

    def take(page: Page, name: str) -> None:
        page.screenshot(path=tmp_path / f"{name}.png", full_page=True)

    return take
