"""Feed broken and hostile files to the readers: ``python tests/fuzz_readers.py --minutes 5 --seed 1``.

Each case runs in a process of its own with limits on time and memory. A reader must return a result or raise an error
of ours that names the file. Everything else is broken: another exception, a crash, more than 10 s or 1 GB, a file that
was opened outside of the given folder, the network, text that was evaluated. The target ``same`` simulates models
before and after a change that leaves their meaning. What breaks is kept in a folder, one example for each way.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from random import Random

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
warnings.simplefilter("ignore")

from fuzzing import equivalence, grammar, text_mutation
from fuzzing.archive_mutation import ArchiveMutation, packed
from fuzzing.sandbox import Sandbox
from fuzzing.seeds import Seeds
from fuzzing.table_mutation import TableMutation
from fuzzing.targets import TARGETS
from fuzzing.xml_mutation import XmlMutation

SUITES = Path(__file__).parents[2] / "shared" / "suites"


def case(target: str, rng: Random, seeds: Seeds, outside: str) -> dict[str, bytes]:
    """Return the files of one case."""
    if target == "petab":
        return TableMutation(rng, outside).changed(seeds.petab(rng))
    if target == "antimony":
        text = seeds.antimony()
        for _ in range(rng.choice((1, 1, 2, 4))):
            text = text_mutation.text(rng, text)
        return {"model.ant": text.encode("utf-8", "replace")}
    if target == "archive":
        return {"archive.omex": ArchiveMutation(rng, outside).changed(seeds.archive(rng))}
    if target == "same":
        return equivalence.pair(rng, seeds.sbml(rng))
    files = seeds.folder(rng) if rng.random() < 0.9 else {}
    text = files["model.xml"].decode("utf-8") if files else grammar.document(rng)
    if rng.random() < 0.08:
        return files | {"model.xml": text_mutation.raw(rng, text.encode())}
    if files or rng.random() < 0.6:
        text = XmlMutation(rng, outside).changed(text)
    return files | {"model.xml": text.encode("utf-8", "surrogateescape")}


def main() -> int:
    """Run the cases and print a count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--targets", nargs="*", choices=[*TARGETS, "same"], default=[*TARGETS, "same"])
    parser.add_argument("--suites", type=Path, default=SUITES, help="folder with the official suites")
    parser.add_argument("--keep", type=Path, help="folder for what breaks")
    parser.add_argument("--only", type=int, help="this case alone")
    given = parser.parse_args()
    keep = given.keep or Path(tempfile.mkdtemp(prefix="autocrine-broken-"))
    seeds, broken = Seeds(given.suites), Counter()
    boxes = {name: Sandbox({**TARGETS, "same": equivalence.compare}[name]) for name in given.targets}
    _warm_up(boxes, seeds)
    counts: Counter[str] = Counter()
    end, place = time.monotonic() + given.minutes * 60, given.only or 0
    while time.monotonic() < end:
        target = given.targets[place % len(given.targets)]
        box = boxes[target]
        rng = Random(f"{given.seed}/{target}/{place}")  # noqa: S311 - nothing secret hangs on it
        files = case(target, rng, seeds, str(box.outside))
        outcome = box.run(files)
        counts[f"{target} {outcome.kind}"] += 1
        if outcome.kind == "broken":
            _kept(keep, f"{target}: {outcome.signature}", place, files, outcome.detail, broken)
        if given.only is not None:
            sys.stdout.write(f"{outcome}\n")
            break
        place += 1
    for box in boxes.values():
        box.close()
    sys.stdout.write(f"{sum(counts.values())} cases: {dict(sorted(counts.items()))}\n")
    for signature, count in broken.most_common():
        sys.stdout.write(f"{count:5d} {signature}\n")
    sys.stdout.write(f"examples: {keep}\n" if broken else "nothing broke\n")
    return 1 if broken else 0


def _warm_up(boxes: Mapping[str, Sandbox], seeds: Seeds) -> None:
    """Read files that are whole, so that a forked process has what all cases need: libraries, compiled code."""
    import sympy.physics.units  # noqa: F401 - evaluates texts of its own while it is imported, which is no reader's doing

    rng = Random(0)  # noqa: S311
    whole = {"sbml": seeds.folder(rng), "petab": seeds.petab(rng), "antimony": {"model.ant": seeds.antimony().encode()}}
    whole["archive"] = {"archive.omex": packed(Seeds(Path("nowhere")).archive(rng))}
    for name in set(whole) & set(boxes):
        if whole[name]:
            boxes[name].warm_up(whole[name])


def _kept(keep: Path, signature: str, place: int, files: dict[str, bytes], detail: str, broken: Counter[str]) -> None:
    broken[signature] += 1
    if broken[signature] > 1:
        return
    folder = keep / f"{len(broken):03d}"
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (folder / "what.txt").write_text(f"{signature}\ncase {place}\n{detail}\n", encoding="utf-8", errors="replace")
    sys.stdout.write(f"case {place}: {signature} -> {folder}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
