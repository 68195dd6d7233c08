"""Mutations of text and bytes that know nothing of what they mean."""

from __future__ import annotations

import re
from random import Random

from fuzzing.oddities import NAMES, number

_WORD = re.compile(r"[A-Za-z_]\w*")
_NUMBER = re.compile(r"(?<![\w.])\d+\.?\d*(?:[eE][-+]?\d+)?")
_SIGNS = ["(", ")", "((((", ";", ":", "->", "=>", ":=", "'", '"', "=", "^", "**", ",", "{", "}", "[", "]", "$", "@", "\0", "\\",
          "/*", "*/", "//", "#", "`", "\t", "\n", "&", "<", "&lt;", "&#0;", "&#x10FFFF;", "]]>", "<!--", "|", "~", "%", "- " * 50]  # fmt: skip
_ENCODINGS = ("utf-16", "utf-16-be", "utf-32", "latin-1", "utf-7", "cp037", "utf-8-sig")


def text(rng: Random, given: str) -> str:
    """Return a text with one change: words and numbers swapped, cut, repeated or odd."""
    pick = rng.randrange(9)
    words = list(_WORD.finditer(given))
    numbers = list(_NUMBER.finditer(given))
    if pick == 0 and numbers:
        return _with(given, rng.choice(numbers), number(rng))
    if pick == 1 and words:
        return _with(given, rng.choice(words), rng.choice(NAMES))
    if pick in (2, 3) and words:
        return _with(given, rng.choice(words), rng.choice(words)[0])
    at = rng.randrange(len(given) + 1)
    if pick == 4:
        return given[:at] + rng.choice(_SIGNS) + given[at:]
    if pick == 5:
        return given[:at] + given[at + rng.choice((1, 1, 2, 10, 1000)) :]
    if pick == 6:
        piece = given[at : at + rng.choice((1, 10, 100))]
        return given[:at] + piece * rng.choice((2, 3, 50, 1000)) + given[at:]
    lines = given.splitlines(keepends=True)
    if pick == 7 and len(lines) > 1:
        a, b = rng.randrange(len(lines)), rng.randrange(len(lines))
        lines[a], lines[b] = lines[b], lines[a] if rng.random() < 0.7 else ""
        return "".join(lines)
    return given[:at]


def _with(given: str, found: re.Match[str], new: str) -> str:
    return given[: found.start()] + new + given[found.end() :]


def raw(rng: Random, given: bytes) -> bytes:
    """Return bytes with one change: flipped, cut, repeated, or in another encoding."""
    at = rng.randrange(len(given) + 1)
    pick = rng.randrange(7)
    if pick == 0 and given:
        at = min(at, len(given) - 1)
        return given[:at] + bytes([given[at] ^ (1 << rng.randrange(8))]) + given[at + 1 :]
    if pick == 1:
        return given[:at] + rng.randbytes(rng.choice((1, 2, 8))) + given[at:]
    if pick == 2:
        return given[:at] + given[at + rng.choice((1, 4, 64)) :]
    if pick == 3:
        return given[:at]
    if pick == 4:
        return (
            given[:at]
            + rng.choice((b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"\r", b"\xf4\x90\x80\x80", b"\x1b[2J"))
            + given[at:]
        )
    if pick == 5:
        encoding = rng.choice(_ENCODINGS)
        decoded = given.decode("utf-8", "replace").encode(encoding, "replace")
        return decoded.replace(b"UTF-8", encoding.encode()) if rng.random() < 0.5 else decoded
    return given[:at] + given[max(0, at - 200) : at] * rng.choice((2, 20)) + given[at:]
