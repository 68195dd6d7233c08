"""Findings of a check as they are shown: those of one sort are told once and counted."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autocrine.assay.plates.check import Finding, PlateCheck

#: more findings of one sort are counted
_MOST_ALIKE = 4


def grouped_findings(found: PlateCheck) -> list[tuple[str, str, str]]:
    """Put findings of one sort together: level, place or number of places, text (of the first of several)."""
    sorts: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in found.findings:
        sorts[finding.level, finding.topic].append(finding)
    rows = []
    for (level, topic), findings in sorts.items():
        if len(findings) <= _MOST_ALIKE:
            rows += [(level, finding.where, finding.text) for finding in findings]
            continue
        first = findings[0]
        rows.append((level, f"{topic}, {len(findings)} times", f"as {first.where}: {first.text}"))
    return rows
