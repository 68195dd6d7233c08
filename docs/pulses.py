"""Predict doxorubicin pulses that were left out: ``docs/pulses.py mckenna2017_doxorubicin_growth.csv``.

Prints the table of ``docs/pulses.md``; the counts are not part of the project.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pandas as pd

from autocrine.studies.pulse_growth import predict_left_out, read_pulses

#: days and lines with three exposures of the same ten doses
SETS = (("20160127", "SUM149"), ("20160422", "MDAMB231"), ("20150923", "MDAMB231"))


def main() -> None:
    """Print root mean square errors of log2 growth, one row per pulse that was left out."""
    path = Path(sys.argv[1])
    table = pd.concat([predict_left_out(read_pulses(path, date, line)) for date, line in SETS])
    rows = ["set", "left_out_h", "noise"]
    for column in ("rmse_first", "rmse_all"):
        wide = table.pivot_table(index=rows, columns="predictor", values=column, sort=False)
        sys.stdout.write(f"{column}\n{wide.round(2).to_string()}\n\n")


if __name__ == "__main__":
    main()
