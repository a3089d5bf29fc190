"""Records of language tasks: questions and answers of our own, in every layout."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lm_eval_generalbench.demo.draw import (
    Json,
    annotate,
)

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
