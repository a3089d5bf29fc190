"""The task files, against the catalog and against the harness's own index."""

import yaml

from lm_eval_generalbench import catalog, metrics, paths
from lm_eval_generalbench.catalog.select import tags
from lm_eval_generalbench.harness import yamls


def test_files_match_the_catalog():
    stale = yamls.stale(paths.task_yamls())
    assert not stale, f"Run `generalbench yamls`; these differ: {stale[:3]}"


def test_harness_finds_every_task_and_nothing_else():
    # The harness skips a YAML it cannot parse, with a debug message only.
    from lm_eval.tasks import TaskManager

    manager = TaskManager(include_path=str(paths.task_yamls()), include_defaults=False)
    assert set(manager.all_subtasks) == set(catalog.tasks())
    assert not manager.all_groups
    assert set(manager.match_tasks(["generalbench_*"])) == set(catalog.tasks())


def test_tags_never_match_the_glob_of_all_tasks():
    for task in catalog.tasks().values():
        assert not any(tag.startswith("generalbench_") for tag in tags(task))


def test_a_hostile_title_stays_a_title():
    task = next(iter(catalog.tasks().values()))
    title = 'a: "b" #c\n- d: !function os.system'
    text = yamls.render(type(task)(**{**vars(task), "title": title}))

    class Loader(yaml.SafeLoader):
        pass

    Loader.add_constructor("!function", lambda loader, node: loader.construct_scalar(node))
    loaded = yaml.load(text, Loader)
    assert loaded["task_alias"] == title and loaded["task"] == task.name


def test_stale_files_are_written_and_surplus_ones_removed(tmp_path):
    assert len(yamls.write(tmp_path)) == 699
    assert yamls.stale(tmp_path) == []
    some = next(tmp_path.rglob("*bird_detection.yaml"))
    some.write_text("task: other\n")
    (tmp_path / "extra.yaml").write_text("task: extra\n")
    assert len(yamls.stale(tmp_path)) == 2
    assert len(yamls.write(tmp_path)) == 2 and yamls.stale(tmp_path) == []


def test_every_aggregation_function_exists():
    for name, metric in metrics.METRICS.items():
        if metric.available:
            assert callable(metrics.function(metric.sample)), name
        if metric.total:
            assert callable(metrics.function(metric.total)), name
