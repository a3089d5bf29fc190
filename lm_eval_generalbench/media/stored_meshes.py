"""PLY and OBJ: vertices and faces as stored, in the order stored.

Labels refer to vertices by their place. Libraries that read meshes in order to draw them part
a vertex where two pieces of a texture meet, and leave out vertices that no face uses; here
every vertex of the file is one row, whether it repeats another or not.
"""

import io
import re
import struct
from array import array
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lm_eval_generalbench.media.faults import bad, check_count, decoding, read_bytes


class Stored(NamedTuple):
    """Vertices and triangles of a file; faces of more corners as a fan around the first."""

    vertices: np.ndarray  # float64 (n, 3)
    faces: np.ndarray  # int64 (m, 3): rows of `vertices`


def _fans(lengths: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Triangles of faces whose corners stand one after the other, (m, 3).

    >>> _fans(np.array([3, 4, 2]), np.arange(9)).tolist()
    [[0, 1, 2], [3, 4, 5], [3, 5, 6]]
    """
    starts = np.cumsum(lengths) - lengths
    pieces = np.maximum(lengths - 2, 0)
    first = np.repeat(starts, pieces)
    step = np.arange(len(first)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    return corners[np.stack([first, first + step + 1, first + step + 2], axis=1)]


# --- OBJ -----------------------------------------------------------------------------------


def read_obj(path: str | Path, kind: str) -> Stored:
    """Vertices (`v x y z`, whatever follows on the line) and faces of a Wavefront OBJ.

    Negative numbers of vertices count back from the line. Comments may stand anywhere; lines
    of textures, normals, groups, materials and curves are passed over.

    Raises:
        BadMedia: Missing, empty, or a vertex or face is not written in numbers.
    """
    data = read_bytes(path, kind).removeprefix(b"\xef\xbb\xbf")
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if b"\\\n" in data:
        data = data.replace(b"\\\n", b" ")  # a line that goes on
    numbers, lengths, corners = array("d"), array("q"), array("q")
    with decoding(path, kind):
        for line in io.BytesIO(data):
            words = line.split()
            if not words:
                continue
            if words[0] == b"v":
                x, y, z = words[1:4]
                numbers.extend((float(x), float(y), float(z)))
            elif words[0] == b"f":
                face = list(_face(words[1:], len(numbers) // 3))
                lengths.append(len(face))
                corners.extend(face)
        vertices = np.array(numbers, np.float64).reshape(-1, 3)
        return Stored(vertices, _fans(np.array(lengths, int), np.array(corners, int)))


def _face(words: Sequence[bytes], before: int) -> Iterator[int]:
    for word in words:
        if word.startswith(b"#"):
            return
        number = int(word.partition(b"/")[0])
        if number == 0 or number < -before:
            raise ValueError(f"a face has a corner {number}, and {before} vertices stand before it")
        yield number - 1 if number > 0 else before + number


# --- PLY -----------------------------------------------------------------------------------

TYPES = {
    **{"char": "i1", "uchar": "u1", "short": "i2", "ushort": "u2", "int": "i4", "uint": "u4"},
    **{"int8": "i1", "uint8": "u1", "int16": "i2", "uint16": "u2", "int32": "i4", "uint32": "u4"},
    **{"float": "f4", "double": "f8", "float32": "f4", "float64": "f8"},
    **{"int64": "i8", "uint64": "u8"},
}
ORDERS = {"binary_little_endian": "<", "binary_big_endian": ">", "ascii": "="}
MAX_HEADER = 1_000_000  # bytes; scanners write long comments


class Property(NamedTuple):
    """A column of an element: one number, or a list whose length is written as `length`."""

    name: str
    type: np.dtype
    length: np.dtype | None


class Element(NamedTuple):
    """A table of the file."""

    name: str
    rows: int
    properties: list[Property]


# Columns by name; a list is (how many numbers each row has, all numbers one after the other)
Table = dict[str, np.ndarray | tuple[np.ndarray, np.ndarray]]


def read_ply(path: str | Path, kind: str) -> Stored:
    """Vertices and faces of a PLY, as text or of either byte order.

    Raises:
        BadMedia: Missing, damaged, cut short, or without vertices of x, y and z.
    """
    tables = _read_ply(path, kind, ("vertex", "face"))
    with decoding(path, kind):
        vertex = tables.get("vertex", {})
        axes = [vertex.get(axis) for axis in "xyz"]
        if not all(isinstance(axis, np.ndarray) for axis in axes):
            raise bad(path, kind, "its vertices have no x, y and z")
        vertices = np.stack([np.asarray(axis, np.float64) for axis in axes], axis=1)
        lists = {k: v for k, v in tables.get("face", {}).items() if isinstance(v, tuple)}
        names = [name for name in lists if name in ("vertex_indices", "vertex_index")]
        faces = np.zeros((0, 3), int)
        if lists:
            lengths, corners = lists[names[0] if names else next(iter(lists))]
            faces = _fans(lengths, corners.astype(np.int64))
        return Stored(vertices, faces)


def ply_column(path: str | Path, name: str, kind: str) -> np.ndarray:
    """A number of every vertex of a PLY, such as "label" in ScanNet's files.

    Raises:
        BadMedia: As for read_ply, or its vertices have no such property.
    """
    column = _read_ply(path, kind, ("vertex",)).get("vertex", {}).get(name)
    if not isinstance(column, np.ndarray):
        raise bad(path, kind, f"its vertices have no property {name!r}")
    return column


def _read_ply(path: str | Path, kind: str, wanted: Sequence[str]) -> dict[str, Table]:
    data = read_bytes(path, kind)
    with decoding(path, kind):
        order, elements, start = _header(data)
        tables: dict[str, Table] = {}
        lines = data[start:].splitlines() if order == "=" else []
        rows = iter([line for line in lines if line.strip()])
        for element in elements:
            check_count((element.rows, max(len(element.properties), 1)), path, kind)
            if tables.keys() >= set(wanted):
                break
            if order == "=":
                table = _read_text(element, rows)
            else:
                table, start = _read_binary(element, data, start)
            tables.setdefault(element.name, table)
    return tables


def _header(data: bytes) -> tuple[str, list[Element], int]:
    """Byte order ("=" for text), elements, and where what follows the header begins."""
    end = re.search(rb"[\r\n]end_header[ \t]*(\r\n|\r|\n|$)", data[:MAX_HEADER])
    if not data.startswith(b"ply") or end is None:
        raise ValueError("it has no header of a PLY")
    order, elements = "", list[Element]()
    for line in data[: end.start()].decode("utf-8", "replace").splitlines():
        words = line.split()
        if words[:1] == ["format"]:
            order = ORDERS[words[1]]
        elif words[:1] == ["element"]:
            rows = int(words[2])
            if rows < 0:
                raise ValueError(f"{rows} rows of {words[1]}")
            elements.append(Element(words[1], rows, []))
        elif words[:2] == ["property", "list"]:
            types = [np.dtype(order + TYPES[word]) for word in words[2:4]]
            elements[-1].properties.append(Property(words[4], types[1], types[0]))
        elif words[:1] == ["property"]:
            types = [np.dtype(order + TYPES[words[1]])]
            elements[-1].properties.append(Property(words[2], types[0], None))
    return order, elements, end.end()


def _read_text(element: Element, rows: Iterator[bytes]) -> Table:
    found = list(islice(rows, element.rows))
    if len(found) < element.rows:
        raise ValueError(f"{len(found):,} of {element.rows:,} rows of {element.name} are there")
    if not found:
        return _empty(element)
    if all(one.length is None for one in element.properties):
        width = range(len(element.properties))
        table = np.loadtxt(found, np.float64, ndmin=2, comments=None, usecols=width)
        return {one.name: table[:, i] for i, one in enumerate(element.properties)}
    columns = _empty_lists(element)
    for line in found:
        words = iter(line.split())
        for one in element.properties:
            lengths, numbers = columns[one.name]
            lengths.append(1 if one.length is None else int(next(words)))
            numbers.extend(float(next(words)) for _ in range(lengths[-1]))
    return _from_lists(element, columns)


def _read_binary(element: Element, data: bytes, start: int) -> tuple[Table, int]:
    """The element's table and where it ends."""
    if not element.rows:
        return _empty(element), start
    if table := _read_even(element, data, start):
        return table
    columns = _empty_lists(element)
    readers = [
        (one, struct.Struct(_code(one.length)) if one.length else None, *columns[one.name])
        for one in element.properties
    ]
    for _ in range(element.rows):
        for one, counter, lengths, numbers in readers:
            length = 1
            if counter is not None:
                length = int(counter.unpack_from(data, start)[0])
                start += counter.size
            lengths.append(length)
            numbers.extend(struct.unpack_from(_code(one.type, length), data, start))
            start += length * one.type.itemsize
    return _from_lists(element, columns), start


def _read_even(element: Element, data: bytes, start: int) -> tuple[Table, int] | None:
    """`_read_binary` where all lists are as long as those of the first row; None elsewhere."""
    fields: list[tuple] = []
    at = start
    for i, one in enumerate(element.properties):
        length = 1
        if one.length is not None:
            length = int(np.frombuffer(data, one.length, 1, at)[0])
            fields.append((f"n{i}", one.length))
            at += one.length.itemsize
        if not 0 <= length <= len(data):
            raise ValueError(f"a list of {length} numbers")
        fields.append((f"v{i}", one.type, (length,)))
        at += length * one.type.itemsize
    layout = np.dtype(fields)
    if layout.itemsize * element.rows > len(data) - start:
        if all(one.length is None for one in element.properties):
            there = (len(data) - start) // max(layout.itemsize, 1)
            raise ValueError(f"{there:,} of {element.rows:,} rows of {element.name} are there")
        return None
    rows = np.frombuffer(data, layout, element.rows, start)
    table: Table = {}
    for i, one in enumerate(element.properties):
        values = rows[f"v{i}"]
        if one.length is None:
            table[one.name] = values[:, 0]
        else:
            lengths = rows[f"n{i}"].astype(np.int64)
            if (lengths != values.shape[1]).any():
                return None
            table[one.name] = lengths, values.reshape(-1)
    return table, start + layout.itemsize * element.rows


def _code(type_: np.dtype, length: int = 1) -> str:
    """The letters of `struct` for `length` numbers."""
    if length < 0:
        raise ValueError(f"a list of {length} numbers")
    return f"{'>' if type_.byteorder == '>' else '<'}{length}{type_.char}".replace(
        "l", "q"
    ).replace("L", "Q")


def _empty(element: Element) -> Table:
    nothing = np.zeros(0, np.int64)
    return {
        one.name: np.zeros(0) if one.length is None else (nothing, np.zeros(0))
        for one in element.properties
    }


def _empty_lists(element: Element) -> dict[str, tuple[array, array]]:
    return {one.name: (array("q"), array("d")) for one in element.properties}


def _from_lists(element: Element, columns: dict[str, tuple[array, array]]) -> Table:
    table: Table = {}
    for one in element.properties:
        lengths, numbers = columns[one.name]
        values = np.array(numbers, np.float64)
        table[one.name] = values if one.length is None else (np.array(lengths, np.int64), values)
    return table
