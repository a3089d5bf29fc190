"""Images, frames, views and sound of a document, decoded when the model asks for them.

The harness builds the requests of all tasks before the first model call and keeps them to
the end. What is returned here therefore holds a path and decodes on use. A file that turns
out to be unreadable then gives a grey picture or silence, so that one bad file never ends
a run, and `was_unreadable` tells whoever scores the document.
"""

import json
import logging
import os
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from lm_eval_generalbench.errors import BadMedia
from lm_eval_generalbench.media import points as decode

log = logging.getLogger(__name__)

FRAMES = 64  # of a video, at most (gb_frames)
VIEWS = 4  # of a point cloud or mesh (gb_views)
AUDIO_RATE = 16_000  # Hz (gb_audio_rate)
MAX_FRAMES = 1_000_000  # in a video file: nine hours at 30 per second
MAX_BATCH_BYTES = 256_000_000  # of frames that are decoded together and kept
MAX_KEPT_PIXELS = 16_000_000  # of the one image that is kept for its next use
PLACEHOLDER_SIZE = (64, 64)
GREY = 127

EXTENSIONS = {
    "image": "jpg jpeg jpe png bmp webp tif tiff ppm pgm pbm pnm jp2 avif jfif",
    "video": "mp4 avi mov mkv webm m4v mpg mpeg wmv flv 3gp ogv ts gif",
    "audio": "wav flac mp3 ogg oga opus aif aiff au m4a aac wma",
    "3d": "ply pcd obj glb off stl bin xyz pts sens",
    "text": "txt json jsonl md",
    "data": "npy npz csv tsv flo pfm h5 mat pkl",
}
KINDS = {f".{ending}": kind for kind, endings in EXTENSIONS.items() for ending in endings.split()}
CLOUD_ARRAYS = (".npy", ".npz", ".txt")  # point clouds where the task is a 3D task

Document = Mapping[str, Any]

_unreadable: set[str] = set()


def was_unreadable(path: str | Path) -> bool:
    """Whether decoding this file, or a file of this folder, failed so far in this process."""
    return str(path) in _unreadable


def _give_up_on(path: str, error: BadMedia) -> None:
    if path not in _unreadable:
        log.warning("%s The model gets a placeholder; the document does not count.", error)
    _unreadable.update((path, os.path.dirname(path)))


def kind_of(path: str | Path) -> str:
    """What a file is, by its ending: a key of EXTENSIONS, "frames" for a folder, else "data"."""
    if os.path.isdir(path):
        return "frames"
    return KINDS.get(Path(path).suffix.lower(), "data")


def check_image(path: str | Path) -> None:
    """Look at the header only.

    Raises:
        BadMedia: Missing, empty, no image by content, or larger than decode.MAX_PIXELS.
    """
    decode.image_header(path)


def check(path: str | Path) -> None:
    """The cheap check that fits the kind of file; pixels and samples are not decoded.

    Raises:
        BadMedia: Missing, empty, or the header of an image, video or sound is unusable.
    """
    kind = kind_of(path)
    if kind == "image":
        check_image(path)
    elif kind == "video":
        video_header(path)
    elif kind == "audio":
        audio_header(path)
    elif kind == "frames":
        _folder(*_stamp(path))
    elif not os.path.isfile(path):
        raise BadMedia(f"{path} does not exist. `generalbench data verify` lists gaps.")
    elif os.path.getsize(path) == 0:
        raise decode.bad(path, "file", "it is empty")
    elif Path(path).suffix.lower() == ".sens":
        decode.load_points(path)  # says what to do with such a recording


def _stamp(path: str | Path) -> tuple[str, int]:
    """Path and time of change: caches notice when a file was replaced."""
    try:
        return str(path), os.stat(path).st_mtime_ns
    except (OSError, ValueError):
        return str(path), 0


# --- images ------------------------------------------------------------------------------


