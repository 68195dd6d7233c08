"""How the page asks and draws: one question at a time, little to load, cells without a graphics card."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from cells import answer_with_cells
from playwright.sync_api import Page, expect
from serving import Opens

LARGEST_FIRST_LOAD = 400_000
SIZES = """['resource', 'navigation'].flatMap(kind => performance.getEntriesByType(kind))
    .filter(entry => !entry.name.includes('/api/')).map(entry => [entry.name, entry.decodedBodySize])"""


def pixels(page: Page) -> np.ndarray:
    """Return the picture of the canvas, shape (height, width, 3)."""
    raw = page.locator("#tumour-drawing").screenshot()
    width, height, depth, kind = struct.unpack(">IIBB", raw[16:26])
    assert (depth, kind) in {(8, 2), (8, 6)}
    data, at = b"", 8
    while at < len(raw):
        size, name = struct.unpack(">I4s", raw[at : at + 8])
        data += raw[at + 8 : at + 8 + size] if name == b"IDAT" else b""
        at += size + 12
    channels = 3 if kind == 2 else 4
    rows = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, 1 + width * channels)
    return _unfiltered(rows, channels)[:, :, :3]


def redrawn(page: Page, before: np.ndarray) -> np.ndarray:
    """Wait until the picture is another one and rests; return it."""
    last = before
    for _ in range(60):
        now = pixels(page)
        if np.abs(now - before).mean() > 3 and np.array_equal(now, last):
            return now
        last = now
        page.wait_for_timeout(300)
    raise AssertionError("the picture did not change")


def _unfiltered(rows: np.ndarray, channels: int) -> np.ndarray:
    height, width = rows.shape[0], (rows.shape[1] - 1) // channels
    picture = np.zeros((height, width, channels), np.int64)
    above = np.zeros((width, channels), np.int64)
    for y, row in enumerate(rows):
        values = row[1:].reshape(width, channels).astype(np.int64)
        if row[0] == 1:
            values = np.cumsum(values, axis=0)
        elif row[0] == 2:
            values = values + above
        elif row[0] in {3, 4}:
            values = _running(values, above, paeth=row[0] == 4)
        above = picture[y] = values % 256
    return picture


def _running(values: np.ndarray, above: np.ndarray, *, paeth: bool) -> np.ndarray:
    found = np.zeros_like(values)
    left = corner = np.zeros(values.shape[1], np.int64)
    for x, value in enumerate(values):
        up = above[x]
        if paeth:
            guess = left + up - corner
            a, b, c = abs(guess - left), abs(guess - up), abs(guess - corner)
            base = np.where((a <= b) & (a <= c), left, np.where(b <= c, up, corner))
        else:
            base = (left + up) // 2
        left, corner = (value + base) % 256, up
        found[x] = left
    return found


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
    expect(page.locator(".waiting")).to_have_count(0)
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
    paper = whole[5, 5]
    covered = np.mean(np.any(np.abs(whole - paper) > 12, axis=2))
    assert 0.2 < covered < 0.8, "a ball fills the middle of the picture and leaves its corners free"
    page.get_by_label("Cut away").focus()
    for _ in range(5):
        page.keyboard.press("PageUp")
    rows, columns = (slice(side // 2 - 10, side // 2 + 10) for side in whole.shape[:2])
    cut = redrawn(page, whole)
    assert cut[rows, columns, :2].mean() > whole[rows, columns, :2].mean() + 20, "IL-6 in the middle is bright"
    page.get_by_label("Colour").select_option("clone")
    coloured = redrawn(page, cut)
    assert "clone" in page.url
    page.locator("#tumour-drawing").focus()
    page.keyboard.press("ArrowLeft")
    redrawn(page, coloured)
