"""Ask a server that speaks the OpenAI chat protocol: several requests at a time, each with an end.

A request that fails for a passing reason is sent again, after the time that the server asks
for. One that was refused for what holds for all (a wrong key, a wrong address) is the last.
"""

import asyncio
import email.utils
import json
import random
import threading
import time
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from lm_eval_generalbench import paths
from lm_eval_generalbench.errors import GeneralBenchError
from lm_eval_generalbench.metrics.disk_cache import say_once
from lm_eval_generalbench.optional import require

ATTEMPTS = 5
FIRST_WAIT = 1.0  # seconds before the second attempt; doubled before each further one
LONGEST_WAIT = 60.0  # seconds, also if the server asks for more
DEADLINE = 60.0  # seconds of one attempt, from its first byte to the reply's last
LATE_ATTEMPTS = 2  # of one request that end at the deadline; each costs a minute
IN_A_ROW = 20  # requests without a reply after which no further ones are sent ...
LATE = 10  # ... where one whose attempts ended at the deadline counts as so many
REPLY_BYTES = 1_000_000  # more is no answer of 0 or 1
PASSING = {408, 409, 425, 429, 500, 502, 503, 504, 529}  # states another attempt may not meet
HOLDING = {401, 402, 403, 404, 405}  # states that every further request meets, too

Reply = str | GeneralBenchError


class _Passing(Exception):
    """An attempt failed; another may not."""

    def __init__(self, reason: str, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.wait = wait  # seconds that the server asks for


class _Late(_Passing):
    """An attempt ended at the deadline."""


class _Slow(GeneralBenchError):
    """The attempts of a request ended at the deadline."""


class _Last(GeneralBenchError):
    """What was refused would be refused to all others."""


def ask(url: str, requests: Sequence[dict[str, Any]], done: Callable[[int, Reply], None]) -> None:
    """Send all requests, at most GENERALBENCH_JUDGE_REQUESTS (8) at a time.

    Args:
        url: The server's address, with or without /chat/completions.
        requests: Bodies, each a JSON object.
        done: Called with the position of a request and the text of the reply, or with why
            there is none, as soon as that is known. Errors of it are the caller's.

    Raises:
        GeneralBenchError: The address is none of a server, or holds a user name.
    """
    address = _address(url)
    at_once = paths.judge_requests()
    failures: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(_ask_all(address, requests, done, at_once))
        except BaseException as error:  # told where it is waited for
            failures.append(error)

    # a notebook has a loop of its own in this thread
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]


async def _ask_all(
    address: str,
    requests: Sequence[dict[str, Any]],
    done: Callable[[int, Reply], None],
    at_once: int,
) -> None:
    aiohttp = require("aiohttp", "base")
    places = asyncio.Semaphore(at_once)
    stop: list[GeneralBenchError] = []  # why no further request is sent
    row = 0
    headers = {"Authorization": f"Bearer {key}"} if (key := paths.judge_key()) else {}

    async def one(position: int) -> None:
        nonlocal row
        async with places:
            reply: Reply
            if stop:
                reply = stop[0]
            else:
                try:
                    reply = await _reply(session, address, requests[position])
                    row = 0
                except GeneralBenchError as error:
                    reply = error
                    row += LATE if isinstance(error, _Slow) else 1
                    if isinstance(error, _Last) or row >= IN_A_ROW:
                        stop.append(error)
        done(position, reply)

    async with aiohttp.ClientSession(
        headers=headers,
        timeout=aiohttp.ClientTimeout(total=DEADLINE),
        trust_env=True,  # proxies
        cookie_jar=aiohttp.DummyCookieJar(),
    ) as session:
        await asyncio.gather(*(one(position) for position in range(len(requests))))


