"""What a reply holds besides words: JSON values, and files that the model made.

A reply names a file by a JSON object (`{"image": "out/7.png"}`), by the bare
path, or holds it as a `data:` URI. Only files below the document's `outputs`
folder are opened, whatever the reply says.
"""

import base64
import hashlib
import json
import mimetypes
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Final

from lm_eval_generalbench import paths
from lm_eval_generalbench.answers.data_uris import SUFFIXES, data_file
from lm_eval_generalbench.answers.document import Document
from lm_eval_generalbench.answers.vocabulary import FILE_KEYS

REPLY_LIMIT = 1_000_000  # characters of a reply that are looked at
ATTEMPTS = 1000  # brackets of one reply that are tried as the start of a JSON value
DEEPEST_VALUE = 100  # lists and objects inside each other; no answer has so many
DEEPEST_START = 500  # open brackets behind the first of which a value is looked for


NOTHING: Final = object()  # what json_in gives when there is no JSON; None is a JSON value

FENCE = re.compile(r"`{3,}|~{3,}")
DEEPEST = 40  # blanks before a fence
INFO = re.compile(r"[ \t]{0,8}([\w+#./-]{0,30})[ \t\r]{0,8}\n")  # what a fence says of its content


def json_in(reply: str) -> Any:
    """The first JSON object or array in a reply, or NOTHING.

    Values in code fences come first, then those in the text around.

    >>> json_in('Two birds: [[1, 2, 3, 4]]. Done.')
    [[1, 2, 3, 4]]
    >>> json_in("None: []"), json_in("I see none.") is NOTHING
    ([], True)
    """
    return next(json_values(reply), NOTHING)


def fences(text: str) -> Iterator[tuple[str, str, bool]]:
    """What the code fences of a text hold: language, content, and whether it is closed.

    >>> list(fences("So: ```sql\\nSELECT 1\\n``` or ```x"))
    [('sql', 'SELECT 1\\n', True), ('', 'x', False)]
    """
    opening = None
    for mark in FENCE.finditer(text):
        if opening is None:
            opening = mark
        elif mark[0][0] == opening[0][0]:
            yield *_fenced(text, opening, mark.start()), True
            opening = None
    if opening is not None:
        yield *_fenced(text, opening, len(text)), False


def _fenced(text: str, opening: re.Match[str], end: int) -> tuple[str, str]:
    """Language and content of a fence, which is set in no further than the fence itself."""
    start = opening.end()
    info = INFO.match(text, start, end)
    language, content = (info[1], text[info.end() : end]) if info else ("", text[start:end])
    mark = opening.start() or end  # the blanks before the text are gone
    before = text[max(0, mark - DEEPEST) : mark].rpartition("\n")[2]
    if info and before and before.isspace():
        lines = (line.removeprefix(before) for line in content.split("\n"))
        return language, "\n".join(lines).rstrip(" \t")
    return language, content


def json_values(reply: str, items: str = "}") -> Iterator[Any]:
    """Every outermost JSON object or array of a reply, those in code fences first.

    A value that the end of the reply cuts off keeps its complete items: what ends
    in one of the brackets `items`. The default leaves lists of numbers alone,
    since half a polygon or grid is another one; readers of boxes, which are
    complete on their own, pass "}]".

    A Python literal is read as JSON, and so are commas before a closing bracket.
    An object that repeats a key is the list of the objects that it holds.

    Never raises; takes time linear in the length of the reply, of which the
    first REPLY_LIMIT characters are looked at. Integers of more than 18 digits
    become floats, and NaN and Infinity are read as floats: check for finite
    numbers where they matter.

    >>> list(json_values('As [1] says: {"a": 2}'))
    [[1], {'a': 2}]
    >>> list(json_values('[{"a": 1}, {"a": 2}, {"a"')), list(json_values("[[1, 2], [3", "}]"))
    ([[{'a': 1}, {'a': 2}]], [[[1, 2]]])
    >>> list(json_values("[('a', None)] {'b': 1, 'b': 2}"))
    [[['a', None]], [{'b': 1}, {'b': 2}]]
    """
    reply = reply[:REPLY_LIMIT]
    fenced = [content for _, content, closed in fences(reply) if closed]
    for text in (*fenced, reply):
        found = False
        for value in _scan(text, items):
            found = True
            yield value
        if found and fenced:  # the text around repeats what a fence holds, or cites
            return


