"""Division, arrest and death of cells."""

from __future__ import annotations

from autocrine.circuit.jak_stat import stat3_activity
from autocrine.engine import Names


def division_rate(y: Names, p: Names, crowding):
    """Return the division rate of undamaged cells, in 1/h.

    IL-6 may speed growth or slow it, as it does in ER-positive lines (Chiu 1996 Clin Cancer Res 2:215-221): the sign of
    ``il6_growth_effect`` is free, and the rate never falls below zero because the effect is at least -1.

    Parameters
    ----------
    crowding : sympy expression
        Cells over the capacity of the dish: 0 alone, 1 confluent.
    """
    il6_effect = 1 + p.edge_il6_growth * p.il6_growth_effect * stat3_activity(y, p)
    return p.division_rate_max * il6_effect * (1 - crowding)
