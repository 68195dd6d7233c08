"""Maps: potencies of lines by drugs and wells of a plate as coloured cells, the pathway, and slices of a tissue."""

from autocrine.plots.pathway import draw_pathway
from autocrine.plots.plate_map import draw_plate_map
from autocrine.plots.potency_map import draw_potency_map
from autocrine.plots.tissue import draw_clone_map, draw_profiles, draw_slice

__all__ = ["draw_clone_map", "draw_pathway", "draw_plate_map", "draw_potency_map", "draw_profiles", "draw_slice"]
