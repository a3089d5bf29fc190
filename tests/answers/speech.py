"""What replies about speech are made of."""

from hypothesis import strategies as st

DOC = {"extra": "{}", "outputs": ""}

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
KEYS = st.sampled_from(
    "event trigger arguments role text events action object location type".split()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)
