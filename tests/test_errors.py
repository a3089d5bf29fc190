"""What is said of a name that is not there, whatever it looks like."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lm_eval_generalbench.errors import UnknownName, close, is_mistake

KNOWN = ["hf", "vllm", "vllm-vlm", "generalbench-naive"]


@pytest.mark.parametrize(
    "name, said",
    [
        ("vlm", "No task is called 'vlm'. Did you mean vllm? `generalbench tasks` lists all 4."),
        ("vllm?", "No task is called 'vllm?'. Did you mean vllm or vllm-vlm? `generalbench"),
        ("", "No task is called ''. `generalbench tasks` lists all 4."),
        ("Did you mean", "No task is called 'Did you mean'. `generalbench"),
        ("a\nb", r"No task is called 'a\nb'. `generalbench"),
    ],
)
def test_an_unknown_name_gets_one_line_and_what_may_be_meant(name, said):
    assert str(UnknownName("task", name, KNOWN)).startswith(said)


def test_a_table_says_where_its_names_stand_and_what_is_usual():
    error = UnknownName("model class", "x", KNOWN, "See there.", ["hf"])
    assert str(error) == "No model class is called 'x'. Did you mean hf? See there."
    error = UnknownName("model class", "vllm-vl", KNOWN, "See there.", ["hf"])
    assert (
        str(error)
        == "No model class is called 'vllm-vl'. Did you mean vllm-vlm or vllm? See there."
    )


@given(st.text(max_size=40))
def test_no_name_breaks_its_own_message(name):
    error = str(UnknownName("task", name, KNOWN))
    assert "\n" not in error and error.endswith("lists all 4.")
    assert all(found in KNOWN for found in close(name, KNOWN))


def test_what_comes_of_versions_that_do_not_go_together_is_no_fault_of_a_file():
    import math

    for wrong in (lambda: math.no_such_name, lambda: sorted([], no_such_argument=1)):
        with pytest.raises((AttributeError, TypeError)) as caught:
            wrong()
        assert is_mistake(caught.value)
    for bad in (lambda: float([]), lambda: None.x, lambda: 1 + "a", lambda: {}["a"]):
        with pytest.raises((AttributeError, TypeError, KeyError)) as caught:
            bad()
        assert not is_mistake(caught.value)