def json_whole(text: str, half: bool = True) -> Any:
    """The JSON value or Python literal that a text is, also cut off at its end; NOTHING if none.

    Args:
        text: The value, with nothing but blanks and points around it.
        half: Whether a string that is cut off is kept as far as it goes; otherwise
            only the items before it are.

    >>> json_whole(" {'a': True} "), json_whole('{"a": "x y'), json_whole('see {"a": 1}') is NOTHING
    ({'a': True}, {'a': 'x y'}, True)
    >>> json_whole("['a', 'b', 'c", half=False), json_whole("[('a', 'b'), ('c', ", half=False)
    (['a', 'b'], [['a', 'b']])
    """
    text = text.strip()
    if text[:1] not in ("{", "[", '"'):
        return NOTHING
    try:
        value, end = _value_at(text, 0)
        return NOTHING if text[end:].strip(" ;,.\n") else value
    except (json.JSONDecodeError, RecursionError):
        pass
    mended, end = _mended(text, 0)
    if end < len(text) and text[end:].strip(" ;,.\n"):
        return NOTHING
    for candidate in (mended, *_closed(mended, half)):
        value = _decoded(candidate)
        if value is not NOTHING:
            return value
    return NOTHING


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= 18 else float(digits)


def _object(pairs: list[tuple[str, Any]]) -> Any:
    """The object of these pairs; where keys come again, the objects that start with the first."""
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    objects: list[dict[str, Any]] = []
    for key, item in pairs:
        if not objects or key in objects[-1]:
            objects.append({})
        objects[-1][key] = item
    return objects


_DECODER = json.JSONDecoder(parse_int=_integer, strict=False, object_pairs_hook=_object)


def _scan(text: str, items: str) -> Iterator[Any]:
    position, effort = 0, 0
    for _ in range(ATTEMPTS):
        start = re.compile(r"[\[{]").search(text, position)
        # What was read in vain is read again from the next bracket: bounded, to stay linear.
        if start is None or effort > 4 * len(text) + 1000:
            return
        try:
            value, position = _value_at(text, start.start())
        except json.JSONDecodeError as error:
            effort += error.pos - start.start()
            position = start.end()
            mended, end = _mended(text, start.start())
            effort += end - start.start()
            value = _decoded(mended)
            if value is not NOTHING:
                yield value
                position = end
                continue
            if error.msg.startswith("Unterminated") or end == len(text):
                value = _complete(mended, items)
                if value is not NOTHING:
                    yield value
                    return
        except RecursionError:
            position = _behind_deep(text, start.start())
            effort += position - start.start()
        else:
            yield value


def _value_at(text: str, start: int) -> tuple[Any, int]:
    """The JSON value at `start` of a text, and where it ends.

    Raises:
        json.JSONDecodeError: There is none.
        RecursionError: It is nested too deep.
    """
    value, end = _DECODER.raw_decode(text, start)
    return _shallow(value), end


def _shallow(value: Any) -> Any:
    """The value; RecursionError if it is nested deeper than any answer.

    Python 3.12 and later parse 10,000 lists inside each other, which a function that calls itself
    cannot follow; older ones give up at 1,000.
    """
    level = [value] if isinstance(value, (list, dict)) else []
    for _ in range(DEEPEST_VALUE):
        if not level:
            return value
        level = [
            inner
            for item in level
            for inner in (item.values() if isinstance(item, dict) else item)
            if isinstance(inner, (list, dict))
        ]
    raise RecursionError


def _behind_deep(text: str, start: int) -> int:
    """Where a value that is nested too deep ends, or as deep inside that it is no use to go on.

    To try bracket after bracket would read thousands of them again for each.
    """
    depth = 0
    for match in BRACKETS.finditer(text, start):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(match[0], 0)
        if depth in (0, DEEPEST_START):
            start = match.end()
            break
    return OPENINGS.match(text, start).end()  # type: ignore[union-attr]


def _decoded(mended: str) -> Any:
    try:
        return _restored(_shallow(_DECODER.decode(mended)))
    except (json.JSONDecodeError, RecursionError):
        return NOTHING


