"""Videos: what the header says, which frames are shown, and frames decoded when asked for.

A frame is what a person sees who plays the file: turned as the file says, and the one that
was asked for. A file that was cut, or that is damaged before the last frame that is shown,
cannot be used; no frame is replaced by its neighbour.
"""

import errno
import os
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media import gif, matroska
from lm_eval_generalbench.media.faults import (
    MAX_PIXELS,
    bad,
    decoding,
    ffmpeg_faults,
    out_of_memory,
    said,
    stamp,
)
from lm_eval_generalbench.media.images import Header, LazyImage

MAX_FRAMES = 1_000_000  # in a video file: nine hours at 30 per second
MAX_BATCH_BYTES = 256_000_000  # of frames that are decoded together and kept

# Names of FFmpeg. What these hold of a length or an index can be trusted.
MP4, MATROSKA = "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"
TIMED = {MP4, MATROSKA, "flv", "asf", "avi"}  # the header says how long the recording is
STREAMED = {"mpegts", "mpeg"}  # written while it was recorded: may begin and end anywhere
SPARSE = 40  # frames for each one that is shown, from which parts without any are left out
SKIP = 32  # frames, from which leaving them out is worth a jump
# What FFmpeg may take a file for, by content: formats that hold what they show. Playlists and
# lists of pieces (HLS, DASH, concat, SDP, numbered pictures ...) name other files, which could be
# anybody's, or a pipe that never ends.
SELF_CONTAINED = (
    "mov,matroska,webm,avi,flv,live_flv,asf,mpeg,mpegvideo,mpegts,mpegtsraw,m4v,h261,h263,h264,hevc,"
    "vvc,av1,obu,ivf,dirac,vc1,yuv4mpegpipe,mjpeg,mjpeg_2000,mpjpeg,gif,apng,ogg,nut,rm,mxf,dv,gxf,"
    "nsv,swf,wtv,flic,roq,smk,bink,"
    "wav,w64,aiff,au,caf,flac,mp3,aac,ac3,eac3,ac4,dts,dtshd,loas,amr,amrnb,amrwb,aax,aa,ape,wv,tta,tak,"
    "mpc,mpc8,truehd,mlp,voc,xwma,oma,dsf,iff,gsm,qcp,sox,nistsphere,ircam,avr,spdif,xa,qoa,osq,bonk,"
    "shn,ast,lc3,bmp_pipe,gif_pipe,j2k_pipe,jpeg_pipe,png_pipe,tiff_pipe,webp_pipe"
)


class Turn(NamedTuple):
    """How a stored frame is turned before it is shown: mirrored at its diagonal, then flipped."""

    diagonal: bool = False
    rows: bool = False  # the last row becomes the first
    columns: bool = False


class Video(NamedTuple):
    """What a video file says of itself."""

    frames: int  # that are there
    size: tuple[int, int]  # width, height as shown
    turn: Turn = Turn()
    container: str = ""  # FFmpeg's name of the format
    skip: int = 0  # packets before the first key frame, which nothing can decode


def opened(path: str | Path) -> Any:
    """A container of PyAV, the only way to FFmpeg: a file cannot make it open any other.

    Raises:
        BadMedia: FFmpeg takes the file for none of SELF_CONTAINED.
        FileNotFoundError: It is no plain file.
    """
    import av

    if not os.path.isfile(path):  # a pipe would block for ever
        raise FileNotFoundError(path)
    place = "file:" + os.fspath(path)  # its name is no address, whatever it looks like
    guard = {"protocol_whitelist": "file", "format_whitelist": SELF_CONTAINED}
    try:
        try:
            return av.open(place, options=guard)
        except UnicodeDecodeError:  # a title in another encoding: before version 19
            return av.open(place, options=guard, metadata_errors="ignore")
    except av.ArgumentError as error:
        reason = "by its content it is a playlist, or of no format that holds what it shows"
        raise bad(path, "video or sound", reason) from error


def check_video(path: str | Path) -> None:
    """The cheap check: the file can be opened and holds pictures that FFmpeg has a decoder for.

    Raises:
        BadMedia: It cannot be used.
    """
    with decoding(path, "video", ffmpeg_faults()):
        if not os.path.isfile(path):
            raise FileNotFoundError(path)
        with opened(path) as container:
            _pictures(container, path)


def _pictures(container: Any, path: str | Path) -> Any:
    """The stream of a container that is shown: not the cover of a song.

    Raises:
        BadMedia: There is none, or FFmpeg cannot decode it.
    """
    import av

    streams = [
        stream
        for stream in container.streams.video
        if not stream.disposition & av.stream.Disposition.attached_pic
    ] or list(container.streams.video)
    if not streams:
        raise bad(path, "video", "it holds no pictures")
    if streams[0].codec_context is None:
        raise bad(path, "video", "FFmpeg knows no decoder for its codec")
    return streams[0]


