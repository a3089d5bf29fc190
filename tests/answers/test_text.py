"""Texts and code in replies."""

import pytest

from lm_eval_generalbench import answers
from lm_eval_generalbench.answers import text
from lm_eval_generalbench.errors import BadData
from tests.answers.questions import doc


def test_code_is_taken_out_of_its_fence():
    assert text.read_code("Sure:\n```python\nx = 1\n```\nDone", doc()) == "x = 1"
    assert text.read_code("x = 1", doc()) == "x = 1"
    assert text.read_code("```\nSELECT 1", doc()) == "SELECT 1"


def test_a_text_loses_its_cue_and_its_hidden_reasoning():
    said = answers.read(doc() | {"answer": "text"}, "<think>hm</think>Summary: It rained.")
    assert said == "It rained."
    assert text.read_text("  ", doc()) is None


@pytest.mark.parametrize("output", [None, "", [], {"a": []}.get("a")])
def test_an_empty_target_is_the_datas_fault(output):
    with pytest.raises(BadData, match="is empty"):
        text.target_text(output, doc())


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("Here is a caption for the image: A man.", "A man."),
        ("Here's my answer:\nA man.", "A man."),
        ("## Caption\n\nA man.", "A man."),
        ("Sure! Here you go:\n\nA man.", "A man."),
        ("Voici la légende : un homme.", "un homme."),
        ("以下是描述：一个人。", "一个人。"),
        ("A man.\nuser\nNext?\nassistant\nB", "A man."),
        ("Looking at it carefully.\n\n**Final Answer**\nA man.", "A man."),
        ("Looking at it carefully.\n\n**Final Answer:**\n\nA man.", "A man."),
        ("I look.\n\n### Final Answer\n\nA man.", "A man."),
        ("好的，答案是：A man.", "A man."),
        ("好的！一个人。", "一个人。"),
        ("Certainly! A man.", "A man."),
        ("Sure! The image shows a man.", "The image shows a man."),
        ("# Summary\n\nA man.", "A man."),
        ("# Video Summary\n\nA man.", "A man."),
        ("## Image Description\nA man.", "A man."),
        # words of the answer itself
        ("Sure! I'd love to.", None),
        ("Of course! Let's go.", None),
        ("Absolutely! That is what I meant.", None),
        ("Okay. A man.", None),
        ("# How to cook\n\nBoil it.", None),
        ("The final answer\nwas no.", None),
        ("This is a photo of a man: he smiles.", None),
        ("Here is the thing: I love you.", None),
        ("这是一张照片：一个人。", None),
        ("Certainly, sir.", None),
        ("The dog: a story of love", None),
        ('"Come," he said, "now."', None),
    ],
)
def test_words_that_announce_a_text_are_no_part_of_it(reply, said):
    assert answers.read(doc() | {"answer": "text"}, reply) == (said or reply)


@pytest.mark.parametrize(
    ("reply", "query"),
    [
        ("Here is the query:\n\nSELECT a FROM b;\n\nIt selects a.", "SELECT a FROM b"),
        ("```sql\nSELECT a\nFROM b;\n```\nDone.", "SELECT a\nFROM b"),
        ("SELECT a FROM b WHERE c = 'x;y';", "SELECT a FROM b WHERE c = 'x;y'"),
        ("SELECT a FROM b;\nSELECT c FROM d;", "SELECT a FROM b;\nSELECT c FROM d"),
        ("WITH t AS (SELECT 1) SELECT * FROM t", "WITH t AS (SELECT 1) SELECT * FROM t"),
        ("SELECT `a b` FROM c", "SELECT `a b` FROM c"),
        ("SELECT a\n\nFROM b", "SELECT a\n\nFROM b"),
    ],
)
def test_a_query_is_read_without_the_words_around_it(reply, query):
    assert answers.read(doc() | {"answer": "sql"}, reply) == query


@pytest.mark.parametrize(
    "reply", ["Sure! A coffee, please.", "Certainly! Two teas.", "好的！谢谢。"]
)
def test_politeness_belongs_to_a_turn_of_a_dialogue(reply):
    asked = "Give the next turn of this dialogue.\n\nA: What would you like?"
    questions = [asked, "Continue this conversation.", "Write the response in the dialogue."]
    for prompt in questions:
        assert answers.read(doc(prompt=prompt) | {"answer": "text"}, reply) == reply
    described = answers.read(doc(prompt="Describe the picture.") | {"answer": "text"}, reply)
    assert described == reply.partition(" ")[2] or described == reply.partition("！")[2]