# Strings in either kind of quotes, Python's constants, numbers as keys, brackets, and commas that close nothing.
PYTHON = re.compile(
    r'"(?:[^"\\]|\\.)*"?|(?<!\w)[uUrRbB]?\'(?:[^\'\\]|\\.)*\'?|\b(?:None|True|False)\b'
    r"|(?<=[{,\s])\d{1,9}(?:\.\d{1,9})?(?=\s{0,4}:\s)|,(?=\s{0,20}[\]})])|[\[\]{}()]",
    re.DOTALL,
)
CONSTANTS = {"None": "null", "True": "true", "False": "false"}
INNER_QUOTE, INNER_ESCAPE = "\ue000", "\ue001"  # stand for " and \' while a text is mended


def _mended(text: str, start: int) -> tuple[str, int]:
    """The bracketed value that opens at `start` as JSON if it is a Python literal; where it ends."""
    parts: list[str] = []
    depth, position = 0, start
    for match in PYTHON.finditer(text, start):
        token = match[0]
        parts.append(text[position : match.start()])
        position = match.end()
        if token in ("[", "{", "("):
            depth += 1
            parts.append("{" if token == "{" else "[")
        elif token in ("]", "}", ")"):
            depth -= 1
            parts.append("}" if token == "}" else "]")
            if depth <= 0:
                return "".join(parts), position
        elif token == ",":
            parts.append(" ")
        elif token in CONSTANTS:
            parts.append(CONSTANTS[token])
        elif token[0].isdigit():  # a key
            parts.append(f'"{token}"')
        elif token.startswith('"'):
            parts.append(token)
        else:
            parts.append(_double_quoted(token.lstrip("uUrRbB")))
    parts.append(text[position:])
    return "".join(parts), len(text)


def _double_quoted(token: str) -> str:
    closed = len(token) > 1 and token.endswith("'")
    inner = token[1:-1] if closed else token[1:]
    inner = inner.replace("\\'", INNER_ESCAPE).replace('"', INNER_QUOTE)
    return f'"{inner}"' if closed else f'"{inner}'


def _restored(value: Any) -> Any:
    """A value read from a mended text, with the quotes that its strings had."""
    if isinstance(value, str):
        return value.replace(INNER_QUOTE, '"').replace(INNER_ESCAPE, "'")
    if isinstance(value, list):
        return [_restored(item) for item in value]
    if isinstance(value, dict):
        return {_restored(key): _restored(item) for key, item in value.items()}
    return value


def _closed(text: str, half: bool) -> Iterator[str]:
    """A JSON text that is cut off, closed: as it stands, and behind its last complete items."""
    closing: list[str] = []
    kept: list[tuple[int, str]] = []  # where an item of the value ends, and what closes it there
    last = ""
    for match in TOKENS.finditer(text):
        last = match[0]
        if last in ("[", "{"):
            closing.append("]" if last == "[" else "}")
        elif last in ("]", "}"):
            if not closing or closing.pop() != last:
                return
            if len(closing) == 1:
                kept.append((match.end(), closing[0]))
        elif last == "," and len(closing) == 1:
            kept.append((match.start(), closing[0]))
    if not closing:
        return
    if half:
        open_string = last.startswith('"') and (len(last) < 2 or not last.endswith('"'))
        yield text.rstrip("\\") + ('"' if open_string else "") + "".join(reversed(closing))
    for end, brackets in kept[:-3:-1]:
        yield text[:end] + brackets


TOKENS = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{},]', re.DOTALL)
OPENINGS = re.compile(r"[\[{\s]*")
BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)


def _complete(text: str, items: str) -> Any:
    """The complete items of a JSON value that the end of the text cuts off; NOTHING without any.

    The list item at which it ends is left out whole.
    """
    closing: list[str] = []  # brackets that are still to come
    inside_items = 0  # how many of these close an item of a list
    kept = 0
    for match in TOKENS.finditer(text):
        token = match[0]
        if token in ("[", "{"):
            inside_items += closing[-1:] == ["]"]
            closing.append("]" if token == "[" else "}")
        elif token in ("]", "}"):
            if len(closing) < 2 or closing.pop() != token:
                return NOTHING  # broken, not cut off
            inside_items -= closing[-1] == "]"
            # a list is complete that an object has under a key, whatever the list holds
            if not inside_items and (token in items or closing[-1] == "}"):
                kept = match.end()
    return _decoded(text[:kept] + _still_open(text[:kept])) if kept else NOTHING


