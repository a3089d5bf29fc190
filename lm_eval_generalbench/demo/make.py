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
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from lm_eval_generalbench import decode, paths

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


def save_array(path: Path, array: np.ndarray, key: str = "") -> None:
    """Write .npy, or .npz with the array under a key."""
    buffer = io.BytesIO()
    if key:
        np.savez_compressed(buffer, **{key: array})  # type: ignore[arg-type]
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


# ---- images: masks, instances, key points, depth, mattes, anomalies ---------------------------


def mask_of(size: tuple[int, int], *things: tuple[str, Box]) -> np.ndarray:
    """The pixels of shapes, bool (height, width)."""
    image = Image.new("L", size)
    for shape, box in things:
        SHAPES[shape](ImageDraw.Draw(image), box, 255)
    return np.asarray(image) > 0


def outline(box: Box) -> list[float]:
    """A box as one flat polygon."""
    x, y, w, h = box
    return [x, y, x + w, y, x + w, y + h, x, y + h]


def indoor_semantic_segmentation(folder: Path) -> None:
    """A map of class numbers that the header names; image and map share a file name."""
    records = []
    for i, sofa in enumerate(((10, 40, 40, 18), (44, 36, 46, 24), None)):
        horizon = 40 + 4 * i
        image, pen = picture((96, 72), (225, 215, 190))
        pen.rectangle((0, horizon, 95, 71), fill=BROWN)
        labels = np.full((72, 96), 1, np.uint8)
        labels[horizon:] = 2
        if sofa:
            pen.rectangle(corners(sofa), fill=GREEN)
            labels[mask_of((96, 72), ("square", sofa))] = 3
        save(folder / "images" / f"room{i}.png", image)
        save(folder / "annotations" / f"room{i}.png", Image.fromarray(labels))
        prompt = "Segment the room into its parts."
        records.append(seen(f"iss{i}", f"room{i}.png", prompt, {"mask": f"room{i}.png"}))
    names = {"0": "background", "1": "wall", "2": "floor", "3": "sofa"}
    header = SEES | {"task": "Indoor Semantic Segmentation", "labels": names}
    annotate(folder / "json" / "annotation.json", header, records)


def bone_fracture_detection(folder: Path) -> None:
    """Run lengths, polygons, and an image with nothing to find."""
    size = (64, 96)
    records = []
    cracks: list[Box | None] = [(24, 40, 18, 8), (20, 60, 24, 6), None]
    for i, crack in enumerate(cracks):
        image = Image.new("L", size, 20)
        pen = ImageDraw.Draw(image)
        pen.rectangle((24, 4, 40, 91), fill=170)
        output: Json = {"segmentation": []}
        if crack:
            pen.rectangle(corners(crack), fill=60)
            output = {"segmentation": [outline(crack)]}
            if i == 0:
                output = {"mask": decode.encode_rle(mask_of(size, ("square", crack)))}
        save(folder / "images" / f"bone_{i}.png", image)
        prompt = "Mark the fracture of the bone."
        records.append(seen(f"bf{i:03}", f"images/bone_{i}.png", prompt, output))
    annotate(folder / "bone_fracture_detection.json", SEES | {"task": "bone fracture"}, records)


def vehicle_instance_segmentation(folder: Path) -> None:
    """A list of objects, each with its class, its polygons and its box, as in COCO."""
    scenes: list[list[tuple[str, Box]]] = [
        [("car", (6, 30, 34, 20)), ("bus", (46, 10, 44, 44))],
        [("car", (4, 8, 30, 18)), ("car", (50, 40, 36, 22))],
        [("bus", (20, 12, 56, 44))],
    ]
    records = []
    for i, things in enumerate(scenes):
        image, pen = picture((96, 72), ROAD)
        for name, box in things:
            pen.rectangle(corners(box), fill=YELLOW if name == "bus" else RED)
        save(folder / "images" / f"{i:06}.jpg", image)
        objects = [
            {"category": name, "segmentation": [outline(box)], "bbox": list(box), "iscrowd": 0}
            for name, box in things
        ]
        prompt = "Segment every vehicle."
        records.append(seen(f"{i:06}", f"{i:06}.jpg", prompt, {"annotations": objects}))
    annotate(folder / "json" / "annotation.json", SEES | {"task": "vehicle instances"}, records)


