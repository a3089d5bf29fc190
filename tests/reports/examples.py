"""Runs, models and names that the tests of reports share."""

import math

from lm_eval_generalbench import catalog, levels
from lm_eval_generalbench.reports import schema
from lm_eval_generalbench.runs.results import Run, Value

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
    sota = catalog.sota()
    values = {
        "I-C-1.1": Value(sota["I-C-1.1"] + 1, stderr=2.0, n=30, total=30, unparsed=0.1),
        "I-C-1.2": Value(0.0, n=10, total=100, limited=True, unparsed=0.0),
        "I-C-1.3": Value(None, failed="its value is not a number", n=10),
        catalog.select(metric="psnr")[0].id: Value(math.inf, n=50, total=50),
    }
    return Run(model, values, {"harness": ["0.4.13"]}, ["results_1.json"], ["Look out."])


def model(name="some model", values=None, **extra):
    given = {"I-C-1.1": 90.0, "L-1.1": 50.0} if values is None else values
    run = Run(name, {id: Value(value, n=4, total=4) for id, value in given.items()})
    return {**schema.to_json(run, levels.of_run(run)), **extra}
