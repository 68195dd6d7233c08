"""A TOML file whose complaints name file, line and key."""

import pytest

from autocrine.core import Document, errors

TEXT = '''# a study
title = "top"

[protocol]   # the plate
duration = "72 h"
volume.medium = "100 ul"

[arm."anti-IL-6R [new]"]
agents = { tocilizumab = "1 uM", "odd = name" = 3 }

["drug.with.dots".potency]
value = 3.0

[nested.one.two]
doses = [
    ["1 nM", "[protocol]"],
    ["title = 3"],
]
note = """
[arm]
duration = 3
"""
last = true
'''


def document():
    return Document.parse(TEXT, "my.toml")


def reach(*path):
    found = document()
    for key in path:
        found = found.table(key)
    return found


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("protocol",), 4),
        (("protocol", "duration"), 5),
        (("protocol", "volume", "medium"), 6),
        (("protocol", "volume"), 6),
        (("arm", "anti-IL-6R [new]"), 8),
        (("arm",), 8),
        (("arm", "anti-IL-6R [new]", "agents"), 9),
        (("arm", "anti-IL-6R [new]", "agents", "tocilizumab"), 9),
        (("drug.with.dots", "potency", "value"), 12),
        (("nested",), 14),
        (("nested", "one"), 14),
        (("nested", "one", "two", "doses"), 15),
        (("nested", "one", "two", "note"), 19),
        (("nested", "one", "two", "last"), 23),
    ],
)
def test_where_names_file_line_and_key(path, line):
    assert reach(*path[:-1]).where(path[-1]) == f"my.toml, line {line}, key {'.'.join(path)}"


def test_a_table_written_inline_points_to_its_line():
    inner = Document.parse('a = 1\nb = { c = { d = "x" } }\n', "f").table("b").table("c")
    assert inner.where("d") == "f, line 2, key b.c.d"


def test_a_document_without_text_has_no_lines():
    assert Document({"a": 1}, "", "no file").where("a") == "no file, key a"
    assert Document({}, "", "no file").where() == "no file"


@pytest.mark.parametrize(
    ("toml", "kind", "value"),
    [
        ("x = 1", int, 1),
        ("x = 1", float, 1),
        ("x = 1.5", float, 1.5),
        ("x = true", bool, True),
        ('x = "a"', str, "a"),
        ("x = []", list, []),
        ("x = {}", (list, dict), {}),
    ],
)
def test_get_returns_values_of_the_right_kind(toml, kind, value):
    assert Document.parse(toml, "f").get("x", kind) == value


@pytest.mark.parametrize(
    ("toml", "kind", "must"),
    [
        ("x = true", int, "a whole number but was True"),
        ("x = true", float, "a number but was True"),
        ("x = 1.5", int, "a whole number but was 1.5"),
        ("x = 1", str, "text but was 1"),
        ('x = "1"', float, "a number but was '1'"),
        ('x = "a"', (list, dict), "a list or a table but was 'a'"),
        ("x = 1", bool, "true or false but was 1"),
        ("x = 2001-12-15", str, "text but was"),
    ],
)
def test_get_refuses_values_of_another_kind(toml, kind, must):
    with pytest.raises(errors.InputError, match=f"^f, line 1, key x: x must be {must}"):
        Document.parse(toml, "f").get("x", kind)


def test_an_absent_key_has_its_default_or_an_error_that_says_what_is_there():
    protocol = document().table("protocol")
    assert protocol.get("seeded", str, "1e4 cell") == "1e4 cell"
    with pytest.raises(errors.InputError, match=r"my\.toml, line 4, key protocol: .*'seeded'.*holds duration, volume"):
        protocol.get("seeded", str)


def test_an_absent_table_is_empty_and_a_value_is_no_table():
    assert document().table("density").values == {}
    with pytest.raises(errors.InputError, match="line 2, key title: title must be a table but was 'top'"):
        document().table("title")


def test_tables_go_through_named_tables_and_refuse_values_between_them():
    assert [name for name, _ in document().tables("arm")] == ["anti-IL-6R [new]"]
    with pytest.raises(errors.InputError, match=r"line 5, key protocol\.duration: duration must be a table"):
        list(document().tables("protocol"))


def test_an_unknown_key_is_refused_and_the_nearest_is_offered():
    with pytest.raises(errors.InputError, match=r"line 5, key protocol\.duration: .*'duration'; try durations$"):
        document().table("protocol").allow(["durations", "seeded"])
    with pytest.raises(errors.InputError, match="try one of xyz, qqq"):
        document().table("protocol").allow(["xyz", "qqq"])
    document().table("protocol").allow(["duration", "volume", "seeded"])


@pytest.mark.parametrize("text", ["", "  \n\t\n"])
def test_an_empty_file_is_refused(text):
    with pytest.raises(errors.InputError, match=r"^f: the file must hold at least one table but was empty; try "):
        Document.parse(text, "f")


@pytest.mark.parametrize(
    "text",
    ["a = ", "a = 1\na = 2", "[a\n", "\x00", "a = " + "[" * 5000, "a = " + "9" * 5000, "[a]\nb = 1\n[a]\n", '{"a": 1}'],
)
def test_malformed_toml_is_refused(text):
    with pytest.raises(errors.InputError, match=r"^f: the file must be valid TOML: "):
        Document.parse(text, "f")


def test_load_reads_a_file_and_forgives_a_byte_order_mark(tmp_path):
    path = tmp_path / "study.toml"
    path.write_bytes(b"\xef\xbb\xbfa = 1\r\n[b]\r\nc = 2\r\n")
    loaded = Document.load(path)
    assert loaded.get("a", int) == 1
    assert loaded.table("b").where("c") == f"{path}, line 3, key b.c"


def test_load_says_what_is_wrong_with_a_file(tmp_path):
    with pytest.raises(errors.InputError, match=r"the file must exist but was .*absent\.toml"):
        Document.load(tmp_path / "absent.toml")
    with pytest.raises(errors.InputError, match="the file must be readable UTF-8 text"):
        Document.load(tmp_path)
    (tmp_path / "latin.toml").write_bytes(b'a = "\xe9"')
    with pytest.raises(errors.InputError, match="the file must be readable UTF-8 text"):
        Document.load(tmp_path / "latin.toml")
