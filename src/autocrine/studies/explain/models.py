"""The models that compete: which causes of resistance each of them knows."""

from __future__ import annotations

from autocrine.studies.explain.causes import Causes

#: model → causes that it has: every set of pump arm, survival arm and amplification; what the line needs more of a drug
#: for any other reason is in all of them
MODELS: dict[str, tuple[str, ...]] = {
    "no loop": (),
    "pump arm only": ("loop", "pump_arm"),
    "survival arm only": ("loop", "survival_arm"),
    "both arms": ("loop", "pump_arm", "survival_arm"),
    "amplification only": ("copies",),
    "pump arm and amplification": ("loop", "pump_arm", "copies"),
    "survival arm and amplification": ("loop", "survival_arm", "copies"),
    "loop and amplification": ("loop", "pump_arm", "survival_arm", "copies"),
}
#: the model that has every cause
WHOLE = "loop and amplification"
WITH_LOOP = tuple(name for name, causes in MODELS.items() if "loop" in causes)
CAUSES = ("loop", "pump_arm", "survival_arm", "copies")


def free_names(causes: Causes, model: str) -> tuple[str, ...]:
    """Return the parameters of a model, in their order."""
    absent = [cause for cause in CAUSES if cause not in MODELS[model]]
    return tuple(
        name for name in causes.priors if not any(name == cause or name.startswith(f"{cause}_") for cause in absent)
    )
