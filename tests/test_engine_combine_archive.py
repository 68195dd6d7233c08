"""Archives of strangers: what lies outside, unpacks to too much, or is no archive is refused; the rest is read."""

import io
import stat
import struct
import zipfile

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from autocrine.core import errors
from autocrine.engine.combine import archive as archive_module
from autocrine.engine.combine.archive import read_archive, write_files
from autocrine.engine.combine.manifest import Entry, manifest_text, read_manifest

TEXT = "http://purl.org/NET/mediatypes/text/plain"


def zipped(tmp_path, files, name="it.omex"):
    """Write a zip file as it is told, without any rule."""
    path = tmp_path / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for place, content in files:
            opened.writestr(place, content)
    return path


def with_manifest(tmp_path, files, entries=()):
    return zipped(tmp_path, [("manifest.xml", manifest_text(entries)), *files])


def test_what_is_written_is_read(tmp_path):
    contents = [(Entry("a/b c.txt", TEXT, master=True), "grün"), (Entry("d.xml", "x & y"), "<d/>")]
    write_files(tmp_path / "it.omex", contents)
    found = read_archive(tmp_path / "it.omex")
    assert found.entries == tuple(entry for entry, _ in contents)
    assert [found.text(entry.location) for entry in found.entries] == ["grün", "<d/>"]
    write_files(tmp_path / "again.omex", contents)
    assert (tmp_path / "again.omex").read_bytes() == (tmp_path / "it.omex").read_bytes()


def test_places_are_relative_to_the_file_that_names_them(tmp_path):
    found = read_archive(with_manifest(tmp_path, [("a/b.txt", "b"), ("c.txt", "c")]))
    assert found.text("b.txt", beside="a/x.sedml") == "b"
    assert found.text("../c.txt", beside="a/x.sedml") == "c"
    assert found.text("/c.txt", beside="a/x.sedml") == "c"
    assert found.text("./a/./b.txt") == "b"
    for outside in ("../c.txt", "../../etc/passwd", "/etc/passwd", "a/../../c.txt"):
        with pytest.raises(errors.InputError, match="must be in the archive"):
            found.text(outside)


@pytest.mark.parametrize(
    "name",
    [
        "../out.txt",
        "a/../../out.txt",
        "/etc/passwd",
        "C:/out.txt",
        "a\\..\\out.txt",
        "\\\\host\\out",
        "a/..",
        "file:///x",
    ],
)
def test_a_file_that_lies_outside_is_refused(tmp_path, name):
    with pytest.raises(errors.InputError, match="must lie inside"):
        read_archive(with_manifest(tmp_path, [(name, "x")]))


@settings(max_examples=150)
@given(st.text(st.sampled_from("ab./\\: \u00e9\n"), min_size=1, max_size=12))
@example("a/./b")
@example("a//b")
def test_no_name_leads_out_of_the_archive(tmp_path_factory, name):
    folder = tmp_path_factory.mktemp("names")
    path = with_manifest(folder, [(name, "x")])
    try:
        found = read_archive(path)
    except errors.InputError:
        return
    for place in found.files:
        assert not place.startswith("/")
        assert ".." not in place.split("/")
        assert "\\" not in place


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_a_link_or_a_device_is_refused(tmp_path, kind):
    info = zipfile.ZipInfo("link")
    info.external_attr = (kind | 0o777) << 16
    with pytest.raises(errors.InputError, match="must be a plain file"):
        read_archive(with_manifest(tmp_path, [(info, "/etc/passwd")]))


def test_a_name_that_stands_twice_is_refused(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = with_manifest(tmp_path, [("a.txt", "1"), ("a.txt", "2")])
    with pytest.raises(errors.InputError, match="once"):
        read_archive(path)
    with pytest.raises(errors.InputError, match="once"):
        read_archive(with_manifest(tmp_path, [("a/b.txt", "1"), ("a/./b.txt", "2")]))


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path):
    path = with_manifest(tmp_path, [("bomb.txt", b"0" * 50_000_000)])
    assert path.stat().st_size < 100_000
    with pytest.raises(errors.InputError, match="times as large as its compressed form"):
        read_archive(path)


def test_many_small_bombs_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(archive_module, "LARGEST_TOTAL", 5_000_000)
    with pytest.raises(errors.InputError, match="unpack to at most 5,000,000 bytes"):
        read_archive(with_manifest(tmp_path, [(f"{i}.txt", b"0" * 900_000) for i in range(6)]))


def test_a_size_that_is_a_lie_is_found(tmp_path):
    path = with_manifest(tmp_path, [("bomb.txt", b"0" * 5_000_000)])
    raw = bytearray(path.read_bytes())
    true = struct.pack("<I", 5_000_000)
    for place in [i for i in range(len(raw)) if raw.startswith(true, i)]:
        raw[place : place + 4] = struct.pack("<I", 10)
    path.write_bytes(bytes(raw))
    with pytest.raises(errors.InputError, match="sound zip file"):
        read_archive(path)


