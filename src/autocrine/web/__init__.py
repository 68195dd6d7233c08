"""The web application: studies, evidence and jobs in a browser on the same machine."""

from autocrine.web.app import create_app
from autocrine.web.server import serve
from autocrine.web.settings import Settings

__all__ = ["Settings", "create_app", "serve"]