class LazyImage(Image.Image):
    """An image that opens its file on each use and prints as its path.

    To every reader it is the image that Image.open gives: size, mode, format, info, pixels
    and saved bytes agree, so the harness's response cache finds the same key. It holds no
    pixels and no open file. Copying and pickling keep the path. Whatever changes it in
    place turns it into an ordinary image first. As with Image.open, an EXIF orientation is
    not applied: boxes of the data set are in stored pixels.
    """

    def __init__(self, path: str | Path):
        # Pillow's own __init__ is not called: it would set what are properties here.
        self.filename = os.fspath(path)
        self._im: Any = None  # set as soon as something changes the image
        self._exif: Any = None
        self._readonly = 0
        try:
            self._size, self._mode, self.format = self._header()
        except BadMedia as error:
            _give_up_on(self.filename, error)
            self._size, self._mode, self.format = PLACEHOLDER_SIZE, "RGB", None
        self._promised = (self._size, self._mode)

    def _header(self) -> decode.Header:
        return decode.image_header(self.filename)

    def _decode(self) -> Image.Image:
        with decode.opened_image(self.filename) as image:
            image.load()
            return image

    def _key(self) -> tuple:
        """All arguments of the constructor."""
        return (self.filename,)

    def _pixels(self) -> Image.Image:
        """The decoded image, or a grey one; the last is kept, since Pillow asks repeatedly."""
        global _last
        key = (type(self), self._key(), _stamp(self.filename)[1])
        kept = _last
        if kept is not None and kept[0] == key:
            return kept[1]
        kept = _last = None  # before decoding: its memory is used again, which is faster
        size, mode = self._promised
        try:
            if self.filename in _unreadable:  # do not try again for each of 64 frames
                raise BadMedia(f"{self.filename} is unreadable.")
            image = self._decode()
            if image.size != size:
                raise decode.bad(self.filename, "image", f"{image.size} instead of {size} pixels")
        except BadMedia as error:
            _give_up_on(self.filename, error)
            image = Image.new("L", size, GREY)
        if image.mode != mode:
            image = image.convert(mode)
        if size[0] * size[1] <= MAX_KEPT_PIXELS:
            _last = (key, image)
        return image

    def convert(self, mode: str | None = None, *args: Any, **options: Any) -> Image.Image:
        """As Pillow's; 16-bit grey becomes 8-bit by its largest value.

        Pillow cuts off what is above 255 there, and a model would see white.
        """
        if mode in ("L", "RGB", "RGBA") and self.mode.startswith("I"):
            values = np.asarray(self).astype(np.float64)
            scale = 255 / max(float(values.max(initial=0)), 255)
            grey = Image.fromarray(np.rint(values.clip(0) * scale).astype(np.uint8))
            return grey.convert(mode)
        return super().convert(mode, *args, **options)

    def _become_ordinary(self) -> None:
        if self._im is None:
            image = self._pixels()
            self._own_palette = image.palette.copy() if image.palette else None
            self._own_info = dict(image.info)
            self._im = image.im.copy()

    @property
    def im(self) -> Any:
        return self._pixels().im if self._im is None else super().im

    @im.setter
    def im(self, im: Any) -> None:
        self._become_ordinary()
        self._im = im

    @property  # type: ignore[override]
    def info(self) -> dict:  # type: ignore[override]
        return dict(self._pixels().info) if self._im is None else self._own_info

    @info.setter
    def info(self, info: dict) -> None:
        self._become_ordinary()
        self._own_info = info

    @property  # type: ignore[override]
    def palette(self) -> Any:  # type: ignore[override]
        return self._pixels().palette if self._im is None else self._own_palette

    @palette.setter
    def palette(self, palette: Any) -> None:
        self._become_ordinary()
        self._own_palette = palette

    @property
    def readonly(self) -> int:
        return 1 if self._im is None else self._readonly  # 1: Pillow copies before it writes

    @readonly.setter
    def readonly(self, readonly: int) -> None:
        self._readonly = readonly

    def load(self) -> Any:
        """Pixel access; read-only while nothing has changed the image."""
        return self._pixels().im.pixel_access(1) if self._im is None else super().load()

    def getexif(self) -> Any:
        """Metadata of the file."""
        return self._pixels().getexif() if self._im is None else super().getexif()

    def save(self, fp: Any, format: str | None = None, **params: Any) -> None:
        """Write as Pillow does, in one decode, and safely onto the image's own file too."""
        if self._im is None:
            self._pixels().save(fp, format, **params)
        else:
            super().save(fp, format, **params)

    def close(self) -> None:
        """Nothing is open."""

    def __reduce__(self) -> tuple:
        if self._im is None:
            return type(self), self._key()
        plain = Image.Image()
        return plain.__class__, (), self.__getstate__()

    def __str__(self) -> str:
        return self.filename

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self}>"


_last: tuple[tuple, Image.Image] | None = None


