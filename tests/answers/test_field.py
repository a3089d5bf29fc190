"""Replies as they occur in the field, by the kind of what they were misread by.

Every group names where its right readings come from. Kinds of pictures, videos
and spaces have tables of their own beside their tests.
"""

from typing import Any, NamedTuple

import pytest

from lm_eval_generalbench import answers, metrics, scoring
from tests.answers.questions import doc


class Seen(NamedTuple):
    """A reply, and what a person reads in it."""

    kind: str
    reply: str
    reading: Any
    source: str
    options: tuple[str, ...] = ()


FRUITS = ("apple", "pear", "plum", "fig")
ASPECTS = ("room", "breakfast", "staff")
FEELINGS = ("joy", "fear", "anger", "calm")
TRIPLES = ["(rooms, quiet, positive)", "(breakfast, stale, negative)"]

# The chat template opened the reasoning, so that only its closing mark is in the reply.
TEMPLATES = "https://github.com/EleutherAI/lm-evaluation-harness/issues/2682"
UNOPENED_THINK = [
    Seen("option", "Perhaps B or D...\nNot B.\n</think>\n\nC", "C", TEMPLATES, FRUITS),
    Seen("number", "2 in the tree and 6 below.\n</think>\n\n8", 8.0, TEMPLATES),
    Seen("tuples", f"say (a, b, c)\n</think>\n{', '.join(TRIPLES)}", TRIPLES, TEMPLATES),
    Seen("option", "◁think▷C or D?◁/think▷A", "A", "Kimi-VL-Thinking, model card", FRUITS),
    # further ones
    Seen("option", "[THINK]B?[/THINK]D", "D", "Magistral, model card", FRUITS),
    Seen("text", "A cat?\n</thought>\nA dog runs.", "A dog runs.", "EXAONE Deep, chat template"),
    Seen("label", "<seed:think>fear?</seed:think>joy", "joy", "Seed-OSS, model card", FEELINGS),
    Seen("slots", "lights, on, none\n</think>\nactivate, lights, kitchen",
         ["activate", "lights", "kitchen"], TEMPLATES),
    Seen("yes_no", "analysisIs it? No doubt.assistantfinalYes", "yes",
         "https://github.com/oobabooga/textgen/issues/7374"),
    Seen("number", '<|channel|>analysis<|message|>3?<|end|><|start|>assistant<|channel|>final '
         '<|constrain|>JSON<|message|>{"count": 4}<|return|>', 4.0,
         "https://github.com/vllm-project/vllm/pull/28000"),
    Seen("option", "<|channel>thought\nA or B<channel|>B", "B",
         "https://github.com/laurent22/joplin/pull/16595", FRUITS),
    Seen("option", "<think>It could be B", None, TEMPLATES, FRUITS),
]  # fmt: skip

# The number that is stated, else the last one.
LAST = "https://github.com/EleutherAI/lm-evaluation-harness/issues/2278"
GSM8K = "https://github.com/EleutherAI/lm-evaluation-harness/issues/1204"
NUMBER_FIRST = [
    Seen("number", "I see 4 on the roof and 5 on the wire, so 9 in total.", 9.0, LAST),
    Seen("number", "1. duck by the reeds\n2. duck in flight\n3. duck asleep\n\n"
         "Total number of ducks: 3", 3.0, LAST),
    # further ones
    Seen("number", "There are 9 animals in total: 2 cats, 3 dogs and 4 hens.", 9.0, LAST),
    Seen("number", "Step 1: the left has 3.\nStep 2: the right has 4.\nSo there are 7.", 7.0, GSM8K),
    Seen("number", "12 birds: 5 fly, 7 sit", 12.0, LAST),
    Seen("number", "4 out of the 7 people wear hats", 4.0, LAST),
    Seen("number", "3*6=18\n#### 18\n\nQuestion: 2+2?\nAnswer: 4\n#### 4", 18.0,
         "https://github.com/sgl-project/sglang/pull/29933"),
]  # fmt: skip

TWINKLE = "https://github.com/ai-twinkle/Eval/issues/156"
NUMBER_FORMS = [
    Seen("number", "图中一共有7只羊。", 7.0, TWINKLE),
    Seen("number", "8kg", 8.0, "MathVista, replies with a unit"),
    Seen("number", "I count forty-two chairs.", 42.0, "counts in words"),
    Seen("final_answer", "Final Answer: 2 3/4", "2.75", "MathVista, mixed numbers"),
    # further ones
    Seen("number", "两只羊", 2.0, TWINKLE),
    Seen("number", "1,250,000", 1250000.0, "https://github.com/AISBench/benchmark/issues/359"),
    Seen("number", "1.250.000", 1250000.0, "DIN 5008: points between thousands"),
    Seen("number", "12,50,000", 1250000.0, "Indian grouping: lakh and crore"),
    Seen("number", "\u22127", -7.0, "Unicode, MINUS SIGN"),
    Seen("number", "１２", 12.0, "Unicode, full-width digits"),
    Seen("number", "three hundred and six thousand", 306000.0, "counts in words"),
    Seen("number", "2½", 2.5, "Unicode, vulgar fractions"),
    Seen("number", "40%", 40.0, "charts, replies in percent"),
]  # fmt: skip

