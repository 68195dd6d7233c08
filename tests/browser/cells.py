"""A tumour of any size as the server would send it, so that the drawing can be tested without growing it."""

from __future__ import annotations

import json
import struct

import numpy as np
from playwright.sync_api import Page

MEDIA_TYPE = "application/vnd.autocrine.frame"


def frame(header: dict[str, object], arrays: dict[str, np.ndarray]) -> bytes:
    """Write a frame: length of the header, header, arrays."""
    names = {"float32": "f4", "float64": "f8"}
    listed, payload = [], b""
    for name, array in arrays.items():
        kind = names[str(array.dtype)]
        listed.append({"name": name, "type": kind, "shape": list(array.shape), "offset": len(payload)})
        payload += array.tobytes() + b"\0" * (-array.nbytes % 8)
    text = json.dumps({**header, "arrays": listed}).encode()
    text += b" " * (-(len(text) + 4) % 8)
    return struct.pack("<I", len(text)) + text + payload


def ball(count: int) -> bytes:
    """Return cells packed in a ball: IL-6 highest in the middle, two clones side by side."""
    rng = np.random.default_rng(1)
    reach = 6.2 * count ** (1 / 3)
    direction = rng.normal(size=(count, 3))
    direction /= np.linalg.norm(direction, axis=1)[:, None]
    depth = rng.random(count) ** (1 / 3)
    position = direction * (depth * reach)[:, None]
    columns = {
        "position": position,
        "radius": rng.uniform(5.0, 6.6, count),
        "il6": 2 * np.exp(-2 * depth),
        "clone": (position[:, 0] > 0).astype(float),
    }
    return frame({}, {name: np.ascontiguousarray(column, dtype="f4") for name, column in columns.items()})


def answer_with_cells(page: Page, count: int) -> None:
    """Let a page believe that the server keeps a tumour of so many cells."""
    one = ball(count)
    about = {"times_h": [0, 24], "domain_um": [600, 600, 600], "colours": ["il6", "clone"], "cells_max": count}
    page.route("**/api/tumours", lambda route: route.fulfill(json=[{"id": "ball", "title": "Ball"}]))
    page.route("**/api/tumours/ball", lambda route: route.fulfill(json=about))
    page.route("**/api/tumours/ball/frames/*", lambda route: route.fulfill(body=one, content_type=MEDIA_TYPE))
