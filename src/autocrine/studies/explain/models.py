"""The models that compete: which causes of resistance each of them knows."""

from __future__ import annotations

from autocrine.studies.explain.causes import Causes

#: model → causes that it has; what the line needs more of a drug for any other reason is in all of them
MODELS: dict[str, tuple[str, ...]] = {
    "no loop": (),
    "pump arm only": ("loop", "pump_arm"),
    "survival arm only": ("loop", "survival_arm"),
    "both arms": ("loop", "pump_arm", "survival_arm"),
    "amplification only": ("copies",),
    "loop and amplification": ("loop", "pump_arm", "survival_arm", "copies"),
}
#: the model that has every cause: attribution is made in it
WHOLE = "loop and amplification"
WITH_LOOP = tuple(name for name, causes in MODELS.items() if "loop" in causes)
_CAUSES = ("loop", "pump_arm", "survival_arm", "copies")


def free_names(causes: Causes, model: str) -> tuple[str, ...]:
    """Return the parameters of a model, in their order."""
    absent = [cause for cause in _CAUSES if cause not in MODELS[model]]
    return tuple(
        name for name in causes.priors if not any(name == cause or name.startswith(f"{cause}_") for cause in absent)
    )
