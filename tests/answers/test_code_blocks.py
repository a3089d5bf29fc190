"""Which program of a reply is meant, and what stands around its lines."""

import pytest

from lm_eval_generalbench import answers
from tests.answers.questions import doc

PROGRAM = "def f(x):\n    return x"
INDENTED = "    def f(x):\n        return x"
OTHER = "def f(x):\n    pass"


def read(kind: str, reply: str):
    return answers.read(doc() | {"answer": kind, "extra": "{}"}, reply)


@pytest.mark.parametrize(
    "around",
    [
        "First attempt:\n```python\n{other}\n```\nThis does nothing. Final version:\n```python\n{}\n```",
        "```python\n{other}\n```\nThat doesn't work. Instead:\n```python\n{}\n```",
        "Naive solution:\n```\n{other}\n```\nThe corrected solution:\n```\n{}\n```\nRun it:\n```bash\nx\n```",
        "Wrong:\n```python\n{other}\n```\nRight:\n```python\n{}\n```",
    ],
)
def test_a_program_that_is_taken_back_is_not_the_answer(around):
    assert read("code", around.format(PROGRAM, other=OTHER)) == PROGRAM


@pytest.mark.parametrize(
    "around",
    [
        "```python\n{}\n```\nThis does what is asked. Usage:\n```python\n{other}\n```",
        "```python\n{}\n```\nIt is wrong to write:\n```python\n{other}\n```",
        "Solution:\n```python\n{}\n```\nA second solution:\n```python\n{other}\n```",
    ],
)
def test_the_first_program_counts_where_nothing_takes_it_back(around):
    assert read("code", around.format(PROGRAM, other=OTHER)) == PROGRAM


@pytest.mark.parametrize(
    "reply",
    [
        f"Here's how you can do it:\n\n{INDENTED}",
        f"You can write it like this:\n{INDENTED}",
        f"Python code:\n{PROGRAM}",
        f"Here is the function f(x):\n\n{PROGRAM}",
        f"代码如下：\n{PROGRAM}",
        f"The solution:\n{PROGRAM}\n\nThe time complexity is O(n).",
        ">>> def f(x):\n...     return x",
        "```python\n>>> def f(x):\n...     return x\n```",
        f"<pre><code>{PROGRAM}</code></pre>",
        f'It is:\n<pre class="x">\n{PROGRAM}\n</pre>',
        f"'''python\n{PROGRAM}\n'''",
        f'Sure:\n"""py\n{PROGRAM}\n"""',
    ],
)
def test_what_is_around_the_lines_of_a_program_is_no_part_of_it(reply):
    assert read("code", reply) == PROGRAM


@pytest.mark.parametrize(
    "program",
    [
        *("else:\n    x = 1", "while True:\n    f()", "<div><pre>a &lt; b</pre></div>"),
        *(
            "class A:\n    x = 1",
            "try:\n    f()\nexcept E:\n    pass",
            "def f():\n        return 1",
        ),
        *('def f():\n    """Say:\n    x\n    """', "label: int = 1", "Case = {1:\n 2}"),
    ],
)
def test_lines_of_a_program_stay(program):
    assert read("code", program) == program


def test_all_lines_of_an_indented_program_are_set_out():
    assert read("code", "    import re\n    x = 1") == "import re\nx = 1"


@pytest.mark.parametrize(
    "reply",
    [
        "Wrong: SELECT * FROM a\nRight: SELECT b FROM a",
        "Incorrect: SELECT * FROM a. Correct: SELECT b FROM a;",
        "**First attempt:** SELECT * FROM a\n**Final query:** SELECT b FROM a",
        "Correct: SELECT b FROM a\nIncorrect: SELECT * FROM a",
    ],
)
def test_a_query_called_wrong_is_not_the_answer(reply):
    assert read("sql", reply) == "SELECT b FROM a"


def test_queries_of_which_none_is_called_wrong_are_one_text():
    assert read("sql", "Query: SELECT b FROM a") == "SELECT b FROM a"
