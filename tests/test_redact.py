"""No secret survives in what is written."""

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
