"""Parameters with unit, range, basis and evidence."""

import pytest

from autocrine.core import Document, Parameters, errors

TEXT = """
[k_on]
value = 3.6
unit = "1/(nM*h)"
low = 1.0
high = 10.0
evidence = "P030"
basis = "read"
note = "a note"

[copies]
value = 1
unit = "1"
basis = "chosen"
"""


def table(text=TEXT, module="page"):
    return Parameters.from_document(Document.parse(text, f"{module}.toml"), module)


def test_every_field_is_read_and_a_range_may_be_left_out():
    found = table()
    on, copies = found["k_on"], found["copies"]
    assert (on.value, on.unit, on.low, on.high) == (3.6, "1/(nM*h)", 1.0, 10.0)
    assert (on.evidence, on.basis, on.note, on.module) == ("P030", "read", "a note", "page")
    assert (copies.value, copies.low, copies.high, copies.evidence) == (1.0, 1.0, 1.0, "")
    assert isinstance(copies.value, float)
    assert list(found) == ["k_on", "copies"]
    assert found.values_by_name == {"k_on": 3.6, "copies": 1.0}


def test_load_takes_the_name_of_the_file_as_the_module(tmp_path):
    (tmp_path / "receptor.toml").write_text(TEXT, encoding="utf-8")
    assert Parameters.load(tmp_path / "receptor.toml")["k_on"].module == "receptor"


@pytest.mark.parametrize("basis", ["read", "derived", "recalled", "chosen", "fitted"])
def test_five_bases_are_known(basis):
    assert table(f'[k]\nvalue = 1\nunit = "1"\nbasis = "{basis}"\n')["k"].basis == basis


@pytest.mark.parametrize(
    ("change", "must"),
    [
        (('basis = "read"', 'basis = "guessed"'), "line 8, key k_on.basis: basis must be one of read, derived"),
        (("value = 3.6", "value = 0.5"), r"line 3, key k_on.value: value must lie in its range 1 to 10 but was 0.5"),
        (("value = 3.6", "value = 11"), "value must lie in its range"),
        (("low = 1.0", "low = 20.0"), "value must lie in its range 20 to 10"),
        (("value = 3.6", "value = nan"), "line 3, key k_on.value: value must be finite but was nan"),
        (("high = 10.0", "high = inf"), "line 6, key k_on.high: high must be finite but was inf"),
        (("value = 3.6", 'value = "3.6"'), "value must be a number but was '3.6'"),
        (("value = 3.6", "value = true"), "value must be a number but was True"),
        (("value = 3.6", ""), "the key 'value' must be given"),
        (('unit = "1/(nM*h)"', ""), "the key 'unit' must be given"),
        (('basis = "read"', ""), "the key 'basis' must be given"),
        (("evidence", "evidense"), "line 7, key k_on.evidense: .* try evidence"),
        (("[k_on]", "k_off = 3\n[k_on]"), "line 2, key k_off: k_off must be a table but was 3"),
    ],
)
def test_a_wrong_table_is_refused_with_its_line(change, must):
    with pytest.raises(errors.InputError, match=must):
        table(TEXT.replace(*change))


def test_a_whole_number_too_long_for_a_float_is_refused():
    with pytest.raises(errors.InputError, match="value must be finite"):
        table("[k]\nvalue = 1" + "0" * 400 + '\nunit = "1"\nbasis = "chosen"\n')


def test_a_parameter_is_declared_once():
    with pytest.raises(errors.InputError, match="must be declared once but was 'k_on'"):
        table().joined(table())


def test_joined_keeps_order_and_leaves_the_parts_as_they_are():
    other = table('[b]\nvalue = 2\nunit = "h"\nbasis = "chosen"\n', "other")
    first = table()
    assert list(first.joined(other)) == ["k_on", "copies", "b"]
    assert first.joined(other)["b"].module == "other"
    assert len(first) == 2
    assert list(first.joined()) == list(first)


def test_changed_gives_another_table_and_keeps_the_rest():
    first = table()
    second = first.changed({"copies": 40})
    assert second["copies"].value == 40.0
    assert first["copies"].value == 1.0
    assert second["k_on"] == first["k_on"]
    with pytest.raises(errors.InputError, match="must be one of the model but was 'copy'; try copies"):
        first.changed({"copy": 1})


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_changed_refuses_what_is_not_finite(value):
    with pytest.raises(errors.InputError, match="copies must be finite"):
        table().changed({"copies": value})


def test_digest_tells_values_units_and_names_apart_but_not_notes():
    first = table()
    assert first.digest == table().digest
    assert first.digest == table(TEXT.replace("a note", "another")).digest
    assert first.changed({"copies": 1.0}).digest == first.digest
    others = [
        first.changed({"copies": 1.0000000001}),
        table(TEXT.replace("1/(nM*h)", "1/(uM*h)")),
        table(TEXT.replace("copies", "doses")),
    ]
    assert len({first.digest, *(other.digest for other in others)}) == 4
    assert len(first.digest) == 16
