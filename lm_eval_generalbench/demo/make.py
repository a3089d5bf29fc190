"""Make the data set inside the package: `python -m lm_eval_generalbench.demo.make [FOLDER]`.

A few records for every kind of answer, laid out and written as the published
data set is, its inconsistencies included: each task notes which of them it
shows. All of it is made here: texts, drawn scenes, synthesised sounds, generated
videos and point clouds. Running it again gives the same bytes as long as the
encoders (zlib, libjpeg, libFLAC, FFmpeg) are the same versions.
"""

import io
import json
import shutil
import struct
import sys
import zlib
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from lm_eval_generalbench import paths

Json = dict[str, Any]
Box = tuple[float, float, float, float]  # x, y, width, height

WHITE, BLACK, GREY = (245, 245, 240), (20, 20, 24), (128, 128, 128)
RED, GREEN, BLUE = (200, 40, 40), (50, 150, 70), (50, 80, 190)
YELLOW, ORANGE, BROWN = (235, 200, 50), (230, 130, 40), (120, 80, 50)
SKY, GRASS, ROAD, SKIN = (170, 205, 235), (120, 175, 95), (90, 90, 95), (225, 180, 150)
COLOURS = {"red": RED, "green": GREEN, "blue": BLUE, "yellow": YELLOW}


# ---- files -------------------------------------------------------------------------------


