"""The whole explanation of a laboratory: from its measurements to a directory with report, tables and draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from autocrine.assay import Bench
from autocrine.calibration import draws
from autocrine.core import errors, notebook
from autocrine.studies.explain.attribution import Attributed, attribute
from autocrine.studies.explain.averaging import averaged
from autocrine.studies.explain.causes import Causes
from autocrine.studies.explain.effort import Effort
from autocrine.studies.explain.emulator import Emulator
from autocrine.studies.explain.identified import Identified, identified
from autocrine.studies.explain.inference import Drawn, drawn, kept, posterior_of
from autocrine.studies.explain.laboratory import Laboratory
from autocrine.studies.explain.models import MODELS, WHOLE
from autocrine.studies.explain.next_experiment import Told, rank
from autocrine.studies.explain.reversal import Reversal, predict_reversal
from autocrine.studies.explain.training import Training, trained
from autocrine.studies.explain.verdicts import Verdict, judge
from autocrine.studies.progress import Progress

if TYPE_CHECKING:
    from autocrine.calibration.draws.diagnosis import Diagnosis
    from autocrine.calibration.draws.predictive import PredictiveCheck

#: draws from the priors at which the design is looked at
_LOOKED = 24
#: chosen: a standard error of the log evidence of a model that counts, above which its probability is not known
_UNSURE = 1.0


@dataclass(frozen=True)
class Explanation:
    """What the data say.

    Attributes
    ----------
    laboratory : Laboratory
        What was measured.
    emulator : Emulator
        Its wells.
    identified : Identified
        What its design can tell.
    drawn : dict of str to Drawn
        Draws of every model.
    verdict : Verdict
        The models compared.
    attributed : list of Attributed
        The causes of resistance, averaged over the models.
    diagnosis : Diagnosis
        Of the model that has every cause, with the objections to every model that counts.
    check : PredictiveCheck
        Measurements against what the most probable model expects.
    reversals : list of Reversal
        What blockers would do.
    next_experiments : list of Told
        What could be done next, the experiment first that leaves the least uncertainty.
    """

    laboratory: Laboratory
    emulator: Emulator
    identified: Identified
    drawn: dict[str, Drawn]
    verdict: Verdict
    attributed: list[Attributed]
    diagnosis: Diagnosis
    check: PredictiveCheck
    reversals: list[Reversal]
    next_experiments: list[Told]

    @property
    def whole(self) -> Drawn:
        """The draws of the model that has every cause."""
        return self.drawn[WHOLE]

    def _repr_html_(self) -> str:
        causes = [row for one in self.attributed for row in one.rows()]
        names = ["line", "drug", "cause", "share", "share_low", "share_high"]
        models = self.verdict.table.reset_index(names="model")
        return notebook.page(
            f"what makes a line more resistant than {self.laboratory.reference}",
            notebook.lines(self.identified.sentences),
            notebook.lines(self.verdict.sentences),
            notebook.table(list(map(str, models.columns)), models.itertuples(index=False)),
            notebook.table(names, [[row[name] for name in names] for row in causes]),
        )

    def as_object(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        return {
            "reference": self.laboratory.reference,
            "identified": list(self.identified.sentences),
            "verdict": list(self.verdict.sentences),
            "loop_supported": self.verdict.loop,
            "models": self.verdict.table.reset_index(names="model").to_dict("records"),
            "attribution": [row for one in self.attributed for row in one.rows()],
            "reversal": [one.row() for one in self.reversals],
            "next_experiments": [one.row() for one in self.next_experiments],
            "objections": list(self.diagnosis.objections),
            "excluded": len(self.laboratory.excluded),
        }


def explain_laboratory(
    laboratory: Laboratory,
    effort: Effort | None = None,
    *,
    seed: int = 1,
    bench: Bench | None = None,
    state: Path | None = None,
    progress: Progress | None = None,
) -> Explanation:
    """Explain the resistance of the lines of a laboratory.

    Parameters
    ----------
    laboratory : Laboratory
        What was measured.
    effort : Effort, optional
        How much is computed.
    seed : int
        Seed of everything that is drawn.
    bench : Bench, optional
        What simulates wells.
    state : Path, optional
        A directory where finished steps are kept; if they are there, only the rest is done.
    progress : Progress, optional
        How to tell how far it is.

    Raises
    ------
    InputError
        If no line met a drug that the reference met.
    """
    if not laboratory.pairs:
        must = "a line and the reference must have met the same drug"
        raise errors.InputError(must, hint="plates of both lines with one drug")
    effort, progress = effort or Effort(), progress or Progress()
    emulator = Emulator(Causes(laboratory), bench)
    priors = emulator.causes.priors
    progress.begin("simulating wells", 1)
    training = _kept_training(state, lambda: trained(emulator, effort, seed=seed))
    progress.step(1)
    told = identified(laboratory, posterior_of(emulator, WHOLE, training.fit(emulator)), priors.sample(_LOOKED, seed))
    found = draw_models(emulator, training, effort, seed=seed, state=state, progress=progress)
    progress.begin("switching causes off, trying blockers", 4)
    verdict = judge(found, seed=seed)
    draw = averaged(emulator.causes, found, verdict.probability, effort.counterfactual, seed)
    attributed = attribute(emulator.causes, draw, bench)
    progress.step(1)
    few = {name: value[: effort.tried] for name, value in draw.items()}
    reversals = predict_reversal(emulator.causes, few, bench)
    progress.step(1)
    following = rank(laboratory, draw, attributed, seed=seed, bench=bench)
    progress.step(1)
    best = found[verdict.counted[0]]
    check = draws.check_predictions(
        posterior_of(emulator, best.model, best.target.polynomials), best.data, seed=seed, draws=300
    )
    progress.step(1)
    diagnosis = _diagnosed(found, verdict)
    return Explanation(laboratory, emulator, told, found, verdict, attributed, diagnosis, check, reversals, following)


def draw_models(
    emulator: Emulator,
    training: Training,
    effort: Effort,
    *,
    seed: int,
    state: Path | None = None,
    progress: Progress | None = None,
) -> dict[str, Drawn]:
    """Draw from every model; draws that are kept in a directory are read.

    Parameters
    ----------
    emulator, training
        The laboratory, and exact wells from the priors.
    effort, seed, state, progress
        See `explain_laboratory`.
    """
    found: dict[str, Drawn] = {}
    progress = progress or Progress()
    for model in sorted(MODELS, key=lambda model: -len(MODELS[model])):  # wells of the larger serve the smaller too
        progress.begin(f"drawing: {model}", effort.corrections + 2)
        path = None if state is None else state / f"{model.replace(' ', '-')}.nc"
        if path is not None and path.is_file():
            found[model] = kept(emulator, model, path)
            continue
        best = max((one.evidence[0] for one in found.values()), default=-np.inf)
        found[model], training = drawn(
            emulator, training, model, effort, seed=seed, best=best, path=path, progress=_counted(progress)
        )
        _keep_training(state, training)
    return {model: found[model] for model in MODELS}


def _diagnosed(found: Mapping[str, Drawn], verdict: Verdict) -> Diagnosis:
    """Return the diagnosis of the model with every cause, with the objections to all models that count."""
    objections = []
    for model in verdict.counted:
        own = draws.diagnose(found[model].data).objections
        weights = found[model].weights
        if not weights.trusted:
            own = (*own, f"exact wells contradict the polynomials (Pareto k {weights.pareto_k:.2f})")
        if found[model].evidence[1] > _UNSURE:
            own = (*own, f"the evidence is uncertain by {found[model].evidence[1]:.1f}")
        objections += [f"{model}: {each}" for each in own]
    return replace(draws.diagnose(found[WHOLE].data), objections=tuple(objections))


def _kept_training(state: Path | None, make: Callable[[], Training]) -> Training:
    path = None if state is None else state / "wells.npz"
    if path is not None and path.is_file():
        with np.load(path) as stored:
            return Training(**{name: stored[name] for name in stored.files})
    found = make()
    _keep_training(state, found)
    return found


def _keep_training(state: Path | None, found: Training) -> None:
    if state is not None:
        path = state / "wells.npz"
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name("unfinished.npz")
        np.savez(unfinished, values=found.values, levels=found.levels)
        unfinished.replace(path)


def _counted(progress: Progress) -> Callable[[int], None]:
    """Return what tells new steps of a sampler that says how many there are."""
    done = [0]

    def tell(steps: int) -> None:
        if steps > done[0]:
            progress.step(steps - done[0])
        done[0] = max(done[0], steps)

    return tell