def _still_open(text: str) -> str:
    """The brackets that close what is open at the end of a JSON text."""
    closing: list[str] = []
    for match in TOKENS.finditer(text):
        if match[0] in ("[", "{"):
            closing.append("]" if match[0] == "[" else "}")
        elif match[0] in ("]", "}"):
            closing.pop()
    return "".join(reversed(closing))


def reply_path(reply: str, doc: Document, keys: Collection[str] = FILE_KEYS) -> Path | None:
    """The file that a reply names or holds; None if there is none that may be opened.

    Args:
        reply: A `data:` URI, also inside other text; a JSON object with one of
            `keys`, or a list of one such object or of one path; or a bare path,
            as the whole reply or its last line.
        doc: Its `outputs` is the only folder from which files are taken;
            relative paths start there.
        keys: Keys of a JSON object that may name a file, in order of preference.

    Returns:
        An existing file: below `outputs` with links resolved, or, for a `data:`
        URI, a temporary one that stays until KEPT_FILES more were read.
    """
    if "data:" in reply.lower():
        held = data_file(reply)
        if held is not None:
            return held
    if not doc.get("outputs"):
        return None
    value = json_in(reply)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, str):
        return output_file(value, doc)
    if isinstance(value, dict):
        lower = {key.lower(): item for key, item in value.items()}
        names = [lower[key] for key in keys if isinstance(lower.get(key), str)]
        return next((path for name in names if (path := output_file(name, doc))), None)
    lines = [line for line in reply[-10_000:].splitlines() if line.strip()]
    return output_file(lines[-1], doc) if lines else None


def output_file(name: str, doc: Document, folders: bool = False) -> Path | None:
    """The file called `name`, or held by it as a `data:` URI; None if it may not be opened.

    Args:
        name: Relative to the document's `outputs`, or to a folder above it, absolute but below
            it, or a URI.
        doc: `outputs` is "" where no files may be named.
        folders: Whether a folder may be named, out of which no link of it leads.
    """
    name = name.strip().strip("`'\"").strip()
    if name[:5].lower() == "data:":
        return data_file(name)
    outputs = doc.get("outputs")
    if not outputs or not name or len(name) > 4096:
        return None
    try:
        folder = Path(outputs).resolve()
        for own in filter(None, (name, _from_above(name, folder))):
            path = (folder / own).resolve()
            inside = path.is_relative_to(folder) and path != folder
            if inside and (path.is_file() or (folders and _is_closed(path))):
                return path
        return None
    except (OSError, ValueError, RuntimeError):  # zero bytes, too long, links in a circle
        return None


def _from_above(name: str, folder: Path) -> str:
    """A name that begins with the last parts of the folder's path, without them; else "".

    >>> _from_above("out/Deraining/a.png", Path("/runs/out/Deraining"))
    'a.png'
    """
    parts = Path(name).parts
    if not parts or parts[0] not in folder.parts or parts[0] == folder.anchor:
        return ""
    for count in range(min(len(parts), len(folder.parts)) - 1, 0, -1):
        if parts[:count] == folder.parts[-count:]:
            return "/".join(parts[count:])
    return ""


def _is_closed(folder: Path) -> bool:
    """Whether this is a folder of which no entry is a link to somewhere else."""
    return folder.is_dir() and all(x.resolve().is_relative_to(folder) for x in folder.iterdir())


def offer(data: bytes, doc: Document, suffix: str) -> str:
    """Put a file where a reply may name it, and give what the reply is to call it.

    Args:
        data: Content of the file.
        doc: The file goes below its `outputs`, under a name made from the task
            and the id, in place of an earlier one.
        suffix: Such as ".png"; decides how the file is read.

    Returns:
        A path relative to `outputs`, or a `data:` URI where `outputs` is "".
    """
    if not doc.get("outputs"):
        types = {ending: kind for kind, ending in reversed(SUFFIXES.items())}
        kind = types.get(suffix) or mimetypes.guess_type("x" + suffix)[0] or ""
        return f"data:{kind};base64,{base64.b64encode(data).decode()}"
    identity = f"{doc.get('gb_task', '')}-{doc.get('id', '')}"
    readable = re.sub(r"[^A-Za-z0-9.-]+", "_", identity)[:80]
    digest = hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()
    name = f"{readable}-{digest[:8]}{suffix}"
    with paths.replacing(Path(doc["outputs"]) / name, "wb") as file:
        file.write(data)
    return name
