"""Settings of PhysiCell as a design of a tumour, with a list of what was not understood."""

from autocrine.tissue.physicell.translation import Translation, read_physicell

__all__ = ["Translation", "read_physicell"]
