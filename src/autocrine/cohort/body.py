"""Bodies: size and organs, and what they make of the kinetics of a drug."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from autocrine.cohort.drug_file import drug_parameters
from autocrine.core import errors

#: spread between patients as standard deviation of the logarithm; basis: read P041, P043, P045, P038, else chosen
VARIABILITY = {
    "doxorubicin_cl": 0.229,
    "doxorubicin_q_deep": 0.64,
    "doxorubicin_q_shallow": 0.28,
    "doxorubicin_k_tumour_in": 0.5,
    "paclitaxel_vm": 0.25,
    "paclitaxel_k_tumour_in": 0.5,
    "cisplatin_cl": 0.2,
    "cisplatin_k_tumour_in": 0.5,
    "cyclophosphamide_cl": 0.3,
    "cyclophosphamide_k_tumour_in": 0.5,
    "tocilizumab_cl": 0.39,
    "siltuximab_cl": 0.3,
}
#: what a body of usual size has: 1.8 m^2 (chosen) and 70 kg
USUAL_SURFACE_M2, USUAL_WEIGHT_KG = 1.8, 70.0
#: which size and which organ a clearance follows, and with which exponent; chosen, as is usual in the field
_FOLLOWS = {
    "doxorubicin_cl": ("surface", 1.0, "liver"),
    "paclitaxel_vm": ("surface", 1.0, "liver"),
    "cisplatin_cl": ("surface", 1.0, "half kidney"),
    "cyclophosphamide_cl": ("surface", 1.0, "liver"),
    "tocilizumab_cl": ("weight", 0.75, ""),
    "siltuximab_cl": ("weight", 0.75, ""),
}


@dataclass(frozen=True)
class Bodies:
    """Size and organs of n patients.

    Attributes
    ----------
    weight_kg, height_cm : ndarray of shape (n,)
    liver, kidney : ndarray of shape (n,)
        Function of the organ over that of a healthy adult.

    Raises
    ------
    InputError
        If a size is not positive, or an organ's function does not lie above 0 and up to 2.
    """

    weight_kg: np.ndarray
    height_cm: np.ndarray
    liver: np.ndarray
    kidney: np.ndarray

    def __post_init__(self) -> None:
        """Refuse what no body has."""
        for name, most in (("weight_kg", 400.0), ("height_cm", 250.0), ("liver", 2.0), ("kidney", 2.0)):
            values = np.asarray(getattr(self, name), dtype=float)
            bad = ~((values > 0) & (values <= most))
            if bad.any():
                raise errors.InputError(
                    f"{name} must lie above 0 and up to {most:g}", float(values[bad][0]),
                    where=f"patient {int(np.flatnonzero(np.atleast_1d(bad))[0]) + 1}",
                )  # fmt: skip

    @property
    def surface_m2(self) -> np.ndarray:
        """Body surface.

        References
        ----------
        Mosteller 1987, N Engl J Med 317:1098.
        """
        return np.sqrt(self.weight_kg * self.height_cm / 3600.0)

    def kinetics(self, drug: str, deviations: Mapping[str, np.ndarray] | None = None) -> dict[str, np.ndarray]:
        """Return the parameters of a drug in these bodies that differ from the typical ones.

        Parameters
        ----------
        drug : str
            Name of the drug.
        deviations : mapping of str to ndarray of shape (n,), optional
            Deviations of patients in standard deviations, by parameter; without them patients differ by size and
            organs alone.

        Returns
        -------
        dict of str to ndarray of shape (n,)
        """
        typical = drug_parameters(drug)
        found: dict[str, np.ndarray] = {}
        size = {"surface": self.surface_m2 / USUAL_SURFACE_M2, "weight": self.weight_kg / USUAL_WEIGHT_KG}
        organ = {"liver": self.liver, "half kidney": 0.5 + 0.5 * self.kidney, "": np.ones_like(self.liver)}
        for name, parameter in typical.items():
            factor = np.ones_like(np.asarray(self.weight_kg, dtype=float))
            if name in _FOLLOWS:
                follows, exponent, through = _FOLLOWS[name]
                factor = size[follows] ** exponent * organ[through]
            elif name.endswith("v_central"):
                factor = size["surface" if "mab" not in drug else "weight"]
            if deviations and name in VARIABILITY and name in deviations:
                factor = factor * np.exp(VARIABILITY[name] * deviations[name])
            if not np.all(factor == 1.0):
                found[name] = parameter.value * factor
        return found
