"""How Sphinx makes the site from the pages beside this file: ``make docs``."""

from __future__ import annotations

import runpy
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent

project = "Autocrine"
project_copyright = "The Autocrine developers"
version = release = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["figures/*", "examples/*"]
html_theme = "furo"
html_title = f"Autocrine {version}"
html_copy_source = False
html_show_sourcelink = False
html_math_renderer = "mathml"
html_theme_options = {"top_of_page_buttons": []}
html_static_path = ["static"]
html_css_files = ["site.css"]

myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_timeout = 120
nb_execution_raise_on_error = True
nb_merge_streams = True

autodoc_default_options = {"members": True}
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True

# no mistakes: source code beside the pages, headings that begin below the first level in included files, and names
# such as InputError that several pages have
suppress_warnings = ["myst.xref_missing", "myst.header", "ref.python"]

#: pages outside of this folder, and the page of the site that each is
_OUTSIDE = {"../CONTRIBUTING.md": "contributing.md", "../CHANGELOG.md": "changelog.md", "../README.md": "index.md"}
_CONTENTS = """
```{toctree}
:hidden:
:caption: First
tutorial
plates
curves
explain
reversal
tumours
patients
prognosis
evidence
```
```{toctree}
:hidden:
:caption: Tutorials, executed
tutorials/circuit
tutorials/assay
tutorials/studies
tutorials/tissue
tutorials/cohort
tutorials/prognosis
tutorials/evidence
tutorials/calibration
tutorials/engine
tutorials/plots
```
```{toctree}
:hidden:
:caption: The model
circuit
equations
pulses
standards
```
```{toctree}
:hidden:
:caption: For who builds on it
api/index
decisions/README
contributing
changelog
```
"""


def read(_app: Any, name: str, source: list[str]) -> None:
    """Lead links out of this folder to pages of the site, and put the list of contents under the first page."""
    for outside, page in _OUTSIDE.items():
        source[0] = source[0].replace(f"]({outside}", f"]({page}")
    if name == "index":
        source[0] += _CONTENTS + _rest()
    if name == "decisions/README":
        source[0] += "\n```{toctree}\n:hidden:\n:glob:\n*\n```\n"


def _rest() -> str:
    """List the pages that stand in no list above, so that a new page is never out of reach."""
    named = set(_CONTENTS.split()) | {"index"}
    pages = sorted(path.stem for path in HERE.glob("*.md") if path.stem not in named)
    return "\n```{toctree}\n:hidden:\n:caption: More\n" + "\n".join(pages) + "\n```\n" if pages else ""


def make_equations(_app: Any) -> None:
    """Write the page of equations from the model."""
    page = runpy.run_path(str(HERE / "equations.py"))["page"]()
    (HERE / "equations.md").write_text(page, encoding="utf-8")


def inline(writer: Any, node: Any) -> None:
    """Write a formula in a line as MathML, which browsers draw without a script."""
    _formula(writer, node, "inline")


def display(writer: Any, node: Any) -> None:
    """Write a formula on a line of its own."""
    _formula(writer, node, "block")


def _formula(writer: Any, node: Any, how: str) -> None:
    text = import_module("latex2mathml.converter").convert(node.astext(), display=how)
    writer.body.append(text if how == "inline" else f'<div class="formula">{text}</div>')
    raise import_module("docutils.nodes").SkipNode


def setup(app: Any) -> None:
    """Tell Sphinx of the above."""
    app.connect("builder-inited", make_equations)
    app.connect("source-read", read)
    app.add_html_math_renderer("mathml", (inline, None), (display, None))
