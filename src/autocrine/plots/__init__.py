"""Arrays and tables in, figure out. Every function returns a matplotlib Figure; none touches global state."""

from autocrine.plots import maps, survival
from autocrine.plots.claims import draw_claims
from autocrine.plots.density import draw_density
from autocrine.plots.dose_response import draw_dose_response
from autocrine.plots.picture import svg
from autocrine.plots.time_course import draw_time_course

__all__ = [
    "draw_claims",
    "draw_density",
    "draw_dose_response",
    "draw_time_course",
    "maps",
    "survival",
    "svg",
]