# --- videos ------------------------------------------------------------------------------


class Video(NamedTuple):
    """What a video file says of itself."""

    frames: int  # from the header where it says, else counted without decoding
    size: tuple[int, int]  # width, height in stored pixels
    seekable: bool  # decord finds its frames exactly, see SEEKABLE


# Where decord gives the frame that was asked for. Elsewhere (.ts, .mpg, .wmv, H.264 in .avi,
# H.265) its seeking was found to be off by up to a hundred frames; PyAV decodes those from
# the start. In H.264 with open groups of pictures decord can still be off by a few frames.
SEEKABLE = {
    "mov,mp4,m4a,3gp,3g2,mj2": {"h264", "mpeg4", "vp9", "av1"},
    "matroska,webm": {"h264", "vp8", "vp9", "av1"},
}


def video_header(path: str | Path) -> Video:
    """Number and size of a video's frames; nothing is decoded.

    Raises:
        BadMedia: Missing, damaged, without pictures, or absurdly long or large.
    """
    return _video_header(*_stamp(path))


def _opened(path: str | Path) -> Any:
    """A container of PyAV; a file cannot make FFmpeg open what lies elsewhere on a network."""
    import av

    local = {"protocol_whitelist": "file"}
    return av.open(str(path), metadata_errors="ignore", options=local)


@lru_cache(maxsize=4096)
def _video_header(path: str, stamp: int) -> Video:
    with decode.decoding(path, "video"):
        if not os.path.isfile(path):
            raise FileNotFoundError(path)
        with _opened(path) as container:
            if not container.streams.video:
                raise decode.bad(path, "video", "it holds no pictures")
            stream = container.streams.video[0]
            width, height, frames = stream.width or 0, stream.height or 0, stream.frames
            codec = stream.codec_context.name if stream.codec_context else ""
            codec = {"libdav1d": "av1", "libaom-av1": "av1", "libvpx-vp9": "vp9"}.get(codec, codec)
            seekable = codec in SEEKABLE.get(container.format.name, ())
            if frames < 1:
                frames = 0
                for packet in container.demux(stream):
                    frames += packet.size > 0
                    if frames > MAX_FRAMES:
                        break
    if not 0 < frames <= MAX_FRAMES or not 0 < width * height <= decode.MAX_PIXELS:
        raise decode.bad(path, "video", f"{frames:,} frames of {width} x {height} pixels")
    return Video(frames, (width, height), seekable)


def sample(count: int, most: int) -> list[int]:
    """At most `most` indices below `count`, evenly spread, first and last included.

    >>> sample(10, 4), sample(3, 4)
    ([0, 3, 6, 9], [0, 1, 2])
    """
    return np.linspace(0, count - 1, min(count, most)).round().astype(int).tolist()


