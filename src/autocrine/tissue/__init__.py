"""Tissues: cells that push, divide and die at positions, each with the whole circuit, in fields that they change."""

from autocrine.tissue import cells, fields
from autocrine.tissue.design import TumourDesign
from autocrine.tissue.tumour import Tumour

__all__ = ["Tumour", "TumourDesign", "cells", "fields"]
