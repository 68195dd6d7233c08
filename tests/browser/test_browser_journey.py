"""What a person does on the experiment page, in a real browser against the real server."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from serving import ROOT, Opens, Serving

CURVE = "#dose-drawing g[clip-path] path[fill=none]"
FOCUSED = "(at => at.getAttribute('role') || at.type || at.tagName)(document.activeElement)"
REDRAWN = """([curve, before]) =>
    [...document.querySelectorAll(curve)].some(path => !before.includes(path.getAttribute('d')))"""
SLIDER = "#slider-secretion, .slider input[type=range]"


def ready(page: Page) -> Page:
    """Wait until the curves are drawn."""
    expect(page.locator(CURVE).first).to_be_attached()
    return page


def curves(page: Page) -> list[str]:
    return page.locator(CURVE).evaluate_all("paths => paths.map(path => path.getAttribute('d'))")


def move(page: Page, presses: int = 40, key: str = "ArrowRight") -> None:
    """Move the first slider with the keyboard, and wait until the address has its value."""
    slider = page.locator(SLIDER).first
    slider.focus()
    for _ in range(presses):
        page.keyboard.press(key)
    expect(page).to_have_url(re.compile(r"[?&]v\."))


def test_a_moved_slider_shifts_the_curve_and_is_in_the_address(opens: Opens):
    page = ready(opens())
    before = curves(page)
    move(page)
    expect(page.locator(".key", has_text="default")).to_be_visible()
    assert set(curves(page)) != set(before)
    assert set(before) <= set(curves(page)), "the ghost of the baseline is what was there before"


def test_reload_and_back_button_restore_what_was_seen(opens: Opens):
    page = ready(opens())
    move(page)
    page.get_by_role("tab", name="Density").click()
    expect(page).to_have_url(re.compile("view=density"))
    address = page.url
    value = page.locator(SLIDER).first.input_value()
    page.reload()
    expect(page.get_by_role("tab", name="Density")).to_have_attribute("aria-selected", "true")
    assert page.url == address
    expect(page.locator(SLIDER).first).to_have_value(value)
    page.go_back()
    expect(page.get_by_role("tab", name="Dose–response")).to_have_attribute("aria-selected", "true")
    expect(page.locator(SLIDER).first).to_have_value(value)
    page.go_forward()
    expect(page.get_by_role("tab", name="Density")).to_have_attribute("aria-selected", "true")


def test_undo_and_redo(opens: Opens):
    page = ready(opens())
    slider = page.locator(SLIDER).first
    first = slider.input_value()
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    move(page)
    moved = slider.input_value()
    page.keyboard.press("Control+z")
    expect(slider).to_have_value(first)
    page.keyboard.press("Control+Shift+z")
    expect(slider).to_have_value(moved)
    page.get_by_role("button", name="All to default").click()
    expect(slider).to_have_value(first)
    page.get_by_role("button", name="Undo").click()
    expect(slider).to_have_value(moved)


def test_every_number_opens_its_evidence_and_gives_the_focus_back(opens: Opens):
    page = ready(opens())
    number = page.locator(".slider button.number").first
    number.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    for word in ("Basis", "Fitted", "Record", "Verdict", "Range"):
        expect(dialog.locator("dt", has_text=word)).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(number).to_be_focused()
    page.locator(".results button.number").first.click()
    expect(dialog.locator(".value")).to_contain_text("M")


def test_a_value_can_be_typed_and_one_out_of_range_is_refused(opens: Opens):
    page = ready(opens())
    page.locator(".slider button.number").first.click()
    field = page.get_by_role("dialog").get_by_label("Set exactly")
    field.fill("1e99")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.get_by_role("dialog").locator(".exact [role=alert]")).to_contain_text("Must be from")
    field.fill("200")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page).to_have_url(re.compile(r"v\.\w+=200\b"))


def test_a_and_b_are_compared_and_swapped(opens: Opens):
    page = ready(opens())
    page.get_by_role("button", name="Keep as A").click()
    move(page)
    expect(page.locator(".compare tbody tr")).to_have_count(1)
    cells = page.locator(".compare tbody td").all_inner_texts()
    page.get_by_role("button", name="Swap A and B").click()
    expect(page.locator(".compare tbody td").first).to_have_text(cells[1])
    page.reload()
    expect(page.locator(".compare tbody td").first).to_have_text(cells[1])
    page.get_by_role("button", name="End the comparison").click()
    expect(page.locator(".compare")).to_have_count(0)


@pytest.mark.parametrize("view", ["Time courses", "Density", "Tumour", "Cohort"])
def test_each_view_has_a_sentence_and_a_table(opens: Opens, view: str):
    page = ready(opens())
    page.get_by_role("tab", name=view).click()
    figure = page.locator(".figure").first
    expect(figure.locator(".sentence")).not_to_be_empty(timeout=60_000)  # the first one compiles
    figure.get_by_text("Table of this drawing").click()
    expect(figure.locator("details.table tbody tr").first).to_be_visible()
    if view != "Tumour":
        assert figure.locator(".chart path").count() > 3


def test_tabs_and_sliders_are_reached_without_a_mouse(opens: Opens):
    page = ready(opens())
    seen: list[str] = []
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(FOCUSED))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none", page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
    assert {"range", "tab", "button", "select-one"} <= set(seen)
    page.locator("[role=tab][aria-selected=true]").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Time courses")).to_be_focused()
    expect(page).to_have_url(re.compile("view=time-courses"))


@pytest.mark.parametrize("name", ["PNG", "SVG", "CSV", "Citations"])
def test_what_is_seen_can_be_saved(opens: Opens, tmp_path: Path, name: str):
    page = ready(opens())
    with page.expect_download() as coming:
        page.locator(".files").get_by_role("button", name=name, exact=True).click()
    saved = tmp_path / "saved"
    coming.value.save_as(saved)
    raw = saved.read_bytes()
    if name == "PNG":
        assert raw.startswith(b"\x89PNG")
        assert len(raw) > 5000
    elif name == "SVG":
        assert b"var(--" not in raw
        assert b"<path" in raw
    else:
        assert len(raw) > 100


def test_a_study_of_ones_own_is_opened_and_a_broken_one_explained(opens: Opens):
    page = ready(opens())
    page.get_by_text("Open a study of your own").click()
    page.get_by_label("or its text").fill("this is = = no TOML")
    page.get_by_role("button", name="Open", exact=True).click()
    expect(page.locator(".own [role=alert]")).not_to_be_empty()
    text = (ROOT / "docs" / "examples" / "my_study.toml").read_text(encoding="utf-8")
    page.get_by_label("or its text").fill(text)
    page.get_by_role("button", name="Open", exact=True).click()
    expect(page).not_to_have_url(re.compile("study=conze2001"))
    expect(page).to_have_url(re.compile("study="))


def test_two_tabs_keep_their_own_states(opens: Opens):
    first = ready(opens())
    second = first.context.new_page()
    second.goto(first.url)
    ready(second)
    move(first)
    assert "v." not in second.url
    second.get_by_role("tab", name="Density").click()
    expect(first.get_by_role("tab", name="Dose–response")).to_have_attribute("aria-selected", "true")


@pytest.mark.slow
def test_a_page_outlives_a_server_that_is_killed_and_started_again(browser: Browser, tmp_path: Path):
    server = Serving(tmp_path)
    server.start()
    try:
        page = browser.new_context().new_page()
        page.goto(server.start_address)
        page.goto(server.base + "/experiment")
        ready(page)
        server.kill()
        page.locator(SLIDER).first.focus()
        page.keyboard.press("PageUp")
        expect(page.locator(".trouble.away")).to_contain_text("does not answer")
        assert curves(page), "what was seen stays"
        before = curves(page)
        server.start()
        expect(page.locator(".trouble")).to_have_count(0, timeout=20_000)
        page.wait_for_function(REDRAWN, arg=[CURVE, before])
        page.context.close()
    finally:
        server.kill()
        shutil.rmtree(tmp_path, ignore_errors=True)


def test_a_page_without_its_cookie_says_how_to_come_back(opens: Opens):
    page = ready(opens())
    page.context.clear_cookies()
    page.locator(SLIDER).first.focus()
    page.keyboard.press("PageUp")
    expect(page.locator(".trouble")).to_contain_text("autocrine serve")
