"""Tissues: cells that push, divide and die at positions, each with the whole circuit, in fields that they change."""

from autocrine.tissue import checkpoint, fields, physicell, store
from autocrine.tissue.design import TumourDesign
from autocrine.tissue.planting import plant
from autocrine.tissue.tumour import Tumour

__all__ = ["Tumour", "TumourDesign", "checkpoint", "fields", "physicell", "plant", "store"]
