"""What a user says of a table that the table itself does not say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """Words for what is missing in a file; each fills a gap and overrides nothing.

    Attributes
    ----------
    dose_unit, time_unit, value_unit : str
        Units of columns that give none.
    line, drug : str
        The line or drug of a file that has no such column.
    decimal : str
        ``","`` or ``"."``; else told from the cells.
    exclude_bad : bool
        Leave impossible cells out and list them, instead of refusing the file.
    reference_gene, calibrator : str
        Of qPCR: the gene that others are compared with, and the line whose mean is fold 1.
    """

    dose_unit: str = ""
    time_unit: str = ""
    value_unit: str = ""
    line: str = ""
    drug: str = ""
    decimal: str = ""
    exclude_bad: bool = False
    reference_gene: str = ""
    calibrator: str = ""
