"""Draw the figure of the README from a finished run: ``python docs/figures/make.py runs/conze2001``.

The curve is fitted again to the wells that the run has written; nothing is simulated here.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from autocrine.assay import fit_curve
from autocrine.plots import draw_dose_response, svg

DRUG = "doxorubicin"
LINES = {"sensitive_vector": "empty vector", "sensitive_il6": "IL6 gene", "resistant": "resistant line"}


def main() -> None:
    """Write ``conze2001-doxorubicin.svg`` beside this file."""
    wells = pd.read_parquet(Path(sys.argv[1]) / "results.parquet")
    chosen = wells[(wells["part"] == "dose_response") & (wells["drug"] == DRUG) & (wells["readout"] == "viability")]
    frames = []
    for line, label in LINES.items():
        rows = chosen.loc[(chosen["line"] == line) & (chosen["arm"] == "none")].to_dict("list")
        labels = [str(repeat) for repeat in rows["replicate"]]
        frames.append(fit_curve(rows["dose_nM"], rows["value"], labels).frames(label))
    points, lines, potencies = (pd.concat(parts, ignore_index=True) for parts in zip(*frames, strict=True))
    figure = draw_dose_response(points, lines, potencies, title="Doxorubicin, 72 h", size=(6.4, 3.4))
    Path(__file__).with_name("conze2001-doxorubicin.svg").write_text(svg(figure), encoding="utf-8")


if __name__ == "__main__":
    main()
