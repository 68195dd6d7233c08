"""Room assay."""
