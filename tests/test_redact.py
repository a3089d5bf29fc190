"""No secret survives in settings, addresses and messages; words that are none stay."""

import base64
import json
import textwrap
import time
import traceback
import urllib.parse
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lm_eval_generalbench import redact


def test_secrets_are_found_by_the_name_of_their_setting():
    settings = {"api_key": "sk-1", "max_tokens": 5, "nested": {"headers": {"Authorization": "x y"}}}
    assert redact.secrets_in(settings) == {"sk-1", "x y"}


def test_a_secret_is_removed_wherever_it_stands():
    value = {"a": ["say sk-12345 twice: sk-12345"], "api_key": "other", "n": 3, "b": None}
    assert redact.redact(value, {"sk-12345"}) == {
        "a": ["say [redacted] twice: [redacted]"],
        "api_key": "[redacted]",
        "n": 3,
        "b": None,
    }


def test_passwords_in_addresses_go_and_the_rest_stays():
    assert redact.redact_text("http://me:pw@host/x", []) == "http://[redacted]@host/x"
    assert redact.redact_text("tokenizer=gpt2,max_tokens=5", []) == "tokenizer=gpt2,max_tokens=5"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("see https://h/v1?key=abcd1234&size=3", "see https://h/v1?key=[redacted]&size=3"),
        ("https://h/b?sv=1&sig=a%2Fb%3D&se=2", "https://h/b?sv=1&sig=[redacted]&se=2"),
        ("https://h/#access_token=abc&x=1", "https://h/#access_token=[redacted]&x=1"),
        ("https://h/?X-Amz-Signature=ab12&n=1", "https://h/?X-Amz-Signature=[redacted]&n=1"),
        ("redis://:pa55@cache:6379/0", "redis://[redacted]@cache:6379/0"),
        ("s3+https://KEY123:abc/d+e@bucket.s3/x", "s3+https://[redacted]@bucket.s3/x"),
        ("https://ghp_0123456@github.com/a/b", "https://[redacted]@github.com/a/b"),
        ("me:s3cret@db.example.org:5432/x", "me:[redacted]@db.example.org:5432/x"),
        ("Cookie: a=b; session=0123", "Cookie: [redacted]"),
        ("{'Set-Cookie': 'a=b', 'n': 1}", "{'Set-Cookie': '[redacted]', 'n': 1}"),
        ("X-Team: blue, n: 1", "X-Team: [redacted], n: 1"),
        ("Authorization: Basic bWU6cHc=", "Authorization: [redacted]"),
        ("401 for Bearer abc.123.def", "401 for Bearer [redacted]"),
        ("Server=db;Uid=me;Pwd=s3!x;Port=1", "Server=db;Uid=me;Pwd=[redacted];Port=1"),
        ("AccountName=a;AccountKey=Zm9v==;E=c", "AccountName=a;AccountKey=[redacted];E=c"),
        ("Driver={x};UID=me;PWD={a;b c};Port=1", "Driver={x};UID=me;PWD=[redacted];Port=1"),
        ("https://h/?jwt=ab.cd&session_id=12&n=1", "https://h/?jwt=[redacted]&session_id=[redacted]&n=1"),
        ("api_keys=['ab', 'cd'],n=1", "api_keys=[redacted],n=1"),
        ("https://h/api?code=ab12==&n=1", "https://h/api?code=[redacted]&n=1"),
        ("https://h/?sas=ab12&pw=cd34&n=1", "https://h/?sas=[redacted]&pw=[redacted]&n=1"),
        ("No adapter for 'htp:/me:pa55@x/v1'", "No adapter for 'htp:/me:[redacted]@x/v1'"),
        ("//me:pa55@h/p and me:pa56@h:80/p", "//me:[redacted]@h/p and me:[redacted]@h:80/p"),
        ("curl -u me:pa55 https://h", "curl -u me:[redacted] https://h"),
        ("401 for Basic bWU6cGFzcw==", "401 for Basic [redacted]"),
        ("n0: sk-proj-" + "aB3" * 9, "n0: [redacted]"),
        ("see hf_" + "aB3" * 9 + " and AKIA" + "X7" * 8, "see [redacted] and [redacted]"),
        ("passphrase='correct horse', n=1", "passphrase='[redacted]', n=1"),
        ("aws_access_key_id=AKIA01,x=2", "aws_access_key_id=[redacted],x=2"),
        ('{"client_secret": "a\\"b", "n": 1}', '{"client_secret": "[redacted]", "n": 1}'),
        ('{\\"api_key\\": \\"ab\\", \\"n\\": 1}', '{\\"api_key\\": \\"[redacted]\\", \\"n\\": 1}'),
        ("unrecognized arguments: --api_key abc -x", "unrecognized arguments: --api_key [redacted] -x"),
        ("gen_kwargs: ({'api_key': 'x y', 't': 0})", "gen_kwargs: ({'api_key': '[redacted]', 't': 0})"),
    ],
)  # fmt: skip
def test_what_a_text_states_as_a_secret_goes(text, clean):
    assert redact.redact_text(text, ()) == clean