class LazyFrame(LazyImage):
    """One frame of a video file; the frames of a document are decoded together on first use.

    Prints as "path#frame=12".
    """

    def __init__(self, path: str | Path, place: int, indices: tuple[int, ...]):
        self._place, self._indices = place, indices
        super().__init__(path)

    def _header(self) -> decode.Header:
        return decode.Header(video_header(self.filename).size, "RGB", None)

    def _key(self) -> tuple:
        return self.filename, self._place, self._indices

    def _decode(self) -> Image.Image:
        width, height = self._promised[0]
        batch = max(1, MAX_BATCH_BYTES // (3 * width * height))
        first = self._place // batch * batch
        wanted = self._indices[first : first + batch]
        frames = _frames(*_stamp(self.filename), wanted)
        return Image.fromarray(frames[self._place - first])

    def __str__(self) -> str:
        return f"{self.filename}#frame={self._indices[self._place]}"


@lru_cache(maxsize=1)
def _frames(path: str, stamp: int, indices: tuple[int, ...]) -> np.ndarray:
    return read_frames(path, indices)


def read_frames(path: str | Path, indices: Sequence[int]) -> np.ndarray:
    """Frames of a video, decoded by decord where it is exact, else by PyAV from the start.

    Args:
        path: Video file.
        indices: Frame numbers from 0, ascending; beyond the end means the last frame.

    Returns:
        uint8 (len(indices), height, width, 3), RGB.

    Raises:
        BadMedia: Neither can decode the file.
    """
    if not len(indices):
        raise decode.bad(path, "video", "no frame was asked for")
    header = video_header(path)  # refuses what decord would choke on
    decord = _decord() if header.seekable else None
    if decord is not None:
        faults = (*decode.FAULTS, decord.DECORDError, decord.DECORDLimitReachedError)
        try:
            reader = decord.VideoReader(str(path))
            last = len(reader) - 1
            frames = reader.get_batch([min(i, last) for i in indices]).asnumpy()
            if frames.shape == (len(indices), *header.size[::-1], 3):
                return frames
        except faults:
            log.info("decord cannot decode %s; PyAV is tried.", path)
    return _read_frames_av(path, indices)


@lru_cache(maxsize=1)
def _decord() -> Any:
    try:
        import decord
    except (ImportError, OSError):  # OSError: the wheel is for another system
        log.warning("decord is not installed: videos are decoded by PyAV, which is slower.")
        return None
    decord.logging.set_level(decord.logging.FATAL)
    return decord


def _read_frames_av(path: str | Path, indices: Sequence[int]) -> np.ndarray:
    wanted, size = set(indices), video_header(path).size
    found: dict[int, np.ndarray] = {}
    latest = None
    with decode.decoding(path, "video"):
        with _opened(path) as container:
            container.streams.video[0].thread_type = "AUTO"
            try:
                for number, frame in enumerate(container.decode(video=0)):
                    if number > max(wanted):
                        break
                    latest = frame
                    if number in wanted:
                        found[number] = _rgb(frame, size)
            except decode.FAULTS:
                if latest is None:
                    raise
        if latest is None:
            raise decode.bad(path, "video", "no frame can be decoded")
        end = found[max(found)] if found and max(found) == max(wanted) else _rgb(latest, size)
    return np.stack([found.get(i, end) for i in indices])


def _rgb(frame: Any, size: tuple[int, int]) -> np.ndarray:
    return frame.reformat(width=size[0], height=size[1], format="rgb24").to_ndarray()


# --- views of 3D files -------------------------------------------------------------------


class LazyView(LazyImage):
    """One rendered view of a point cloud or mesh; prints as "path#view=2"."""

    def __init__(self, path: str | Path, index: int, views: int):
        self._index, self._views = index, views
        super().__init__(path)

    def _header(self) -> decode.Header:
        from lm_eval_generalbench.media import views as render

        if not os.path.isfile(self.filename):
            raise BadMedia(
                f"{self.filename} does not exist. `generalbench data verify` lists gaps."
            )
        return decode.Header((render.SIZE, render.SIZE), "RGB", None)

    def _key(self) -> tuple:
        return self.filename, self._index, self._views

    def _decode(self) -> Image.Image:
        from lm_eval_generalbench.media import views as render

        return Image.fromarray(render.view(self.filename, self._index, self._views))

    def __str__(self) -> str:
        return f"{self.filename}#view={self._index}"


# --- sound -------------------------------------------------------------------------------


class LazyAudio(dict):
    """A sound: {"array": float32 mono samples, "sampling_rate": Hz, "path": path}.

    The samples are decoded at each `["array"]` and are not among the items, so that logs
    and cache keys hold the path. Prints as its path.
    """

    def __init__(self, path: str | Path, rate: int = AUDIO_RATE):
        super().__init__(path=os.fspath(path), sampling_rate=rate)

    def __missing__(self, key: object) -> np.ndarray:
        if key != "array":
            raise KeyError(key)
        try:
            return read_audio(self["path"], self["sampling_rate"])
        except BadMedia as error:
            _give_up_on(self["path"], error)
            return np.zeros(self["sampling_rate"], np.float32)

    def __contains__(self, key: object) -> bool:
        return key == "array" or super().__contains__(key)

    def get(self, key: object, default: Any = None) -> Any:
        """As of any mapping, "array" included."""
        try:
            return self[key]
        except KeyError:
            return default

    def __reduce__(self) -> tuple:
        return type(self), (self["path"], self["sampling_rate"])

    def __str__(self) -> str:
        return self["path"]

    __repr__ = __str__


class Audio(NamedTuple):
    """What a sound file says of itself."""

    seconds: float
    rate: int  # Hz
    channels: int


def audio_header(path: str | Path) -> Audio:
    """Length, rate and channels; nothing is decoded.

    Raises:
        BadMedia: Missing, damaged or absurdly long.
    """
    import soundfile

    with decode.decoding(path, "sound"):
        if not os.path.isfile(path):
            raise FileNotFoundError(path)
        try:
            info = soundfile.info(str(path))
            seconds, rate, channels = info.duration, info.samplerate, info.channels
        except soundfile.LibsndfileError:
            seconds, rate, channels = _audio_header_av(path)
    if rate < 1 or channels < 1 or not 0 <= seconds * rate * channels <= decode.MAX_ELEMENTS:
        raise decode.bad(path, "sound", f"{seconds:.0f} s of {channels} channels at {rate} Hz")
    return Audio(float(seconds), int(rate), int(channels))


def _audio_header_av(path: str | Path) -> tuple[float, int, int]:
    """For what libsndfile does not know: AAC, WMA, the sound of a video."""
    import av

    with _opened(path) as container:
        if not container.streams.audio:
            raise decode.bad(path, "sound", "it holds no sound")
        stream = container.streams.audio[0]
        seconds = (container.duration or 0) / av.time_base
        return max(seconds, 0.0), stream.rate or 0, stream.channels or 0


def read_audio(path: str | Path, rate: int = AUDIO_RATE) -> np.ndarray:
    """Samples of a sound file, channels averaged, resampled by soxr (quality HQ).

    Args:
        path: What soundfile reads, mp3 included; other formats, and videos, through PyAV.
        rate: Samples per second of the result.

    Returns:
        float32 (samples,), mostly in [-1, 1].

    Raises:
        BadMedia: Missing, damaged, absurdly long, or it holds no sample.
    """
    import soundfile

    header = audio_header(path)
    with decode.decoding(path, "sound"):
        if header.seconds * rate > decode.MAX_ELEMENTS:
            raise decode.bad(path, "sound", f"{header.seconds:.0f} s at {rate} Hz")
        try:
            samples, stored_rate = soundfile.read(str(path), dtype="float32", always_2d=True)
            mono = samples[:, 0] if samples.shape[1] == 1 else samples.mean(axis=1)
        except soundfile.LibsndfileError:
            mono, stored_rate = _read_audio_av(path)
        if len(mono) == 0:
            raise decode.bad(path, "sound", "it holds no sample")
        if stored_rate != rate:
            import soxr

            mono = soxr.resample(mono, stored_rate, rate, quality="HQ")
    return np.ascontiguousarray(mono, np.float32)


def _read_audio_av(path: str | Path) -> tuple[np.ndarray, int]:
    import av

    parts: list[np.ndarray] = []
    with _opened(path) as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="fltp", layout=stream.layout, rate=stream.rate)
        for frame in container.decode(stream):
            parts += [part.to_ndarray().mean(axis=0) for part in resampler.resample(frame)]
            if sum(map(len, parts)) > decode.MAX_ELEMENTS:
                raise decode.bad(path, "sound", "it is absurdly long")
        return (np.concatenate(parts) if parts else np.zeros(0, np.float32)), stream.rate


