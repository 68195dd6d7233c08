"""Reaction networks of any kind: compile, integrate, find steady states. This room has never heard of IL-6."""

from autocrine.engine import standards
from autocrine.engine.event import Event
from autocrine.engine.names import Names
from autocrine.engine.network import Network
from autocrine.engine.reaction import Reaction
from autocrine.engine.simulation import simulate
from autocrine.engine.species import Species
from autocrine.engine.standards import read_antimony, read_sbml, write_sbml
from autocrine.engine.steady_states import steady_state

__all__ = [
    "Event",
    "Names",
    "Network",
    "Reaction",
    "Species",
    "read_antimony",
    "read_sbml",
    "simulate",
    "standards",
    "steady_state",
    "write_sbml",
]
