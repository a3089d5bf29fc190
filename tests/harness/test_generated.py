"""What is made from the tables is what the tables say, and one command makes it so."""

import shutil
from pathlib import Path

import pytest

from lm_eval_generalbench import catalog, cli, metrics, paths
from lm_eval_generalbench.errors import GeneralBenchError
from lm_eval_generalbench.harness import generated

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path, monkeypatch) -> Path:
    """A folder with task files, README and setup.cfg like ours, which the command takes for ours."""
    shutil.copytree(CHECKOUT / "task_yamls", tmp_path / "task_yamls")
    for name in generated.DOCUMENTS:
        shutil.copy(CHECKOUT / name, tmp_path)
    monkeypatch.setattr(paths, "task_yamls", lambda: tmp_path / "task_yamls")
    return tmp_path


def test_task_files_match_the_catalog():
    stale = generated.stale(CHECKOUT / "task_yamls")
    assert not stale, f"Run `generalbench yamls`; these differ: {stale[:3]}"


@pytest.mark.parametrize("name", generated.DOCUMENTS)
def test_a_document_beside_them_matches_the_tables(name):
    text = (CHECKOUT / name).read_text(encoding="utf-8")
    assert generated.DOCUMENTS[name](text) == text, "Run `generalbench yamls`."


def test_everything_that_differs_is_named_and_the_command_settles_it(checkout, capsys):
    (checkout / "task_yamls" / "extra.yaml").write_text("task: extra\n")
    bird = next(checkout.rglob("*bird_detection.yaml"))
    bird.write_text("task: other\n")
    (checkout / "README.md").write_text(f"# T\n{generated.BEGIN}| old |{generated.END}\nend\n")
    setup = checkout / "setup.cfg"
    setup.write_text(setup.read_text().replace("plugin:acc\n", "plugin:gone\n"))
    differ = ["README.md", "extra.yaml", f"image_comprehension/{bird.name}", "setup.cfg"]
    total = f"4 of {len(catalog.tasks()) + 2} files differed."
    for argv, status in ((["--check"], 1), (["--check"], 1), ([], 0)):
        assert cli.main(["yamls", *argv]) == status
        assert capsys.readouterr().out.splitlines() == [*differ, total]
    assert cli.main(["yamls", "--check"]) == 0
    assert bird.read_bytes() == (CHECKOUT / "task_yamls" / differ[2]).read_bytes()
    assert setup.read_bytes() == (CHECKOUT / "setup.cfg").read_bytes()
    assert not (checkout / "task_yamls" / "extra.yaml").exists()
    table = generated.markdown(generated.metric_rows())
    text = (checkout / "README.md").read_text()
    assert text == f"# T\n{generated.BEGIN}{table}{generated.END}\nend\n"


def test_task_files_are_made_where_there_are_none(tmp_path):
    folder = tmp_path / "task_yamls"
    assert len(generated.write(folder)) == len(catalog.tasks())
    assert generated.stale(folder) == []


def test_in_an_installed_package_only_task_files_are_ours(tmp_path):
    # lm_eval/tasks/generalbench has a README.md of the harness's beside it
    (tmp_path / "README.md").write_text("# Tasks of the harness\n")
    (tmp_path / "setup.cfg").write_text("[metadata]\n")
    folder = tmp_path / "generalbench"
    assert len(generated.write(folder)) == len(catalog.tasks())
    assert (tmp_path / "README.md").read_text() == "# Tasks of the harness\n"
    assert (tmp_path / "setup.cfg").read_text() == "[metadata]\n"


def test_a_checkout_without_documents_has_task_files_only(checkout):
    for name in generated.DOCUMENTS:
        (checkout / name).unlink()
    assert generated.stale() == []


def test_a_document_without_the_place_says_what_to_put_there():
    with pytest.raises(GeneralBenchError, match="README.md lacks the line <!-- metrics -->"):
        generated.readme("# Title\n")
    with pytest.raises(GeneralBenchError, match="setup.cfg has no list lm_eval.metrics"):
        generated.setup("[options.entry_points]\nlm_eval.aggregations =\n")


def test_only_the_two_lists_of_setup_cfg_are_rewritten():
    text = "[a]\nlm_eval.models =\n    x = y\nlm_eval.metrics =\nlm_eval.aggregations =\n  z\n\n[b]\nc = d\n"
    lines = generated.setup(text).splitlines()
    lists = generated.entry_points()
    kept = [
        x
        for x in lines
        if x.strip() not in {*lists["lm_eval.metrics"], *lists["lm_eval.aggregations"]}
    ]
    assert kept == [x for x in text.splitlines() if x.strip() != "z"]
    assert len(lines) - len(kept) == sum(map(len, lists.values()))


def test_a_metric_that_is_not_available_yet_is_not_registered(monkeypatch):
    missing = metrics.Metric("", "text.cider", 0, 1, "", "higher", registered=True, why="x")
    monkeypatch.setitem(metrics.METRICS, "made_up", missing)
    assert not any("made_up" in x for lines in generated.entry_points().values() for x in lines)
