"""Keep keys and passwords out of settings, addresses and messages that are written or shown.

Questions, targets and replies never come here: what a model was asked and said is kept byte
for byte, whatever it looks like. What a secret is, its place says: the value of a setting,
header or part of an address whose name says so, or the user of an address.
"""

import base64
import binascii
import functools
import json
import re
import urllib.parse
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from typing import Any

REDACTED = "[redacted]"
LONG = 8  # characters from which a secret is looked for inside words, too
SHORTEST = 3  # of fewer characters only the place is hidden: they stand in every text by chance
PLACEHOLDERS = frozenset(
    "none null nil nan na n/a empty dummy fake mock test testing example placeholder unused unset "
    "todo changeme true false yes no on off auto default basic bearer digest key token secret "
    "password not-needed notneeded not_needed no-key nokey no_key your-api-key your_api_key "
    "api-key api_key sk-no-key-required redacted".split()
)

_WORDS = (
    r"key|secret|password|passwd|passphrase|pwd|pass|token|auth|authorization|credentials?|bearer"
    r"|cookies?|cookie2|signature|sig|sas|pw|pin|dsn|connection[_-]?string|conn[_-]?str|pat|jwt|hmac"
    r"|(?:access|secret|private)[_-]?key[_-]?id|session[_-]?(?:id|key)|secrets|passwords"
    r"|(?:api|access|auth|secret|private|hf)[_-]?(?:keys|tokens)"
)
SECRET_NAME = re.compile(
    rf"(?:^|[._-])(?:(?:api|access|account|secret|private|shared|subscription)*({_WORDS}))$"
    r"|access[_-]?key[_-]?id$|^x-(?!ray|axis)",
    re.IGNORECASE,
)
PLAIN_NAME = re.compile(
    r"(?:eos|bos|pad|unk|sep|cls|mask|image|img|audio|video|vision|stop|end|start|special|new"
    r"|[be]o[iva]|min|max|num|prompt|forced|newline)[_-]tokens?$"
    r"|(?:cache|sort|group|primary|public|label|answer|dict|json|column|cluster|prompt)[_-]key$",
    re.IGNORECASE,
)
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