@pytest.mark.parametrize(
    ("given", "made"),
    [
        *(("Original code:", "Fixed code:"), ("The buggy code was:", "### Corrected code")),
        *(("## Before", "## After"), ("**Old code**", "**Refined code**")),
    ],
)
def test_the_code_of_the_question_is_not_the_answer(given, made):
    reply = f"{given}\n```java\nold();\n```\n\n{made}\n```java\nnew();\n```"
    assert text.read_code(reply, doc()) == "new();"
    assert text.read_code(f"{made}\n```java\nnew();\n```", doc()) == "new();"
    assert text.read_code(f"{given}\n```java\nold();\n```", doc()) == "old();"  # all there is


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("Descripción: Un perro corre.", "Un perro corre."),
        ("**Bildbeschreibung:** Ein Hund.", "Ein Hund."),
        ("Übersetzung: Ein Hund.", "Ein Hund."),
        ("Resumen: Llueve.", "Llueve."),
        ("Résumé : Il pleut.", "Il pleut."),
        ("说明：一只狗。", "一只狗。"),
        ("图片描述：一只狗。", "一只狗。"),
        ("キャプション：犬がいる。", "犬がいる。"),
        ("以下が画像の説明です：\n犬がいる。", "犬がいる。"),
        ("La descripción: es larga.", "La descripción: es larga."),
        ("说明书：一本书。", "说明书：一本书。"),
        ("以下が犬です。", "以下が犬です。"),
        ("Resumen:", "Resumen:"),
    ],
)
def test_a_text_loses_the_word_of_another_language_for_what_it_is(reply, said):
    assert answers.read(doc() | {"answer": "text"}, reply) == said


CAPTION = "A dog runs on the beach."


@pytest.mark.parametrize(
    "reply",
    [
        *(
            f"> {CAPTION}",
            f"> *{CAPTION}*",
            f"> **{CAPTION}**",
            f'> "{CAPTION}"',
            f"Caption:\n> {CAPTION}",
        ),
        f"Here is the caption:\n\n> {CAPTION}",
        *(
            f"*{CAPTION}*",
            f"_{CAPTION}_",
            f'*"{CAPTION}"*',
            f'"*{CAPTION}*"',
            f"Caption: *{CAPTION}*",
        ),
        f"Sure! Here is a caption:\n\n*{CAPTION}*\n\nLet me know if you need more!",
        *(f"A: {CAPTION}", f"**A:** {CAPTION}", f"A： {CAPTION}", f"> A: {CAPTION}"),
        *(f"{CAPTION}\n```", f"```\n{CAPTION}"),
    ],
)
def test_a_caption_is_read_without_marks_around_it(reply: str) -> None:
    assert answers.read({"answer": "text", "prompt": "Describe it."}, reply) == CAPTION


@pytest.mark.parametrize(
    "text",
    [
        "*A dog* and *a cat*",
        "**A dog** runs.",
        "A: Hi!\nB: Hello.",
        "> one\ntwo",
        "5 > 3 holds.",
        "A dog: it runs.",
    ],
)
def test_marks_within_a_text_are_a_part_of_it(text: str) -> None:
    assert answers.read({"answer": "text", "prompt": "Describe it."}, text) == text


@pytest.mark.parametrize(
    "reply", ["A: red", "**A:** red", "A：red", "> red", "> **red**", "*red*", "red。", "red\n```"]
)
def test_a_short_answer_is_read_without_marks_around_it(reply: str) -> None:
    open_question = {"answer": "short_answer", "options": "[]", "prompt": "What colour?"}
    assert answers.read(open_question, reply) == "red"
    assert answers.read(open_question | {"options": '["blue", "red"]'}, reply) == "red"


PYTHON = "def f(x):\n    return x + 1"
JAVA = "public int f(int x) {\n  return x + 1;\n}"


@pytest.mark.parametrize(
    "around",
    [
        *(
            "{}\n```",
            "```\n{}",
            "python\n{}",
            "{}\n\nThis adds one to its argument.",
            "{}\n\nHere, `f` returns 3:\n4",
        ),
        "{}\n\nThe bug was that x was not incremented. It is now.",
        "{}\n\n该函数返回x加一。",
        "Sure! Here's the function:\n\n{}\n\n**Explanation:**\n- It adds one.",
        "{}\n\n## How it works\nIt adds one.",
    ],
)
def test_code_is_read_without_the_prose_behind_it(around: str) -> None:
    for program in (PYTHON, JAVA):
        assert answers.read({"answer": "code"}, around.format(program)) == program


@pytest.mark.parametrize("indent", ["  ", "    ", "\t", "> "])
def test_a_fence_that_is_set_in_holds_code_that_is_not(indent: str) -> None:
    for program in (PYTHON, JAVA):
        fence = f"```python\n{program}\n```".replace("\n", f"\n{indent}")
        for reply in (indent + fence, f"1. The code:\n\n{indent}{fence}"):
            if indent != "> " or reply.startswith(">"):
                assert answers.read({"answer": "code"}, reply) == program


@pytest.mark.parametrize(
    "program",
    [
        f"{PYTHON}\n\n# adds one\nprint(f(1))",
        f"{JAVA}\n\npublic int g() {{ return 2; }}",
        f"{JAVA}\n\n/*\n\nThis method adds one.\n*/\nint y;",
        'def f():\n    """\n\nThis is a text.\n\nThis is another one.\n    """\n    return 1',
    ],
)
def test_comments_are_a_part_of_code(program: str) -> None:
    assert answers.read({"answer": "code"}, program) == program


@pytest.mark.parametrize(
    "around",
    ["> {}", "**{}**", "*{}*", "The query is:\n> {}", "> ```sql\n> {}\n> ```", "{}；", "{};\n```", "{}\nExplanation: names.",
     "{}\nThis query gives names.", "    ```sql\n    {}\n    ```"],
)  # fmt: skip
def test_a_query_is_read_without_marks_around_it(around: str) -> None:
    query = "SELECT name FROM t WHERE a > 1"
    assert answers.read({"answer": "sql"}, around.format(query)) == query
