"""Tissues: cells that push, divide and die at positions, each with the whole circuit."""

from autocrine.tissue import cells

__all__ = ["cells"]
