"""Maps: potencies of lines and wells of a plate as coloured cells, the pathway; tissues in slices, views and movies."""

from autocrine.plots.lineage import draw_lineage
from autocrine.plots.movie import write_gif, write_still
from autocrine.plots.pathway import draw_pathway
from autocrine.plots.plate_map import draw_plate_map
from autocrine.plots.potency_map import draw_potency_map
from autocrine.plots.tissue import draw_clone_map, draw_profiles, draw_slice
from autocrine.plots.tumour_view import Cells, Slice, Stage, draw_moment, draw_view

__all__ = [
    "Cells",
    "Slice",
    "Stage",
    "draw_clone_map",
    "draw_lineage",
    "draw_moment",
    "draw_pathway",
    "draw_plate_map",
    "draw_potency_map",
    "draw_profiles",
    "draw_slice",
    "draw_view",
    "write_gif",
    "write_still",
]