# Places of secrets in a text: those that are known by what stands around them ...
ADDRESS = re.compile(  # user-info of any scheme; a password may hold what belongs escaped
    r"(?<=://)(?:[^\s/?#\"'<>]{1,999}|[^\s:/@\"'<>]{0,99}:(?!\d+[/?#])[^\s\"'<>]{0,199}?)"
    r"(?=@[\w.\[-])"
)
BARE_ADDRESS = re.compile(  # of a connection string without a scheme
    r"(?<![\w/.:@%+-])[\w.+%-]{1,99}:(?P<secret>[^\s:@/,\"'<>]{3,199})"
    r"(?=@(?!sha\d+:)(?:localhost|[\w-]{1,99}(?:\.[\w-]|:\d|/)))"
)
SLASHED_ADDRESS = re.compile(  # one whose scheme is wrong or not there
    r"(?:(?<=:/)|(?<=(?<!:)//))[\w.+%-]{0,99}:(?P<secret>[^\s:@/,\"'<>]{3,199})(?=@[\w\[])"
)
BEARER = re.compile(
    r"\b(?i:bearer|basic)\s+(?P<secret>(?=[^\s\"',]*(?:\d|[a-z][A-Z]))[^\s\"',]{8,})"
)
CURL_USER = re.compile(r"(?<!\S)-u\s+[\"']?[^\s:\"']{0,99}:(?P<secret>[^\s\"']{3,})")
SHAPE = re.compile(  # keys that services give out look like nothing else
    r"(?<![\w-])(?:sk-[\w-]{20,}|(?:hf|gsk|r8|gh[opsur]|github_pat)_\w{20,}|glpat-[\w-]{20,}"
    r"|(?:AKIA|ASIA)[A-Z\d]{16}|xox[a-z]-[\w-]{10,}|AIza[\w-]{30,}|eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*)"
)
AROUND = (  # and what such a text holds
    *((ADDRESS, "://"), (BARE_ADDRESS, "@"), (SLASHED_ADDRESS, "@"), (BEARER, "")),
    *((CURL_USER, "-u"), (SHAPE, "")),
)
# ... and those that have a name: what stands before a secret, and how far that goes.
SIGN = r"\\*[\"']?\s*{}\s*\\*[\"']?"  # after a name that may be quoted
HEADER = re.compile(
    r"(?<![\w-])(?P<name>(?:set-)?cookie2?|(?:proxy-)?authorization)" + SIGN.format("[:=]"),
    re.IGNORECASE,
)
X_HEADER = re.compile(r"(?<![\w-])(?P<name>x-[\w-]{1,80})" + SIGN.format(":"), re.IGNORECASE)
PARAMETER = re.compile(r"[?&;#](?P<name>[\w.\-\[\]%]{1,80})=")
IN_ADDRESS = ("code",)  # a key in an address; anywhere else a word
ASSIGNED = re.compile(
    r"(?<![\w.])(?P<name>[A-Za-z][\w.-]{0,80})(?P<shut>\\*[\"'])?\s*(?:=|:(?P<blank>\s)?)\s*"
    r"(?:(?P<escaped>\\+[\"'])|(?P<quote>[\"']))?"
)
OPTION = re.compile(r"--(?P<name>[A-Za-z][\w-]{0,80})\s+[\"']?(?![\s\"'-])")
WORD = re.compile(r"(?:[^\s,;\"'}&)\]\\]|\\(?![\"']))+")
BRACED = re.compile(r"\{[^{}\n]*\}|\[[^\[\]\n]*\]")
IN_QUOTES = {mark: re.compile(rf"(?:\\.|[^\\{mark}])+", re.DOTALL) for mark in "\"'"}
NAMED = (
    (HEADER, re.compile(r"[^\"'\n\r\\]+")),
    (X_HEADER, re.compile(r"[^\"'\n\r\\,}]+")),
    (PARAMETER, re.compile(r"[^&#;\s\"'<>,)}\]\\]+")),
    (ASSIGNED, WORD),
    (OPTION, re.compile(r"[^\s\"']+")),
)
OF_ERRORS = ("filename", "filename2", "strerror", "msg", "code")  # what built-in errors show
STATING = ("=", ":", "@", "--", "earer", "EARER", "asic ", "ASIC ")
SETTINGS_OF_TASK = frozenset(
    ("metadata", "dataset_path", "dataset_name", "dataset_kwargs", "generation_kwargs")
)


def is_secret(name: str) -> bool:
    """Whether a setting, header or parameter of this name holds a secret.

    >>> [is_secret(x) for x in ("api_key", "hf_token", "X-Team", "AccountKey", "access_key_id")]
    [True, True, True, True, True]
    >>> [is_secret(x) for x in ("max_tokens", "tokenizer", "eos_token", "cache_key", "X-ray")]
    [False, False, False, False, False]
    """
    name = CAMEL.sub("_", name.strip().lstrip("-"))
    return bool(SECRET_NAME.search(name)) and not PLAIN_NAME.search(name)


def _of_parameter(name: str) -> bool:
    """Whether a parameter of an address holds a secret."""
    return is_secret(name) or name.lower() in IN_ADDRESS


def _of_key(name: str, value: Any, beside: Mapping[Any, Any]) -> bool:
    """Whether what a mapping has under a name is secret.

    A list may have its name in the plural, and {"name": "api_key", "value": ...} says its name
    beside it.
    """
    if isinstance(value, list | tuple | set | frozenset) and is_secret(re.sub("(?i)s$", "", name)):
        return True
    if name.lower() == "value":
        return any(
            isinstance(key, str)
            and key.lower() in ("name", "key", "header")
            and is_secret(str(said))
            for key, said in beside.items()
        )
    return is_secret(name)


