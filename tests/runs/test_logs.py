"""The reader of sample logs: which lines count, where logs lie, and what is said of the rest."""

import itertools
import json

import pytest

from lm_eval_generalbench import catalog
from lm_eval_generalbench.errors import BadResults
from lm_eval_generalbench.runs import logs
from tests.runs.factories import document, line, write

ID = "L-1.2"
TASK = catalog.task(ID)
TIME = "2026-01-02T03-04-05.000006"


def save(folder, lines):
    return write(folder / f"samples_{TASK.name}_{TIME}.jsonl", lines)


def without(id, key):
    doc = document(ID, id)
    del doc[key]
    return line(ID, id, "A") | {"doc": doc}


# Which lines count


def test_replies_are_read_in_the_order_of_the_log(tmp_path):
    read = logs.replies(save(tmp_path, [line(ID, "b", "B"), line(ID, "a", "A")]), TASK)
    assert (list(read.given.items()), read.problems) == ([("b", "B"), ("a", "A")], [])


def test_a_reply_is_what_was_scored_and_is_text(tmp_path):
    given = [
        line(ID, "filtered", filtered_resps=["B"], resps=[["so B"]]),
        line(ID, "raw", filtered_resps=[], resps=[["C"]]),
        line(ID, "json", filtered_resps=[{"a": "é"}]),
    ]
    assert logs.replies(save(tmp_path, given), TASK).given == {
        "filtered": "B",
        "raw": "C",
        "json": '{"a": "é"}',
    }


@pytest.mark.parametrize(
    "torn", ['{"doc_id": 3, "doc": {"gb_ta', "[1]", "null", "[" * 100_000, "\x00"]
)
@pytest.mark.parametrize("first", [True, False])
def test_torn_lines_are_left_out_and_counted_wherever_they_are(tmp_path, torn, first):
    lines = [torn, line(ID, "a", "A")] if first else [line(ID, "a", "A"), torn]
    read = logs.replies(save(tmp_path, lines), TASK)
    assert read.given == {"a": "A"}
    assert read.problems[0].endswith(": 1 line cannot be read; it is left out.")


@pytest.mark.parametrize(
    "odd, why",
    [
        (line("L-2.1", "a", "Z"), "are of L-2.1"),
        (line(ID, "a", "Z", doc={"gb_task": "\x1b[2Jevil"}), "are of no General-Bench task"),
        ({"doc_id": 1, "doc": {"q": "?"}, "filtered_resps": ["Z"]}, "are of no General-Bench task"),
        ({}, "are of no General-Bench task"),
        (without("a", "files"), "have no usable files"),
        (line(ID, "a", "Z", doc={"target": "no JSON"}), "have no usable target"),
        (line(ID, "a", "Z", doc={"options": "{}"}), "have no usable options"),
        (line(ID, "a", "Z", doc={"extra": "[" * 100_000}), "have no usable extra"),
        (line(ID, "a", "Z", doc={"answer": "telepathy"}), "have no usable answer"),
        (line(ID, "a", "Z", resps=[], filtered_resps=None), "have no usable reply"),
    ],
)
def test_lines_of_other_tasks_or_without_something_are_left_out_and_named(tmp_path, odd, why):
    lines = [line(ID, "a", "A"), odd, odd, "{"]
    read = logs.replies(save(tmp_path, lines), TASK)
    assert read.given == {"a": "A"}
    assert read.problems[0].endswith(f": 1 line cannot be read, 2 {why}; they are left out.")


def test_of_a_document_that_is_there_twice_the_last_whole_line_counts(tmp_path):
    torn = json.dumps(line(ID, "a", "D"))[:-3]
    path = save(tmp_path, [line(ID, "a", "A"), line(ID, "b", "B"), line(ID, "a", "C"), torn])
    read = logs.replies(path, TASK)
    assert read.given == {"a": "C", "b": "B"}
    assert read.problems[1].endswith(": 1 document is there twice, such as a; the last counts.")


def test_two_records_of_one_id_are_two_documents_numbered_like_those_of_the_data_set(tmp_path):
    lines = [
        line(ID, "7", "C", doc_id=9),
        line(ID, "7", "A", doc_id=0),
        line(ID, "8", "B", doc_id=1),
    ]
    read = logs.replies(save(tmp_path, [*lines, line(ID, "7#1", "D", doc_id=3)]), TASK)
    assert (read.given, read.problems) == ({"7": "A", "7#2": "C", "8": "B", "7#1": "D"}, [])


def test_positions_of_any_type_give_names(tmp_path):
    keys = [("a", "x"), ("a", None), ("a", 2), ("a", "")]
    assert set(logs.named(keys).values()) == {"a", "a#1", "a#2", "a#3"}
    assert logs.named([("a", None)]) == {("a", None): "a"}


def test_of_several_filters_the_one_that_changes_nothing_is_read_else_the_first(tmp_path):
    plain = [line(ID, id, "A") for id in "ab"]
    strict = [line(ID, id, "B", filter="strict") for id in "abc"]
    loose = [line(ID, id, "C", filter="loose") for id in "abd"]
    for given, expected in (
        ([*strict, *plain, *loose], {"a": "A", "b": "A"}),
        ([*plain, *strict], {"a": "A", "b": "A"}),
        ([*strict, *loose], {"a": "B", "b": "B", "c": "B"}),
    ):
        assert logs.replies(save(tmp_path, given), TASK) == (expected, [], "")
        index = logs.index(save(tmp_path, given), TASK, most=2)
        assert list(index.places) == ["a", "b"]
        read = [one.reply for one in logs.at(save(tmp_path, given), TASK, index.places)]
        assert read == [expected["a"], expected["b"]]


# Reading in parts


