"""Tables and texts for the terminal."""

import sys
from collections.abc import Iterable, Sequence
from typing import Any

PIPE_WIDTH = 140  # columns of a card that a program reads
SHOWN = 10  # tasks of a kind that the card lists


def rendered(lines: Iterable[Any]) -> str:
    """Lines and tables as text; plain and of one width unless standard output is a terminal."""
    from rich.console import Console

    terminal = sys.stdout.isatty()
    console = Console(
        file=sys.stdout,
        width=None if terminal else PIPE_WIDTH,
        markup=False,
        emoji=False,
        highlight=False,
        soft_wrap=not terminal,  # a program that reads the card wants whole lines
        color_system="auto" if terminal else None,
    )
    with console.capture() as capture:
        for line in lines:
            console.print(line)
    return "".join(f"{line.rstrip()}\n" for line in capture.get().splitlines())


def empty_table(titles: Sequence[str], left: int) -> Any:
    """An empty table whose first columns are texts and the others numbers."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1))
    for i, title in enumerate(titles):
        table.add_column(title, justify="left" if i < left else "right", no_wrap=True)
    return table


def value_text(value: Any) -> str:
    """A value that may be missing, or the text "inf"."""
    return "" if value is None else value if isinstance(value, str) else f"{value:g}"
