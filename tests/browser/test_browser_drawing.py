"""How the page asks and draws: one question at a time, little to load, cells without a graphics card."""

from __future__ import annotations

import numpy as np
import pytest
from cells import answer_with_cells
from playwright.sync_api import Page, expect
from serving import Opens

LARGEST_FIRST_LOAD = 400_000
PICTURE = """(() => {
    const small = new OffscreenCanvas(60, 40).getContext("2d");
    small.drawImage(document.getElementById("tumour-drawing"), 0, 0, 60, 40);
    return Array.from(small.getImageData(0, 0, 60, 40).data);
})()"""
SIZES = """['resource', 'navigation'].flatMap(kind => performance.getEntriesByType(kind))
    .filter(entry => !entry.name.includes('/api/')).map(entry => [entry.name, entry.decodedBodySize])"""


def pixels(page: Page) -> np.ndarray:
    """Return the picture of the canvas in small, shape (40, 60, 3)."""
    return np.array(page.evaluate(PICTURE), dtype=np.int64).reshape(40, 60, 4)[:, :, :3]


def redrawn(page: Page, before: np.ndarray) -> np.ndarray:
    """Wait until the picture is another one and rests; return it."""
    last = before
    for _ in range(60):
        now = pixels(page)
        if np.abs(now - before).mean() > 0.2 and np.array_equal(now, last):
            return now
        last = now
        page.wait_for_timeout(300)
    raise AssertionError("the picture did not change")


def test_the_first_load_is_small_and_has_no_part_in_space(opens: Opens):
    page = opens("/experiment")
    page.locator(".results").wait_for()
    loaded = dict(page.evaluate(SIZES))
    assert len(loaded) >= 3
    assert all(loaded.values())
    assert sum(loaded.values()) < LARGEST_FIRST_LOAD
    assert not [url for url in loaded if "/view-" in url]


def test_one_question_is_in_flight_and_the_last_wins(opens: Opens):
    page = opens()
    page.locator(".results").wait_for()
    open_now, most, asked = 0, 0, []

    def begun(request):
        nonlocal open_now, most
        if (
            request.url.endswith("/dose-response")
            and '"values":{}' not in request.post_data
            and "band" not in request.post_data
        ):
            open_now += 1
            most = max(most, open_now)
            asked.append(request.post_data_json["values"])

    def ended(request):
        nonlocal open_now
        if (
            request.url.endswith("/dose-response")
            and '"values":{}' not in request.post_data
            and "band" not in request.post_data
        ):
            open_now -= 1

    page.on("request", begun)
    page.on("requestfinished", ended)
    slider = page.locator(".slider input[type=range]").first
    slider.evaluate("""async slider => {
        for (let step = 210; step <= 260; step++) {
            slider.value = step;
            slider.dispatchEvent(new Event("input", {bubbles: true}));
            await new Promise(done => setTimeout(done, 8));
        }
        slider.dispatchEvent(new Event("change", {bubbles: true}));
    }""")
    page.wait_for_timeout(1500)  # the answer to the last is on the page
    assert most == 1
    assert 2 <= len(asked) < 51, "questions that were overtaken are never asked"
    last = float(next(iter(asked[-1].values())))
    assert f"={last:g}" in page.url or str(last) in page.url


@pytest.mark.slow
def test_a_hundred_thousand_cells_are_drawn_turned_and_cut_open(opens: Opens):
    page = opens("/")
    answer_with_cells(page, 100_000)
    page.goto(page.url.split("?")[0].rstrip("/") + "/experiment?view=tumour&colour=il6")
    expect(page.locator(".figure")).to_contain_text("drawn in", timeout=30_000)
    whole = pixels(page)
    paper = whole[1, 1]
    covered = np.mean(np.any(np.abs(whole - paper) > 12, axis=2))
    assert 0.2 < covered < 0.8, "a ball fills the middle of the picture and leaves its corners free"
    page.get_by_label("Cut away").focus()
    for _ in range(5):
        page.keyboard.press("PageUp")
    rows, columns = (slice(side // 2 - 2, side // 2 + 2) for side in whole.shape[:2])
    cut = redrawn(page, whole)
    assert cut[rows, columns, :2].mean() > whole[rows, columns, :2].mean() + 20, "IL-6 in the middle is bright"
    page.get_by_role("combobox", name="Colour").select_option("clone")
    coloured = redrawn(page, cut)
    assert "clone" in page.url
    page.locator("#tumour-drawing").focus()
    page.keyboard.press("ArrowLeft")
    redrawn(page, coloured)
