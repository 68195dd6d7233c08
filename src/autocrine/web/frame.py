"""A binary answer: a JSON header and arrays behind it, which a browser reads without copying."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from starlette.responses import Response

MEDIA_TYPE = "application/vnd.autocrine.frame"
#: kinds of numbers that a header names
_KINDS = {"f4": np.dtype("<f4"), "f8": np.dtype("<f8"), "i4": np.dtype("<i4"), "u1": np.dtype("u1")}
_ALIGNED = 8


def pack(header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> bytes:
    """Return a frame.

    Parameters
    ----------
    header : mapping
        What JSON can hold; a number that is not finite becomes null.
    arrays : mapping of str to ndarray
        Float, int32 or uint8 arrays of any shape.

    Returns
    -------
    bytes
        Length of the header (uint32, little-endian), the header padded with spaces so that what follows starts at a
        multiple of 8 bytes, then the arrays, each at a multiple of 8 bytes.
    """
    rows, parts, offset = [], [], 0
    for name, array in arrays.items():
        kind = _kind_of(array)
        raw = np.ascontiguousarray(array, _KINDS[kind]).tobytes()
        rows.append({"name": name, "type": kind, "shape": list(array.shape), "offset": offset})
        padding = -len(raw) % _ALIGNED
        parts.append(raw + b"\0" * padding)
        offset += len(raw) + padding
    text = json.dumps(plain({"arrays": rows, **header}), allow_nan=False, separators=(",", ":")).encode()
    text += b" " * (-(4 + len(text)) % _ALIGNED)
    return struct.pack("<I", len(text)) + text + b"".join(parts)


def unpack(raw: bytes) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return header and arrays of a frame: the inverse of `pack`."""
    (length,) = struct.unpack_from("<I", raw)
    header = json.loads(raw[4 : 4 + length])
    found = {}
    for row in header["arrays"]:
        kind, shape = _KINDS[row["type"]], tuple(row["shape"])
        array = np.frombuffer(raw, kind, math.prod(shape), 4 + length + row["offset"])
        found[row["name"]] = array.reshape(shape)
    return header, found


def answer(header: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Response:
    """Return a frame as the answer to a request."""
    return Response(pack(header, arrays), media_type=MEDIA_TYPE)


def plain(value: Any) -> Any:
    """Return what JSON can hold: a number that is not finite becomes null."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _kind_of(array: np.ndarray) -> str:
    if array.dtype.kind == "b" or array.dtype == np.uint8:
        return "u1"
    if array.dtype.kind in "iu":
        return "i4"
    return "f4" if array.dtype == np.float32 else "f8"
