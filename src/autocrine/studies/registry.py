"""The published studies, by key."""

from __future__ import annotations

from autocrine.studies import cakmak_sirna, combates_chen, duan2002, hepg2, lee2001, nci60_abcb1, wang2010
from autocrine.studies.published import PublishedStudy

STUDIES: dict[str, PublishedStudy] = {
    module.STUDY.key: module.STUDY
    for module in (hepg2, duan2002, wang2010, cakmak_sirna, lee2001, combates_chen, nci60_abcb1)
}
