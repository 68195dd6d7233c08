"""axe-core finds nothing wrong on any route, in light and dark, wide and at 320 px."""

from __future__ import annotations

import json

import pytest
from serving import ROOT, Opens

AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
VIEWS = ("overview", "dose-response", "time-courses", "density", "tumour", "cohort")
ROUTES = (
    "/",
    "/library",
    "/library/claims",
    "/parameters",
    "/coverage",
    "/uploads",
    "/jobs",
    "/leave?to=https%3A%2F%2Fdoi.org%2F10.1000%2F1",
    *(f"/experiment?view={view}" for view in VIEWS),
)
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 320])
def test_no_violation(opens: Opens, route: str, scheme: str, width: int):
    if not AXE.is_file():
        pytest.skip("axe-core comes with the packages of the front end; make frontend fetches them")
    page = opens(route, color_scheme=scheme, viewport={"width": width, "height": 800})
    if route.startswith("/experiment"):
        page.locator(".figure .sentence").first.wait_for()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    wrong = [(each["id"], [node["html"][:200] for node in each["nodes"][:3]]) for each in found["violations"]]
    assert wrong == [], json.dumps(wrong, indent=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "the page scrolls to the side"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_violation_in_the_dialog_of_a_number(opens: Opens, scheme: str):
    if not AXE.is_file():
        pytest.skip("axe-core comes with the packages of the front end; make frontend fetches them")
    page = opens("/experiment", color_scheme=scheme)
    page.locator(".results button.number").first.click()
    page.locator("dialog dl").wait_for()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    assert [(each["id"], each["nodes"][0]["html"][:200]) for each in found["violations"]] == []
