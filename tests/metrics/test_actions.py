"""Which of Kinetics' 400 actions a record asks for."""

import json

import pytest

from lm_eval_generalbench import answers, catalog, scoring
from lm_eval_generalbench.errors import BadData
from lm_eval_generalbench.loaders.documents import Settings, documents
from lm_eval_generalbench.metrics import actions
from lm_eval_generalbench.metrics.generated import Reference
from tests.factories import folder_of, write_task


def of_prompt(text: str) -> str:
    return actions.wanted(Reference(prompt=text))


def test_there_are_400_classes_that_only_their_numbers_tell_apart():
    names = actions.names()
    assert len(names) == len(set(map(actions._plain, names))) == 400
    # as VBench's list numbers them
    assert (names[0], names[1], names[2]) == ("riding a bike", "marching", "dodgeball")


@pytest.mark.parametrize("sentence", ["A person is {}", "a person is {}.", "{}", "{} at night"])
def test_every_class_is_told_by_its_name(sentence: str):
    alone = sentence == "{} at night"  # where a class of one word may mean something else
    for name in actions.names():
        if not alone or " " in name:
            assert of_prompt(sentence.format(name)) == name


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("A man plays the guitar on a stage.", "playing guitar"),
        ("A girl rides her bike through the rain", "riding a bike"),
        ("a woman cuts a watermelon", "cutting watermelon"),
        ("Someone is washing the dishes in slow motion", "washing dishes"),
        ("Two people kissing, oil painting", "kissing"),
        ("People are practicing yoga", "yoga"),
        ("A person is arm wrestling", "arm wrestling"),
        ("A person is drinking beer", "drinking beer"),
    ],
)
def test_other_forms_of_its_words_tell_a_class_too(prompt: str, name: str):
    assert of_prompt(prompt) == name


@pytest.mark.parametrize(
    "prompt",
    [
        "An architectural drawing with various measurements",
        "A bowling ball on a table",
        "A person is alligator wrestling",  # of Kinetics-700
        "A worker repairing a red chimney.",
        "He is not smoking",
        "",
    ],
)
def test_a_prompt_that_tells_of_no_class_is_the_datas_fault(prompt: str):
    with pytest.raises(BadData, match="names no action of Kinetics-400"):
        of_prompt(prompt)


def test_two_classes_in_one_prompt_are_the_datas_fault():
    with pytest.raises(
        BadData, match=r"several actions of Kinetics-400 \(singing and playing guitar"
    ):
        of_prompt("A man is playing guitar while a woman is singing")


def test_a_field_that_names_the_action_decides():
    known = Reference(prompt="A person is laughing", fields={"action": ("Riding a bike.",)})
    assert actions.wanted(known) == "riding a bike"
    with pytest.raises(BadData, match="'acting in play' is no action of Kinetics-400"):
        actions.wanted(known._replace(fields={"action": ("acting in play",)}))
    told = Reference(prompt="A scene", fields={"category": ("Sports",), "label": ("archery",)})
    assert actions.wanted(told) == "archery"
    assert actions.wanted(Reference(text=("tai chi",), prompt="A person moves slowly")) == "tai chi"


@pytest.mark.parametrize(
    ("given", "output", "name"),
    [
        ({"prompt": "A person is clapping"}, {}, "clapping"),
        ({"prompt": "A scene.", "action": "sword fighting"}, {}, "sword fighting"),
        ({"prompt": "A scene."}, {"label": "sword fighting"}, "sword fighting"),
        ({"prompt": "A scene."}, "sword fighting", "sword fighting"),
        ({"prompt": "A scene.", "class": "sword fighting"}, {}, "sword fighting"),
        ({"prompt": "A tall building at dusk"}, {}, ""),
    ],
)
@pytest.mark.parametrize("reply", ["", "no file"])
def test_a_record_is_broken_whatever_was_answered(tmp_path, given, output, name, reply):
    task = catalog.find("V-G-3.1")
    assert task is not None
    write_task(tmp_path / folder_of(task.id), [{"id": "1", "input": given, "output": output}])
    (doc,) = documents(task, tmp_path.resolve(), Settings())
    target = answers.function(answers.answer(doc["answer"]).target)

    known = target(json.loads(doc["target"]), doc)
    if name:
        assert actions.wanted(known) == name
    else:
        with pytest.raises(BadData):
            actions.wanted(known)
    found = scoring.process_results(doc, [reply])
    assert found["broken"] == (not name)
    assert found.get("human_action") == (0.0 if name else None)