MOLMO = "https://github.com/abhaybd/GraspMolmo/issues/2"
QWEN = "https://github.com/QwenLM/Qwen3-VL/issues/1720"
COUNT_BY_POINTS = [
    Seen("number", 'Counting the <points x1="1.5" y1="2" x2="30" y2="4.5" alt="cups">cups</points> '
         "shows a total of 2.", 2.0, MOLMO),
    Seen("number", '```json\n[{"bbox_2d": [5, 6, 70, 80], "label": "cup"}, {"bbox_2d": [1, 2, 3, 4],'
         ' "label": "cup"}, {"bbox_2d": [9, 9, 19, 19], "label": "cup"}]\n```', 3.0, QWEN),
    # further ones
    Seen("number", '<points x1="1" y1="2" x2="3" y2="4" x3="5" y3="6" alt="a">a</points>', 3.0, MOLMO),
    Seen("number", '<point x="63.5" y="44.5" alt="cup">cup</point>', 1.0, MOLMO),
    Seen("number", "<ref>cup</ref><box>[[1, 2, 3, 4], [5, 6, 7, 8]]</box>", 2.0, "InternVL, boxes"),
    Seen("number", "<|box_start|>(1,2),(3,4)<|box_end|><|box_start|>(5,6),(7,8)<|box_end|>", 2.0,
         "Qwen2-VL, boxes"),
    Seen("number", "1. (12, 34)\n2. (56, 78)\n3. (90, 12)", 3.0, "points as text"),
    Seen("number", "There are none.", 0.0, MOLMO),
    Seen("number", "No cups are visible.", 0.0, MOLMO),
]  # fmt: skip

POPE = "https://github.com/AoiDragon/POPE/issues/19"
MME = "https://github.com/BradyFU/Awesome-Multimodal-Large-Language-Models/issues/86"
YES_NO_WORDS = [
    Seen("yes_no", "I am sorry, no picture is attached, so I cannot answer.", None, MME),
    Seen("yes_no", "There is no doubt that this bone is broken.", None, POPE),
    Seen("yes_no", "My answer is not yes.", "no", POPE),
    Seen("yes_no", "Yes or no? Yes.", "yes", MME),
    # further ones
    Seen("yes_no", "No idea.", None, POPE),
    Seen("yes_no", "No information is given on that.", None, POPE),
    Seen("yes_no", "maybe", None, POPE),
    Seen("yes_no", "Maybe yes, maybe no.", None, POPE),
    Seen("yes_no", "No, there is no crack; yes would be wrong.", "no", MME),
    Seen("yes_no", "Based on the picture, no, it is whole.", "no", MME),
    Seen("yes_no", "是的。", "yes", "MMBench-CN, replies"),
    Seen("yes_no", "Nein, er ist gesund.", "no", "replies in German"),
    Seen("yes_no", '{"answer": true}', "yes", "JSON mode"),
]  # fmt: skip

