"""Arrays and plain values to bytes and back, the same bytes for the same values."""

import json
import zlib
from collections.abc import Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.generic]
Plain = str | int | float | bool | None | list["Plain"] | dict[str, "Plain"]

_MAGIC: Final = b"outcry-detector-3\n"
_LEVEL: Final = 1
"""Compression level: most of a checkpoint is zeros, which the fastest level already folds."""


def pack(values: Mapping[str, Plain], arrays: Mapping[str, Array]) -> bytes:
    """One byte string holding named plain values and named arrays.

    >>> unpack(pack({"a": 1}, {"b": np.arange(3)}))
    ({'a': 1}, {'b': array([0, 1, 2])})
    """
    shapes = [[name, array.dtype.str, list(array.shape)] for name, array in arrays.items()]
    header = json.dumps({"values": values, "arrays": shapes}, sort_keys=True).encode()
    body = b"".join(np.ascontiguousarray(array).tobytes() for array in arrays.values())
    size = len(header).to_bytes(8, "big")
    return _MAGIC + zlib.compress(size + header + body, _LEVEL)


def unpack(packed: bytes) -> tuple[dict[str, Plain], dict[str, Array]]:
    """What `pack` was given; the arrays are writable copies.

    Raises:
        ValueError: when the bytes are not of this format.
    """
    if not packed.startswith(_MAGIC):
        raise ValueError("not a checkpoint of this detector")
    try:
        raw = zlib.decompress(packed[len(_MAGIC) :])
    except zlib.error as error:
        raise ValueError("a damaged checkpoint") from error
    start = 8 + int.from_bytes(raw[:8], "big")
    header = json.loads(raw[8:start])
    arrays: dict[str, Array] = {}
    for name, kind, shape in header["arrays"]:
        dtype = np.dtype(kind)
        end = start + dtype.itemsize * int(np.prod(shape, dtype=np.int64))
        arrays[name] = np.frombuffer(raw[start:end], dtype).reshape(shape).copy()
        start = end
    return header["values"], arrays
