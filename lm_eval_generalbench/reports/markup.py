"""Texts and numbers of results inside the page: shown as they are, and nothing else.

Replies, prompts and names come from anybody. None of them may become markup, a
script or a command.
"""

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lm_eval_generalbench.reports.fields import finite


def shown(value: object, length: int = 200) -> str:
    """Text for a page: lines kept, without controls, and cut off where it is too long.

    Characters that turn the direction of writing would make text read as what it
    is not; they and all other controls become a replacement character.

    >>> shown("a" + chr(0x202E) + "b" + chr(27) + "[2J" + chr(10) + "c")
    'a\ufffdb\ufffd[2J\\nc'
    """
    text = str(value)
    rest = len(text) - length
    text = text[:length].replace("\r\n", "\n").replace("\t", "    ")
    clean = "".join("\ufffd" if _commands(c) else c for c in text)
    return f"{clean} … ({rest} more characters)" if rest > 0 else clean


def _commands(character: str) -> bool:
    if character.isprintable() or character == "\n":
        return False
    code = ord(character)
    spaces = character.isspace() and code > 0x9F and code not in (0x2028, 0x2029)
    joiners = code in (0x00AD, 0x200B, 0x200C, 0x200D, 0x2060)  # words and emoji need them
    return not (spaces or joiners)


def escaped(value: object, length: int = 200) -> str:
    """Text for HTML, inside an element or a quoted attribute."""
    return html.escape(shown(value, length).replace("\n", " "), quote=True)


def script_json(value: Any) -> str:
    """JSON that cannot end the script element it stands in, nor open a comment there."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def filled(page: str, style: str, script: str, pieces: Mapping[str, str]) -> str:
    """A page with its style, its script, their hashes for its content policy, and other pieces.

    Args:
        page: Name of a file beside this one, with {{NAME}} where a piece belongs.
        style: Name of its style sheet.
        script: Name of its script.
        pieces: What else it names, escaped.
    """
    texts = {"style": _asset(style), "script": _asset(script)}
    hashes = {f"{name}_hash": _hash(text) for name, text in texts.items()}
    pieces = {**pieces, **texts, **hashes}
    # One pass: what is inserted is never looked at again.
    return re.sub(r"\{\{(\w+)\}\}", lambda found: pieces[found[1]], _asset(page))


def _asset(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8").strip()


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def score_text(value: Any) -> str:
    """A score, 0..100; 0 for none."""
    return f"{finite(value) or 0:.2f}"


def percent(value: Any) -> float:
    """A score as a length: within 0..100, few digits."""
    return round(min(max(finite(value) or 0.0, 0.0), 100.0), 2)