def put(path: Path, data: bytes) -> None:
    """Write a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def annotate(path: Path, header: Json, records: Sequence[Json]) -> None:
    """Write an annotation: the header's keys, then the records under "data"."""
    value = header | {"data": list(records)}
    put(path, (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode())


def save(path: Path, picture: Image.Image) -> None:
    """Write a picture in the format that the name's ending tells."""
    buffer = io.BytesIO()
    if path.suffix == ".png":
        picture.save(buffer, "PNG", optimize=True)
    else:
        picture.convert("RGB").save(buffer, "JPEG", quality=85)
    put(path, buffer.getvalue())


def save_array(path: Path, array: np.ndarray, **named: np.ndarray) -> None:
    """Write .npy, or .npz with the arrays under their names."""
    buffer = io.BytesIO()
    if path.suffix == ".npz":
        np.savez_compressed(buffer, **named)
    else:
        np.save(buffer, array)
    put(path, buffer.getvalue())


# ---- language ------------------------------------------------------------------------------

TEXT_ONLY = {"modality": {"in": ["text"], "out": ["text"]}, "version": "1.0"}
OPENSET = TEXT_ONLY | {"set_type": "openset"}


def language(root: Path) -> None:
    """Every layout of a language record: `nlp/<Hyphen-Title>/annotation.json`."""
    for folder, (header, records) in LANGUAGE.items():
        annotate(root / "nlp" / folder / "annotation.json", header, records)


def choice(key: str, question: str, options: Sequence[str], answer: str) -> Json:
    """A question with options, answered by a letter."""
    return {
        "id": key,
        "input": {"question": question, "options": list(options)},
        "output": {"answer": answer},
    }


def open_question(key: str, question: str, answer: Any, **others: Any) -> Json:
    """A question with a written answer, or a list of accepted ones."""
    return {"id": key, "input": {"question": question} | others, "output": {"answer": answer}}


def marked(key: str, text: str, prompt: str, output: Json) -> Json:
    """A prompt with a mark where the text goes."""
    return {"id": key, "input": {"raw_text": text, "prompt": prompt}, "output": output}


def defect(key: str, code: str, target: int) -> Json:
    return {"id": key, "func": code, "output": {"target": target}}


def program(key: str, goal: str, example: tuple[str, str], code: str) -> Json:
    context = [
        {"type": "description", "content": "The function returns its result and prints nothing."},
        {"type": "example", "content": [{"input": example[0], "output": example[1]}]},
    ]
    output = {"response": {"type": "code", "content": code}}
    return {"id": key, "language": "Python", "goal": goal, "context": context, "output": output}


def repair(key: str, wrong: str, right: str) -> Json:
    prompt = "The function below is wrong. Give the corrected function."
    return {
        "id": key,
        "input": {"prompt": prompt, "sourceCode": wrong},
        "output": {"repairCode": right},
    }


def query(key: str, schema: str, question: str, sql: str) -> Json:
    return {"id": key, "input": {"context": schema, "question": question}, "output": {"sql": sql}}


def translation(key: str, text: str, output: Any) -> Json:
    return {"id": key, "in": "English", "out": "Chinese", "input": text, "output": output}


def story_problem(key: str, text: str, steps: Sequence[str], answer: str) -> Json:
    solution = {"steps": list(steps), "final_answer": answer}
    problem = {"text": text, "constraints": ["Give a number without a unit."]}
    return {"id": key, "problem": problem, "output": {"solution": solution}}


FISH = {
    "header": ["lake", "depth (m)", "fish"],
    "rows": [["Orla", "12", "pike"], ["Tarn Mere", "30", "trout"], ["Little Finn", "4", "carp"]],
}
BUSES = {
    "header": ["line", "from", "to", "minutes"],
    "rows": [["3", "harbour", "museum", "14"], ["8", "station", "zoo", "25"]],
}
INFERENCE = (
    "<<<raw_text>>>\nHow does the hypothesis relate to the premise? Choose from entailment, "
    "contradiction and neutral, and give that word only."
)
ASPECTS = (
    "Review: <<<raw_text>>> Which of the categories food, service, price and ambience does it "
    "speak of? Separate them by commas."
)
TRIPLETS = (
    "Review: <<<raw_text>>> List every triplet (aspect, opinion, sentiment); the sentiment is "
    "positive, negative or neutral."
)
DISEASES = (
    "Text: <<<raw_text>>> List every disease as (name, DISEASE), separated by commas; write none "
    "if the text names none."
)
HEADS = (
    "Sentence: <<<raw_text>>> Which word is the head of the word in brackets? "
    "A. the verb  B. the subject  C. the object  D. the root"
)
SHOP = "CREATE TABLE items (id INTEGER, name TEXT, price REAL, stock INTEGER)"
CLUB = "CREATE TABLE members (id INTEGER, name TEXT, town TEXT, joined INTEGER)"

LANGUAGE: dict[str, tuple[Json, list[Json]]] = {
    # letters for options
    "Causal-Reasoning": (
        OPENSET | {"task": "Causal Reasoning", "type": "MultipleChoiceQA"},
        [
            choice(
                "cr004",
                "What is the effect of: The bakery burnt its first tray of bread.?",
                ["The bakery opened with empty shelves.", "The bakery bought a bicycle."],
                "A",
            ),
            choice(
                "cr017",
                "What is the cause of: The garden path is full of puddles.?",
                ["The gate was painted green.", "It rained through the night."],
                "B",
            ),
            choice(
                "cr102",
                "What is the effect of: Nobody watered the tomato plants in July.?",
                ["The leaves turned brown.", "The fence grew taller.", "The cat learnt to swim."],
                "A",
            ),
            choice(
                "cr233",
                "What is the cause of: The lift stopped between two floors.?",
                ["A passenger wore a hat.", "The day was a Tuesday.", "The power went out."],
                "C",
            ),
        ],
    ),
    # written answers, one or several
    "Temporal-Reasoning": (
        OPENSET | {"task": "Temporal Reasoning", "type": "OpenQA"},
        [
            open_question(
                "tr011",
                "A: The ferry leaves at six. B: How long is the crossing? A: We shall be there "
                "at eight, so <MASK>.",
                ["two hours", "about two hours", "2 hours"],
            ),
            open_question(
                "tr048",
                "A: I planted the beans on Monday. B: And they came up when? A: On Thursday of "
                "the same week, after only <MASK>.",
                ["three days", "3 days"],
            ),
            open_question(
                "tr113",
                "A: Is the museum open? B: Not yet, it opens at ten and it is half past nine now, "
                "so we wait for <MASK>.",
                "thirty minutes",
            ),
        ],
    ),
    # the table is part of the input; a text instead of a table in the last record
    "Table-Question-Answering": (
        OPENSET | {"task": "Table Question Answering", "type": "OpenQA"},
        [
            open_question("tqa07", "Which lake is the deepest?", "Tarn Mere", table=FISH),
            open_question("tqa12", "Which fish lives in Little Finn?", ["carp"], table=FISH),
            open_question("tqa31", "How many minutes does line 8 take?", "25", table=BUSES),
            open_question(
                "tqa40",
                "Who won the second round?",
                "the team from Brill",
                table="round | winner\n1 | the team from Aske\n2 | the team from Brill",
            ),
        ],
    ),
    # fields at the level of the record; steps and a final answer in the output
    "Mathematical-Word-Problem-Solving": (
        TEXT_ONLY
        | {
            "task": "Mathematical Word Problem Solving",
            "type": "Mathematical Word Problem Solving",
        },
        [
            story_problem(
                "mw003",
                "A box holds 12 candles. Nora buys 4 boxes and gives 5 candles away. How many "
                "candles has she left?",
                ["4 x 12 = 48", "48 - 5 = 43"],
                "43",
            ),
            story_problem(
                "mw019",
                "A rope of 9 metres is cut into 4 equal pieces. How many metres long is a piece?",
                ["9 / 4 = 2.25"],
                "2.25",
            ),
            story_problem(
                "mw088",
                "A ticket costs 1,250 crowns, a child pays 30 percent of that. What does a child "
                "pay?",
                ["1250 x 30 / 100 = 375"],
                "375",
            ),
        ],
    ),
    # 0 or 1 for no or yes
    "Code-Defect-Detection": (
        OPENSET | {"task": "Code Defect Detection", "type": "Code Defect Detection"},
        [
            defect(
                "cd0001",
                "void greet(const char *name) {\n    char line[16];\n    strcpy(line, name);\n"
                "    puts(line);\n}",
                1,
            ),
            defect(
                "cd0007",
                "int sum(const int *a, size_t n) {\n    int total = 0;\n"
                "    for (size_t i = 0; i < n; i++)\n        total += a[i];\n"
                "    return total;\n}",
                0,
            ),
            defect(
                "cd0012",
                "char *copy(const char *s) {\n    char *out = malloc(strlen(s));\n"
                "    strcpy(out, s);\n    return out;\n}",
                1,
            ),
            defect("cd0030", "int larger(int a, int b) {\n    return a > b ? a : b;\n}", 0),
        ],
    ),
    # a list of context entries; the code stands under response.content
    "Code-Generation": (
        OPENSET | {"task": "Code Generation", "type": "Code Generation"},
        [
            program(
                "cg02",
                "Write a function count_vowels(text) that counts the vowels of a text.",
                ("count_vowels('apple')", "2"),
                "def count_vowels(text):\n    total = 0\n    for letter in text.lower():\n"
                "        if letter in 'aeiou':\n            total += 1\n    return total",
            ),
            program(
                "cg05",
                "Write a function middle(values) that returns the median of a list.",
                ("middle([3, 1, 2])", "2"),
                "def middle(values):\n    ordered = sorted(values)\n    half = len(ordered) // 2\n"
                "    if len(ordered) % 2:\n        return ordered[half]\n"
                "    return (ordered[half - 1] + ordered[half]) / 2",
            ),
            program(
                "cg09",
                "Write a function squares(n) that lists the squares of 1 to n.",
                ("squares(3)", "[1, 4, 9]"),
                "def squares(n):\n    result = []\n    for i in range(1, n + 1):\n"
                "        result.append(i * i)\n    return result",
            ),
        ],
    ),
    "Code-Repair": (
        OPENSET | {"task": "Code Repair", "type": "Code Repair"},
        [
            repair(
                "rp001",
                "def mean(values):\n    total = 0\n    for v in values:\n        total = v\n"
                "    return total / len(values)",
                "def mean(values):\n    total = 0\n    for v in values:\n        total += v\n"
                "    return total / len(values)",
            ),
            repair(
                "rp014",
                "def last(items):\n    position = len(items)\n    return items[position]",
                "def last(items):\n    position = len(items) - 1\n    return items[position]",
            ),
            repair(
                "rp020",
                "def is_even(number):\n    rest = number % 2\n    return rest == 1",
                "def is_even(number):\n    rest = number % 2\n    return rest == 0",
            ),
        ],
    ),
    "Text-to-SQL-Generation": (
        OPENSET | {"task": "Text-to-SQL Generation", "type": "Text to SQL"},
        [
            query(
                "sql3",
                SHOP,
                "Which items cost more than ten?",
                "SELECT name FROM items WHERE price > 10",
            ),
            query(
                "sql8",
                SHOP,
                "How many items are out of stock?",
                "SELECT COUNT(*) FROM items WHERE stock = 0",
            ),
            query(
                "sql15",
                CLUB,
                "Name the members from Brill, the newest first.",
                "SELECT name FROM members WHERE town = 'Brill' ORDER BY joined DESC",
            ),
        ],
    ),
    # input is a plain text; so is the output, or it stands under "translation"
    "English-Chinese-Translation": (
        TEXT_ONLY | {"task": "English-Chinese Translation", "type": "Translation"},
        [
            translation("ec01", "The tea is still hot.", "茶还是热的。"),
            translation("ec02", "My sister lives by the sea.", {"translation": "我姐姐住在海边。"}),
            translation("ec03", "The train arrives at nine.", "火车九点到。"),
            translation(
                "ec04", "Two birds sit on the roof.", {"translation": "两只鸟停在屋顶上。"}
            ),
        ],
    ),
    # "summary" or "highlights"
    "Abstractive-Summarization": (
        OPENSET | {"task": "Abstractive Summarization", "type": "Summarization"},
        [
            {
                "id": "as02",
                "document": "The town council met on Friday to speak about the old mill. After "
                "three hours of debate it was decided to turn the building into a library. Work "
                "begins in spring and should take two years.",
                "output": {"summary": "The council will turn the old mill into a library."},
            },
            {
                "id": "as05",
                "document": "A heron was seen on the pond behind the school this week. Pupils "
                "built a small hide from branches, and every break a few of them watch the bird "
                "in silence and note what it eats.",
                "output": {"highlights": "Pupils watch a heron on the school pond from a hide."},
            },
            {
                "id": "as09",
                "document": "Snow closed the pass for nine days. On Sunday two ploughs met at the "
                "top, and by the evening the first lorries with fresh fruit reached the valley.",
                "output": {"summary": "After nine days of snow the pass is open again."},
            },
        ],
    ),
    # the dialogue stands at the level of the record; a stray suffix in the header's task
    "Multi-Turn-Daily-Dialogue-Generation": (
        OPENSET | {"task": "Multi-Turn_Daily_Dialogue_Generationid", "type": "Dialogue"},
        [
            {
                "id": "mtddg003",
                "dialog": ["Have you seen my keys?", "Which ones?", "Those with the red ribbon."],
                "output": {"response": "They hang beside the kitchen door."},
            },
            {
                "id": "mtddg040",
                "dialog": ["One loaf of rye bread, please.", "Shall I slice it for you?"],
                "output": {"response": "Yes, thin slices if you can."},
            },
            {
                "id": "mtddg101",
                "dialog": ["The film starts at eight.", "Then we should eat before.", "Where?"],
                "output": {"response": "There is a noodle bar next to the cinema."},
            },
        ],
    ),
    # numbers in, a number out
    "Time-Series": (
        TEXT_ONLY | {"task": "Time Series", "type": "Time Series"},
        [
            {"id": "ts1", "input": {"data": [2.0, 4.0, 6.0, 8.0]}, "output": {"target": 10.0}},
            {"id": "ts2", "input": {"data": [5.5, 5.0, 4.5, 4.0]}, "output": {"target": 3.5}},
            {"id": "ts3", "input": {"data": [1, 2, 4, 8, 16]}, "output": {"target": 32}},
            {"id": "ts4", "input": {"data": [-1.0, 1.0, -1.0, 1.0]}, "output": {"target": -1.0}},
        ],
    ),
    # ids with leading zeros; marks in the prompt; the answer stands under "category"
    "Natural-Language-Inference": (
        OPENSET | {"task": "natural_language_inference", "type": "classification"},
        [
            marked(
                "0031",
                "Premise: A girl carries two buckets of water.\nHypothesis: A girl carries water.",
                INFERENCE,
                {"category": "entailment"},
            ),
            marked(
                "0102",
                "Premise: A man sleeps on a bench.\nHypothesis: The man is running a race.",
                INFERENCE,
                {"category": "contradiction"},
            ),
            marked(
                "0107",
                "Premise: Three dogs lie in the shade.\nHypothesis: The dogs belong to a farmer.",
                INFERENCE,
                {"category": "neutral"},
            ),
            marked(
                "0290",
                "Premise: A boat with a white sail leaves the bay.\nHypothesis: A boat moves.",
                INFERENCE,
                {"category": "entailment"},
            ),
        ],
    ),
    # sets of labels in one text
    "Aspect-Category-Detection": (
        OPENSET | {"task": "aspect_category_detection", "type": "multi label classification"},
        [
            marked("0004", "The soup was cold.", ASPECTS, {"text": "food"}),
            marked("0019", "Friendly waiters, fair bill.", ASPECTS, {"text": "service, price"}),
            marked("0055", "Lovely candles, dull pasta.", ASPECTS, {"text": "ambience, food"}),
        ],
    ),
    "Aspect-Sentiment-Triplet-Extraction": (
        OPENSET | {"task": "aspect_sentiment_triplet_extraction", "type": "extraction"},
        [
            marked(
                "0011",
                "The pizza was tasty but the waiter was rude.",
                TRIPLETS,
                {"text": "(pizza, tasty, positive), (waiter, rude, negative)"},
            ),
            marked("0012", "Quiet rooms.", TRIPLETS, {"text": "(rooms, quiet, positive)"}),
            marked(
                "0040",
                "The screen is plain, the keyboard superb.",
                TRIPLETS,
                {"text": "(screen, plain, neutral), (keyboard, superb, positive)"},
            ),
        ],
    ),
    # nothing to extract in the last record
    "Disease-NER": (
        OPENSET | {"task": "disease_ner", "type": "ner"},
        [
            marked(
                "0002",
                "She was treated for asthma and hay fever.",
                DISEASES,
                {"text": "(asthma, DISEASE), (hay fever, DISEASE)"},
            ),
            marked("0005", "Measles is rare here.", DISEASES, {"text": "(Measles, DISEASE)"}),
            marked("0018", "The patient feels well again.", DISEASES, {"text": "none"}),
        ],
    ),
    # letters, in lower case, for options that the prompt itself lists
    "Dependency-Parsing": (
        OPENSET | {"task": "dependency_parsing", "type": "multiple choice"},
        [
            marked("0001", "The boy reads (books).", HEADS, {"text": "a"}),
            marked("0002", "The (tall) boy reads.", HEADS, {"text": "b"}),
            marked("0009", "The boy reads (old) books.", HEADS, {"text": "c"}),
            marked("0013", "The boy (reads).", HEADS, {"text": "d"}),
        ],
    ),
}


# ---- pictures ------------------------------------------------------------------------------


def picture(size: tuple[int, int], ground: tuple[int, ...]) -> tuple[Image.Image, Any]:
    """An empty picture and the pen to draw in it."""
    image = Image.new("RGB", size, ground)
    return image, ImageDraw.Draw(image)


def corners(box: Box) -> tuple[float, float, float, float]:
    """The first and last pixel of a box, as the pen wants them."""
    x, y, w, h = box
    return x, y, x + w - 1, y + h - 1


def write(
    pen: Any, place: tuple[float, float], text: str, size: int = 12, ink: Any = BLACK
) -> None:
    pen.text(place, text, fill=ink, font=ImageFont.load_default(size))


def bird(pen: Any, box: Box, colour: tuple[int, ...]) -> None:
    """A bird that fills its box: head and beak to the right, tail to the left."""
    x, y, w, h = box
    pen.polygon([(x, y + h / 2), (x + w * 0.3, y + h * 0.4), (x + w * 0.3, y + h - 1)], fill=colour)
    pen.ellipse(corners((x + w * 0.2, y + h * 0.3, w * 0.6, h * 0.7)), fill=colour)
    pen.ellipse(corners((x + w * 0.6, y, w * 0.3, h * 0.5)), fill=colour)
    pen.polygon(
        [(x + w * 0.85, y + h * 0.15), (x + w - 1, y + h * 0.25), (x + w * 0.85, y + h * 0.35)],
        fill=ORANGE,
    )


def person(pen: Any, box: Box, colour: tuple[int, ...]) -> None:
    """A figure that fills its box: upright if the box is, lying if it is wider than high."""
    x, y, w, h = box
    if h >= w:
        pen.ellipse(corners((x + w * 0.25, y, w * 0.5, w * 0.5)), fill=SKIN)
        pen.rectangle(corners((x, y + w * 0.5, w, h * 0.45)), fill=colour)
        pen.rectangle(corners((x + w * 0.1, y + h * 0.6, w * 0.3, h * 0.4)), fill=BLACK)
        pen.rectangle(corners((x + w * 0.6, y + h * 0.6, w * 0.3, h * 0.4)), fill=BLACK)
    else:
        pen.ellipse(corners((x, y + h * 0.25, h * 0.5, h * 0.5)), fill=SKIN)
        pen.rectangle(corners((x + h * 0.5, y, w * 0.45, h)), fill=colour)
        pen.rectangle(corners((x + w * 0.6, y + h * 0.1, w * 0.4, h * 0.3)), fill=BLACK)
        pen.rectangle(corners((x + w * 0.6, y + h * 0.6, w * 0.4, h * 0.3)), fill=BLACK)


def car(pen: Any, box: Box, colour: tuple[int, ...]) -> None:
    """A car seen from the side that fills its box."""
    x, y, w, h = box
    pen.rectangle(corners((x + w * 0.2, y, w * 0.55, h * 0.5)), fill=colour)
    pen.rectangle(corners((x + w * 0.28, y + h * 0.1, w * 0.15, h * 0.3)), fill=SKY)
    pen.rectangle(corners((x + w * 0.52, y + h * 0.1, w * 0.15, h * 0.3)), fill=SKY)
    pen.rectangle(corners((x, y + h * 0.4, w, h * 0.4)), fill=colour)
    for place in (0.12, 0.65):
        pen.ellipse(corners((x + w * place, y + h * 0.6, w * 0.22, h * 0.4)), fill=BLACK)


SHAPES = {
    "circle": lambda pen, box, colour: pen.ellipse(corners(box), fill=colour),
    "square": lambda pen, box, colour: pen.rectangle(corners(box), fill=colour),
    "triangle": lambda pen, box, colour: pen.polygon(
        [
            (box[0], box[1] + box[3] - 1),
            (box[0] + box[2] - 1, box[1] + box[3] - 1),
            (box[0] + box[2] / 2, box[1]),
        ],
        fill=colour,
    ),
}


def shapes(size: tuple[int, int], *things: tuple[str, str, Box]) -> Image.Image:
    """A picture of (shape, colour, box) on white."""
    image, pen = picture(size, WHITE)
    for shape, colour, box in things:
        SHAPES[shape](pen, box, COLOURS[colour])
    return image


# ---- images: words, numbers and boxes --------------------------------------------------------

SEES = {"modality": {"in": ["image", "text"], "out": ["text"]}, "version": "1.0"}


def seen(key: str, file: Any, prompt: str, output: Json, **others: Any) -> Json:
    """A record with one image, or a list of them."""
    return {"id": key, "input": {"image_file": file, "prompt": prompt} | others, "output": output}


def bird_detection(folder: Path) -> None:
    """Bare file names; boxes by class; the header declares the format of a box."""
    records = []
    for i, boxes in enumerate(
        ([(12, 20, 40, 30)], [(50, 30, 36, 28), (6, 8, 24, 18)], [(30, 14, 50, 44)])
    ):
        image, pen = picture((96, 72), SKY)
        pen.rectangle((0, 60, 95, 71), fill=GRASS)
        for k, box in enumerate(boxes):
            bird(pen, box, (BROWN, BLUE, RED)[(i + k) % 3])
        save(folder / "images" / f"Meadow_Bird_{i:04}.jpg", image)
        output = {"text": {"bird": [list(box) for box in boxes]}}
        prompt = "Detect the bird in the picture"
        records.append(seen(f"bd_{i * 37:04}", f"Meadow_Bird_{i:04}.jpg", prompt, output))
    header = {
        "task": "Bird Detection",
        "type": "image comprehension",
        "modality": {"in": ["image", "text"], "out": ["boxes"]},
        "skill": "Object Detection",
        "domain": "General",
        "general_capability": "Content Recognition",
        "version": "1.0",
        "set_type": "openset",
        "others": {"bbox_format": "(x_min, y_min, width, height)"},
    }
    annotate(folder / "bird_detection.json", header, records)


def fall_human_detection(folder: Path) -> None:
    """A placeholder for a prompt; a list of single-key objects; images without a record."""
    scenes: list[list[tuple[str, Box]]] = [
        [("Fall", (10.5, 44.0, 40.0, 16.0)), ("person", (66.0, 12.0, 16.0, 48.0))],
        [("person", (8.0, 10.0, 15.5, 46.0)), ("person", (40.0, 14.0, 14.0, 44.0))],
        [("Fall", (30.0, 46.0, 44.0, 18.0))],
        [("person", (38.0, 8.0, 18.0, 54.0)), ("Fall", (2.0, 50.0, 34.0, 14.0))],
    ]
    records = []
    for i, things in enumerate([*scenes, scenes[0]]):
        image, pen = picture((96, 72), (215, 210, 200))
        for k, (_, box) in enumerate(things):
            person(pen, box, (BLUE, GREEN, RED)[(i + k) % 3])
        save(folder / "images" / f"{i:03}.jpg", image)
        output = {"bbox": [{name: list(box)} for name, box in things]}
        prompt = "There is no fixed prompt for this task: users define their own."
        records.append(seen(f"fhd{i:04}", f"{i:03}.jpg", prompt, output))
    header = SEES | {"task": "fall-human-detection", "type": "comprehension", "others": {}}
    annotate(folder / "json" / "annotation_v2.json", header, records[: len(scenes)])


def complex_expression_visual_grounding(folder: Path) -> None:
    """One box a record, by its corners; an older annotation lies beside the one that counts."""
    things: list[tuple[str, str, Box]] = [
        ("circle", "red", (8, 10, 20, 20)),
        ("circle", "red", (60, 36, 30, 30)),
        ("square", "blue", (36, 8, 18, 18)),
        ("triangle", "green", (10, 44, 24, 20)),
    ]
    asked = (
        ("the smaller of the two red circles", 0),
        ("the red circle below the blue square", 1),
        ("the only shape with three sides", 3),
        ("the shape between the small circle and the right edge, in the upper half", 2),
    )
    save(folder / "images" / "shapes.png", shapes((96, 72), *things))
    records = []
    for i, (words, which) in enumerate(asked):
        x, y, w, h = things[which][2]
        output = {"bbox": [x, y, x + w, y + h]}
        records.append(seen(f"{i:04}", "images/shapes.png", f"Find {words}.", output))
    header = SEES | {"task": "complex expression visual grounding", "type": "comprehension"}
    header |= {"others": {"bbox_format": "(x_min, y_min, x_max, y_max)"}}
    annotate(folder / "json" / "annotation.json", header, records[:1])
    annotate(folder / "json" / "annotation_v2.json", header | {"version": "2.0"}, records)


def car_brands_recognition(folder: Path) -> None:
    """The answer stands under "prediction"; file names with their folder."""
    records = []
    for i, (brand, colour) in enumerate(
        (("Alvento", RED), ("Borrux", BLUE), ("Alvento", GREEN), ("Cirane Motors", YELLOW))
    ):
        image, pen = picture((112, 64), WHITE)
        car(pen, (10, 22, 90, 40), colour)
        write(pen, (12, 4), brand.upper())
        save(folder / "images" / f"CarBrands{i:04}.png", image)
        prompt = "recognize the brand of the car"
        file = f"images/CarBrands{i:04}.png"
        records.append(seen(f"CarBrands{i:04}", file, prompt, {"prediction": brand}))
    header = SEES | {"task": "Car Brands Recognition", "type": "comprehension"}
    header |= {"skill": "Object Recognition(Object Recog)", "capability": "Content Recognition"}
    annotate(folder / "json" / "annotation.json", header, records)


def art_image_visual_question_answering(folder: Path) -> None:
    """The prompt is the question; several accepted answers; two records share an image."""
    image, pen = picture((80, 96), BROWN)
    pen.rectangle((8, 8, 71, 87), fill=SKY)
    pen.rectangle((8, 60, 71, 87), fill=GRASS)
    pen.ellipse((50, 14, 66, 30), fill=YELLOW)
    save(folder / "images" / "0002.png", image)
    image, pen = picture((80, 96), BLACK)
    for i in range(4):
        SHAPES["circle"](pen, (6 + i * 18, 30, 14, 14), RED)
    save(folder / "images" / "0011.png", image)
    records = [
        seen("2", "0002.png", "What shines above the meadow?", {"text": ["sun", "the sun"]}),
        seen("7", "0002.png", "What colour is the frame?", {"text": ["brown"]}),
        seen("11", "0011.png", "How many red discs are there?", {"text": ["4", "four"]}),
        seen("15", "0011.png", "Is there a face?", {"text": ["no", "no face", "none"]}),
    ]
    header = SEES | {"task": "Art Image Visual Question Answering", "type": "image comprehension"}
    annotate(folder / "art_image_visual_question_answering.json", header, records)


def chemistry_vqa(folder: Path) -> None:
    """A fixed prompt; the question ends with the choices as a Python list, quotes mixed."""
    records = []
    ask = "Answer the question about the image with one of the given choices."
    choices = ["Solution A", "Solution B", "neither; it's the same in both"]
    for i, (left, right) in enumerate(((2, 6), (7, 3), (4, 4))):
        image, pen = picture((112, 72), WHITE)
        for x, count, name in ((6, left, "A"), (60, right, "B")):
            pen.rectangle((x, 14, x + 44, 66), fill=SKY, outline=BLACK)
            for k in range(count):
                SHAPES["circle"](pen, (x + 4 + k % 3 * 14, 18 + k // 3 * 15, 9, 9), GREEN)
            write(pen, (x + 18, 0), name, 10)
        save(folder / "images" / f"{300 + i}_image.png", image)
        question = f"Which solution holds more particles? The candidate choices are {choices}."
        answer = choices[1 if right > left else 0 if left > right else 2]
        file = f"{300 + i}_image.png"
        records.append(seen(f"ckv{i:04}", file, ask, {"text": answer}, question=question))
    header = SEES | {"task": "chemistry vqa", "type": "comprehension", "domain": ["Chemistry"]}
    annotate(folder / "json" / "annotation.json", header, records)


def lung_nodule_diagnosis_vqa(folder: Path) -> None:
    """Yes or no, with a fixed prompt beside the question."""
    records = []
    for i, (file, answer) in enumerate((("n01.png", "yes"), ("n02.png", "no"), ("n03.png", "yes"))):
        image = Image.new("L", (80, 64), 15)
        pen = ImageDraw.Draw(image)
        pen.ellipse((8, 6, 36, 58), fill=70)
        pen.ellipse((44, 6, 72, 58), fill=70)
        if answer == "yes":
            pen.ellipse((16 + 30 * (i // 2), 20, 24 + 30 * (i // 2), 28), fill=190)
        save(folder / "images" / file, image)
        ask = "Look at the drawing of a chest scan and answer yes or no."
        question = "Is there a bright round spot in one of the lungs?"
        records.append(seen(f"{i + 1}", file, ask, {"text": answer}, question=question))
    header = SEES | {"task": "lung nodule diagnosis vqa", "type": "comprehension"}
    annotate(folder / "json" / "annotation.json", header, records)


def car_model_matching(folder: Path) -> None:
    """Two images a record."""
    for name, colour, box in (
        ("a", RED, (8, 20, 80, 36)),
        ("b", BLUE, (8, 20, 80, 36)),
        ("c", RED, (30, 8, 36, 50)),
    ):
        image, pen = picture((96, 64), WHITE)
        car(pen, box, colour)
        save(folder / "images" / f"car_{name}.png", image)
    records = [
        {
            "id": f"cmm{i}",
            "input": {
                "image_list": [f"images/car_{x}.png" for x in pair],
                "prompt": "Do both pictures show the same model of car, whatever its colour?",
            },
            "output": {"text": answer},
        }
        for i, (pair, answer) in enumerate((("ab", "yes"), ("ac", "no"), ("bc", "no")))
    ]
    header = SEES | {"task": "car model matching", "type": "comprehension"}
    annotate(folder / "json" / "annotation.json", header, records)


def seed_counting(folder: Path) -> None:
    """A number, or the place of every seed."""
    records = []
    for i, count in enumerate((5, 9, 3, 12)):
        places = [(12 + k % 4 * 20, 10 + k // 4 * 20) for k in range(count)]
        image, pen = picture((88, 64), (230, 220, 200))
        for x, y in places:
            pen.ellipse((x - 4, y - 3, x + 4, y + 3), fill=BROWN)
        save(folder / "images" / f"seeds{i}.jpg", image)
        text: Any = [list(place) for place in places] if i == 3 else count
        records.append(seen(f"s{i:02}", f"seeds{i}.jpg", "Count the seeds.", {"text": text}))
    header = SEES | {"task": "Seed Counting", "type": "comprehension"}
    annotate(folder / "seed_counting.json", header, records)


def coco_image_captioning(folder: Path) -> None:
    """Paths as they were where the annotation was written; several captions a record."""
    scenes = (
        (
            [("square", "blue", (10, 20, 30, 30)), ("circle", "red", (52, 24, 26, 26))],
            ["A blue square stands beside a red circle.", "A red disc to the right of a square."],
        ),
        (
            [("triangle", "green", (28, 8, 40, 50))],
            ["A tall green triangle in the middle.", "One green triangle on a white ground."],
        ),
        (
            [("circle", "yellow", (8 + 28 * k, 20, 22, 22)) for k in range(3)],
            ["Three yellow balls lie in a row."],
        ),
    )
    records = []
    for i, (things, captions) in enumerate(scenes):
        file = f"{i:012}.jpg"
        save(folder / "images" / file, shapes((96, 64), *things))  # type: ignore[arg-type]
        stale = f"./data/comprehension/coco_image_captioning/images/{file}"
        records.append(seen(f"coco{i}", stale, "Describe the image.", {"text": captions}))
    header = SEES | {"task": "COCO Image Captioning", "type": "comprehension"}
    annotate(folder / "coco_image_captioning.json", header, records)


def chinese_image_captioning(folder: Path) -> None:
    """Captions in Chinese; a path with back-slashes in one record."""
    records = []
    for i, (shape, colour, caption) in enumerate(
        (
            ("circle", "red", "一个红色的圆。"),
            ("square", "blue", "白色背景上有一个蓝色的方块。"),
            ("triangle", "green", "中间是绿色的三角形。"),
        )
    ):
        save(folder / "images" / f"zh{i}.png", shapes((72, 72), (shape, colour, (16, 16, 40, 40))))
        file = f"images\\zh{i}.png" if i == 1 else f"images/zh{i}.png"
        records.append(seen(f"zh{i}", file, "用一句话描述这张图片。", {"text": [caption]}))
    header = SEES | {"task": "chinese image captioning", "type": "comprehension"}
    annotate(folder / "json" / "annotation.json", header, records)


def license_plate_ocr(folder: Path) -> None:
    """A text to be read."""
    records = []
    for i, plate in enumerate(("KD 482", "ORB-77", "9 TUN 3")):
        image, pen = picture((112, 48), ROAD)
        pen.rectangle((6, 8, 105, 39), fill=WHITE, outline=BLACK, width=2)
        write(pen, (16, 11), plate, 20)
        save(folder / "images" / f"{i + 1}.jpg", image)
        prompt = "Read the number plate."
        records.append(seen(f"lp{i + 1}", f"images/{i + 1}.jpg", prompt, {"text": plate}))
    header = SEES | {"task": "License Plate OCR", "type": "comprehension"}
    annotate(folder / "LicensePlateOCR.json", header, records)


def image_scene_graph_parsing(folder: Path) -> None:
    """Relations as triples, and as objects with the boxes of both sides."""
    ball, box, lamp = (20, 18, 20, 20), (14, 38, 32, 26), (64, 10, 18, 54)
    save(
        folder / "images" / "room.png",
        shapes(
            (96, 72), ("circle", "red", ball), ("square", "blue", box), ("square", "green", lamp)
        ),
    )
    save(
        folder / "images" / "pair.png",
        shapes(
            (96, 72), ("triangle", "green", (8, 20, 36, 40)), ("circle", "red", (56, 28, 28, 28))
        ),
    )
    prompt = "Give the relations between the things in the image."
    boxed = {"subject": "ball", "predicate": "on", "object": "box"}
    boxed |= {"subject_box": list(ball), "object_box": list(box)}  # type: ignore[dict-item]
    records = [
        seen(
            "sg1",
            "room.png",
            prompt,
            {"relations": [["ball", "on", "box"], ["lamp", "near", "box"]]},
        ),
        seen("sg2", "pair.png", prompt, {"relations": [["triangle", "left of", "circle"]]}),
        seen("sg3", "room.png", prompt, {"relations": [boxed]}),
    ]
    header = SEES | {"task": "Image Scene Graph Parsing", "type": "comprehension"}
    annotate(folder / "json" / "annotation.json", header, records)


def american_sign_language_recognition(folder: Path) -> None:
    """A few classes, seen unequally often."""
    records = []
    for i, letter in enumerate("ABCAB"):
        image, pen = picture((64, 64), WHITE)
        pen.rectangle((20, 32, 44, 60), fill=SKIN)
        fingers = {"A": (), "B": (20, 26, 32, 38), "C": (20, 38)}[letter]
        for x in fingers:
            pen.rectangle((x, 8 + 2 * i, x + 5, 34), fill=SKIN, outline=BROWN)
        save(folder / "images" / f"sign_{i}.jpg", image)
        prompt = "Which letter does the hand show?"
        records.append(seen(f"asl{i:03}", f"sign_{i}.jpg", prompt, {"text": letter}))
    header = SEES | {"task": "American Sign Language Recognition", "type": ["comprehension"]}
    annotate(folder / "american_sign_language_recognition.json", header, records)


def multimodal_named_entity_recognition(folder: Path) -> None:
    """A text beside the image; entities as (name, type)."""
    records = []
    for i, (text, entities) in enumerate(
        (
            ("Mara waves from the pier of Lindau", "(Mara, PER), (Lindau, LOC)"),
            ("New boots from Tarnwerk, just in time for Oslo", "(Tarnwerk, ORG), (Oslo, LOC)"),
            ("Ole and Pim won the relay", "(Ole, PER), (Pim, PER)"),
        )
    ):
        image, pen = picture((80, 64), SKY)
        person(pen, (14 + 20 * i, 12, 18, 50), (RED, BLUE, GREEN)[i])
        save(folder / "images" / f"post{i}.jpg", image)
        prompt = (
            "Post: <<<raw_text>>>. List its entities as (name, PER), (name, LOC) or (name, ORG)."
        )
        records.append(seen(f"mner{i}", f"post{i}.jpg", prompt, {"text": entities}, raw_text=text))
    header = SEES | {"task": "Multimodal Named Entity Recognition", "type": "comprehension"}
    annotate(folder / "json" / "annotation.json", header, records)


# ---- all of it -------------------------------------------------------------------------------

FOLDERS = {
    "image/comprehension": {
        "BirdDetection": bird_detection,
        "fall-human-detection": fall_human_detection,
        "complex_expression_visual_grounding": complex_expression_visual_grounding,
        "car_brands_recognition": car_brands_recognition,
        "ArtImageVisualQuestionAnswering": art_image_visual_question_answering,
        "chemistry_vqa": chemistry_vqa,
        "lung_nodule_diagnosis_vqa": lung_nodule_diagnosis_vqa,
        "car-model-matching": car_model_matching,
        "SeedCounting": seed_counting,
        "COCOImageCaptioning": coco_image_captioning,
        "chinese-image-captioning": chinese_image_captioning,
        "LicensePlateOCR": license_plate_ocr,
        "image_scene_graph_parsing": image_scene_graph_parsing,
        "AmericanSignLanguageRecognition": american_sign_language_recognition,
        "multimodal_named_entity_recognition": multimodal_named_entity_recognition,
    },
}


def make(root: Path) -> None:
    """Write the whole data set below `root`, in place of what an earlier run left there."""
    for top in ("nlp", "image", "video", "audio", "3D"):
        shutil.rmtree(root / top, ignore_errors=True)
    language(root)
    for parent, tasks in FOLDERS.items():
        for name, task in tasks.items():
            task(root / parent / name)


if __name__ == "__main__":
    make(Path(sys.argv[1]) if len(sys.argv) > 1 else paths.demo_root())
