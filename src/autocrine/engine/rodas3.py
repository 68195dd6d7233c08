"""Rodas3: four stages of which three evaluate the slopes, order 3, L-stable.

References
----------
Sandu et al. 1997, Benchmarking stiff ODE solvers for atmospheric chemistry problems II: Rosenbrock solvers,
Atmospheric Environment 31(20):3459-3472, doi:10.1016/S1352-2310(97)83212-8.
"""

from autocrine.engine.step_method import StepMethod

RODAS3 = StepMethod(
    name="Rodas3",
    order=3,
    gamma=0.5,
    A=(
        (),
        (0.0,),
        (2.0, 0.0),
        (2.0, 0.0, 1.0),
    ),
    C=(
        (),
        (4.0,),
        (1.0, -1.0),
        (1.0, -1.0, -8.0 / 3.0),
    ),
    m=(2.0, 0.0, 1.0, 1.0),
    e=(0.0, 0.0, 0.0, 1.0),
)