# --- what a document brings --------------------------------------------------------------


class Options(NamedTuple):
    """How media are handed to the model; `extra` of the document may set them."""

    frames: int
    views: int
    rate: int


def options(doc: Document) -> Options:
    """gb_frames, gb_views and gb_audio_rate of the document, or the defaults.

    Raises:
        BadMedia: One of them is no whole number above 0.
    """
    extra = json.loads(doc.get("extra") or "{}")
    values = []
    for name, default in (
        ("gb_frames", FRAMES),
        ("gb_views", VIEWS),
        ("gb_audio_rate", AUDIO_RATE),
    ):
        value = extra.get(name, default)
        if not str(value).isdecimal() or not 0 < int(value) <= 1_000_000:
            raise BadMedia(f"{name}={value!r} is no whole number above 0. Correct the option.")
        values.append(int(value))
    return Options(*values)


def natural_key(name: str) -> list:
    """Sort key by which frame10 comes after frame9.

    >>> sorted(["f10.png", "f9.png", "F1.png"], key=natural_key)
    ['F1.png', 'f9.png', 'f10.png']
    """
    parts = re.split(r"([0-9]+)", name.lower())
    return [(int(part), "") if i % 2 else (0, part) for i, part in enumerate(parts)]


@lru_cache(maxsize=64)
def _folder(path: str, stamp: int) -> tuple[str, list[str]]:
    """The kind of a folder of media, image or 3d, and its files of that kind in natural order."""
    with decode.decoding(path, "folder of frames"):
        names = [name for name in os.listdir(path) if not name.startswith(".")]
    for kind in ("image", "3d"):
        found = [name for name in names if KINDS.get(Path(name).suffix.lower()) == kind]
        if found:
            return kind, [os.path.join(path, name) for name in sorted(found, key=natural_key)]
    raise decode.bad(path, "folder of frames", "it holds no image")


