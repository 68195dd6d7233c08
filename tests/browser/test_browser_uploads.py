"""Files that mean harm are refused with a sentence, and what they contain is never run."""

from __future__ import annotations

import io
import zipfile

import pytest
from playwright.sync_api import expect
from serving import Opens

SCRIPT = "<img src=x onerror=alert(1)>"


def _bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"<a>" + b"0" * 30_000_000 + b"</a>")
    return packed.getvalue()


HOSTILE = {
    "binary.csv": bytes(range(256)) * 50,
    "empty.csv": b"",
    f"{SCRIPT.replace('/', '')}.csv": b"a,b\n1,2\n",
    "markup.csv": f"well,{SCRIPT}\n{SCRIPT},=cmd|' /C calc'!A0\n".encode(),
    "entities.xlsx": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
    "bomb.xlsx": _bomb(),
    "wide.csv": b"," * 5_000,
}


@pytest.mark.parametrize("kind", ["Plates", "Patients"])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_explained_not_run(opens: Opens, kind: str, name: str):
    page = opens()
    page.get_by_label(f"{kind} (").set_input_files({"name": name, "mimeType": "text/csv", "buffer": HOSTILE[name]})
    page.get_by_role("button", name=f"Check {kind.lower()}").click()
    report = page.locator(".report")
    expect(report).to_be_visible(timeout=30_000)
    expect(report.locator("strong")).to_have_text(name)
    expect(report.locator("[role=alert], li").first).not_to_be_empty()
    assert page.locator(".report img").count() == 0


def test_a_file_that_is_too_large_is_not_sent(opens: Opens):
    page = opens()
    sent: list[str] = []
    page.on("request", lambda asked: sent.append(asked.url) if "uploads" in asked.url else None)
    page.get_by_label("Plates (").set_input_files(
        {"name": "a.csv", "mimeType": "text/csv", "buffer": b"0" * (21 << 20)}
    )
    page.get_by_role("button", name="Check plates").click()
    expect(page.locator(".report [role=alert]")).to_contain_text("20 MB")
    assert sent == []