@pytest.mark.parametrize(
    "text",
    [
        "one secret: Irene knew",
        "The token: cat",
        "password: none, api_key=EMPTY, auth='null', token=dummy, secret=\"\"",
        "max_tokens=5, eos_token='</s>', tokenizer=gpt2, cache_key=abcdefgh, key: value",
        "me@host.org asks http://host:8080/x?mail=a@b.c&page=2",
        "git@github.com:org/repo at 12:30:45 @ home",
        "exit code=401; the pin of a basic model at ubuntu:22.04@sha256:0a1b2c and sk-learn",
        "L-1.2 X-ray: 3 of 4 documents",
        "generalbench_image_x: no folder for 'Key Points': see data status",
    ],
)
def test_a_text_without_secrets_stays_as_it_is(text):
    assert redact.redact_text(text, ()) == text
    assert redact.secrets_in(text) == set()


@pytest.mark.parametrize("word", ["none", "None", "EMPTY", "null", "dummy", "", "xxx", True, None])
def test_a_placeholder_is_no_secret(word):
    settings = {"api_key": word, "note": f"the {word} of it"}
    assert redact.secrets_in(settings) == set()
    assert redact.redact(settings, redact.secrets_in(settings)) == settings


def test_a_short_word_is_hidden_where_the_user_marked_it_and_as_a_word_only():
    settings = {
        "base_url": "ftp://guest:guest@host",
        "password": "abc1",
        "model": "xabc1y",
        "n": "ab",
    }
    secrets = redact.secrets_in(settings)
    assert "guest" not in secrets
    clean = redact.redact(settings | {"note": "guest abc1"}, secrets)
    assert clean == {
        "base_url": "ftp://[redacted]@host",
        "password": "[redacted]",
        "model": "xabc1y",
        "n": "ab",
        "note": "guest [redacted]",
    }


def test_parts_of_a_secret_that_are_secrets_themselves_are_known():
    basic = base64.b64encode(b"me:open sesame").decode()
    settings = {
        "headers": {"Authorization": f"Basic {basic}", "Cookie": "a=1; session=0123456789"},
        "dsn": "mysql://me:12345678@h/db",
        "ssh": {"private_key": "-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----"},
    }
    found = redact.secrets_in(settings)
    assert {basic, "open sesame", "0123456789", "12345678", "MIIEvQIBADANBg"} <= found


def test_secrets_of_the_environment_are_known_and_its_paths_are_none():
    variables = {
        "OPENAI_API_KEY": "sk-0123456",
        "HF_TOKEN": "EMPTY",
        "SSL_KEY": "/etc/ssl/key.pem",
        "https_proxy": "http://me:pass-1234@proxy:80",
        "LS_COLORS": "*.key=01;31:*.pwd=00",
    }
    sent = base64.b64encode(b"me:pass-1234").decode()
    assert redact.of_environment(variables) == {"sk-0123456", "me:pass-1234", "pass-1234", sent}


# -- whatever the secret is ----------------------------------------------------------------

SECRETS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=8, max_size=40).filter(
    lambda s: s == s.strip() and not redact.is_placeholder(s) and s not in redact.REDACTED
)
NAMES = st.sampled_from(
    "api_key hf_token password pwd passphrase access_key_id client_secret Cookie X-Team "
    "Authorization AccountKey auth dsn".split()
)