def _of_pair(values: Collection[Any]) -> bool:
    """Whether a list is the name of a header and its value, which is secret."""
    if len(values) != 2 or not all(isinstance(one, str) for one in values):
        return False
    name = str(next(iter(values)))
    return is_secret(name) and bool(HEADER.fullmatch(f"{name}:") or re.search(r"\w[-_]\w", name))


def is_placeholder(value: object) -> bool:
    """Whether a value under a secret's name is none: nothing, a switch, or a word for nothing.

    >>> [is_placeholder(x) for x in (None, True, "", "EMPTY", "null", "xxx", "hunter2")]
    [True, True, True, True, True, True, False]
    """
    if value is None or isinstance(value, bool):
        return True
    text = str(value).strip().strip("\"'<>[](){}").strip().lower()
    return text in PLACEHOLDERS or not text.strip("x*.-_ ")


def secrets_in(value: Any, name: str = "") -> set[str]:
    """The secrets in settings, however deep, and inside texts such as addresses.

    >>> sorted(secrets_in({"api_key": "sk-1", "url": "https://h/v1?sig=0123abcd", "auth": "none"}))
    ['0123abcd', 'sk-1']
    """
    return {found for found in _secrets(value, is_secret(name)) if not is_placeholder(found)}


def of_environment(variables: Mapping[str, str]) -> set[str]:
    """The secrets among environment variables, which may turn up in messages of libraries."""
    found: set[str] = set()
    for name, value in variables.items():
        if is_secret(name) and len(value) >= LONG and not value.startswith(("/", "~")):
            found |= secrets_in(value, name)
        elif "://" in value and not re.search(r"\s", value):
            found.update(_of_address(value))
    return {one for one in found if not is_placeholder(one)}


def _secrets(value: Any, secret: bool) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _secrets(one, secret or _of_key(str(key), one, value))
    elif isinstance(value, list | tuple | set | frozenset):
        before, pair = "", _of_pair(value)
        for one in value:
            option = before and (pair or (before.startswith("--") and is_secret(before)))
            yield from _secrets(one, secret or bool(option))
            before = one if isinstance(one, str) else ""
    elif isinstance(value, bytes):
        yield from _secrets(value.decode("utf-8", "replace"), secret)
    elif is_placeholder(value):
        return
    elif secret:
        yield from _forms(str(value))
    elif isinstance(value, str):
        yield from _stated(value)


def _forms(secret: str) -> Iterator[str]:
    """A secret, and what of it is one by itself."""
    yield secret
    if secret != secret.strip():
        yield secret.strip()
    lines = secret.split("\n")
    if len(lines) > 1:  # a private key
        yield from (line.strip() for line in lines if len(line.strip()) >= LONG)
    scheme, _, rest = secret.strip().partition(" ")
    if rest and scheme.lower() in ("bearer", "basic", "token", "apikey"):
        yield rest.strip()
        if scheme.lower() == "basic":
            try:
                plain = base64.b64decode(rest.strip(), validate=True).decode()
            except (binascii.Error, ValueError):
                return
            yield plain
            yield plain.partition(":")[2]
    elif "=" in secret.rstrip("="):  # cookies, connection strings
        for part in re.split(r"[;,]\s*", secret):
            found = part.partition("=")[2]
            if len(found) >= LONG:
                yield found
    yield from _stated(secret)


def _stated(text: str) -> Iterator[str]:
    """What a text that is a setting states as a secret."""
    if not _may_state(text):
        return
    if text.lstrip()[:1] in ("{", "["):
        with suppress(ValueError, RecursionError):
            yield from _secrets(json.loads(text), False)
    if "://" in text and not re.search(r"\s", text.strip()):
        yield from _of_address(text.strip())
    for pair in text.split(","):  # as in --model_args
        name, sign, value = pair.partition("=")
        if sign and is_secret(name) and not is_placeholder(value):
            yield value.strip().strip("\"'")
    for start, end in _places(text):
        if text[max(start - 3, 0) : start] == "://":
            yield from _of_user(text[start:end])
        else:
            yield text[start:end]


