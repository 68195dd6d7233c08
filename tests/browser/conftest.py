"""A browser and a server for the tests in this directory; where one is missing they are skipped and say why."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, sync_playwright
from serving import BUILT, CHROMIUM, CHROMIUM_OPTIONS, Opens, Serving


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("these tests need Chromium, and there is none in /usr/bin")
    if not BUILT.is_file():
        pytest.skip("these tests need the built front end; make frontend builds it")
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_OPTIONS)
        yield started
        started.close()


@pytest.fixture(scope="session")
def serving(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    server = Serving(tmp_path_factory.mktemp("served"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def opens(browser: Browser, serving: Serving) -> Iterator[Opens]:
    """Open signed-in pages; afterwards nothing may have failed in them, and no other host may have been asked."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def refuse(dialog: Dialog) -> None:
        wrong.append(f"a script spoke: {dialog.message}")
        dialog.dismiss()

    def open_page(path: str = "/experiment", **options: object) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})  # pyright: ignore[reportArgumentType]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: wrong.append(f"error in the page: {error}"))
        page.on(
            "console",
            lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None,
        )
        page.on("dialog", refuse)
        page.on(
            "request",
            lambda asked: None if asked.url.startswith((serving.base, "data:", "blob:")) else wrong.append(asked.url),
        )
        page.goto(serving.start_address)
        if path != "/":
            page.goto(serving.base + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []
