"""A student's page of the sample marksheet, and what stands on it."""

from __future__ import annotations

from typing import Any

from grader.feedback import feedback_page
from tests.pages.sample import a_run, a_sheet, an_assignment


def page(sheet: dict[str, Any] | None = None, run: dict[str, Any] | None = None, lang: str = "en", **more: Any) -> str:
    return feedback_page(sheet or a_sheet(), a_run() if run is None else run, an_assignment(), lang=lang, **more)
