"""Whether the blocks of a Matroska or WebM file lie one behind the other, as they were written.

FFmpeg looks for the next block after bytes that are none and says nothing of it: what lay
between is missing from the video, and nothing else shows it.

Format: RFC 8794 (EBML) and RFC 9559 (Matroska).
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from lm_eval_generalbench.media.faults import bad

SEGMENT, TRACKS, CLUSTER = 0x18538067, 0x1654AE6B, 0x1F43B675
TRACK, NUMBER = 0xAE, 0xD7
BLOCK, SIMPLE_BLOCK, BLOCK_GROUP = 0xA1, 0xA3, 0xA0
# Timestamp, PrevSize, Position, SilentTracks, EncryptedBlock, Void, CRC-32
BESIDES = {0xE7, 0xAB, 0xA7, 0x5854, 0xAF, 0xEC, 0xBF}
TOP_LEVEL = 0x10000000  # names of what is not inside of a cluster, but for Void and CRC-32


class Element(NamedTuple):
    """One piece of a file."""

    name: int
    place: int  # where it begins
    start: int  # where its content begins
    end: int | None  # where the next one begins; None if it does not say


def check_blocks(path: str | Path) -> None:
    """Walk over the headers of all blocks; their content is not read.

    A file that ends too early passes here: whether too much is missing is told by its length.

    Raises:
        BadMedia: Where a block should begin, none does.
    """
    length = os.path.getsize(path)
    with open(path, "rb") as file:
        for element in _elements(file, 0, length):
            if element.name == SEGMENT:
                end = min(element.end or length, length)
                damage = _damage(file, element.start, end)
                if damage is not None and damage < length - 16:
                    raise bad(path, "video", f"it is damaged at byte {damage:,}")


def _damage(file: BinaryIO, place: int, end: int) -> int | None:
    """Where the first thing stands that should not be there."""
    tracks: set[int] = set()
    while place < end:
        element = _element(file, place)
        if element is None or (element.name < TOP_LEVEL and element.name not in BESIDES):
            return place
        if element.name == TRACKS and element.end:
            tracks = set(_track_numbers(file, element.start, element.end))
        if element.name == CLUSTER:
            place = element.start
            while place < min(element.end or end, end):
                inner = _element(file, place)
                if inner is not None and element.end is None and inner.name >= TOP_LEVEL:
                    break
                if inner is None or inner.end is None or not _fits(file, inner, tracks):
                    return place
                if inner.end > (element.end or inner.end):
                    return place
                place = inner.end
        elif element.end is None:
            return None
        else:
            place = element.end
    return None


def _fits(file: BinaryIO, element: Element, tracks: set[int]) -> bool:
    """Whether an element belongs into a cluster, and is of a track that there is."""
    if element.name == BLOCK_GROUP and element.end:
        inner = list(_elements(file, element.start, element.end))
        return any(one.name == BLOCK and _fits(file, one, tracks) for one in inner)
    if element.name not in (BLOCK, SIMPLE_BLOCK):
        return element.name in BESIDES
    file.seek(element.start)
    head = file.read(8)
    number = _number(head, 0)
    return not head or (number is not None and (number[0] in tracks or not tracks))


def _track_numbers(file: BinaryIO, place: int, end: int) -> Iterator[int]:
    for track in _elements(file, place, end):
        if track.name == TRACK and track.end:
            for element in _elements(file, track.start, track.end):
                if element.name == NUMBER and element.end:
                    file.seek(element.start)
                    yield int.from_bytes(file.read(element.end - element.start), "big")


def _elements(file: BinaryIO, place: int, end: int) -> Iterator[Element]:
    """What lies between two places, up to where no element begins."""
    while place < end and (element := _element(file, place)) is not None:
        yield element
        place = element.end or end


def _element(file: BinaryIO, place: int) -> Element | None:
    file.seek(place)
    head = file.read(12)
    if len(head) < 2 or head[0] < 0x10:
        return None
    width = 9 - head[0].bit_length()
    size = _number(head, width)
    if size is None:
        return None
    start = place + width + size[1]
    unknown = size[0] == (1 << 7 * size[1]) - 1
    return Element(
        int.from_bytes(head[:width], "big"), place, start, None if unknown else start + size[0]
    )


def _number(data: bytes, at: int) -> tuple[int, int] | None:
    """A number whose first byte tells how many belong to it, and how many these are."""
    if len(data) <= at or data[at] == 0:
        return None
    width = 9 - data[at].bit_length()
    if len(data) < at + width:
        return None
    return int.from_bytes(data[at : at + width], "big") - (1 << 7 * width), width
