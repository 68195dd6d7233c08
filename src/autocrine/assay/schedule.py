"""What is done to the medium, and when: start, medium change, addition of drugs, wash-out."""

from __future__ import annotations

from collections.abc import Iterable

from autocrine.core import Document, Parameters
from autocrine.engine import Event, Names

#: blockers in the medium as concentration over Ki, so that any number of them add up in one species each
MEDIUM_BLOCKS = ("pump_block", "il6r_block", "jak_block")
#: a time that no experiment reaches
NEVER = 1e9

_TIMES = """
[exchange_time]
value = 1e9
unit = "h"
low = 0.0
high = 1e9
basis = "chosen"
note = "When the medium is changed for fresh medium with the agents of the start."
[exchange_fraction]
value = 1.0
unit = "1"
low = 0.0
high = 1.0
basis = "chosen"
note = "Share of the medium that is changed."
[addition_time]
value = 1e9
unit = "h"
low = 0.0
high = 1e9
basis = "chosen"
note = "When drugs are added."
[washout_time]
value = 1e9
unit = "h"
low = 0.0
high = 1e9
basis = "chosen"
note = "When drugs are washed out, with fresh medium that holds the agents of the start."
"""
_SOLUTE = """
[start_{name}]
value = 0.0
unit = "{unit}"
low = 0.0
high = 1e9
basis = "chosen"
note = "In the medium at the start, and in fresh medium."
[added_{name}]
value = 0.0
unit = "{unit}"
low = 0.0
high = 1e9
basis = "chosen"
note = "Added with the drugs."
"""


def schedule_parameters(solutes: Iterable[str], drugs: Iterable[str]) -> Parameters:
    """Return the parameters of the schedule: times, and what each medium holds."""
    rows = [_SOLUTE.format(name=name, unit="nM") for name in (*solutes, *drugs)]
    rows += [_SOLUTE.format(name=name, unit="1") for name in MEDIUM_BLOCKS]
    return Parameters.from_document(Document.parse(_TIMES + "".join(rows), "schedule"), "schedule")


def medium_events(solutes: Iterable[str]) -> tuple[Event, ...]:
    """Return the events of every well; one whose time is never does nothing."""
    names = list(solutes)
    times = ("exchange_time", "exchange_fraction", "addition_time", "washout_time")
    at = Names.of([*times, *names, *(f"{at}_{name}" for at in ("start", "added") for name in names)])
    changed = {n: at[n] * (1 - at["exchange_fraction"]) + at[f"start_{n}"] * at["exchange_fraction"] for n in names}
    return (
        Event(at["exchange_time"], changed, "medium change"),
        Event(at["addition_time"], {n: at[n] + at[f"added_{n}"] for n in names}, "addition"),
        Event(at["washout_time"], {n: at[f"start_{n}"] for n in names}, "wash-out"),
    )
