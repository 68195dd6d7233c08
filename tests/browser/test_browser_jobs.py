"""Work in the background: started on the page, seen with its progress, cancelled, and still there in another tab."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from serving import Opens

TITLE = "Repeat Conze"
pytestmark = pytest.mark.slow


def test_a_job_is_started_seen_and_cancelled(opens: Opens):
    page = opens()
    page.get_by_role("button", name="Run the whole study").click()
    job = page.locator(".job", has_text=TITLE).first
    expect(job.locator("progress")).to_be_visible(timeout=20_000)
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator(".job", has_text=TITLE).first).to_be_visible()
    job.get_by_role("button", name="Cancel").click()
    expect(job.locator(".job-state")).to_have_text("cancelled", timeout=30_000)
    expect(page.locator("p[role=status]")).not_to_be_empty()


def test_a_claim_is_checked_from_the_dialog_of_a_number(opens: Opens):
    page = opens()
    page.locator(".results button.number").first.click()
    dialog = page.get_by_role("dialog")
    check = dialog.get_by_role("button", name="Check this now")
    expect(check.or_(dialog.get_by_text("nothing to check"))).to_be_visible()
    if check.is_visible():
        check.click()
        expect(dialog.locator(".job")).to_be_visible(timeout=20_000)
        dialog.locator(".job").get_by_role("button", name="Cancel").click()
        expect(dialog.locator(".job-state")).to_have_text("cancelled", timeout=30_000)
