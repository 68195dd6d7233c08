"""Odd values: numbers, names, places and XML that a stranger may write."""

from __future__ import annotations

from random import Random

#: stands in files that no reader may open; wherever it shows, one was opened
CANARY = "canary_of_the_fuzzer"

NUMBERS = (
    "0", "-0.0", "1", "-1", "2", "3", "1e400", "-1e400", "1e308", "-1e308", "1e-400", "5e-324", "NaN", "nan", "INF", "-INF",
    "inf", "Infinity", "1e", "1e+", ".", "", " ", "0x10", "1_000", "１２", "1,5", "1e5e5", "9" * 400, "0." + "0" * 400 + "1",
    "9223372036854775807", "9223372036854775808", "-2147483649", "4294967296", "1/0", "true", "1e999999999999", "170", "171",
    "0.1", "1e-9", "1e9", "0.5", "-0.5", "100",
)  # fmt: skip
NAMES = (
    "t", "time", "e", "pi", "E", "I", "S", "N", "Q", "nan", "oo", "inf", "zoo", "lambda", "def", "None", "self", "__class__",
    "a b", "1x", "", "x" * 5000, "é", "日本", "a.b", "a-b", "a'b", 'a"b', "a\tb", "a\nb", "<x>", "${x}", "%s%n", "x;y", "_",
    "__import__('os').system('true')", "exec('1/0')", "eval", "rateOf", "delay", "avogadro", "true", "false", "amount_x",
    "start_of_x", "nothing", "rate_of_x",
)  # fmt: skip


def places(outside: str) -> tuple[str, ...]:
    """Return names of files that lead out of a folder, and odd ones."""
    return (
        "../outside/model.xml", f"{outside}/model.xml", f"file://{outside}/model.xml", f"file:{outside}/model.xml",
        "file:../outside/model.xml", "./../outside/model.xml", "link.xml", "linked/model.xml", "a/../../outside/model.xml",
        "..\\outside\\model.xml", "%2e%2e/outside/model.xml", "file:%2e%2e/outside/model.xml", "http://localhost:9/model.xml",
        "https://localhost:9/model.xml", "ftp://localhost:9/m.xml", "", ".", "..", "/", "/dev/zero", "/dev/stdin", "/proc/self/mem",
        "model.xml", "missing.xml", "urn:miriam:biomodels.db:BIOMD0000000001", "a" * 5000, "a\0b", "~", "~root/.profile",
        "file://localhost" + outside + "/model.xml", "FILE:" + outside + "/model.xml", "//localhost" + outside + "/model.xml",
        outside, "../outside", "pipe",
    )  # fmt: skip


def number(rng: Random) -> str:
    """Return an odd number, or an ordinary one."""
    return rng.choice(NUMBERS) if rng.random() < 0.8 else repr(rng.uniform(-10, 10))


def doctypes(outside: str) -> tuple[tuple[str, str], ...]:
    """Return document types with what makes use of them."""
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    return (
        (f'<!DOCTYPE sbml [<!ENTITY x SYSTEM "file://{outside}/secret.txt">]>', "&x;"),
        (f'<!DOCTYPE sbml [<!ENTITY % x SYSTEM "file://{outside}/secret.txt"> %x;]>', ""),
        (f'<!DOCTYPE sbml SYSTEM "file://{outside}/secret.dtd">', ""),
        (f'<!DOCTYPE sbml [<!ENTITY l0 "lol">{laughs}]>', "&l9;"),
        ('<!DOCTYPE sbml [<!ENTITY x "y">]>', "&x;"),
        ('<!DOCTYPE sbml PUBLIC "-//x" "http://localhost:9/x.dtd">', ""),
        (f'<?xml-stylesheet href="file://{outside}/secret.txt"?>', ""),
        (
            f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file://{outside}/secret.txt" parse="text"/>',
            "",
        ),
    )
