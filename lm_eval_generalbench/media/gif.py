"""Whether a GIF ends where a picture ends: FFmpeg shows what is there of the last one.

Format: https://www.w3.org/Graphics/GIF/spec-gif89a.txt
"""

from pathlib import Path

from lm_eval_generalbench.media.faults import bad, read_bytes

EXTENSION, PICTURE = 0x21, 0x2C  # what a block begins with; anything else ends the file


def check_end(path: str | Path) -> None:
    """Walk over the blocks of a GIF. A file without the mark of its end is fine.

    Raises:
        BadMedia: It ends within a picture or another block.
    """
    data = read_bytes(path, "video")
    try:
        place = 13 + _colours(data[10])
        while place < len(data) and data[place] in (EXTENSION, PICTURE):
            if data[place] == EXTENSION:
                place += 2
            else:
                place += 11 + _colours(data[place + 9])
            while data[place]:  # pieces of up to 255 bytes, the last of which is empty
                place += 1 + data[place]
            place += 1
    except IndexError as error:
        raise bad(path, "video", "it was cut: it ends within a picture") from error


def _colours(flags: int) -> int:
    """Bytes of the table of colours that follows, if one does."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0