def road_scene_panoptic_segmentation(folder: Path) -> None:
    """COCO's panoptic format: a PNG whose colours are ids, and what each id is."""
    records = []
    for i, cars in enumerate(([(10, 36, 24, 16)], [(6, 40, 20, 14), (60, 36, 30, 20)])):
        image, pen = picture((96, 72), SKY)
        pen.rectangle((0, 32, 95, 71), fill=ROAD)
        ids = np.full((72, 96), 1000)
        ids[32:] = 70000
        info = [{"id": 1000, "category_id": 1, "iscrowd": 0}]
        info.append({"id": 70000, "category_id": 2, "iscrowd": 0})
        for k, box in enumerate(cars):
            pen.rectangle(corners(box), fill=RED)
            ids[mask_of((96, 72), ("square", box))] = 300 + k
            info.append({"id": 300 + k, "category_id": 3, "iscrowd": 0})
        colours = np.stack([ids % 256, ids // 256 % 256, ids // 65536], axis=-1)
        save(folder / "images" / f"road_{i}.jpg", image)
        save(folder / "panoptic" / f"road_{i}.png", Image.fromarray(colours.astype(np.uint8)))
        output = {"file_name": f"panoptic/road_{i}.png", "segments_info": info}
        prompt = "Give every pixel of the road scene a segment."
        records.append(seen(f"pan{i}", f"images/road_{i}.jpg", prompt, output))
    categories = [
        {"id": 1, "name": "sky", "isthing": 0},
        {"id": 2, "name": "road", "isthing": 0},
        {"id": 3, "name": "car", "isthing": 1},
    ]
    header = SEES | {"task": "Road Scene Panoptic Segmentation", "categories": categories}
    annotate(folder / "annotation.json", header, records)


# x and y of COCO's 17 key points as shares of the box of the upright figure of `person`
JOINTS = (
    *((0.5, 0.08), (0.55, 0.06), (0.45, 0.06), (0.62, 0.08), (0.38, 0.08)),
    *((0.95, 0.2), (0.05, 0.2), (0.95, 0.35), (0.05, 0.35), (0.95, 0.5), (0.05, 0.5)),
    *((0.7, 0.6), (0.3, 0.6), (0.7, 0.78), (0.3, 0.78), (0.7, 0.98), (0.3, 0.98)),
)


def person_keypoint_detection(folder: Path) -> None:
    """COCO key points; those of a head that the image cuts off are absent."""
    scenes: list[list[Box]] = [
        [(30, 8, 24, 80)],
        [(8, 14, 20, 70), (52, 10, 24, 78)],
        [(36, -14, 28, 90)],
    ]
    records = []
    for i, boxes in enumerate(scenes):
        image, pen = picture((96, 96), WHITE)
        people = []
        for k, (x, y, w, h) in enumerate(boxes):
            person(pen, (x, y, w, h), (RED, BLUE)[k])
            flat: list[float] = []
            for u, v in JOINTS:
                place = (round(x + u * w, 1), round(y + v * h, 1))
                flat += [*place, 2] if place[1] >= 0 else [0, 0, 0]
            seen_points = sum(v > 0 for v in flat[2::3])
            top = max(y, 0)
            people.append(
                {
                    "category": "person",
                    "keypoints": flat,
                    "num_keypoints": seen_points,
                    "bbox": [x, top, w, y + h - top],
                    "area": w * (y + h - top) * 0.6,
                }
            )
        save(folder / "images" / f"p{i}.jpg", image)
        prompt = "Find the key points of every person."
        records.append(seen(f"kp{i}", f"p{i}.jpg", prompt, {"annotations": people}))
    annotate(folder / "person_keypoint_detection.json", SEES | {"task": "keypoints"}, records)


def indoor_depth_estimation(folder: Path) -> None:
    """16-bit PNG in millimetres with holes, and an array in metres."""
    records = []
    for i in range(3):
        rows = np.linspace(4.0, 1.5 + 0.3 * i, 48, dtype=np.float32).round(2)
        depth = np.repeat(rows[:, None], 64, axis=1)
        depth[20:44, 8 + 12 * i : 30 + 12 * i] = 1.2
        shade = np.clip(250 - depth * 50, 0, 255).astype(np.uint8)
        save(folder / "images" / f"d{i}.png", Image.fromarray(shade))
        if i == 2:
            name = "depths/d2.npy"
            save_array(folder / name, depth)
        else:
            name = f"depths/d{i}.png"
            depth[:2] = 0  # unknown
            save(folder / name, Image.fromarray((depth * 1000).round().astype(np.uint16)))
        prompt = "Estimate the depth of the room."
        records.append(seen(f"depth{i}", f"images/d{i}.png", prompt, {"depth": name}))
    annotate(folder / "json" / "annotation.json", SEES | {"task": "indoor depth"}, records)


def matting(folder: Path, title: str, key: str) -> None:
    """Alpha mattes with soft edges: one with the name of its image, one with a stale path."""
    records = []
    for i in range(3):
        matte = Image.new("L", (80, 64))
        SHAPES["circle"](ImageDraw.Draw(matte), (10 + 12 * i, 12, 36, 44), 255)
        SHAPES["triangle"](ImageDraw.Draw(matte), (14 + 12 * i, 4, 14, 16), 255)
        matte = matte.filter(ImageFilter.GaussianBlur(1 + i / 2))
        scene = Image.new("RGB", matte.size, SKY)
        scene.paste(Image.new("RGB", matte.size, (BROWN, ORANGE, GREY)[i]), mask=matte)
        save(folder / "images" / f"m{i}.png", scene)
        save(folder / "masks" / f"m{i}.png", matte)
        name = (f"masks/m{i}.png", f"m{i}.png", f"./data/comprehension/x/masks/m{i}.png")[i]
        prompt = "Give the alpha matte of the foreground."
        records.append(seen(f"mat{i}", f"images/m{i}.png", prompt, {key: name}))
    annotate(folder / "json" / "annotation.json", SEES | {"task": title}, records)


def animal_image_matting(folder: Path) -> None:
    matting(folder, "Animal Image Matting", "alpha")


def person_hair_matting(folder: Path) -> None:
    matting(folder, "person hair matting", "text")


def bottle_anomaly_detection(folder: Path) -> None:
    """Good images have no mask; two defects of different kinds."""
    records = []
    for i, kind in enumerate(("good", "broken", "good", "contamination")):
        image, pen = picture((72, 72), WHITE)
        pen.ellipse((8, 8, 63, 63), fill=(90 + 4 * i, 60, 30))
        pen.ellipse((22, 22, 49, 49), fill=BLACK)
        output: Json = {"label": kind}
        if kind != "good":
            flaw = (50, 10 + 6 * i, 12, 12)
            pen.rectangle(corners(flaw), fill=WHITE if kind == "broken" else RED)
            mask = mask_of((72, 72), ("square", flaw))
            name = f"ground_truth/{i:03}_mask.png"
            save(folder / name, Image.fromarray(mask.astype(np.uint8) * 255))
            output["mask"] = name
        save(folder / "images" / f"{i:03}.png", image)
        prompt = "Is something wrong with the bottle, seen from above?"
        records.append(seen(f"ba{i:03}", f"{i:03}.png", prompt, output))
    annotate(folder / "json" / "annotation.json", SEES | {"task": "bottle anomaly"}, records)


# ---- video -----------------------------------------------------------------------------------

WATCHES = {"modality": {"in": ["video", "text"], "out": ["text"]}, "version": "1.0"}
VIDEO = (64, 48)  # size of all of them
Thing = tuple[str, str, Sequence[Box | None]]  # shape, colour, box in each frame


def way(first: Box, last: Box, frames: int) -> list[Box | None]:
    """Boxes from the first to the last, evenly, in whole pixels."""
    steps = np.linspace(first, last, frames).round().astype(int).tolist()
    return [(x, y, w, h) for x, y, w, h in steps]


def film(*things: Thing, ground: tuple[int, ...] = WHITE) -> list[Image.Image]:
    """The frames of a video in which shapes move."""
    frames = []
    for i in range(len(things[0][2])):
        image, pen = picture(VIDEO, ground)
        for shape, colour, boxes in things:
            if boxes[i]:
                SHAPES[shape](pen, boxes[i], COLOURS[colour])
        frames.append(image)
    return frames


def save_frames(folder: Path, frames: Sequence[Image.Image], name: str) -> list[str]:
    """Write frames under names made by `name`, such as "{:04}.jpg"; give the names."""
    names = [name.format(i) for i in range(len(frames))]
    for file, frame in zip(names, frames, strict=True):
        save(folder / file, frame)
    return names


def save_film(path: Path, frames: Sequence[Image.Image]) -> None:
    """Write an MPEG-4 video of 8 frames a second."""
    import av

    buffer = io.BytesIO()
    exact = {"fflags": "+bitexact"}  # no dates and no names of programs
    with av.open(buffer, "w", format="mp4", options=exact) as container:
        stream = container.add_stream("mpeg4", rate=8, options={"flags": "+bitexact"})
        stream.width, stream.height = frames[0].size
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = 200_000
        for image in frames:
            for packet in stream.encode(av.VideoFrame.from_image(image)):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    put(path, buffer.getvalue())


BALL_FLIES: Thing = ("circle", "red", way((4, 30, 10, 10), (48, 6, 10, 10), 6))
BOX_SLIDES: Thing = ("square", "blue", way((44, 20, 14, 14), (4, 20, 14, 14), 6))
HAT_FALLS: Thing = ("triangle", "green", way((26, 0, 12, 10), (26, 36, 12, 10), 6))
SUN_GROWS: Thing = ("circle", "yellow", way((28, 20, 6, 6), (14, 6, 36, 36), 6))


def watched(
    folder: Path, header: Json, questions: Sequence[tuple[str, str, Any, Sequence[Thing]]]
) -> None:
    """Frames as files below videos/, listed in each record without that folder."""
    records = []
    for name, prompt, text, things in questions:
        files = save_frames(folder / "videos" / name, film(*things), "{:05}.jpg")
        given = {"video_file_list": [f"{name}/{file}" for file in files], "prompt": prompt}
        records.append({"id": name, "input": given, "output": {"text": text}})
    annotate(folder / "annotation.json", WATCHES | header, records)


def sports_captioning(folder: Path) -> None:
    """One caption a video; the header spells the task as the folder does."""
    ask = "Describe the video in one sentence."
    watched(
        folder,
        {"task": "SportsAndExcerciseVideoCaptioning"},
        (
            ("ball_01", ask, "A red ball flies up from the left to the right.", [BALL_FLIES]),
            ("hat_02", ask, "A green hat falls to the ground.", [HAT_FALLS]),
            ("sun_03", ask, "A yellow sun grows until it nearly fills the view.", [SUN_GROWS]),
        ),
    )


def object_color(folder: Path) -> None:
    """One answer, or several that are accepted."""
    watched(
        folder,
        {"task": "ObjectColorVideoQuestionAnswering"},
        (
            ("v1", "What colour is the thing that flies?", "red", [BALL_FLIES]),
            ("v2", "What colour is the sliding box?", ["blue", "dark blue"], [BOX_SLIDES]),
            ("v3", "What colour is the thing that falls?", "green", [HAT_FALLS, SUN_GROWS]),
        ),
    )


def action_ordering(folder: Path) -> None:
    """Numbers joined by arrows."""
    hidden: list[Box | None] = [None] * 3
    early = ("circle", "red", [*BALL_FLIES[2][:3], *hidden])
    late = ("square", "blue", [*hidden, *BOX_SLIDES[2][3:]])
    first = ("square", "blue", [*BOX_SLIDES[2][:3], *hidden])
    last = ("triangle", "green", [*hidden, *HAT_FALLS[2][3:]])
    watched(
        folder,
        {"task": "VideoActionOrdering"},
        (
            ("o1", "Order: 1. a box slides 2. a ball flies", "2->1", [early, late]),
            ("o2", "Order: 1. a box slides 2. a hat falls", "1->2", [first, last]),
            (
                "o3",
                "Order: 1. nothing is left 2. a ball flies 3. a box slides",
                "2->3->1",
                [
                    ("circle", "red", [*BALL_FLIES[2][:2], *hidden, None]),
                    ("square", "blue", [None, None, *BOX_SLIDES[2][2:4], None, None]),
                ],
            ),
        ),
    )


def color_match(folder: Path) -> None:
    """A folder of frames, written as it was where the annotation was made; short task name."""
    ask = "Which number has the thing of the same colour as in the first frame: 1 left, 2 right?"
    left, right = (6, 16, 14, 14), (42, 16, 14, 14)
    records = []
    for i, (target, other, answer) in enumerate(
        (("red", "blue", "1"), ("green", "yellow", "2"), ("blue", "green", "2"))
    ):
        places = (left, right) if answer == "1" else (right, left)
        frames = film(("circle", target, [(25, 16, 14, 14)]))
        frames += film(("square", target, [places[0]]), ("square", other, [places[1]]))
        save_frames(folder / "videos" / f"match{i}", frames, "{:02}.png")
        given = {"video_folder": f"General-Bench/video/ColorMatch/videos/match{i}", "prompt": ask}
        records.append({"id": f"{i}", "input": given, "output": {"answer": answer}})
    header = WATCHES | {"task": "ColorMatch", "type": "ColorMatch"}
    annotate(folder / "ColorMatch.json", header, records)


def rles(thing: Thing) -> dict[str, Json]:
    """What VOS annotations give: mask id -> {"mask": run lengths}, one for each frame."""
    shape, _, boxes = thing
    masks = [mask_of(VIDEO, (shape, b)) if b else mask_of(VIDEO) for b in boxes]
    return {str(i + 1): {"mask": decode.encode_rle(mask)} for i, mask in enumerate(masks)}


def animal_vos(folder: Path) -> None:
    """No prompt at all; frames as JPEG; a thing that leaves the picture."""
    leaves: Thing = ("triangle", "green", [*HAT_FALLS[2][:4], None, None])
    records = []
    for name, thing in (("hen", BALL_FLIES), ("goat", BOX_SLIDES), ("fox", leaves)):
        save_frames(folder / "videos" / name, film(thing, ground=SKY), "{:05}.jpg")
        given = {"video_folder": f"videos/{name}"}
        records.append({"id": name, "input": given, "output": rles(thing)})
    annotate(folder / "annotation.json", WATCHES | {"task": "AnimalVOS"}, records)


def animal_rvos(folder: Path) -> None:
    """The thing is named by the prompt; frames as PNG."""
    save_frames(folder / "videos" / "farm", film(BALL_FLIES, BOX_SLIDES), "{}.png")
    records = [
        {
            "id": f"farm_{i}",
            "input": {"video_folder": "videos/farm", "prompt": prompt},
            "output": rles(thing),
        }
        for i, (prompt, thing) in enumerate(
            (("the round one", BALL_FLIES), ("the one that goes to the left", BOX_SLIDES))
        )
    ]
    annotate(folder / "annotation.json", WATCHES | {"task": "AnimalRVOS"}, records)


def ball_track(folder: Path) -> None:
    """One box a frame; zeros where the ball is hidden."""
    hidden: Thing = ("circle", "blue", [*way((6, 20, 8, 8), (46, 20, 8, 8), 6)])
    hidden[2][3] = None  # type: ignore[index]
    records = []
    for name, thing in (("fly", BALL_FLIES), ("hide", hidden), ("grow", SUN_GROWS)):
        save_frames(folder / "videos" / name, film(thing), "img{:04}.jpg")
        boxes = [list(box) if box else [0, 0, 0, 0] for box in thing[2]]
        given = {"video_folder": f"videos/{name}", "prompt": "Follow the ball."}
        records.append({"id": name, "input": given, "output": {"answer": boxes}})
    header = WATCHES | {"task": "BallTrack", "type": "BallTrack"}
    annotate(folder / "BallTrack.json", header, records)


def static_action_det(folder: Path) -> None:
    """Flat records without input, output and id; frames from 1; two records of one video."""
    records = []
    for name, things in (("swing", (BALL_FLIES, BOX_SLIDES)), ("drop", (HAT_FALLS,))):
        doubled = [(s, c, [b for b in boxes for _ in (0, 1)]) for s, c, boxes in things]
        save_film(folder / "videos" / f"{name}.mp4", film(*doubled))
        for shape, colour, boxes in doubled:
            start, end = 3, 11
            records.append(
                {
                    "original_video_id": name,
                    "video_path": f"{name}.mp4",
                    "frame_count": len(boxes),
                    "caption": f"a {colour} {shape} moves",
                    "tube_start_frame": start,
                    "tube_end_frame": end,
                    "trajectory": [list(b or ()) for b in boxes[start - 1 : end - 1]],
                }
            )
    annotate(folder / "annotation.json", WATCHES | {"task": "StaticActionDet"}, records)


def animal_vg(folder: Path) -> None:
    """Flat records; frames from 0; boxes by frame, more of them than the tube has."""
    records = []
    for name, thing, caption in (
        ("heron", BALL_FLIES, "the red one flies up"),
        ("crab", BOX_SLIDES, "the blue one slides to the left"),
        ("leaf", HAT_FALLS, "the green one falls down"),
    ):
        boxes = [b for b in thing[2] for _ in (0, 1)]
        save_film(folder / "videos" / f"{name}.mp4", film((*thing[:2], boxes), ground=SKY))
        records.append(
            {
                "original_video_id": name,
                "video_path": f"{name}.mp4",
                "frame_count": len(boxes),
                "caption": caption,
                "tube_start_frame": 2,
                "tube_end_frame": 10,
                "trajectory": {str(i): {"bbox": list(b or ())} for i, b in enumerate(boxes)},
            }
        )
    annotate(folder / "annotation.json", WATCHES | {"task": "AnimalVG"}, records)


def static_vde(folder: Path) -> None:
    """Input and output are plain names; disparity as (frames, 1, height, width)."""
    records = []
    for name, thing in (("hall", BALL_FLIES), ("attic", BOX_SLIDES), ("shed", SUN_GROWS)):
        save_film(folder / "video" / f"{name}.mp4", film(thing))
        rows = np.linspace(1, 3, VIDEO[1], dtype=np.float32).round(1)
        disparity = np.tile(rows[:, None], (len(thing[2]), 1, 1, VIDEO[0]))
        for i, box in enumerate(thing[2]):
            if box:
                disparity[i, 0][mask_of(VIDEO, (thing[0], box))] = 6
        save_array(folder / "depth" / f"{name}.npz", disparity, "disparity")
        records.append({"id": name, "input": f"{name}.mp4", "output": f"{name}.npz"})
    annotate(folder / "annotation.json", WATCHES | {"task": "StaticVDE"}, records)


def synthetic_flow(folder: Path) -> None:
    """Middlebury .flo, and a KITTI PNG in which some pixels are not known."""
    size = (40, 32)
    records = []
    for i, (u, v) in enumerate(((3, 0), (-2, 2), (0, -4))):
        box = (14, 12, 10, 10)
        flow = np.zeros((*size[::-1], 2), np.float32)
        flow[mask_of(size, ("square", box))] = u, v
        frames = [shapes(size, ("square", "red", (14 + k * u, 12 + k * v, 10, 10))) for k in (0, 1)]
        save_frames(folder / "videos" / f"pair{i}", frames, "frame_{:04}.png")
        if i == 2:
            name, data = f"flow/pair{i}.png", kitti_flow(flow)
        else:
            name = f"flow/pair{i}.flo"
            data = struct.pack("<fii", 202021.25, *size) + flow.astype("<f4").tobytes()
        put(folder / name, data)
        given = {"video_folder": f"videos/pair{i}", "prompt": "Estimate the flow."}
        records.append({"id": f"pair{i}", "input": given, "output": {"flow": name}})
    name = "SyntheticSceneFlowEstimate"
    annotate(folder / f"{name}.json", WATCHES | {"task": name, "type": name}, records)


def kitti_flow(flow: np.ndarray) -> bytes:
    """A 16-bit RGB PNG, which Pillow cannot write: u and v times 64 plus 32768, then validity."""
    height, width = flow.shape[:2]
    valid = np.ones((height, width, 1))
    valid[:3] = 0
    values = np.concatenate([flow * 64 + 32768, valid], axis=2).astype(">u2")
    rows = b"".join(b"\0" + row.tobytes() for row in values)
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def salient_objects(folder: Path) -> None:
    """Folders of frames and of masks, both named in the input; the output is empty."""
    records = []
    for name, thing in (("kite", BALL_FLIES), ("cart", BOX_SLIDES)):
        save_frames(folder / "frames" / name, film(thing, ground=GRASS), "{:05}.jpg")
        masks = [
            Image.fromarray(mask_of(VIDEO, (thing[0], b)).astype(np.uint8) * 255)
            for b in thing[2]
            if b
        ]
        save_frames(folder / "gt" / name, masks, "{:05}.png")
        given = {"video_folder": f"frames/{name}", "pred_dir": f"pred/{name}"}
        records.append({"id": name, "input": given | {"gt_dir": f"gt/{name}"}, "output": {}})
    header = WATCHES | {"task": "Video Salient Object Detection", "type": "VideoObjectDetection"}
    annotate(folder / "annotation.json", header, records)


def clips(folder: Path, header: Json, questions: Sequence[tuple[str, Json, Any, Thing]]) -> None:
    """Video files, and whatever else a record asks with."""
    records = []
    for name, given, text, thing in questions:
        save_film(folder / "videos" / f"{name}.mp4", film(thing))
        given = {"video_file": f"videos/{name}.mp4"} | given
        records.append({"id": name, "input": given, "output": {"text": text}})
    annotate(folder / "annotation.json", WATCHES | header, records)


def semantic_role_labeling(folder: Path) -> None:
    """Descriptions of events, one a record: with several, no single text reaches the best CIDEr."""
    ask = {"prompt": "Say who does what, to whom and where."}
    clips(
        folder,
        {"task": "Video Semantic Role Labeling"},
        (
            (
                "srl1",
                ask,
                "a red ball flies over an empty field",
                BALL_FLIES,
            ),
            ("srl2", ask, ["a blue crate slides along the floor to the left"], BOX_SLIDES),
            ("srl3", ask, ["a green hat drops from the sky onto the ground"], HAT_FALLS),
        ),
    )


def sarcasm(folder: Path) -> None:
    """A sentence that is spoken with the video."""
    ask = "Is the sentence sarcastic? Answer sarcastic or sincere."
    clips(
        folder,
        {"task": "Multimodal Sarcasm Detection", "type": "classification"},
        tuple(
            (f"s{i}", {"prompt": ask, "utterance": words}, label, thing)
            for i, (words, label, thing) in enumerate(
                (
                    ("Oh great, it fell again.", "sarcastic", HAT_FALLS),
                    ("Look how high it flies!", "sincere", BALL_FLIES),
                    ("Sure, because boxes always walk.", "sarcastic", BOX_SLIDES),
                    ("The sun is coming up.", "sincere", SUN_GROWS),
                    ("What a lovely morning.", "sincere", SUN_GROWS),
                )
            )
        ),
    )


def event_relations(folder: Path) -> None:
    """Three classes of unlike size."""
    ask = "How does event 1 relate to event 2? Choose from: Causes, Enables, NoRelation."
    clips(
        folder,
        {"task": "Video Event Relation Prediction"},
        (
            ("r0", {"prompt": ask, "text": "1: a kick. 2: the ball flies."}, "Causes", BALL_FLIES),
            ("r1", {"prompt": ask, "text": "1: a push. 2: the box slides."}, "Causes", BOX_SLIDES),
            ("r2", {"prompt": ask, "text": "1: a cord is cut. 2: it falls."}, "Enables", HAT_FALLS),
            (
                "r3",
                {"prompt": ask, "text": "1: the sun rises. 2: a bell."},
                "NoRelation",
                SUN_GROWS,
            ),
        ),
    )


# ---- audio -----------------------------------------------------------------------------------

HEARS = {"modality": {"in": ["audio", "text"], "out": ["text"]}, "version": "1.0"}
RATE = 8000  # samples per second
TIME = np.arange(RATE // 2) / RATE  # half a second


def tone(frequency: float, fade: float = 4.0) -> np.ndarray:
    return np.sin(2 * np.pi * frequency * TIME) * np.exp(-fade * TIME) * 0.6


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).uniform(-0.3, 0.3, TIME.size)


def ticks(every: float) -> np.ndarray:
    """Short clicks, `every` seconds apart."""
    return tone(2000, 0) * (np.mod(TIME, every) < 0.01)


def sweep(low: float, high: float) -> np.ndarray:
    """A tone that rises or falls."""
    return 0.5 * np.sin(2 * np.pi * (low + (high - low) * TIME) * TIME)


def chirps() -> np.ndarray:
    """A song of short rising notes."""
    return sweep(1500, 3000) * (np.mod(TIME, 0.12) < 0.07)


def save_sound(path: Path, samples: np.ndarray) -> None:
    """Write .wav or .flac with 16 bits, or .ogg."""
    import av
    import soundfile

    whole = (samples * 32767).round().astype(np.int16)
    buffer = io.BytesIO()
    if path.suffix != ".ogg":
        soundfile.write(buffer, whole, RATE, format=path.suffix[1:], subtype="PCM_16")
        put(path, buffer.getvalue())
        return
    # libsndfile gives every Ogg stream a random number; FFmpeg need not
    with av.open(buffer, "w", format="ogg", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("libopus", rate=RATE, options={"flags": "+bitexact"})
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(samples[None].astype(np.float32), "fltp", "mono")
        frame.sample_rate = RATE
        for part in (frame, None):
            for packet in stream.encode(part):
                container.mux(packet)
    put(path, buffer.getvalue())


def heard(
    folder: Path, file: str, header: Json, prompt: str, sounds: dict[str, tuple[np.ndarray, Any]]
) -> None:
    """Sounds below audios/; the name of the annotation is free."""
    records = []
    for i, (name, (samples, text)) in enumerate(sounds.items()):
        save_sound(folder / "audios" / name, samples)
        given = {"audio_file": name, "prompt": prompt}
        records.append({"id": str(i), "input": given, "output": {"text": text}})
    annotate(folder / file, HEARS | header, records)


def environment_sounds(folder: Path) -> None:
    """Labels in mixed case; a different format for every sound."""
    heard(
        folder,
        "env_sound.json",
        {"task": "EnvironmentSoundRecognition"},
        "What makes this sound?",
        {
            "rain_1.wav": (noise(1), "Rain"),
            "clock.flac": (ticks(0.125), "Clock tick"),
            "siren.ogg": (sweep(400, 900), "siren"),
            "rain_2.flac": (noise(2) * 0.5, "Rain"),
        },
    )


def bird_sounds(folder: Path) -> None:
    """1 and 0 for yes and no."""
    heard(
        folder,
        "annotation.json",
        {"task": "BirdSoundDetection"},
        "Does a bird sing in this recording?",
        {
            "a1.flac": (chirps(), 1),
            "a2.flac": (noise(3), 0),
            "a3.flac": (chirps() * 0.5 + noise(4) * 0.2, 1),
            "a4.flac": (tone(110), 0),
        },
    )


def intents(folder: Path) -> None:
    """Three numbers that the header explains, in both directions; tones stand for speech."""
    label: Json = {}
    for slot, names in {
        "action": ["activate", "deactivate", "bring"],
        "object": ["lights", "music", "none"],
        "location": ["none", "kitchen", "bedroom"],
    }.items():
        numbers = {name: i for i, name in enumerate(names)}
        label[slot] = numbers | {str(i): name for i, name in enumerate(names)}
    heard(
        folder,
        "IntentClassification.json",
        {"task": "IntentClassification", "intent_label": label},
        "Which action, object and location does the speaker mean?",
        {
            "i1.flac": (tone(200), [0, 0, 1]),
            "i2.flac": (tone(260), [1, 1, 0]),
            "i3.flac": (tone(320), [2, 2, 2]),
        },
    )


def note_qualities(folder: Path) -> None:
    """Lists of labels."""
    heard(
        folder,
        "note_qualities.json",
        {"task": "NoteQualitiesAnalysis"},
        "Which qualities has this note?",
        {
            "n1.wav": (tone(880, 12), ["bright", "fast_decay"]),
            "n2.flac": (tone(110, 2), ["dark", "long_release"]),
            "n3.flac": (tone(440, 12) + noise(5) * 0.3, ["distortion", "fast_decay"]),
        },
    )


def pitches(folder: Path) -> None:
    """MIDI numbers, as text and as numbers; back-slashes in a path."""
    sounds: dict[str, tuple[np.ndarray, Any]] = {
        f"pitch_{n}.flac": (tone(440 * 2 ** ((n - 69) / 12)), n if n == 69 else str(n))
        for n in (57, 69, 81)
    }
    ask = "Give the MIDI number of the pitch, 0 to 127."
    heard(folder, "pitch.json", {"task": "MusicPitchAnalysis"}, ask, sounds)
    path = folder / "pitch.json"
    value = json.loads(path.read_text(encoding="utf-8"))
    value["data"][1]["input"]["audio_file"] = "MusicPitchAnalysis\\audios\\pitch_69.flac"
    annotate(path, {k: v for k, v in value.items() if k != "data"}, value["data"])


def speech_events(folder: Path) -> None:
    """Events with their triggers and arguments; tones stand for speech."""

    def event(kind: str, trigger: str, **arguments: str) -> Json:
        roles = [{"role": role, "text": text} for role, text in arguments.items()]
        return {"type": kind, "trigger": trigger, "arguments": roles}

    heard(
        folder,
        "speech_ee.json",
        {"task": "Speech Event Extraction"},
        "Which events are spoken of? Give type, trigger and arguments.",
        {
            "e1.flac": (
                tone(180),
                [event("Transport", "sailed", Agent="the crew", Destination="Lindau")],
            ),
            "e2.flac": (
                tone(240),
                [event("Meet", "met", Entity="two mayors"), event("Marry", "wed", Person="Ole")],
            ),
            "e3.flac": (tone(300), []),
        },
    )


def audio_captions(folder: Path) -> None:
    """Several captions a sound."""
    heard(
        folder,
        "audio_captions.json",
        {"task": "AudioCaptions"},
        "Describe the sound.",
        {
            "c1.flac": (noise(6), ["Rain falls steadily on a roof.", "It is raining hard."]),
            "c2.flac": (ticks(0.1), ["A clock ticks in a quiet room."]),
            "c3.flac": (sweep(300, 1200), "A tone rises quickly."),
        },
    )


def open_audio_questions(folder: Path) -> None:
    """Open questions, whose answers a judge has to compare."""
    heard(
        folder,
        "open_aqa.json",
        {"task": "OpenAQA"},
        "What might be happening, and why do you think so?",
        {
            "q1.flac": (sweep(400, 900), "A siren rises, so an ambulance may be on its way."),
            "q2.flac": (chirps(), "Birds sing, so it is probably early morning outdoors."),
            "q3.flac": (ticks(0.06), "Something ticks fast, perhaps a kitchen timer."),
        },
    )


# ---- 3D --------------------------------------------------------------------------------------

SPACE = {"modality": {"in": ["3D", "text"], "out": ["text"]}, "version": "1.0"}


Place = tuple[Sequence[float], Sequence[float]]  # opposite corners of an upright box


def block(place: Place, count: int, seed: int) -> np.ndarray:
    """Points inside an upright box, in millimetres' precision."""
    rng = np.random.default_rng(seed)
    return rng.uniform(*place, (count, 3)).round(3)


def save_cloud(path: Path, points: np.ndarray, *values: np.ndarray) -> None:
    """Write points as .ply with text, as .bin of x, y, z and reflectance, or as rows of text."""
    if path.suffix == ".bin":
        reflectance = np.full((len(points), 1), 0.5)
        put(path, np.hstack([points, reflectance]).astype("<f4").tobytes())
        return
    rows = [" ".join(f"{x:g}" for x in row) for row in np.hstack([points, *values])]
    if path.suffix == ".ply":
        names = [f"property float {axis}" for axis in "xyz"]
        lines = ["ply", "format ascii 1.0", f"element vertex {len(points)}", *names, "end_header"]
        rows = lines + rows
    put(path, ("\n".join(rows) + "\n").encode())


def turned(profile: Sequence[tuple[float, float]], sides: int = 12) -> tuple[list, list]:
    """Corners and triangles of the body that a profile of (radius, height) sweeps."""
    angles = np.arange(sides) * 2 * np.pi / sides
    corners_ = [
        (round(r * np.cos(a), 3), round(r * np.sin(a), 3), z) for r, z in profile for a in angles
    ]
    faces = []
    for ring in range(len(profile) - 1):
        for k in range(sides):
            a, b = ring * sides + k, ring * sides + (k + 1) % sides
            faces += [(a, b, b + sides), (a, b + sides, a + sides)]
    return corners_, faces


def tableware(folder: Path) -> None:
    """Meshes as .off and .obj, and a point cloud."""
    bodies: dict[str, tuple[str, list[tuple[float, float]]]] = {
        "cup_01.off": ("cup", [(0.1, 0), (0.3, 0), (0.35, 0.7), (0.32, 0.7), (0.28, 0.1)]),
        "plate_01.obj": ("plate", [(0.1, 0), (0.5, 0), (0.9, 0.12)]),
        "bottle_01.ply": ("bottle", [(0.25, 0), (0.25, 0.8), (0.08, 1.0), (0.08, 1.3)]),
        "cup_02.obj": ("cup", [(0.2, 0), (0.25, 0.1), (0.4, 0.5)]),
    }
    records = []
    for name, (label, profile) in bodies.items():
        points, faces = turned(profile)
        rows = [" ".join(map(str, p)) for p in points]
        if name.endswith(".off"):
            rows = ["OFF", f"{len(points)} {len(faces)} 0", *rows]
            rows += [f"3 {a} {b} {c}" for a, b, c in faces]
        elif name.endswith(".obj"):
            rows = [f"v {row}" for row in rows]
            rows += [f"f {a + 1} {b + 1} {c + 1}" for a, b, c in faces]
        if name.endswith(".ply"):
            save_cloud(folder / "pointclouds" / name, np.array(points))
        else:
            put(folder / "pointclouds" / name, ("\n".join(rows) + "\n").encode())
        given = {"pointcloud_file": name, "prompt": "What kind of tableware is this?"}
        records.append({"id": name.split(".")[0], "input": given, "output": {"text": label}})
    annotate(folder / "annotation.json", SPACE | {"task": "3D Tableware Classification"}, records)


def asked_of_cloud(key: str, file: Any, prompt: str, output: Any) -> Json:
    return {"id": key, "input": {"pointcloud_file": file, "prompt": prompt}, "output": output}


FRIDGE: Place = ((0, 0, 0), (0.7, 0.7, 1.8))
OVEN: Place = ((1, 0, 0), (1.6, 0.6, 0.9))
FLOOR: Place = ((-1, -1, -0.05), (3, 3, 0))


def appliances(folder: Path) -> None:
    """A class number for every point, as text and as an array; the header names the classes."""
    records = []
    for i, counts in enumerate(((60, 90, 50), (80, 120, 0), (70, 0, 90))):
        places = (FLOOR, FRIDGE, OVEN)
        parts = [
            block(place, n, 10 * i + k)
            for k, (place, n) in enumerate(zip(places, counts, strict=True))
        ]
        labels = np.repeat([0, 1, 2], counts)
        save_cloud(folder / "pointclouds" / f"kitchen{i}.ply", np.vstack(parts))
        name = f"labels/kitchen{i}.{'npy' if i == 1 else 'txt'}"
        if i == 1:
            save_array(folder / name, labels.astype(np.uint8))
        else:
            put(folder / name, "".join(f"{x}\n" for x in labels).encode())
        prompt = "Label every point."
        output = {"labels": name}
        records.append(asked_of_cloud(f"k{i}", f"pointclouds/kitchen{i}.ply", prompt, output))
    names = {"0": "floor", "1": "refrigerator", "2": "oven"}
    header = SPACE | {"task": "3D Indoor Appliance Semantic Segmentation", "labels": names}
    annotate(folder / "annotation.json", header, records)


def aircraft_parts(folder: Path) -> None:
    """ShapeNetPart: .pts and .seg files, parts counted from 1; a shape that lacks one part."""
    body, wing = ((-1, -0.1, -0.1), (1, 0.1, 0.1)), ((-0.2, -1, -0.02), (0.2, 1, 0.02))
    tail, engine = ((-1, -0.02, 0.1), (-0.8, 0.02, 0.4)), ((0, 0.4, -0.2), (0.3, 0.5, -0.1))
    records = []
    for i, counts in enumerate(((80, 60, 20, 20), (90, 70, 30, 0))):
        places = zip((body, wing, tail, engine), counts, strict=True)
        parts = [block(place, n, 40 + 10 * i + k) for k, (place, n) in enumerate(places)]
        key = f"plane{i}"
        save_cloud(folder / "02691156" / "points" / f"{key}.pts", np.vstack(parts))
        labels = np.repeat([1, 2, 3, 4], counts)
        put(
            folder / "02691156" / "points_label" / f"{key}.seg",
            "".join(f"{x}\n" for x in labels).encode(),
        )
        output = {"labels": f"02691156/points_label/{key}.seg"}
        prompt = "Which part is every point of: 1 body, 2 wing, 3 tail or 4 engine?"
        records.append(asked_of_cloud(key, f"02691156/points/{key}.pts", prompt, output))
    annotate(
        folder / "annotation.json", SPACE | {"task": "3D Aircrafts Part Segmentation"}, records
    )


def indoor_instances(folder: Path) -> None:
    """The points of every instance, as numbers of points."""
    rooms: list[list[tuple[str, Any, int]]] = [
        [("chair", ((0, 0, 0), (0.5, 0.5, 1)), 40), ("table", ((1, 0, 0), (2, 1, 0.8)), 60)],
        [("chair", ((0, 0, 0), (0.5, 0.5, 1)), 30), ("chair", ((2, 2, 0), (2.5, 2.5, 1)), 50)],
    ]
    records = []
    for i, things in enumerate(rooms):
        parts = [block(place, n, 70 + 10 * i + k) for k, (_, place, n) in enumerate(things)]
        parts.append(block(FLOOR, 40, 79 + 10 * i))
        save_cloud(folder / "pointclouds" / f"room{i}.ply", np.vstack(parts))
        first, instances = 0, []
        for label, _, n in things:
            instances.append({"label": label, "points": list(range(first, first + n))})
            first += n
        output = {"instances": instances}
        prompt = "Find every chair and table."
        records.append(asked_of_cloud(f"room{i}", f"pointclouds/room{i}.ply", prompt, output))
    annotate(
        folder / "annotation.json", SPACE | {"task": "3D Indoor Instance Segmentation"}, records
    )


def odometry(folder: Path) -> None:
    """KITTI: a folder of scans and a file with the pose of each."""
    records = []
    for number, bend in (("00", 0.0), ("01", 0.08)):
        poses, place, turn = [], np.zeros(3), 0.0
        for i in range(12):
            c, s = np.cos(turn), np.sin(turn)
            pose = np.array([[c, 0, s, 0], [0, 1, 0, 0], [-s, 0, c, 0]])
            pose[:, 3] = place
            poses.append(pose.ravel())
            world = block(((-8, -1, 2), (8, 1, 30)), 24, 90)
            seen_from = (world - place) @ pose[:, :3]
            save_cloud(folder / "sequences" / number / "velodyne" / f"{i:06}.bin", seen_from)
            place = place + pose[:, :3] @ [0, 0, 1.5]
            turn += bend
        rows = [" ".join(f"{x:.6e}" for x in pose) for pose in poses]
        put(folder / "poses" / f"{number}.txt", ("\n".join(rows) + "\n").encode())
        given = {"scan_folder": f"sequences/{number}/velodyne"}
        given["prompt"] = "Estimate the way of the vehicle."
        output = {"poses": f"poses/{number}.txt"}
        records.append({"id": number, "input": given, "output": output})
    annotate(folder / "annotation.json", SPACE | {"task": "3D Odometry"}, records)


def tracking(folder: Path) -> None:
    """Boxes for each frame, ours and as nuScenes writes them."""
    records = []
    for number in (0, 1):
        names, frames = [], []
        for t in range(4):
            cars = [("a", "car", 5 + 1.5 * t, 2.0), ("b", "pedestrian", 3.0, -4 + 0.5 * t)]
            cars = cars[: 2 - (t == 3)]
            points = [block(((x - 1, y - 1, 0), (x + 1, y + 1, 1.5)), 20, t) for *_, x, y in cars]
            name = f"sweeps/{number}_{t}.bin"
            save_cloud(folder / name, np.vstack(points))
            names.append(name)
            frames.append(
                [
                    {"id": key, "label": label, "box": [x, y, 0.8, 4, 1.8, 1.6, 0.1 * number]}
                    if number == 0
                    else {
                        "instance_token": key,
                        "tracking_name": label,
                        "translation": [x, y, 0.8],
                        "size": [1.8, 4, 1.6],
                        "rotation": [1, 0, 0, 0],
                    }
                    for key, label, x, y in cars
                ]
            )
        prompt = "Follow every car and pedestrian."
        records.append(asked_of_cloud(f"scene{number}", names, prompt, {"frames": frames}))
    annotate(folder / "annotation.json", SPACE | {"task": "3D Tracking"}, records)


def normals(folder: Path) -> None:
    """A vector for every point, as text and as an array."""
    records = []
    for i in range(2):
        around = np.random.default_rng(i).normal(size=(120, 3))
        vectors = around / np.linalg.norm(around, axis=1, keepdims=True)
        if i == 1:
            vectors[:, :2] = 0  # a plane
            vectors[:, 2] = 1
        points = (vectors if i == 0 else around * [1, 1, 0]).round(3)
        save_cloud(folder / "pointclouds" / f"shape{i}.xyz", points)
        if i == 0:
            name = "normals/shape0.txt"
            put(
                folder / name, "".join(f"{x:.4f} {y:.4f} {z:.4f}\n" for x, y, z in vectors).encode()
            )
        else:
            name = "normals/shape1.npy"
            save_array(folder / name, vectors.astype(np.float32))
        output = {"normals": name}
        prompt = "Estimate the normal at every point."
        records.append(asked_of_cloud(f"shape{i}", f"pointclouds/shape{i}.xyz", prompt, output))
    annotate(folder / "annotation.json", SPACE | {"task": "3D Normal Estimation"}, records)


def detection_3d(folder: Path) -> None:
    """Boxes in the record, and a file of KITTI labels."""
    records = []
    for i, things in enumerate(
        (
            [("Car", 10.0, 2.0), ("Pedestrian", 6.0, -3.0)],
            [("Car", 8.0, -1.0), ("Car", 20.0, 4.0)],
            [("Cyclist", 12.0, 0.0)],
        )
    ):
        points = [
            block(((x - 2, y - 1, -1.7), (x + 2, y + 1, -0.2)), 30, 5 + i) for _, x, y in things
        ]
        save_cloud(folder / "velodyne" / f"{i:06}.bin", np.vstack(points))
        output: Json = {
            "boxes": [{"label": n, "box": [x, y, -0.9, 4.0, 1.7, 1.5, 0.0]} for n, x, y in things]
        }
        if i == 1:
            lines = [
                f"{n} 0.00 0 0.00 0 0 50 50 1.50 1.70 4.00 {-y:.2f} 1.65 {x:.2f} -1.57"
                for n, x, y in things
            ]
            put(folder / "label_2" / f"{i:06}.txt", ("\n".join(lines) + "\n").encode())
            output = {"answer": f"label_2/{i:06}.txt"}
        prompt = "Find every car, cyclist and pedestrian."
        records.append(asked_of_cloud(f"{i:06}", f"velodyne/{i:06}.bin", prompt, output))
    annotate(folder / "annotation.json", SPACE | {"task": "3D Detection"}, records)


def scene_questions(
    folder: Path, task: str, questions: Sequence[tuple[str, str, Any, Sequence[tuple[str, Any]]]]
) -> None:
    """Questions about rooms made of blocks."""
    records = []
    for i, (prompt, question, text, things) in enumerate(questions):
        parts = [block(place, 50, 30 + k) for k, (_, place) in enumerate(things)]
        save_cloud(folder / "pointclouds" / f"scene{i:04}.ply", np.vstack(parts))
        given = {"pointcloud_file": f"scene{i:04}.ply", "prompt": prompt, "question": question}
        records.append({"id": f"q{i}", "input": given, "output": {"text": text}})
    annotate(folder / "annotation.json", SPACE | {"task": task}, records)


TABLE: Place = ((0, 0, 0.7), (1.2, 0.8, 0.8))
CHAIR: Place = ((1.6, 0, 0), (2, 0.4, 1))
LAMP: Place = ((3, 0, 0), (3.2, 0.2, 1.7))


def spatial_questions(folder: Path) -> None:
    """Answers long enough for four words in a row."""
    ask = "Answer the question about the room."
    things = [("table", TABLE), ("chair", CHAIR), ("lamp", LAMP)]
    scene_questions(
        folder,
        "3D Spatial Scene Question Answering",
        (
            (
                ask,
                "Where is the chair?",
                ["between the table and the lamp", "right next to the long table"],
                things,
            ),
            (ask, "What stands beside the chair?", ["a tall lamp on the floor"], things[1:]),
            (ask, "How many legs of the table can be seen?", ["none of its four legs"], things[:1]),
        ),
    )


def situated_questions(folder: Path) -> None:
    """The situation stands in the prompt."""
    here = "I stand with the table in front of me and the lamp behind me."
    things = [("table", TABLE), ("chair", CHAIR), ("lamp", LAMP)]
    scene_questions(
        folder,
        '3D Situated Question Answering on "What"',
        (
            (here, "What is behind me?", "lamp", things),
            (here, "What is in front of me?", ["table", "long table"], things[:2]),
            ("I sit on the chair and face the lamp.", "What do I sit on?", "chair", things[1:]),
        ),
    )


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
        "IndoorSemanticSegmentation": indoor_semantic_segmentation,
        "BoneFractureDetection": bone_fracture_detection,
        "vehicle_instance_segmentation": vehicle_instance_segmentation,
        "road-scene-panoptic-segmentation": road_scene_panoptic_segmentation,
        "PersonKeypointDetection": person_keypoint_detection,
        "indoor_depth_estimation": indoor_depth_estimation,
        "AnimalImageMatting": animal_image_matting,
        "person-hair-matting": person_hair_matting,
        "Bottle-Anomaly-Detection": bottle_anomaly_detection,
    },
    "video/comprehension": {
        "SportsAndExcerciseVideoCaptioning": sports_captioning,
        "ObjectColorVideoQuestionAnswering": object_color,
        "VideoActionOrdering": action_ordering,
        "ColorMatch": color_match,
        "AnimalVOS": animal_vos,
        "AnimalRVOS": animal_rvos,
        "BallTrack": ball_track,
        "StaticActionDet": static_action_det,
        "AnimalVG": animal_vg,
        "StaticVDE": static_vde,
        "SyntheticSceneFlowEstimate": synthetic_flow,
        "VideoSalientObjectDetection": salient_objects,
        "Video-Semantic-Role-Labeling": semantic_role_labeling,
        "Multimodal-Sarcasm-Detection": sarcasm,
        "Video-Event-Relation-Prediction": event_relations,
    },
    "audio/comprehension": {
        "EnvironmentSoundRecognition": environment_sounds,
        "BirdSoundDetection": bird_sounds,
        "IntentClassification": intents,
        "NoteQualitiesAnalysis": note_qualities,
        "MusicPitchAnalysis": pitches,
        "SpeechEventExtraction": speech_events,
        "AudioCaptions": audio_captions,
        "OpenAQA": open_audio_questions,
    },
    "3D/comprehension": {
        "3D-Tableware-Classification": tableware,
        "3D-Indoor-Appliance-Semantic-Segmentation": appliances,
        "3D-Aircrafts-Part-Segmentation": aircraft_parts,
        "3D-Indoor-Instance-Segmentation": indoor_instances,
        "3D-Odometry": odometry,
        "3D-Tracking": tracking,
        "3D-Normal-Estimation": normals,
        "3D-Detection": detection_3d,
        "3D-Spatial-Scene-Question-Answering": spatial_questions,
        "3D-Situated-Question-Answering-on-What": situated_questions,
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