def _of_address(text: str) -> Iterator[str]:
    """The secrets of an address that is a setting by itself: no quote or bracket ends them."""
    rest = text.partition("://")[2]
    place = re.split(r"[/?#]", rest, maxsplit=1)[0]
    yield from _of_user(place.rpartition("@")[0])
    for part in re.split(r"[?&#;]", rest)[1:]:
        name, sign, value = part.partition("=")
        if sign and _of_parameter(urllib.parse.unquote(name)):
            yield from (value, urllib.parse.unquote_plus(value))


def _of_user(info: str) -> Iterator[str]:
    """The secrets of "user:password" or "token" in an address.

    Nobody says that these are secrets, so short words such as "guest" are none.
    """
    password = info.partition(":")[2] or info
    for found in (info, password, urllib.parse.unquote(password)):
        if len(found) >= LONG:
            yield found
    if len(info) >= LONG:  # what goes to the server, which may repeat it
        sent = urllib.parse.unquote(info).encode("utf-8", "surrogatepass")
        yield base64.b64encode(sent).decode()


def _may_state(text: str) -> bool:
    """Whether a text can state a secret; spares most of them the search."""
    return any(mark in text for mark in STATING) or bool(SHAPE.search(text))


def _places(text: str) -> Iterator[tuple[int, int]]:
    """Where a text states secrets."""
    for pattern, mark in AROUND:
        for found in pattern.finditer(text) if mark in text else ():
            span = found.span("secret" if pattern.groups else 0)
            if not is_placeholder(text[slice(*span)]):
                yield span
    for pattern, end in NAMED:
        reached = 0
        for head in pattern.finditer(text):
            known = pattern is PARAMETER and _of_parameter(head["name"])
            if head.start() < reached or not (known or is_secret(head["name"])):
                continue
            quote = head["quote"] if pattern is ASSIGNED else None
            if quote:
                value = IN_QUOTES[quote].match(text, head.end())
            else:  # PWD={a;b} of a connection string, a list, or a word
                value = BRACED.match(text, head.end()) or end.match(text, head.end())
            if value is None or is_placeholder(value[0]):
                continue
            if pattern is not ASSIGNED or _assigns(head, value[0]):
                reached = value.end()
                yield value.span()


def _assigns(head: re.Match[str], value: str) -> bool:
    """Whether `name=value` or `name: value` gives a setting its value, and is no prose.

    "one secret: Irene knew" is a sentence; "key" alone is a word of too many meanings.
    """
    if head["name"].lower() in ("key", "pass"):
        return False
    prose = head["blank"] and not (head["shut"] or head["quote"] or head["escaped"])
    return not prose or len(value) >= LONG


def redact(value: Any, secrets: Collection[str], name: str = "") -> Any:
    """A copy of settings without secrets: neither under a secret's name nor inside any text."""
    return _redact(value, secrets, is_secret(name))


def _redact(value: Any, secrets: Collection[str], secret: bool) -> Any:
    if isinstance(value, Mapping):
        return {
            redact_text(k, secrets) if isinstance(k, str) else k: _redact(
                v, secrets, secret or _of_key(str(k), v, value)
            )
            for k, v in value.items()
        }
    if isinstance(value, list | tuple):
        pair = _of_pair(value)
        found = [_redact(v, secrets, secret or (pair and i > 0)) for i, v in enumerate(value)]
        return tuple(found) if type(value) is tuple else found
    if secret and not is_placeholder(value):
        return REDACTED
    return redact_text(_without_user(value), secrets) if isinstance(value, str) else value


