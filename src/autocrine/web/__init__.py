"""The web application: studies, evidence and jobs in a browser on the same machine."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autocrine.web.app import create_app
    from autocrine.web.server import serve
    from autocrine.web.settings import Settings

#: imported when first asked for: the processes of jobs and uploads do without a server
_LATE = {"Settings": "settings", "create_app": "app", "serve": "server"}

__all__ = ["Settings", "create_app", "serve"]


def __getattr__(name: str) -> Any:
    """Import what is heavy when it is first asked for."""
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"autocrine.web.{_LATE[name]}"), name)