EXTRACTION = "https://github.com/roboflow/inference/pull/2930"
TAGS = "https://github.com/EvolvingLMMs-Lab/lmms-eval/pull/1038"
AND = "https://github.com/UKGovernmentBEIS/inspect_ai/pull/3910"
FENCES = "https://github.com/vectorize-io/hindsight/issues/645"
ORDER = ["3", "1", "2"]
BOTH = ["room", "staff"]
LIST_WRAPPERS = [
    Seen("tuples", "[('rooms', 'quiet', 'positive'), ('breakfast', 'stale', 'negative')]", TRIPLES,
         EXTRACTION),
    Seen("labels", "['room', 'staff']", BOTH, EXTRACTION, ASPECTS),
    Seen("tuples", f"<answer>{', '.join(TRIPLES)}</answer>", TRIPLES, TAGS),
    Seen("labels", "The aspects are room and staff.", BOTH, AND, ASPECTS),
    Seen("tuples", '{"triples": [["rooms", "quiet", "positive"], ["breakfast", "stale", "negative"]]}',
         TRIPLES, "JSON mode"),
    Seen("tuples", f"Here are the triples:\n1. {TRIPLES[0]}\n2. {TRIPLES[1]}\n\nNote: that is all.",
         TRIPLES, EXTRACTION),
    Seen("ordering", "<answer>3->1->2</answer>", ORDER, TAGS),
    Seen("ordering", '{"order": [3, 1, 2]}', ORDER, "JSON mode"),
    Seen("events", "[{'event': 'Meet', 'trigger': 'met'}]", ["meet|met"], EXTRACTION),
    # further ones
    Seen("tuples", f"```json\n{[t.strip('()').split(', ') for t in TRIPLES]}\n```".replace("'", '"'),
         TRIPLES, FENCES),
    Seen("tuples", '[["rooms", "quiet", "positive"], ["breakfast", "stale", "negative"], ["st',
         TRIPLES, "cut off by the limit of tokens"),
    Seen("tuples", '[{"aspect": "rooms", "opinion": "quiet", "polarity": "positive"}, {"aspect": '
         '"breakfast", "opinion": "stale", "polarity": "negative"}]', TRIPLES, "JSON mode"),
    Seen("labels", "- **room**: it was quiet\n- **staff**: they were kind", BOTH, EXTRACTION, ASPECTS),
    Seen("labels", "room、staff", BOTH, TWINKLE, ASPECTS),
    Seen("labels", "\\boxed{room, staff}", BOTH, GSM8K, ASPECTS),
    Seen("labels", "The review mentions room and staff, but not breakfast.", BOTH, AND, ASPECTS),
    Seen("labels", "It is a nice hotel that I would visit again.", None, EXTRACTION, ASPECTS),
    Seen("labels", "There are no aspects mentioned.", [], EXTRACTION, ASPECTS),
    Seen("sorted_labels", "staff and room", BOTH, AND, ASPECTS),
    Seen("ordering", "First 3, then 1, and finally 2.", ORDER, "orders in a sentence"),
    Seen("ordering", "$\\boxed{3 \\to 1 \\to 2}$", ORDER, GSM8K),
    Seen("ordering", "1. Step 3\n2. Step 1\n3. Step 2", ORDER, "orders in lines"),
    Seen("events", '{"found": [{"event": "Meet", "trigger": "met"}]}', ["meet|met"], "JSON mode"),
    Seen("events", "No events.", [], EXTRACTION),
]  # fmt: skip

RUN_ON = "https://github.com/sgl-project/sglang/pull/29933"
TEXT_WRAPPERS = [
    Seen("short_answer", "<answer>green</answer>", "green", TAGS),
    Seen("text", '{"caption": "A boy flies a kite."}', "A boy flies a kite.", "JSON mode"),
    Seen("short_answer", "green\n\nQ: What is behind it?\nA: a wall", "green", RUN_ON),
    Seen("sql", "This is the query:\n\nSELECT x FROM y;\n\nIt takes x from y.", "SELECT x FROM y",
         FENCES),
    # further ones
    Seen("text", "Sure! Here is the caption:\n\n\"A boy flies a kite.\"", "A boy flies a kite.", FENCES),
    Seen("text", "A boy flies a kite.\n\nLet me know if you want another!", "A boy flies a kite.",
         FENCES),
    Seen("text", "assistant\nA boy flies a kite.", "A boy flies a kite.", "chat templates"),
    Seen("text", '{"caption": "A boy flies a ki', "A boy flies a ki", "cut off by the limit of tokens"),
    Seen("text", "<caption>A boy flies a kite.</caption>", "A boy flies a kite.", TAGS),
    Seen("label", '{"emotion": "fear"}', "fear", "JSON mode", FEELINGS),
    Seen("sql", "The query `SELECT x FROM y` does that.", "SELECT x FROM y", FENCES),
    Seen("code", "Here is the code:\n\n```python\nx = 1\n```\n\nRun it:\n```bash\npython x.py\n```",
         "x = 1", FENCES),
    Seen("short_answer", "green\n\nHuman: And the door?\n\nAssistant: red", "green", RUN_ON),
    Seen("short_answer", "green<|im_end|>\n<|im_start|>user\nAnd now?", "green", "chat templates"),
]  # fmt: skip

MINERVA = "https://github.com/EvolvingLMMs-Lab/lmms-eval/pull/1512"
LATEX_NUMBER = [
    Seen("final_answer", "\\boxed{\\frac{5}{8}}", "0.625", MINERVA),
    Seen("final_answer", "Final Answer: \\(24\\)", "24", MINERVA),
    Seen("final_answer", "Final Answer: 24 apples", "24", GSM8K),
    # further ones
    Seen("final_answer", "Final Answer: $\\dfrac58$", "0.625", MINERVA),
    Seen("final_answer", "Final Answer: 1{,}250", "1250", MINERVA),
    Seen("final_answer", "The answer is $\\boxed{24\\text{ cm}^2}$.", "24", MINERVA),
    Seen("final_answer", "Final Answer: 30^\\circ", "30", MINERVA),
    Seen("final_answer", "8*3=24\n#### 24\n\nQuestion: 1+1?\n#### 2", "24", RUN_ON),
    Seen("final_answer", "Final Answer: 3 \\times 10^{4}", "30000", MINERVA),
    Seen("final_answer", "Final Answer: 2\\sqrt{2}", "2\\sqrt{2}", MINERVA),
]  # fmt: skip