# What one visual is made of, before anything is opened: (class, arguments)
Recipe = tuple[Callable[..., LazyImage], tuple]


def _recipes(doc: Document) -> list[Recipe]:
    frames, views, _ = options(doc)
    three_d = str(doc.get("gb_task", "")).startswith("D-")
    recipes: list[Recipe] = []
    for path in _thin_out(json.loads(doc["files"]), frames):
        kind = kind_of(path)
        if three_d and Path(path).suffix.lower() in CLOUD_ARRAYS:
            kind = "3d"
        try:
            recipes += _RECIPES[kind](path, frames, views) if kind in _RECIPES else []
        except BadMedia as error:
            _give_up_on(path, error)
            recipes.append((LazyImage, (path,)))
    return recipes


def _thin_out(paths: list[str], most: int) -> list[str]:
    """A document that lists more than `most` images lists the frames of a video: sample them."""
    images = [path for path in paths if kind_of(path) == "image"] if len(paths) > most else []
    if len(images) <= most:
        return paths
    keep = {images[i] for i in sample(len(images), most)}
    return [path for path in paths if path in keep or kind_of(path) != "image"]


def _image_recipes(path: str, frames: int, views: int) -> list[Recipe]:
    return [(LazyImage, (path,))]


def _video_recipes(path: str, frames: int, views: int) -> list[Recipe]:
    indices = tuple(sample(video_header(path).frames, frames))
    return [(LazyFrame, (path, place, indices)) for place in range(len(indices))]


def _view_recipes(path: str, frames: int, views: int) -> list[Recipe]:
    return [(LazyView, (path, index, views)) for index in range(views)]


def _folder_recipes(path: str, frames: int, views: int) -> list[Recipe]:
    """Frames; of a folder of scans one view of each."""
    kind, files = _folder(*_stamp(path))
    if kind == "image":
        return [(LazyImage, (files[i],)) for i in sample(len(files), frames)]
    return [(LazyView, (files[i], 0, 1)) for i in sample(len(files), views)]


_RECIPES: dict[str, Callable[[str, int, int], list[Recipe]]] = {
    "image": _image_recipes,
    "video": _video_recipes,
    "3d": _view_recipes,
    "frames": _folder_recipes,
}


def visuals(doc: Document) -> list[Image.Image]:
    """The document's pictures for a model. Task YAMLs name this function.

    An image gives itself; a video, a folder of frames or a long list of images at most
    `gb_frames` of its frames, evenly spread; a point cloud or mesh `gb_views` rendered
    views. Sound, text and arrays give nothing.

    Args:
        doc: Document, see lm_eval_generalbench.answers.

    Returns:
        PIL images that decode on use, in the order of the files.
    """
    return [make(*arguments) for make, arguments in _recipes(doc)]


def count_visuals(doc: Document) -> int:
    """len(visuals(doc)), from headers alone."""
    return len(_recipes(doc))


def sounds(doc: Document) -> list[LazyAudio]:
    """The document's sounds for a model. Task YAMLs name this function."""
    rate = options(doc).rate
    return [LazyAudio(path, rate) for path in json.loads(doc["files"]) if kind_of(path) == "audio"]


def count_sounds(doc: Document) -> int:
    """len(sounds(doc))."""
    return sum(kind_of(path) == "audio" for path in json.loads(doc["files"]))


def frame_numbers(doc: Document) -> tuple[int, list[int]]:
    """How many frames the document's video has, and which of them `visuals` gives.

    Returns:
        (number of frames, 0-based numbers of those shown); (0, []) without a video.
    """
    paths, most = json.loads(doc["files"]), options(doc).frames
    images = [path for path in paths if kind_of(path) == "image"]
    try:
        if len(paths) == 1 and kind_of(paths[0]) == "video":
            total = video_header(paths[0]).frames
        elif len(paths) == 1 and kind_of(paths[0]) == "frames":
            total = len(_folder(*_stamp(paths[0]))[1])
        else:
            total = len(images) if len(images) > 1 else 0
    except BadMedia:
        total = 0
    return total, sample(total, most) if total else []