def as_setting(secret: str, name: str) -> dict[str, Any]:
    """A name -> settings that state the secret, one way each."""
    quoted = urllib.parse.quote(secret, safe="")
    found: dict[str, Any] = {
        "mapping": {"model": "m", name: secret},
        "deep": {"extra": [{"headers": {name: [secret]}}]},
        "list": {"tokens": [secret], "api_keys": {"a": secret}},
        "named": {"headers": [{"name": name, "value": secret}]},
        "pair": {"headers": [["n", "1"], ["X-Team", secret]]},
        "json": {"extra": json.dumps({name: secret})},
        "user": {"base_url": f"https://me:{quoted}@host/v1"},
        "user alone": {"base_url": f"git+ssh://{quoted}@host/v1"},
        "query": {"base_url": f"https://host/v1?n=1&sig={quoted}&m=2"},
        "command line": ["--model", "m", f"--{name}", secret],
    }
    if not any(c in secret for c in ",\"'"):
        found["pairs"] = f"model=m,{name}={secret},n=1"
    return found


def messages(secret: str) -> list[str]:
    """Texts of programs that came to know the secret."""
    return [
        f"no access with {secret}",
        f"no access with {secret!r}",
        json.dumps({"said": [secret]}),
        json.dumps({"said": secret}, ensure_ascii=False),
        f"GET /v1/{urllib.parse.quote(secret)}?a={urllib.parse.quote_plus(secret)}",
        textwrap.fill(f"{'no access ' * 4}with {secret}", 30, break_long_words=False),
    ]


@given(SECRETS, NAMES)
def test_a_secret_that_came_in_comes_out_nowhere(secret, name):
    for settings in as_setting(secret, name).values():
        known = redact.secrets_in(settings)
        for shown in (redact.redact(settings, known), redact.redact_text(str(settings), known)):
            assert secret not in str(shown) and secret not in json.dumps(shown, ensure_ascii=False)
        for message in messages(secret):
            clean = redact.redact_text(message, known)
            for form in (secret, repr(secret)[1:-1], json.dumps(secret)[1:-1]):
                assert " ".join(form.split()) not in " ".join(clean.split())


def test_a_server_that_repeats_what_it_was_sent_shows_no_password():
    known = redact.secrets_in({"base_url": "https://me:s%40cret-77@host/v1"})
    sent = base64.b64encode(b"me:s@cret-77").decode()
    assert redact.redact_text(f"no such user: {sent}", known) == "no such user: [redacted]"


@given(SECRETS)
def test_no_traceback_shows_a_secret(secret):
    def fail() -> None:
        try:
            raise FileNotFoundError(2, f"not with {secret}", f"/x/{secret}")
        except OSError as error:
            error.add_note(secret) if hasattr(error, "add_note") else None
            raise KeyError({"why": [secret]}) from error

    try:
        fail()
    except KeyError as error:
        redact.scrub(error, {secret})
        shown = "".join(traceback.format_exception(error))
    assert "KeyError" in shown and "FileNotFoundError" in shown
    assert secret not in shown and repr(secret)[1:-1] not in shown


@given(st.text(max_size=200))
def test_any_text_can_be_cleaned(text):
    clean = redact.redact_text(text, redact.secrets_in(text))
    assert redact.REDACTED in clean or clean == text


@pytest.mark.parametrize(
    "piece",
    ["=a", "a:", "://a", "://a:b", "a", "--a ", "x-a", "bearer ", "?a=b", "a:b@", "'", "\\", "a-",
     "a.", "pwd=", "pwd={", "pwd='", "cookie:", "{", "[", "://@", "//a:bcd", "-u a:", "basic ", "eyJaaaaaaaa.", "sk-a", "a:bcd@e"],
)  # fmt: skip
def test_a_long_text_costs_no_more_than_its_length(piece):
    def seconds(length: int) -> float:
        text = (piece * length)[:length] + "="
        best = 9.0
        for _ in range(3):
            start = time.process_time()
            redact.redact_text(text, {"abcdefgh"})
            best = min(best, time.process_time() - start)
        return best

    # 64 times as long if it were quadratic
    assert seconds(80_000) < 0.1 + 20 * seconds(10_000)
