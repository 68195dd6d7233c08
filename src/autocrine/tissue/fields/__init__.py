"""Fields in space: diffusion, decay, cells and vessels in one step; binding in the fluid."""

from autocrine.tissue.fields import export, reach
from autocrine.tissue.fields.binding import Binding
from autocrine.tissue.fields.exchange import Exchange
from autocrine.tissue.fields.face import Face
from autocrine.tissue.fields.fields import Fields
from autocrine.tissue.fields.grid import Grid
from autocrine.tissue.fields.substrate import Substrate
from autocrine.tissue.fields.vessels import Vessels

__all__ = ["Binding", "Exchange", "Face", "Fields", "Grid", "Substrate", "Vessels", "export", "reach"]