def _without_user(text: str) -> str:
    """An address that is a setting by itself, without its user; any other text as it is."""
    scheme, sign, rest = text.partition("://")
    if not sign or re.search(r"\s", text):
        return text
    info, sign, _ = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")
    return f"{scheme}://{REDACTED}{rest[len(info) :]}" if sign else text


def redact_text(text: str, secrets: Collection[str]) -> str:
    """A message or setting without the given secrets, and without any that it states.

    >>> redact_text("model_args: api_key=sk-1,foo=2", ["other"])
    'model_args: api_key=[redacted],foo=2'
    """
    text = hidden(text, secrets)
    if not _may_state(text):
        return text
    parts, end = [], 0
    for start, stop in sorted(_places(text)):
        if start >= end:
            parts += [text[end:start], REDACTED]
        end = max(end, stop)
    return "".join([*parts, text[end:]]) if parts else text


def hidden(text: str, secrets: Collection[str]) -> str:
    """A text without the given secrets, also as a program would quote or escape them."""
    pattern = _pattern(frozenset(secrets)) if secrets else None
    return pattern.sub(REDACTED, text) if pattern else text


@functools.lru_cache(maxsize=16)
def _pattern(secrets: frozenset[str]) -> re.Pattern[str] | None:
    forms: set[str] = set()
    for secret in secrets:
        if len(secret) >= SHORTEST and not is_placeholder(secret) and secret not in REDACTED:
            forms |= {secret, *_written(secret)}
    if not forms:
        return None
    # the longest first: of a secret inside another nothing is left of either
    return re.compile("|".join(map(_anywhere, sorted(forms, key=len, reverse=True))))


def _written(secret: str) -> Iterator[str]:
    """How a secret stands in a text that a program made."""
    yield repr(secret)[1:-1]
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    raw = secret.encode("utf-8", "surrogatepass")
    yield urllib.parse.quote(raw)
    yield urllib.parse.quote(raw, safe="")
    yield urllib.parse.quote_plus(raw)


def _anywhere(secret: str) -> str:
    # lines of a log are wrapped where there is a blank
    pattern = r"\s+".join(re.escape(part) for part in re.split(r"\s+", secret))
    if len(secret) >= LONG:
        return pattern
    return rf"(?<![A-Za-z0-9_]){pattern}(?![A-Za-z0-9_])"


def scrub(error: BaseException, secrets: Collection[str]) -> None:
    """Take secrets out of an error and of those that led to it, before a traceback shows them."""
    todo: list[BaseException | None] = [error]
    done: set[int] = set()
    while todo:
        one = todo.pop()
        if one is None or id(one) in done:
            continue
        done.add(id(one))
        todo += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]
        one.args = tuple(redact(part, secrets) for part in one.args)
        for name in {*getattr(one, "__dict__", ()), *OF_ERRORS}:
            value = getattr(one, name, None)
            if isinstance(value, str | list | tuple | Mapping):
                clean = redact(value, secrets, name)
                if clean != value:
                    with suppress(AttributeError, TypeError):  # it cannot be changed
                        setattr(one, name, clean)


def of_results(raw: Mapping[str, Any], secrets: Collection[str]) -> dict[str, Any]:
    """A results file of the harness without secrets: its settings change, nothing else."""
    clean = dict(raw)
    if "config" in clean:
        clean["config"] = redact(clean["config"], secrets)
    configs = clean.get("configs")
    if isinstance(configs, Mapping):
        clean["configs"] = {name: _of_task(config, secrets) for name, config in configs.items()}
    return clean


def _of_task(config: Any, secrets: Collection[str]) -> Any:
    """The configuration of a task: what was set, and not the texts that a model is asked with."""
    if not isinstance(config, Mapping):
        return config
    return {
        key: redact(value, secrets, str(key)) if key in SETTINGS_OF_TASK else value
        for key, value in config.items()
    }
