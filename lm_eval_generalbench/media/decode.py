"""The readers under the names that answers/ uses; goes when answers/ names their new places."""

from lm_eval_generalbench.media.arrays import load_array  # noqa: F401
from lm_eval_generalbench.media.depth import load_depth, load_flow  # noqa: F401
from lm_eval_generalbench.media.faults import (  # noqa: F401
    MAX_TEXT_BYTES,
    MESH_FAULTS,
    bad,
    decoding,
    read_bytes,
)
from lm_eval_generalbench.media.images import image_header, opened_image  # noqa: F401
from lm_eval_generalbench.media.masks import (  # noqa: F401
    decode_polygons,
    decode_rle,
    encode_rle,
    load_binary_mask,
    load_mask,
)
from lm_eval_generalbench.media.points import load_points  # noqa: F401
