"""The task files, against the catalog and against the harness's own index."""

import yaml

from lm_eval_generalbench import answers, catalog, metrics, paths
from lm_eval_generalbench.catalog.select import tags
from lm_eval_generalbench.harness import yamls


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


def test_what_is_reported_beside_a_metric_stands_behind_it():
    beside = [task for task in catalog.tasks().values() if metrics.metric(task.metric).beside]
    assert beside
    for task in beside:
        lines = yamls.render(task).splitlines()
        named = [x.removeprefix("  - metric: ") for x in lines if x.startswith("  - metric: ")]
        also = metrics.metric(task.metric).beside
        made = ["files"] if answers.answer(task.answer).handed_in == "file" else []
        others = ["errors"] if metrics.metric(task.metric).by_others else []
        assert named == [task.metric, *also, "unparsed", "broken", *made, *others]
