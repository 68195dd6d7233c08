"""Between the mass that the bench weighs and the amount that the equations count."""

from __future__ import annotations

#: molar mass of IL-6, g/mol, recalled (fact X094); 1 ng/ml is 48 pM (fact P120)
IL6_MOLAR_MASS = 20900.0
#: molar mass of soluble IL-6R, g/mol, recalled
SIL6R_MOLAR_MASS = 50000.0
NG_PER_ML_PER_NM = IL6_MOLAR_MASS / 1000.0
