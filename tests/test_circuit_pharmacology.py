"""Records of drugs and lines: found by any usual name, read in any usual unit, refused where they are wrong."""

import numpy as np
import pytest

from autocrine.circuit import Drug, Line, Lines, Pharmacology, cell
from autocrine.core import Document, errors

NUMBERS = ("potency", "accumulation", "half_time", "km", "pump_ratio", "death_max", "steepness", "k_damage")
UNITS = {"potency": "nM", "half_time": "h", "km": "nM", "death_max": "1/h", "k_damage": "1/h"}


def text(**changes):
    """Return a whole record as TOML; ``None`` leaves a key out."""
    head = {
        "name": '"newdrug"',
        "kind": '"cytotoxic"',
        "molar_mass_g_mol": "500.0",
        "default_doses": '{ low = "1 nM", high = "1 uM", count = 4 }',
    }
    rows = {n: f'{{ value = 1.0, unit = "{UNITS.get(n, "1")}", basis = "chosen" }}' for n in (*NUMBERS, "arrest_ratio")}
    merged = {**head, **rows, **changes}
    return "\n".join(f"{key} = {value}" for key, value in merged.items() if value is not None)


def load(**changes):
    return Drug.from_document(Document.parse(text(**changes), "newdrug.toml"))


def test_a_user_adds_a_drug_without_code(tmp_path):
    path = tmp_path / "newdrug.toml"
    path.write_text(text(synonyms='["ND-1"]'), encoding="utf-8")
    drugs = Pharmacology.load().extended([Drug.load(path)])
    assert drugs["nd 1"].name == "newdrug"
    assert drugs["newdrug"].doses_nM == pytest.approx([1, 10, 100, 1000])
    assert "newdrug" not in Pharmacology.load()


def test_an_added_record_replaces_one_of_its_name():
    other = load(name='"cisplatin"')
    assert Pharmacology.load().extended([other])["cisplatin"] is other


@pytest.mark.parametrize("word", ["Doxorubicin", "adriamycin", "DOX", "5-fluorouracil", "5 FLUOROURACIL", "calcein AM"])
def test_spelling_is_forgiven(word):
    assert Pharmacology.load()[word].name in {"doxorubicin", "5-fluorouracil", "calcein-AM"}


@pytest.mark.parametrize(("word", "near"), [("doxorubicine", "doxorubicin"), ("paclitaxol", "paclitaxel")])
def test_unknown_drug_offers_the_nearest(word, near):
    with pytest.raises(errors.InputError, match=f"design.toml.*'{word}'; try {near}"):
        Pharmacology.load().find(word, where="design.toml")


def test_no_two_drugs_answer_to_one_name():
    owners = {}
    for drug in Pharmacology.load().values():
        for word in {drug.name, *drug.synonyms}:
            assert owners.setdefault(word.casefold(), drug.name) == drug.name


@pytest.mark.parametrize(
    ("dose", "nM"),
    [("0.3 uM", 300.0), ("0.3 µM", 300.0), ("543.5 ng/ml", 1000.0), ("0.5435 mg/l", 1000.0), ("0 nM", 0)],
)
def test_doses_convert_between_mass_and_amount(dose, nM):
    assert Pharmacology.load()["doxorubicin"].dose_nM(dose) == pytest.approx(nM)


@pytest.mark.parametrize(
    ("dose", "kind", "message"),
    [
        ("5 mg", errors.UnitError, "converts to nM"),
        ("5", errors.UnitError, "converts to nM"),
        ("5 h", errors.UnitError, "converts to nM"),
        ("5 xyz", errors.UnitError, "must be one that is known"),
        ("-5 nM", errors.InputError, "must not be negative"),
        ("nan nM", errors.InputError, "finite"),
        ("inf nM", errors.InputError, "finite"),
        ("much", errors.InputError, "number with a unit"),
    ],
)
def test_doses_that_are_none_are_refused(dose, kind, message):
    with pytest.raises(kind, match=message) as caught:
        Pharmacology.load()["doxorubicin"].dose_nM(dose, where="design.toml")
    assert "design.toml" in str(caught.value)


