"""Milliseconds of one search in a catalogue of 20,000 records, and seconds to import them.

Run as ``python benchmarks/library.py [records]``. The records are made of words with the frequencies of a natural text
(Zipf), with an abstract of about 180 words each. Each query is repeated, and the time of the processor is shown: the
median, and the slowest of all repeats.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from autocrine.core import generator
from autocrine.evidence.catalogue import Catalogue
from autocrine.evidence.formats import read_records

NAMES = ["IL-6", "C/EBPβ", "C/EBP", "MDR1", "P-gp", "ABCB1", "STAT3", "MCF-7", "doxorubicin", "tumour", "resistance"]
QUERIES = {
    "one gene": "IL-6",
    "a synonym": "P-gp",
    "with Greek": "C/EBPβ",
    "three words": "IL-6 MDR1 resistance",
    "a phrase": '"drug resistance"',
    "a frequent word": "cell",
    "OR of two": "IL-6 OR STAT3",
    "without": "IL-6 -MDR1",
    "prefix": "resist*",
    "field and years": "author:familyab IL-6 year:1995..2005",
    "years only": "year:1999",
    "all": "",
}
REPEATS = 15


def main() -> None:
    """Make the records, import them, search, and print the table."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.ris"
        path.write_text(made(number), encoding="utf-8")
        begun = time.process_time()
        records = read_records(path)
        read = time.process_time() - begun
        with Catalogue(Path(folder) / "library.sqlite") as catalogue:
            begun = time.process_time()
            catalogue.add(records, "benchmark")
            print(f"{number} records: read {read:.1f} s, added {time.process_time() - begun:.1f} s")
            print(f"{'query':18}{'found':>7}{'median ms':>11}{'slowest ms':>12}{'facets ms':>11}")
            for name, text in QUERIES.items():
                times = sorted(milliseconds(lambda text=text: catalogue.search(text)) for _ in range(REPEATS))
                facets = min(milliseconds(lambda text=text: catalogue.facets(text)) for _ in range(3))
                count = catalogue.search(text).count
                print(f"{name:18}{count:7d}{statistics.median(times):11.2f}{times[-1]:12.2f}{facets:11.2f}")


def milliseconds(search) -> float:
    """Return the processor time of one search."""
    begun = time.process_time()
    search()
    return (time.process_time() - begun) * 1000


def made(number: int) -> str:
    """Return that many records as RIS."""
    random = generator(1)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    words = ["cell", "the", "drug", "of", *("".join(random.choice(letters, 7)) for _ in range(30_000))]
    # the names stand where one record in five has each, as in a library about them
    words[60:60] = NAMES
    chances = 1 / (np.arange(len(words)) + 2.0)
    chances /= chances.sum()
    texts = []
    for index in range(number):
        drawn = random.choice(len(words), 192, p=chances)
        title, abstract = (" ".join(words[i] for i in part) for part in (drawn[:12], drawn[12:]))
        family = "Family" + "".join(random.choice(letters[:8], 2))
        year = 1975 + int(random.integers(50))
        texts.append(
            f"TY  - JOUR\nTI  - {title}\nAU  - {family}, A\nAU  - Other{index % 977}, B\nPY  - {year}\n"
            f"JO  - Journal {index % 211}\nVL  - {index % 90}\nSP  - {index}\n"
            f"AB  - {abstract}\nAN  - {index + 1}\nER  - \n"
        )
    return "".join(texts)


if __name__ == "__main__":
    main()
