"""Runs, models, names, logs and media that the tests of reports share."""

import base64
import json
import math
from html.parser import HTMLParser

import av
import numpy as np
from PIL import Image

from lm_eval_generalbench import catalog, levels
from lm_eval_generalbench.catalog.select import fitting
from lm_eval_generalbench.catalog.sota import specialists
from lm_eval_generalbench.reports import schema
from lm_eval_generalbench.runs.records import Run, Value

TASK = "I-C-26.32"
HOSTILE = {
    "tag": "<script>alert(1)</script>",
    "formula": '=HYPERLINK("http://a.b","x")',
    "plus": "+1+cmd|' /C calc'!A0",
    "minus": "-2+3",
    "at": "@SUM(1)",
    "tab": "\t=1+1",
    "other separator": "a;=1+1",
    "latex": r"\input{/etc/passwd} ^^5cinput $x$ 50% a_b #1 ~ {",
    "row option": "[2em] x",
    "escape": "a\x1b[2J\x07b",
    "turned": "a\u202egnp.exe",
    "lines": "a\n| b |\r\n=c",
    "markdown": "[x](javascript:alert(1)) ![y](http://a.b/c.png) **b** `c` | d",
}


def example(model: str = "org/model") -> Run:
    sota = specialists()
    values = {
        "I-C-1.1": Value(sota["I-C-1.1"] + 1, stderr=2.0, n=30, total=30, unparsed=0.1),
        "I-C-1.2": Value(0.0, n=10, total=100, limited=True, unparsed=0.0),
        "I-C-1.3": Value(None, failed="its value is not a number", n=10),
        fitting(metric="psnr")[0].id: Value(math.inf, n=50, total=50),
    }
    return Run(model, values, {"harness": ["0.4.13"]}, ["results_1.json"], ["Look out."])


def model(name="some model", values=None, **extra):
    given = {"I-C-1.1": 90.0, "L-1.1": 50.0} if values is None else values
    run = Run(name, {id: Value(value, n=4, total=4) for id, value in given.items()})
    return {**schema.to_json(run, levels.of_run(run)), **extra}


class Page(HTMLParser):
    """What a browser makes of a page: elements with their attributes, and texts by element."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.texts, self.open = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        self.texts.append((self.open[-1] if self.open else "", data))

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def shape(self):
        return [(tag, tuple(sorted(attributes))) for tag, attributes in self.elements]

    @property
    def data(self):
        return json.loads(next(text for tag, text in self.texts if text.startswith('{"areas"')))


def comparison(*names, verdict="a is ahead"):
    test = {"id": TASK, "method": "McNemar", "n": 9, "p": 0.01, "adjusted": 0.04}
    rows = [{"model": name, "intervals": {"2": [0.25, 0.5]}} for name in names]
    pair = {"model": names[0], "baseline": names[1], "verdict": verdict, "tests": [test]}
    return {"scope": {"kind": "A"}, "models": rows, "pairs": [pair]}


def write_log(folder, lines, name=None):
    task = catalog.task(TASK)
    path = folder / (name or f"samples_{task.name}_2026-01-01T00-00-00.000000.jsonl")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def line(id, reply="[]", files=(), target="{}", **more):
    doc = {"gb_task": TASK, "id": id, "prompt": f"question {id}", "files": json.dumps(list(files))}
    doc |= {"target": target, "broken": "", "options": "[]", "extra": "{}"}
    doc |= {"answer": catalog.task(TASK).answer, "outputs": ""}
    resps = {"resps": [[reply]], "filtered_resps": [reply], "filter": "none"}
    return {"doc_id": 0, "doc": doc, "target": target, **resps, "unparsed": 0.0, **more}


def picture(path, size=(640, 320), mode="RGB"):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, 1).save(path)
    return path


def embedded(medium):
    return base64.b64decode(medium["src"].partition(",")[2])


def clip(path, codec):
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=8)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        for i in range(8):
            frame = np.full((32, 32, 3), 30 * i, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame)))
        container.mux(stream.encode(None))
    return path