NM = '{ value = 1.0, unit = "nM", basis = "chosen" }'


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"half_time": '{ value = 1.0, unit = "min", basis = "chosen" }'}, "half_time must be given in h"),
        ({"accumulation": NM}, "accumulation must be given in 1"),
        ({"potenzy": NM}, "try potency"),
        ({"ki": NM}, "must be one that is known"),
        ({"km": None}, "'km' must be given"),
        ({"km": "5.0"}, "km must be a table"),
        ({"km": '{ value = 1.0, unit = "nM" }'}, "'basis' must be given"),
        ({"km": '{ value = 1.0, unit = "nM", basis = "guessed" }'}, "basis must be one of"),
        ({"km": '{ value = 1.0, unit = "nM", basis = "chosen", low = 2.0 }'}, "value must lie in its range"),
        ({"km": '{ value = nan, unit = "nM", basis = "chosen" }'}, "value must be finite"),
        ({"molar_mass_g_mol": "-1.0"}, "molar_mass_g_mol must be positive"),
        ({"molar_mass_g_mol": "nan"}, "molar_mass_g_mol must be positive"),
        ({"molar_mass_g_mol": None}, "'molar_mass_g_mol' must be given"),
        ({"name": None}, "'name' must be given"),
        ({"kind": '"poison"'}, "kind must be cytotoxic, probe or blocker"),
        ({"synonyms": "[1]"}, "synonyms must be a list of names"),
        ({"default_doses": '{ low = "1 mg", high = "1 uM", count = 4 }'}, "converts to nM"),
        ({"default_doses": '{ low = "0 nM", high = "1 uM", count = 4 }'}, "default_doses must rise"),
        ({"default_doses": '{ low = "1 uM", high = "1 nM", count = 4 }'}, "default_doses must rise"),
        ({"default_doses": '{ low = "1 nM", high = "1 uM", count = 0 }'}, "default_doses must rise"),
        ({"default_doses": '{ low = "1 nM", high = "1 uM" }'}, "'count' must be given"),
        ({"default_doses": None}, "'low' must be given"),
    ],
)
def test_wrong_records_are_refused(changes, message):
    with pytest.raises(errors.InputError, match=r"newdrug\.toml") as caught:
        load(**changes)
    assert message in str(caught.value)


def test_blockers_need_a_target_that_exists():
    rows = 'name = "b"\nkind = "blocker"\nmolar_mass_g_mol = 1.0\nki = ' + NM + "\n"
    good = Drug.from_document(Document.parse(rows + 'target = "pgp"', "b.toml"))
    assert not good.is_substrate
    for wrong in ("", 'target = "mrp1"'):
        with pytest.raises(errors.InputError, match="target"):
            Drug.from_document(Document.parse(rows + wrong, "b.toml"))


# lines


def lines(text):
    return Lines.load(fitted=False).extended(Document.parse(text, "study.toml"))


def test_a_line_starts_from_another():
    made = lines('[mine]\nfrom = "resistant"\nil6_nfkb = 0.0\n')["mine"]
    assert made.values["il6_nfkb"] == 0.0
    assert made.values["abcb1_copies"] == Lines.load(fitted=False)["resistant"].values["abcb1_copies"]
    assert made.changes["il6_nfkb"].basis == "chosen"


def test_a_line_inherits_what_was_fitted_to_another():
    fitted = Lines.load()
    assert fitted["mcf7_dox_il6_sirna"].values["il6_nfkb"] == fitted["mcf7_dox"].values["il6_nfkb"]


def test_all_default_lines_change_known_parameters_only():
    for line in Lines.load().values():
        assert isinstance(line, Line)
        assert set(line.values) <= set(cell.cell_parameters())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[mine]\nabcb1_copy = 3.0\n", "try abcb1_copies"),
        ('[mine]\nabcb1_copies = { value = 3.0, unit = "nM", basis = "chosen" }\n', "must be given in 1"),
        ("[mine]\nabcb1_copies = { value = 3.0 }\n", "must be given in 1"),
        ('[mine]\nabcb1_copies = "three"\n', "must be a number or a table"),
        ("[mine]\nabcb1_copies = nan\n", "must be finite"),
        ('[mine]\nfrom = "resistent"\n', "try resistant"),
        ("mine = 3\n", "mine must be a table"),
    ],
)
def test_wrong_lines_are_refused(text, message):
    with pytest.raises(errors.InputError, match=r"study\.toml") as caught:
        lines(text)
    assert message in str(caught.value)


def test_doses_of_every_drug_rise():
    for drug in Pharmacology.load().values():
        assert (np.diff(drug.doses_nM) > 0).all(), drug.name
        assert drug.doses_nM.size >= 1