async def _reply(session: Any, address: str, body: dict[str, Any]) -> str:
    """The text of one reply; attempts that fail for a passing reason are repeated."""
    reason, late = "", 0
    for attempt in range(ATTEMPTS):
        try:
            return await _attempt(session, address, body)
        except _Passing as error:
            reason = str(error)
            wait = max(error.wait, FIRST_WAIT * 2**attempt * random.uniform(1, 1.5))
            late += isinstance(error, _Late)
        if late == LATE_ATTEMPTS:
            raise _Slow(_no_answer(address, reason))
        if attempt + 1 < ATTEMPTS:
            await asyncio.sleep(min(wait, LONGEST_WAIT))
    raise GeneralBenchError(_no_answer(address, reason))


async def _attempt(session: Any, address: str, body: dict[str, Any]) -> str:
    aiohttp = require("aiohttp", "base")
    try:
        # a redirect would carry the key to another address
        async with session.post(address, json=body, allow_redirects=False) as response:
            if response.status in PASSING:
                wait = _asked_wait(response.headers)
                raise _Passing(f"HTTP status {response.status}", wait)
            if response.status != 200:
                kind = _Last if response.status in HOLDING else GeneralBenchError
                raise kind(_no_answer(address, f"HTTP status {response.status}"))
            content = await response.content.read(REPLY_BYTES)
            while len(content) < REPLY_BYTES and (more := await response.content.read(REPLY_BYTES)):
                content += more
    except asyncio.TimeoutError:
        say_once(f"The judge at {shown(address)} is slow: no reply within {DEADLINE:g} s.")
        raise _Late(f"no reply within {DEADLINE:g} s") from None
    except (OSError, aiohttp.ClientError) as error:
        raise _Passing(type(error).__name__) from None
    try:
        return str(json.loads(content)["choices"][0]["message"]["content"])
    except (ValueError, LookupError, TypeError):
        raise _Last(
            f"{shown(address)} does not speak the OpenAI chat protocol. Correct "
            "GENERALBENCH_JUDGE_URL; it usually ends with /v1."
        ) from None


def _asked_wait(headers: Mapping[str, str]) -> float:
    """Seconds that Retry-After asks for, as a number or as a date; 0 if it does not."""
    text = headers.get("Retry-After", "").strip()
    with suppress(ValueError):
        return min(max(float(text), 0.0), LONGEST_WAIT)
    with suppress(ValueError, TypeError):
        return max(email.utils.parsedate_to_datetime(text).timestamp() - time.time(), 0.0)
    return 0.0


def _no_answer(address: str, reason: str) -> str:
    return (
        f"The judge at {shown(address)} does not answer ({reason}). Check GENERALBENCH_JUDGE_URL, "
        "GENERALBENCH_JUDGE_MODEL and OPENAI_API_KEY."
    )


def _address(url: str) -> str:
    """Where requests go: the address with /chat/completions at its end."""
    parts = _parts(url)
    if "@" in parts.netloc:
        raise GeneralBenchError(
            f"GENERALBENCH_JUDGE_URL holds a user name ({shown(url)}). Take it and the password "
            "out of the address; the key goes into OPENAI_API_KEY."
        )
    path = parts.path.rstrip("/")
    if not path.endswith("/chat/completions"):
        path += "/chat/completions"
    return urllib.parse.urlunsplit(parts._replace(path=path, fragment=""))


def _parts(url: str) -> urllib.parse.SplitResult:
    try:
        parts = urllib.parse.urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname)
        known = known and (parts.port is None or parts.port > 0)
    except ValueError:
        known = False
    if not known:
        raise GeneralBenchError(
            "GENERALBENCH_JUDGE_URL is no address of a server: it must start with http:// or "
            "https://."
        )
    return parts


def shown(url: str) -> str:
    """The address without anything that could be secret, and without /chat/completions."""
    parts = _parts(url)
    port = f":{parts.port}" if parts.port else ""
    path = parts.path.rstrip("/").removesuffix("/chat/completions")
    return f"{parts.scheme}://{parts.hostname}{port}{path}"