def texts(path, task, places):
    return [one.reply for one in logs.at(path, task, places)]


def test_an_index_finds_the_line_that_counts_of_every_document(tmp_path):
    path = save(tmp_path, ["{", line(ID, "b", "B"), line(ID, "a", "A"), line(ID, "b", "C"), "{"])
    places, said = logs.index(path, TASK)
    assert list(places) == ["b", "a"] and texts(path, TASK, places) == ["C", "A"]
    assert texts(path, TASK, {"a": places["a"]}) == ["A"]
    assert said == logs.replies(path, TASK).problems and len(said) == 2


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("id", ["a", 'ö/\\"\u2028', "模型", "\ud800"])
def test_the_first_documents_have_their_last_lines_without_all_being_parsed(
    tmp_path, monkeypatch, id, plain
):
    more = [line(ID, f"x{number}", "X", doc_id=number) for number in range(2, 50)]
    given = [line(ID, id, "A"), line(ID, "b", "B", doc_id=1), *more, line(ID, id, "C")]
    path = save(tmp_path, [json.dumps(one, ensure_ascii=plain) for one in given[:0]])
    written = "".join(json.dumps(one, ensure_ascii=plain) + "\n" for one in given)
    path.write_bytes(written.encode("utf-8", "surrogatepass"))
    parsed = []
    original = logs._json
    monkeypatch.setattr(logs, "_json", lambda text: parsed.append(1) or original(text))
    places, _ = logs.index(path, TASK, most=2)
    assert len(parsed) == 3
    assert list(places) == [id, "b"] and texts(path, TASK, places) == ["C", "B"]
    assert list(logs.index(path, TASK).places)[:2] == [id, "b"]


def test_a_log_that_changed_since_it_was_indexed_is_an_error_of_one_line(tmp_path):
    path = save(tmp_path, [line(ID, "a", "A")])
    places, _ = logs.index(path, TASK)
    save(tmp_path, ["{}"])
    with pytest.raises(BadResults, match="changed while it was read"):
        texts(path, TASK, places)


@pytest.mark.parametrize("size", [1, 100, 1000, 10**6])
def test_pieces_of_any_size_hold_every_line_once(tmp_path, size):
    given = ["{", *(line(ID, f"{i}", "A" * 7 * i) for i in range(30)), "", "}"]
    path = save(tmp_path, given)
    path.write_bytes(path.read_bytes().rstrip(b"\n"))  # the last line has no end
    left = logs.Left()
    cuts = [*logs.cuts(path, size), None]
    found = [
        sample.doc["id"]
        for start, end in itertools.pairwise(cuts)
        for sample in logs.samples(path, TASK, left, start, end)
    ]
    assert found == [f"{i}" for i in range(30)] and left.torn == 2
    assert len(cuts) > 20 or size >= 1000


def test_a_line_without_an_end_does_not_fill_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(logs, "LONGEST", 1000)
    path = save(tmp_path, [line(ID, "a", "A"), "x" * 5000, line(ID, "b", "B"), "y" * 999])
    read = logs.replies(path, TASK)
    assert list(read.given) == ["a", "b"] and "2 lines cannot be read" in read.problems[0]
    assert max(map(len, (text for _, text in logs.lines(path)))) <= 1000
    assert logs.cuts(path, 2000) == [0, path.read_bytes().rindex(b"\n{") + 1]


def test_a_file_that_cannot_be_read_is_an_error_of_one_line(tmp_path):
    for reader in (logs.replies, logs.index):
        with pytest.raises(BadResults, match="nowhere cannot be read: No such file"):
            reader(tmp_path / "nowhere", TASK)


# Where logs lie


def test_logs_are_found_by_the_names_of_both_harnesses_and_else_by_what_they_hold(tmp_path):
    names = (
        f"b/samples_{TASK.name}_2026-01-01T00-00-00.jsonl",
        f"a/20250101_000000_samples_{TASK.name}.jsonl",
        "c/my_samples_of_today.jsonl",
    )
    for name in names:
        write(tmp_path / name, ["{", {"doc": {"gb_task": 3}}, line(ID, "a", "A")])
    write(tmp_path / f".samples_{TASK.name}_{TIME}.jsonl.part", [])
    write(tmp_path / f".samples_{TASK.name}_{TIME}.jsonl", [])
    write(tmp_path / "samples_hellaswag_2026-01-01T00-00-00.jsonl", [{"doc": {"q": 1}}])
    found, said = logs.find(tmp_path)
    assert {one.task.id for one in found} == {ID}
    assert [str(one.path.relative_to(tmp_path)) for one in found] == [names[1], names[0], names[2]]
    assert [one.time for one in found][:2] == ["2025-01-01T00-00-00", "2026-01-01T00-00-00"]
    assert len(said) == 1 and "hellaswag" in said[0] and "no sample log" in said[0]
    other = write(tmp_path / "renamed.jsonl", [line(ID, "a", "A")])
    assert [one.path for one in logs.find(other)[0]] == [other]


def test_a_log_lies_beside_its_results_file_under_the_same_time(tmp_path):
    log = save(tmp_path, [line(ID, "a", "A")])
    results = write(tmp_path / f"results_{TIME}.json", [])
    assert logs.beside(str(results), TASK) == log and logs.results_beside(log) == results
    assert logs.beside(str(tmp_path / "results_2026-01-02T00-00-00.json"), TASK) is None
    assert logs.beside(str(tmp_path / "table.csv"), TASK) is None
    other = write(tmp_path / f"20260101_000000_samples_{TASK.name}.jsonl", [])
    results = write(tmp_path / "20260101_000000_results.json", [])
    assert logs.beside(str(results), TASK) == other and logs.results_beside(other) == results
    results.unlink()
    assert logs.results_beside(other) is None
