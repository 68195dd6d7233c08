"""Submodels written out by libsbml, in a process of its own.

The converter of libsbml crashes on some documents that do not fit together, and nothing can be caught then. This file
is also what the process runs; so that it starts quickly it imports libsbml alone.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

#: seconds that writing out submodels may take
LONGEST_S = 60.0
_OPTIONS = {
    "flatten comp": True,
    "leavePorts": False,
    "performValidation": False,
    "abortIfUnflattenable": "requiredOnly",
}


def flattened(text: str, location: str) -> tuple[str, str]:
    """Return a document without submodels as text, or nothing and the reason.

    Parameters
    ----------
    text : str
        The document.
    location : str
        The URI of its file, which files beside it are found by; empty if there is none.
    """
    # -P: the files beside this one are not to be found as modules of the standard library
    command = [sys.executable, "-P", str(Path(__file__).resolve())]
    given = json.dumps({"text": text, "location": location})
    try:
        done = subprocess.run(  # noqa: S603 - this Python and this file, nothing from outside
            command, input=given, capture_output=True, text=True, encoding="utf-8", timeout=LONGEST_S, check=False
        )
    except subprocess.TimeoutExpired:
        return "", f"libsbml did not write them out within {LONGEST_S:g} s"
    try:
        answer = json.loads(done.stdout)
    except json.JSONDecodeError:
        return "", "libsbml breaks off when it writes them out"
    return answer["text"], answer["reason"]


def _convert(text: str, location: str) -> dict[str, str]:
    import libsbml

    document = libsbml.readSBMLFromString(text)
    if location:
        document.setLocationURI(location)
    options = libsbml.ConversionProperties()
    for name, value in _OPTIONS.items():
        options.addOption(name, value, "")
    document.getErrorLog().clearLog()
    if document.convert(options) == libsbml.LIBSBML_OPERATION_SUCCESS:
        return {"text": libsbml.writeSBMLToString(document), "reason": ""}
    log = document.getErrorLog()
    messages = [log.getError(place).getMessage() for place in range(log.getNumErrors())]
    return {"text": "", "reason": messages[-1] if messages else "no reason was given"}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_convert(**json.loads(sys.stdin.read()))))