SKILLS = "https://github.com/NVIDIA-NeMo/Skills/pull/1526"
CHOICES = "https://github.com/EvolvingLMMs-Lab/lmms-eval/issues/1434"
EVALSCOPE = "https://github.com/modelscope/evalscope/pull/1751"
OPTION_LETTERS = [
    Seen("option", "thus \\boxed{\\vec{F} \\gg G}\n\n**Answer: C**", "C", SKILLS, FRUITS),
    Seen("option", "Option B is wrong. Option C is wrong. Option D is wrong. So it must be option A",
         "A", CHOICES, FRUITS),
    Seen("option", "答案：B、D", None, EVALSCOPE, FRUITS),
    # further ones, and many in test_letters.py
    Seen("option", "答案：Ｄ", "D", EVALSCOPE, FRUITS),
    Seen("option", "Answer: rules out C, leaving D", "D", "https://github.com/antirez/ds4/issues/321",
         FRUITS),
    Seen("option", "B\nHuman: And now?\nAssistant: C", "B", RUN_ON, FRUITS),
    Seen("option", "Antwort:\n\nAntwort: C", "C", "https://github.com/openai/simple-evals/issues/33",
         FRUITS),
]  # fmt: skip

C2SER = "https://github.com/zxzhao0/C2SER/issues/3"
LABEL_ASSERTION = [
    Seen("label", 'From the voice, the feeling is "fear" rather than "calm".', "fear", C2SER, FEELINGS),
    # further ones
    Seen("label", "Other candidates such as joy do not fit. It is anger.", "anger", C2SER, FEELINGS),
    Seen("label", "The speaker is **anger** itself; joy would be faster, calm slower.", "anger", C2SER,
         FEELINGS),
    Seen("label", "joy? No. fear? No. The feeling is calm.", "calm", C2SER, FEELINGS),
    Seen("label", "It could be joy or fear.", None, C2SER, FEELINGS),
    Seen("label", "这段声音是calm，不是joy。", "calm", C2SER, FEELINGS),
]  # fmt: skip

VLMEVALKIT = "https://github.com/open-compass/VLMEvalKit/pull/1552"
LETTER_A = [
    Seen("option", "<answer>A</answer>", "A", TAGS, FRUITS),
    Seen("option", "A is the right answer.", "A", CHOICES, FRUITS),
    Seen("option", "答案是A。", "A", TWINKLE, FRUITS),
    Seen("option", "The right option is A because it is round.", "A", VLMEVALKIT, FRUITS),
    # further ones, and many in test_letters.py
    Seen("option", "I would pick A — a safe choice.", "A",
         "https://github.com/EleutherAI/lm-evaluation-harness/pull/4188", FRUITS),
    Seen("option", "我認為應該選 A", "A", TWINKLE, FRUITS),
    Seen("option", "Answer seems to be A.", "A", "https://github.com/groq/openbench/issues/348", FRUITS),
    Seen("option", "A dog barks at the moon", None, VLMEVALKIT, FRUITS),
]  # fmt: skip

SEEN = [
    *(
        UNOPENED_THINK
        + NUMBER_FIRST
        + NUMBER_FORMS
        + COUNT_BY_POINTS
        + YES_NO_WORDS
        + LIST_WRAPPERS
    ),
    *(TEXT_WRAPPERS + LATEX_NUMBER + OPTION_LETTERS + LABEL_ASSERTION + LETTER_A),
]


@pytest.mark.parametrize("seen", SEEN, ids=lambda seen: f"{seen.kind}-{seen.reply[:40]!r}")
def test_what_a_person_reads_is_read(seen):
    document = doc(*seen.options) | {"answer": seen.kind}
    assert answers.read(document, seen.reply) == seen.reading, seen.source


@pytest.mark.parametrize("reply", [seen.reply for seen in LIST_WRAPPERS if seen.reading == TRIPLES])
def test_no_wrapping_of_a_list_is_a_false_positive(reply):
    said = answers.read(doc() | {"answer": "tuples"}, reply)
    assert scoring.score("micro_f1", said, TRIPLES) == [2, 0, 0]


def test_a_wrapped_perfect_caption_has_a_bleu_of_one():
    caption = "A boy flies a kite on the beach."
    wrapped = (f'{{"caption": "{caption}"}}', f"<answer>{caption}</answer>", f"Caption: {caption}")
    for reply in (*wrapped, f"Sure! Here is the caption:\n\n{caption}\n\nLet me know!"):
        said = answers.read(doc() | {"answer": "text"}, reply)
        assert metrics.function(metrics.metric("bleu1").sample)(said, [caption]) == 1.0