@pytest.mark.parametrize(
    ("limit", "value", "message"),
    [
        ("LARGEST_ARCHIVE", 10, "at most 10 bytes"),
        ("MOST_FILES", 1, "at most 1 files"),
        ("LARGEST_FILE", 5, "at most 5"),
    ],
)
def test_limits_are_kept(tmp_path, monkeypatch, limit, value, message):
    monkeypatch.setattr(archive_module, limit, value)
    with pytest.raises(errors.InputError, match=message):
        read_archive(with_manifest(tmp_path, [("a.txt", "1")]))


def test_other_ways_of_compression_and_encryption_are_refused(tmp_path):
    path = tmp_path / "it.omex"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as opened:
        opened.writestr("a.txt", "1")
    with pytest.raises(errors.InputError, match="stored or deflated"):
        read_archive(path)
    with zipfile.ZipFile(path, "w") as opened:
        opened.writestr("a.txt", "1")
    raw = bytearray(path.read_bytes())
    directory = raw.rindex(b"PK\1\2")
    raw[directory + 8] |= 1
    path.write_bytes(bytes(raw))
    with pytest.raises(errors.InputError, match="must not be encrypted"):
        read_archive(path)


MANIFESTS = {
    "no manifest": ([("a.txt", "1")], "must hold manifest.xml"),
    "no XML": ([("manifest.xml", "nothing")], "must be XML"),
    "empty": ([("manifest.xml", "")], "must be XML"),
    "an unknown encoding": ([("manifest.xml", "<?xml version='1.0' encoding='no-such'?><a/>")], "must"),
    "not a place": ([("manifest.xml", "<m><content format='x'/></m>")], "location and format"),
    "something absent": ([("manifest.xml", manifest_text([Entry("b.txt", TEXT)]))], "must be in the archive"),
    "an entity": (
        [("manifest.xml", "<!DOCTYPE m [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><m>&a;</m>")],
        "must not declare",
    ),
    "a billion laughs": (
        [("manifest.xml", "<!DOCTYPE m [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;'>]><m>&b;</m>")],
        "must not declare",
    ),
}


@pytest.mark.parametrize(("files", "message"), MANIFESTS.values(), ids=MANIFESTS)
def test_a_manifest_that_is_wrong_is_refused(tmp_path, files, message):
    with pytest.raises(errors.InputError, match=message):
        read_archive(zipped(tmp_path, files))


def test_what_lies_elsewhere_is_left_out():
    text = manifest_text([Entry("a.txt", TEXT), Entry("https://example.org/b", TEXT)]).replace("./https", "https")
    assert read_manifest(text.encode(), "it") == [Entry("a.txt", TEXT)]


@pytest.mark.parametrize("content", [b"", b"PK", b"PK\3\4 and nothing more", b"<sbml/>"])
def test_no_archive_is_refused(tmp_path, content):
    (tmp_path / "it.omex").write_bytes(content)
    with pytest.raises(errors.InputError, match="sound zip file"):
        read_archive(tmp_path / "it.omex")
    with pytest.raises(errors.InputError, match="can be read"):
        read_archive(tmp_path / "absent.omex")
    with pytest.raises(errors.InputError, match="can be read"):
        read_archive(tmp_path)


def _sound():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("manifest.xml", manifest_text([Entry("a.txt", TEXT)]))
        opened.writestr("a.txt", "some text " * 20)
    return buffer.getvalue()


SOUND = _sound()


@settings(max_examples=400)
@given(st.lists(st.tuples(st.integers(0, len(SOUND) - 1), st.integers(0, 255)), max_size=6), st.integers(0, len(SOUND)))
def test_a_damaged_archive_is_read_or_refused_and_nothing_else(tmp_path_factory, damage, end):
    raw = bytearray(SOUND)
    for place, value in damage:
        raw[place] = value
    path = tmp_path_factory.mktemp("damaged") / "it.omex"
    path.write_bytes(bytes(raw[:end] if end % 3 else raw))
    try:
        found = read_archive(path)
    except errors.InputError:
        return
    assert "manifest.xml" in found.files


@settings(max_examples=300)
@given(st.one_of(st.binary(max_size=200), st.text(st.sampled_from("<>/!&;'\"=[]xmlcontent DOCTYPE"), max_size=80)))
def test_any_manifest_is_read_or_refused_and_nothing_else(content):
    try:
        read_manifest(content.encode() if isinstance(content, str) else content, "it")
    except errors.InputError:
        return
