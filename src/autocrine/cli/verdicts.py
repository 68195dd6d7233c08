"""Claims and findings as tables on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

_COLOURS = {
    "REPRODUCED": "green",
    "CONTRADICTED": "red",
    "USED_FOR_FIT": "cyan",
    "INSENSITIVE": "yellow",
    "NOT_ASKED": "dim",
    "HYPOTHESIS": "dim",
    "hit": "green",
    "miss": "red",
    "fitted": "cyan",
    "undecided": "yellow",
    "built in": "dim",
    "not asked": "dim",
}


def claims_table(rows: list[dict[str, Any]]) -> Table:
    """Return the table of claims: effect, interval, effect with the edge cut, verdict."""
    from rich.table import Table

    table = Table("claim", "effect (range)", "edge cut", "verdict", title="Claims", show_lines=True)
    for row in rows:
        number = row["id"].rsplit("-", 1)[-1]
        table.add_row(
            f"({number}) {row['statement']}",
            _interval(row["effect"], row["low"], row["high"]),
            _interval(row["effect_when_cut"], row["cut_low"], row["cut_high"]),
            f"[{_COLOURS[row['verdict']]}]{row['verdict']}[/]"
            + ("" if "undecided" not in row["reason"] else "\nundecided"),
        )
    return table


def findings_table(rows: list[dict[str, Any]]) -> Table:
    """Return the table of findings: predicted, observed, outcome."""
    from rich.table import Table

    table = Table(title="Findings")
    for name in ("finding", "predicted (range)", "observed", "role", "outcome"):
        table.add_column(name, no_wrap=name in {"role", "outcome"}, overflow="fold")
    for row in rows:
        observed = _interval(row["observed"], row["observed_low"], row["observed_high"])
        outcome = f"[{_COLOURS[row['outcome']]}]{row['outcome']}[/]"
        predicted = _interval(row["predicted"], row["low"], row["high"])
        unit = row["unit"] or "fold"
        table.add_row(
            row["key"],
            f"{predicted} {unit}" if predicted else "",
            f"{observed} {unit}" if observed else row["direction"],
            row["role"],
            outcome,
        )
    return table


def count_held_out(rows: list[dict[str, Any]]) -> str:
    """Say how many of the held-out findings were hit, and what became of the others."""
    held_out = [row["outcome"] for row in rows if row["role"] == "hold_out"]
    counts = {name: held_out.count(name) for name in ("hit", "miss", "undecided", "built in", "not asked")}
    return (
        f"{counts['hit']} of {len(held_out)} held-out findings hit, {counts['miss']} missed, "
        f"{counts['undecided']} undecided, {counts['built in']} built in, {counts['not asked']} not asked"
    )


def potencies_table(potencies: pd.DataFrame) -> Table:
    """Return IC50 in every arm and fold resistance in the first: one row per drug and line."""
    from rich.table import Table

    arms = list(dict.fromkeys(potencies["arm"]))
    table = Table(title=f"IC50 (intervals in the report); fold over {potencies['line'].iloc[0]}, arm {arms[0]}")
    for name in ("drug", "line", "fold", *arms):
        table.add_column(name, overflow="fold")
    for key, rows in potencies.groupby(["drug", "line"], sort=False):
        drug, line = key if isinstance(key, tuple) else (key, "")
        by_arm = rows.set_index("arm")
        short = (str(by_arm.loc[arm, "ic50"]).split(" (")[0] for arm in arms)
        table.add_row(str(drug), str(line), str(by_arm.loc[arms[0], "fold"]), *short)
    return table


def _interval(value: Any, low: Any, high: Any) -> str:
    if value is None and low is None:
        return ""
    if value is None:
        return f"{_short(low)} to {_short(high)}" if high is not None else f"at least {_short(low)}"
    if low is None or low == high:
        return _short(value)
    return f"{_short(value)} ({_short(low)} to {_short(high)})"


def _short(value: Any) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e6 else f"{value:.3g}"
