"""Documents and replies for kinds with boxes."""

import json
from typing import Any

from hypothesis import strategies as st


def document(*options: str, **extra: Any) -> dict[str, str]:
    return {"options": json.dumps(options), "extra": json.dumps(extra), "files": "[]"}


BIRD = document("bird")
FALL = document("Fall", "person")
BOX = [1.0, 2.0, 3.0, 4.0]

ONE_BIRD = [["bird", *BOX, 1.0]]

WORDS = st.lists(
    st.sampled_from(
        [
            *("[", "]", "{", "}", "(", ")", ",", ":", '"', "'", "bird", "box", "label", "score"),
            *("1e999", "NaN", "-1", "0.5", "3", " ", "\n", "- ", "```json\n", "```", "null"),
            *("true", "x1", "\\", "->", "9" * 5000, "(dog, on, sofa)"),
            *('"subject"', '"object"', '"relation"', '"text"'),
        ]
    ),
    max_size=40,
).map("".join)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from(["bird", "box", "x1"]),
    lambda inner: st.lists(inner, max_size=6)
    | st.dictionaries(
        st.text(max_size=4)
        | st.sampled_from(["bird", "box", "boxes", "label", "labels", "scores", "x1", "y1", "x2", "y2"])
        | st.sampled_from(["subject", "object", "relation", "subject_box", "text", "relations"]),
        inner,
        max_size=5,
    ),
    max_leaves=20,
).map(json.dumps)  # fmt: skip


def triple(subject: str, relation: str, object_: str, *places: list[float]) -> dict[str, Any]:
    near, far = places or (None, None)
    words = {"subject": subject, "relation": relation, "object": object_}
    return words | {"subject_box": near, "object_box": far}
