"""Tables as maps of coloured cells: potencies of lines by drugs, wells of a plate."""

from autocrine.plots.plate_map import draw_plate_map
from autocrine.plots.potency_map import draw_potency_map

__all__ = ["draw_plate_map", "draw_potency_map"]
