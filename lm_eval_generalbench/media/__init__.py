"""A file -> pixels, samples, points; nothing about answers."""

from lm_eval_generalbench.media.document import (  # noqa: F401
    KINDS,
    LazyAudio,
    LazyImage,
    check,
    count_sounds,
    count_visuals,
    frame_numbers,
    kind_of,
    natural_key,
    options,
    read_frames,
    sample,
    sounds,
    video_header,
    visuals,
    was_unreadable,
)
