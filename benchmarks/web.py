"""Milliseconds from a moved slider to the painted curve, bytes of the first load, cells without a graphics card.

Run as ``python benchmarks/web.py [moves]`` after ``make frontend``, on a machine that does nothing else: server,
browser and software WebGL share its processors. A slider of the default study is dragged as a hand does, one event
each 40 ms; the page itself notes when the answer was painted.
"""

from __future__ import annotations

import os
import platform
import sys
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "browser"))
from cells import answer_with_cells  # pyright: ignore[reportMissingImports]
from serving import CHROMIUM, CHROMIUM_OPTIONS, Serving  # pyright: ignore[reportMissingImports]

DRAG = """async ([slider, moves]) => {
    const field = document.querySelectorAll(".slider input[type=range]")[slider];
    performance.clearMeasures();
    for (let move = 0; move < moves; move++) {
        field.value = 200 + Math.round(120 * Math.sin(move / 9));
        field.dispatchEvent(new Event("input", {bubbles: true}));
        await new Promise(done => setTimeout(done, 40));
    }
    field.dispatchEvent(new Event("change", {bubbles: true}));
    await new Promise(done => setTimeout(done, 300));
    return performance.getEntriesByName("painted:dose-response").map(entry => entry.duration);
}"""
LOADED = """() => {
    const all = [...performance.getEntriesByType("resource"), ...performance.getEntriesByType("navigation")];
    const kept = all.filter(entry => !entry.name.includes("/api/"));
    return [kept.length, kept.reduce((sum, entry) => sum + entry.decodedBodySize, 0)];
}"""
SLIDERS = {"IL-6 secretion": 0, "IL-6 receptors": 2, "ABCB1 copies": 5, "cells seeded": 9}


def latencies(page: Page, moves: int) -> None:
    """Print a row for each slider."""
    print("| slider | painted | median, ms | 95 %, ms | worst, ms |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for index in SLIDERS.values():
        label = page.locator(".slider label").nth(index).inner_text()
        page.evaluate(DRAG, [index, 20])
        found = page.evaluate(DRAG, [index, moves])
        median, high = np.percentile(found, [50, 95])
        print(f"| {label} | {len(found)} of {moves} | {median:.0f} | {high:.0f} | {max(found):.0f} |")
        page.get_by_role("button", name="All to default").click()
        page.wait_for_timeout(2500)


def cells(browser: Browser, serving: Serving) -> None:
    """Print how long a picture takes at each number of cells."""
    print("\n| cells | still picture, ms |")
    print("| ---: | ---: |")
    for count in (1_000, 10_000, 100_000):
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.goto(serving.start_address)
        answer_with_cells(page, count)
        page.goto(f"{serving.base}/experiment?view=tumour")
        said = page.locator("[data-milliseconds]")
        said.wait_for(timeout=60_000)
        times = []
        for _ in range(9):
            page.locator("#tumour-drawing").focus()
            page.keyboard.press("ArrowLeft")
            page.wait_for_timeout(900)
            times.append(float(said.get_attribute("data-milliseconds") or "nan"))
        print(f"| {count} | {np.median(times):.0f} |")
        page.context.close()


def main() -> None:
    """Print the tables."""
    moves = int(sys.argv[1]) if len(sys.argv) > 1 else 150
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"{platform.machine()}, {os.cpu_count()} processors, load {load}, Python {platform.python_version()}\n")
    with tempfile.TemporaryDirectory() as data, sync_playwright() as driver:
        serving = Serving(Path(data))
        serving.start()
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=CHROMIUM_OPTIONS)
        try:
            page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
            page.goto(serving.start_address)
            page.goto(serving.base + "/experiment")
            page.locator(".results").wait_for()
            page.wait_for_timeout(30000)  # a server that never ran grows its example of a tumour first
            files, size = page.evaluate(LOADED)
            print(f"First load: {files} files, {size / 1000:.0f} kB uncompressed, without answers of the API.\n")
            latencies(page, moves)
            page.context.close()
            cells(browser, serving)
        finally:
            browser.close()
            serving.kill()


if __name__ == "__main__":
    main()
