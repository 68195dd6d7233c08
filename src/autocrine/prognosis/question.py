"""What is asked of a table of patients: which column is what, and how the answer is to be found."""

from __future__ import annotations

from dataclasses import dataclass

from autocrine.core import errors

#: what stands on every page about patients
NOTICE = "For research. Nothing here is for decisions about a person."


@dataclass(frozen=True)
class Question:
    """Which column is what.

    Attributes
    ----------
    time, event, marker : str
        Names of columns: follow-up, whether it ended with the event (0 or 1), and the marker.
    treatment : str
        Column with two arms; the marker's effect is then also asked for in each arm.
    adjust : tuple of str
        Columns of the clinical model.
    identity : str
        Column that names a patient.
    response : str
        Column of a response endpoint such as pCR, 0 or 1.
    time_unit : str
        Unit of the times, where neither header nor dates give it.
    origin : str
        Column or day (ISO 8601) from which dates are counted.
    competing : int, optional
        The value of ``event`` that stands for a competing event.
    exclude_bad : bool
        Leave out patients with an impossible time or event, instead of refusing the table.
    most_missing : float
        Fraction of missing marker values above which the table is refused.
    horizon : float, optional
        Time at which predictions are judged; else the upper quartile of the event times.
    """

    time: str
    event: str
    marker: str
    treatment: str = ""
    adjust: tuple[str, ...] = ()
    identity: str = ""
    response: str = ""
    time_unit: str = ""
    origin: str = ""
    competing: int | None = None
    exclude_bad: bool = False
    most_missing: float = 0.3
    horizon: float | None = None

    def __post_init__(self) -> None:
        """Refuse a column that would play two parts."""
        parts = [self.time, self.event, self.marker, self.treatment, self.response, *self.adjust]
        named = [part for part in parts if part]
        for name in named:
            if named.count(name) > 1:
                raise errors.InputError(
                    "a column must play one part only", name, hint="each of --time, --event, --marker, --treatment, "
                    "--response and --adjust with a column of its own",
                )  # fmt: skip
        if self.competing in (0, 1):
            raise errors.InputError("--competing must be a value other than 0 and 1", self.competing, hint="2")
        if not 0 < self.most_missing < 1:
            raise errors.InputError("--most-missing must be a fraction between 0 and 1", self.most_missing, hint="0.3")
        if self.horizon is not None and not self.horizon > 0:
            raise errors.InputError("--horizon must be a time above 0", self.horizon)