def video_header(path: str | Path) -> Video:
    """Number and size of a video's frames; of the frames only the first is decoded.

    Raises:
        BadMedia: Missing, damaged, cut short, without pictures, of a codec that FFmpeg does
            not know, or absurdly long or large.
    """
    return _video_header(*stamp(path))


@lru_cache(maxsize=4096)
def _video_header(path: str, stamp: int) -> Video:
    with decoding(path, "video", ffmpeg_faults()):
        if not os.path.isfile(path):
            raise FileNotFoundError(path)
        with opened(path) as container:
            stream = _pictures(container, path)
            count, skip, first = _count_indexed(path, stream) or _count(path, container, stream)
            kind = container.format.name
        first = first or _first_frame(path)
        width, height, turn = first.width, first.height, _turn(first)
    if not 0 < count <= MAX_FRAMES or not 0 < width * height <= MAX_PIXELS:
        raise bad(path, "video", f"{count:,} frames of {width} x {height} pixels")
    size = (height, width) if turn.diagonal else (width, height)
    return Video(count, size, turn, kind, skip)


def tolerated(frames: int) -> int:
    """How many frames a video may have less than its header says: some writers count wrongly."""
    return max(2, frames // 100)


def _count_indexed(path: str, stream: Any) -> tuple[int, int, Any] | None:
    """`_count` from the index of an MP4 file, which tells where each frame lies.

    Frames that an edit list leaves out are not counted: no player shows them.
    """
    if stream.container.format.name != MP4 or len(stream.index_entries) != stream.frames:
        return None
    length = os.path.getsize(path)
    promised = there = 0
    for entry in stream.index_entries:
        if entry.size > 0 and not entry.is_discard:
            promised += 1
            there += entry.pos + entry.size <= length
        if promised > MAX_FRAMES:
            break
    if promised - there > tolerated(promised):
        reason = f"it was cut: its header promises {promised:,} frames, {there:,} are there"
        raise bad(path, "video", reason)
    return (there, 0, None) if there else None


def _count(path: str, container: Any, stream: Any) -> tuple[int, int, Any]:
    """Walk through a file.

    Returns:
        The number of frames that are there, how many packets lie before the first that can
        be decoded, and the first frame.

    Raises:
        BadMedia: It ends long before what its header says.
    """
    kind, first, fault = container.format.name, None, None
    count = whole = lead = 0
    keys = False
    end = 0.0
    for packet in container.demux():
        if not packet.size:
            continue
        pictured = packet.stream_index == stream.index
        since = packet.dts if packet.pts is None else packet.pts
        if since is not None and (pictured or kind != "avi"):
            end = max(end, float((since + (packet.duration or 0)) * packet.time_base))
        if not pictured or packet.is_discard:
            continue
        if kind in STREAMED and not keys and not packet.is_keyframe:
            lead += 1
            continue
        keys = True
        count += 1
        whole = whole if packet.is_corrupt else count
        if count > MAX_FRAMES:
            break
        if first is None:
            try:
                first = next(iter(packet.decode()), None)
            except ffmpeg_faults() as error:
                fault = error
    if not keys:  # no frame says that it is a key frame: begin with the first
        count = whole = lead
        lead = 0
    if kind in TIMED and count <= MAX_FRAMES:
        _check_length(path, container, stream, end)
    if kind == MATROSKA:
        matroska.check_blocks(path)
    if kind == "gif":
        gif.check_end(path)
    if first is None and fault is not None:
        raise bad(path, "video", f"no frame can be decoded ({said(fault)})") from fault
    # The last piece of a recording that was stopped in the middle of a frame is no frame.
    return (whole if kind in STREAMED and whole else count), lead, first


def _check_length(path: str, container: Any, stream: Any, end: float) -> None:
    """Hold the seconds after which a file ends against those that its header promises."""
    promised = (container.duration or 0) / 1e6
    if container.format.name == "avi":  # each of its streams has a length of its own
        promised = float((stream.duration or 0) * stream.time_base)
    frame = 1 / float(stream.average_rate) if stream.average_rate else 0.0
    if promised - end > max(2.5 * frame, promised / 50):
        reason = f"it was cut: its header promises {promised:.2f} s, {end:.2f} s are there"
        raise bad(path, "video", reason)


def _first_frame(path: str) -> Any:
    with opened(path) as container:
        for frame in container.decode(_pictures(container, path)):
            return frame
    raise bad(path, "video", "no frame can be decoded")


def _turn(frame: Any) -> Turn:
    """What the display matrix of a frame says, where it is one of the eight right ways."""
    from av.sidedata.sidedata import Type

    data = frame.side_data.get(Type.DISPLAYMATRIX)
    if data is None:
        return Turn()
    # Right and down in the stored frame become (a, b) and (c, d) in the one that is shown.
    (a, b), (c, d) = np.frombuffer(bytes(data), "=i4", 9).reshape(3, 3)[:2, :2].tolist()
    if a == d == 0 and b and c:
        return Turn(True, rows=b < 0, columns=c < 0)
    if b == c == 0 and a and d:
        return Turn(False, rows=d < 0, columns=a < 0)
    return Turn()


def _turned(frame: np.ndarray, turn: Turn) -> np.ndarray:
    """A stored frame (height, width, 3) as it is shown."""
    if turn.diagonal:
        frame = frame.swapaxes(0, 1)
    return frame[:: -1 if turn.rows else 1, :: -1 if turn.columns else 1]


def rate_of(path: str | Path) -> float | None:
    """Frames per second as the header says; None if it does not, or cannot be read."""
    return _rate(*stamp(path))


@lru_cache(maxsize=4096)
def _rate(path: str, stamp: int) -> float | None:
    try:
        with decoding(path, "video", ffmpeg_faults()), opened(path) as container:
            rate = container.streams.video[0].average_rate if container.streams.video else None
    except BadMedia:
        return None
    return float(rate) if rate else None


def sample(count: int, most: int, needed: int = 0) -> list[int]:
    """At most `most` indices below `count`, evenly spread, first and last included.

    The index `needed` takes the place of the nearest one if it is not among them.

    >>> sample(10, 4), sample(3, 4), sample(10, 4, 5)
    ([0, 3, 6, 9], [0, 1, 2], [0, 3, 5, 9])
    """
    found = np.linspace(0, count - 1, min(count, most)).round().astype(int)
    if needed < count and needed not in found:
        found[np.abs(found - needed).argmin()] = needed
    return found.tolist()


def shown(path: str | Path, most: int, needed: int = 0) -> tuple[int, ...]:
    """Which frames of a video are shown: at most `most`, evenly spread, `needed` among them.

    Raises:
        BadMedia: As for video_header.
    """
    return tuple(sample(video_header(path).frames, most, needed))


def way(most: int, needed: int = 0) -> str:
    """What tells which frames of a video are decoded."""
    return f"{most}+{needed}" if needed else str(most)


def decode_shown(path: str | Path, most: int, needed: int = 0) -> None:
    """Decode the frames that are shown, as many at a time as the model would.

    Raises:
        BadMedia: As for read_frames.
    """
    indices = shown(path, most, needed)
    for batch in _batches(indices, video_header(path).size):
        read_frames(path, batch)


def _batches(indices: tuple[int, ...], size: tuple[int, int]) -> list[tuple[int, ...]]:
    """Frames that are decoded together."""
    length = max(1, MAX_BATCH_BYTES // (3 * size[0] * size[1]))
    return [indices[i : i + length] for i in range(0, len(indices), length)]


class LazyFrame(LazyImage):
    """One frame of a video file; the frames of a document are decoded together on first use.

    Prints as "path#frame=12".

    Args:
        path: Video file.
        place: Which of `indices` this frame is.
        indices: Numbers of all frames that are shown.
        how: What `way` says of them.
    """

    def __init__(self, path: str | Path, place: int, indices: tuple[int, ...], how: str):
        self._place, self._indices, self._how = place, indices, how
        self._whole = False
        super().__init__(path)

    def _header(self) -> Header:
        return Header(video_header(self.filename).size, "RGB", None)

    def _key(self) -> tuple:
        return self.filename, self._place, self._indices, self._how

    def _decode(self) -> Image.Image:
        global _decoded
        batches = _batches(self._indices, self._promised[0])
        number, place = divmod(self._place, len(batches[0]))
        path, changed = stamp(self.filename)
        frames = _frames(path, changed, batches[number])
        video = (path, changed, self._indices)
        if _decoded[0] != video:
            _decoded = (video, set())
        _decoded[1].add(number)
        self._whole = len(_decoded[1]) == len(batches)
        return Image.fromarray(frames[place])

    def _seen_whole(self) -> bool:
        return self._whole

    def __str__(self) -> str:
        return f"{self.filename}#frame={self._indices[self._place]}"


_decoded: tuple[tuple, set[int]] = ((), set())  # the last video, and which of its batches


@lru_cache(maxsize=1)
def _frames(path: str, stamp: int, indices: tuple[int, ...]) -> np.ndarray:
    return read_frames(path, indices)


def read_frames(path: str | Path, indices: Sequence[int]) -> np.ndarray:
    """Frames of a video as a person sees them.

    Args:
        path: Video file.
        indices: Frame numbers from 0, ascending; beyond the end means the last frame.

    Returns:
        uint8 (len(indices), height, width, 3), RGB.

    Raises:
        BadMedia: The file was cut, or it is damaged before the last frame that is wanted.
    """
    if not len(indices):
        raise bad(path, "video", "no frame was asked for")
    header = video_header(path)
    wanted = [min(int(i), header.frames - 1) for i in indices]
    with decoding(path, "video", ffmpeg_faults()):
        found = None
        if header.container in (MP4, MATROSKA) and header.frames > SPARSE * len(set(wanted)):
            found = _read_sparse(path, sorted(set(wanted)), header)
        if found is None:
            found = _read_through(path, wanted, header)
        return np.stack([found[i] for i in wanted])


def _read_through(path: str | Path, wanted: Sequence[int], header: Video) -> dict[int, np.ndarray]:
    """Frames by number, decoded from the start."""
    numbers, end = set(wanted), max(wanted)
    found: dict[int, np.ndarray] = {}
    latest, count = None, 0
    allowed = tolerated(header.frames)
    with opened(path) as container:
        for frame in _decode_all(container, path, header):
            if count > end:
                break
            if frame.is_corrupt and _may_end_so(header, count):
                break
            if frame.is_corrupt:
                raise bad(path, "video", f"frame {count:,} is damaged")
            if count in numbers:
                found[count] = _rgb(frame, header)
            latest, count = frame, count + 1
        if latest is None:
            raise bad(path, "video", "no frame can be decoded")
        if count <= end and header.frames - count <= allowed:
            last = found.get(count - 1, _rgb(latest, header))
            found |= {i: last for i in numbers if i >= count}
    if len(found) == len(numbers):
        return found
    # All packets are there and sound, and some hold no frame that is shown: of such codecs
    # the frames are spread over those that there are.
    scale = (count - 1) / max(header.frames - 1, 1)
    there = [round(i * scale) for i in wanted]
    fewer = _read_through(path, there, header._replace(frames=count))
    return {i: fewer[j] for i, j in zip(wanted, there, strict=True)}


def _may_end_so(header: Video, number: int) -> bool:
    """Whether a damaged frame is where a recording was stopped, which harms nothing."""
    return header.container in STREAMED and header.frames - number <= tolerated(header.frames)


def _decode_all(container: Any, path: str | Path, header: Video) -> Iterator[Any]:
    """All frames of a file in the order in which they are shown.

    FFmpeg's threads are not used: with them it forgets now and then that a frame is damaged.
    """
    stream = _pictures(container, path)
    number = skipped = 0
    for packet in container.demux(stream):
        if not packet.size and packet.dts is not None:  # a frame that was left out
            continue
        if skipped < header.skip:
            skipped += not packet.is_discard
            continue
        try:
            frames = packet.decode()
        except ffmpeg_faults() as error:
            if not out_of_memory(error) and _may_end_so(header, number):
                return
            raise _undecodable(path, number, error) from error
        for frame in frames:
            yield frame
            number += 1


def _undecodable(path: str | Path, number: int, error: Exception) -> BadMedia:
    reason = "" if getattr(error, "errno", 0) == errno.EPERM else f" ({said(error)})"
    return bad(path, "video", f"what follows frame {number:,} cannot be decoded{reason}")


def _read_sparse(
    path: str | Path, wanted: list[int], header: Video
) -> dict[int, np.ndarray] | None:
    """Frames by number; what lies between them and a key frame is decoded, and nothing else.

    Returns:
        None if the times of the frames do not tell which is which.
    """
    found: dict[int, np.ndarray] = {}
    with opened(path) as container:
        stream = _pictures(container, path)
        packets = [
            packet for packet in container.demux(stream) if packet.size and not packet.is_discard
        ]
        times = sorted(packet.pts for packet in packets if packet.pts is not None)
        if len(packets) != header.frames or len(set(times)) != header.frames:
            return None
        keys = sorted(packet.pts for packet in packets if packet.is_keyframe)
        del packets
        place = {time: number for number, time in enumerate(times)}
        if not keys or keys[0] != times[0]:
            return None
        key, at = None, -1  # where decoding began, and the last number it came to
        frames: Iterator[Any] = iter(())
        for number in wanted:
            before = keys[bisect_right(keys, times[number]) - 1]
            if key is None or place[before] > at + SKIP:
                container.seek(before, stream=stream)
                key, frames = before, container.decode(stream)
            for frame in frames:
                at = place.get(frame.pts, header.frames)
                if at >= place[key] and frame.is_corrupt:
                    raise bad(path, "video", f"frame {at:,} is damaged")
                if at >= number:
                    break
            if at != number:
                return None
            found[number] = _rgb(frame, header)
    return found


def _rgb(frame: Any, header: Video) -> np.ndarray:
    """uint8 (height, width, 3) as it is shown."""
    width, height = header.size[::-1] if header.turn.diagonal else header.size
    pixels = frame.reformat(width=width, height=height, format="rgb24").to_ndarray()
    return _turned(pixels, header.turn)
