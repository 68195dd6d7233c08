"""Maps: potencies of lines by drugs and wells of a plate as coloured cells, and the pathway."""

from autocrine.plots.pathway import draw_pathway
from autocrine.plots.plate_map import draw_plate_map
from autocrine.plots.potency_map import draw_potency_map

__all__ = ["draw_pathway", "draw_plate_map", "draw_potency_map"]
