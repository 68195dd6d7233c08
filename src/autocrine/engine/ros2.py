"""ROS2: two stages, order 2, L-stable.

References
----------
Verwer et al. 1999, A second-order Rosenbrock method applied to photochemical dispersion problems, SIAM J Sci Comput
20(4):1456-1480, doi:10.1137/S1064827597326651.
"""

import math

from autocrine.engine.step_method import StepMethod

_GAMMA = 1 - 1 / math.sqrt(2)

ROS2 = StepMethod(
    name="ROS2",
    order=2,
    gamma=_GAMMA,
    A=((), (1 / _GAMMA,)),
    C=((), (-2 / _GAMMA,)),
    m=(1.5 / _GAMMA, 0.5 / _GAMMA),
    e=(0.5 / _GAMMA, 0.5 / _GAMMA),
)
