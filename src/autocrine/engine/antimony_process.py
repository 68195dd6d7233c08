"""Run as a program: translates between Antimony and SBML, for `autocrine.engine.antimony_text`.

It reads JSON (``{"to": "sbml" or "antimony", "text": ...}``) and prints JSON (``{"text": ...}`` or ``{"error": ...}``).
The library keeps what it has read for the whole process and answers some texts with hours or a crash, so that it gets
a process of its own for each text.
"""

import json
import resource
import sys
from collections.abc import Callable
from typing import Any

#: memory (bytes) that a translation may take
_MOST_MEMORY = 4 * 2**30


def translated(text: str, load: Callable[[str], int], write: Callable[..., Any]) -> dict[str, str]:
    """Return what a text becomes, or why it becomes nothing."""
    import antimony

    if load(text) < 0:
        return {"error": str(antimony.getLastError() or "it cannot be read")}
    found = write(antimony.getMainModuleName() or "")
    return {"text": found} if found else {"error": str(antimony.getLastError() or "it holds no model")}


if __name__ == "__main__":
    import antimony

    _, allowed = resource.getrlimit(resource.RLIMIT_AS)  # a limit can only be lowered
    most = _MOST_MEMORY if allowed == resource.RLIM_INFINITY else min(_MOST_MEMORY, allowed)
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    asked = json.load(sys.stdin)
    if asked["to"] == "sbml":
        answer = translated(asked["text"], antimony.loadAntimonyString, antimony.getSBMLString)
    else:
        answer = translated(asked["text"], antimony.loadSBMLString, antimony.getAntimonyString)
    json.dump(answer, sys.stdout)
