"""Keep keys and passwords out of what is written and shown."""

import re
from collections.abc import Collection, Mapping
from typing import Any

REDACTED = "[redacted]"
SECRET_NAME = re.compile(
    r"(?:^|[_-])(?:api[_-]?key|apikey|key|secret|password|passwd|token|auth|authorization"
    r"|credentials?|bearer)$",
    re.IGNORECASE,
)
PLAIN_NAME = re.compile(
    r"(?:eos|bos|pad|unk|sep|cls|mask|image|audio|video|stop|end|start)[_-]token$|cache_key",
    re.IGNORECASE,
)
IN_URL = re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)")
IN_TEXT = re.compile(
    r"((?:api[_-]?key|secret|password|passwd|(?:access|auth|hf|bearer)[_-]?token)['\"]?\s*[=:]\s*"
    r"['\"]?)([^\s,'\"}]+)",
    re.IGNORECASE,
)


def is_secret(name: str) -> bool:
    """Whether a setting of this name holds a secret.

    >>> [is_secret(x) for x in ("api_key", "hf_token", "max_tokens", "tokenizer", "eos_token")]
    [True, True, False, False, False]
    """
    return bool(SECRET_NAME.search(name)) and not PLAIN_NAME.search(name)


def secrets_in(value: Any, name: str = "") -> set[str]:
    """The secret values in nested settings."""
    if isinstance(value, Mapping):
        return set().union(*(secrets_in(v, str(k)) for k, v in value.items()))
    if isinstance(value, list | tuple):
        return set().union(*(secrets_in(v, name) for v in value))
    if is_secret(name) and value not in (None, "", True, False):
        return {str(value)}
    return set()


def redact(value: Any, secrets: Collection[str], name: str = "") -> Any:
    """A copy without secrets: neither under a secret's name nor inside any text."""
    if isinstance(value, Mapping):
        return {
            redact_text(k, secrets) if isinstance(k, str) else k: redact(v, secrets, str(k))
            for k, v in value.items()
        }
    if isinstance(value, list | tuple):
        return (
            type(value)(redact(v, secrets, name) for v in value)
            if type(value) in (list, tuple)
            else [redact(v, secrets, name) for v in value]
        )
    if is_secret(name) and value not in (None, "", True, False):
        return REDACTED
    return redact_text(value, secrets) if isinstance(value, str) else value


def redact_text(text: str, secrets: Collection[str]) -> str:
    """A text without the given secrets, and without anything that looks like a stated one.

    >>> redact_text("model_args: api_key=sk-1,foo=2", ["other"])
    'model_args: api_key=[redacted],foo=2'
    """
    for secret in secrets:
        if len(secret) > 2:
            text = text.replace(secret, REDACTED)
    if "://" in text:
        text = IN_URL.sub(REDACTED, text)
    return IN_TEXT.sub(rf"\g<1>{REDACTED}", text) if "=" in text or ":" in text else text
