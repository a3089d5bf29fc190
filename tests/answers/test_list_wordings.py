"""Wordings of labels, ranks and orders as models use them."""

import pytest

from lm_eval_generalbench import answers
from tests.answers import field_wordings
from tests.answers.field_wordings import asked

FOOD = asked(
    "labels",
    "food",
    "service",
    "price",
    "ambience",
    prompt="Review: x. Which of the categories food, service, price and ambience does it speak of? Separate them by commas.",
)
OPEN = asked("labels", prompt="Extract the aspect terms from the review, separated by commas.")
PER = asked("labels", prompt="Extract all persons in the text.")
EMO = asked("sorted_labels", "happy", "sad", "angry", "neutral")
NOTE = asked("sorted_labels", "bright", "dark", "fast-decay", "long-release", "percussive")
OEMO = asked("sorted_labels")
ORD = asked(
    "ordering",
    prompt="Put the actions in the right order: 1. open the door 2. pour the milk 3. drink the milk 4. close the fridge",
)
ORD2 = asked("ordering", prompt="Order: 1. a box slides 2. a ball flies")
ORDL = asked(
    "ordering", prompt="Sort the clips:\nA. opening the door\nB. pouring milk\nC. drinking"
)
ORDN = asked(
    "ordering", prompt="What order?\n(1) cut the onion (2) wash the onion (3) fry the onion"
)

WORDINGS = [
    (FOOD, ['food'], [
        "It is about food only.", "It is about food, not of service, price or ambience.",
        "The review speaks of food, but not of service, price or ambience.",
        "It is about food only, not service, price, or ambience.", "Only food is mentioned.",
        "food. The price is not mentioned.",
        "The review only mentions food; service, price and ambience are not mentioned.",
        "It talks about the food. It doesn't mention service, price or ambience.",
        "food (no mention of service, price or ambience)",
        "Food is mentioned. Neither service nor price nor ambience is discussed.",
        "food, but neither service nor price",
        "The review mentions food. There is no mention of service, price, or ambience.",
        "只提到了食物(food)，没有提到service、price和ambience。", "食物 (food)，不涉及service和price。",
        "The category is food. Service, price, and ambience are not addressed.",
        "It speaks of food and nothing else.", "food - the review does not comment on service, price or ambience",
        "Food: yes. Service, price, ambience: no.",
        "**food**\n\nThe review doesn't discuss service, price, or ambience.",
        "Mentioned: food\nNot mentioned: service, price, ambience",
        "Present: food. Absent: service, price, ambience.", "food; no service, no price, no ambience",
        "The review is about food rather than service or price.",
        "Food is the only category mentioned, as nothing is said about service, price or ambience.",
        "It is about food, without any mention of the price.", "Solo habla de food, no de service ni de price.",
        "Es geht nur um food, nicht um service oder price.",
    ]),
    (FOOD, ['food', 'service'], [
        "food and service, not price or ambience",
        "The review speaks of food and service. Price and ambience are not mentioned.",
        "The review covers food and service but says nothing about price or ambience.",
        "food and service (the price is not mentioned)",
        "It mentions food, service; however, price isn't mentioned.", "food, service. I can't see the price.",
        "The categories are food and service; I don't see price or ambience.",
        "Based on the review, the categories are:\n\n- **Food**: the pasta was dull\n- **Service**: "
        "friendly waiters\n\nPrice and ambience are not discussed.",
        "<think>price? no.</think>\n\nfood, service", "### Answer\nfood, service",
        "The review speaks of **food** and **service**.", "该评论涉及 food 和 service，没有涉及 price 和 ambience。",
        "food, service\n\nThe review does not mention price or ambience.",
        "1. Food ✅\n2. Service ✅\n3. Price ❌\n4. Ambience ❌",
    ]),
    (FOOD, [], [
        "None of the categories food, service, price and ambience is mentioned.",
        "It does not speak of food, service, price or ambience.", "None of them.",
        "The review mentions none of the categories.", "Neither food nor service nor price nor ambience.",
    ]),
    (FOOD, None, [
        "I can't see the price", "抱歉，我无法看到这条评论。",
        "Lo siento, no puedo ver la reseña ni identificar las categorías.",
        "Es tut mir leid, ich kann die Kategorien nicht bestimmen.", "I cannot determine the aspects.",
        "I'm sorry, I can't help with that.", "抱歉，我无法完成这个任务。", "Lo siento, no puedo ayudar con eso.",
        "Désolé, je ne peux pas répondre.", "As an AI model, I cannot process audio or video.",
    ]),
    (OPEN, ['food'], [
        "It is about food only.", "Only food.", "The only aspect term is food.",
        "food (the price is not mentioned)", "food. The price is not mentioned.", "food, not service",
        "food, not the service or the price", "The aspect term is food, not service, price or ambience.",
        "food only", "The aspect mentioned is food; service is not mentioned.",
        "food\n\nThe price is not mentioned.", "Aspect terms: food. No others are mentioned.",
    ]),
    (OPEN, ['battery life', 'screen'], [
        "battery life, screen, but not price or weight",
        "The aspect terms are battery life and screen; the price isn't mentioned.",
        "- battery life\n- screen\n- (price is not mentioned)",
    ]),
    (OPEN, None, [
        "the price is not mentioned", "I can't see the price", "The price is not mentioned.",
        "I cannot find the text.", "The review was not provided.", "I'm sorry, I can't help with that.",
        "抱歉，我无法完成这个任务。", "Lo siento, no puedo ayudar con eso.", "Désolé, je ne peux pas répondre.",
        "As an AI model, I cannot process audio or video.",
    ]),
    (OPEN, [], [
        "No aspect terms are mentioned.", "There are no aspect terms in this sentence.",
        "The sentence does not contain any aspect terms.", "没有提到任何方面。", "The sentence contains no aspects.",
        "No aspect terms.", "The text doesn't mention any aspect.",
    ]),
    (PER, ['Ann', 'Bob Smith'], [
        "The persons mentioned are Ann and Bob Smith.", "Ann, Bob Smith (London is a location, not a person)",
        "1. Ann\n2. Bob Smith\n\nNo other persons are mentioned.", "Persons: Ann; Bob Smith",
    ]),
    (EMO, ['angry', 'happy', 'sad'], [
        "Happy is strongest, then sad, and least angry", "angry > sad > happy",
        "Angry is the strongest emotion, followed by sad and happy.", "happy, then sad, then angry",
        "1) happy 2) sad 3) angry", "Happy dominates; sad and angry are weaker.",
        "happy (strong), sad (medium), angry (weak)", "angry >> sad >> happy", "happy → sad → angry",
        "From strongest to weakest: happy, sad, angry.", "按强度排序：happy、sad、angry", "happy ≥ sad ≥ angry",
        "Sad comes first, happy second, and angry third.", "Most: happy; less: sad; least: angry",
    ]),
    (EMO, ['angry', 'sad'], [
        "Primary emotion: angry. Secondary: sad.", "Primary emotion: angry\nSecondary emotion: sad",
        "The primary emotion is angry, and the secondary one is sad.", "Primary: **angry**; Secondary: **sad**",
        "主要情绪：angry，次要情绪：sad", "angry (primary), sad (secondary)", "Mostly angry, with some sad",
        "Angry and also sad.", "The speaker sounds angry and sad, not happy.",
        "Both angry and sad apply; happy and neutral do not.", "angry/sad", "angry + sad", "angry & sad",
    ]),
    (NOTE, ['bright', 'percussive'], [
        "The note is bright and percussive.", "bright > percussive", "Bright, percussive; not dark.",
        "The note sounds bright and percussive, without a long release.", "It is a bright, percussive note.",
        "The sound has bright and percussive qualities", "该音符是 bright 和 percussive 的。",
        "Qualities: bright, percussive. It is not dark and has no fast decay.",
    ]),
    (OEMO, ['angry', 'happy', 'sad'], [
        "angry > sad > happy", "Happy is strongest, then sad, and least angry", "happy, then sad, then angry",
        "angry → sad → happy", "1. angry 2. sad 3. happy",
    ]),
    (OEMO, ['angry', 'sad'], [
        "Primary emotion: angry. Secondary: sad.", "Primary: angry\nSecondary: sad", "angry + sad", "angry/sad",
    ]),
    (ORD, ['2', '1', '4', '3'], [
        "顺序为2143", "first 2, then 1, then 4 and last 3", "Step 1: 2, Step 2: 1, Step 3: 4, Step 4: 3",
        "pour the milk -> open the door -> close the fridge -> drink the milk",
        "Pour the milk, open the door, close the fridge, drink the milk",
        "2 (pour the milk) -> 1 (open the door) -> 4 (close the fridge) -> 3 (drink the milk)",
        "1. pour the milk\n2. open the door\n3. close the fridge\n4. drink the milk",
        "First pour the milk, then open the door, then close the fridge, and finally drink the milk.",
        "2. pour the milk\n1. open the door\n4. close the fridge\n3. drink the milk", "2 → 1 → 4 → 3",
        "The order is 2143.", "正确的顺序是2143", "正确顺序是：2、1、4、3。", "首先是2，然后是1，接着是4，最后是3", "第一步：2，第二步：1，第三步：4，第四步：3",
        "First: 2. Second: 1. Third: 4. Fourth: 3.", "1st: 2, 2nd: 1, 3rd: 4, 4th: 3", "2 then 1 then 4 then 3",
        "2, followed by 1, then 4, and finally 3", "It starts with 2, then 1, 4, and ends with 3.",
        "Action 2 -> Action 1 -> Action 4 -> Action 3",
        "(2) pour the milk -> (1) open the door -> (4) close the fridge -> (3) drink the milk",
        "2. pour the milk -> 1. open the door -> 4. close the fridge -> 3. drink the milk",
        "The person first pours the milk (2), then opens the door (1), then closes the fridge (4) and "
        "lastly drinks the milk (3).",
        "[2] -> [1] -> [4] -> [3]", "2 comes first, then 1, then 4, and 3 is last.", "1. 2\n2. 1\n3. 4\n4. 3",
        "2->1->4->3\n\nExplanation: the milk is poured (2) before the door (1) opens.", "**2 → 1 → 4 → 3**",
        "2=>1=>4=>3", "2 ➜ 1 ➜ 4 ➜ 3", "2 ⟶ 1 ⟶ 4 ⟶ 3", "2;1;4;3", "2/1/4/3", "2 | 1 | 4 | 3",
        "The sequence of actions is: 2 -> 1 -> 4 -> 3.", "Order: 2-1-4-3", "先倒牛奶(2)，再开门(1)，然后关冰箱(4)，最后喝牛奶(3)",
        "2—1—4—3", "Primero 2, luego 1, después 4 y por último 3.", "Zuerst 2, dann 1, dann 4 und zuletzt 3.",
        "D'abord 2, puis 1, ensuite 4 et enfin 3.", "Answer: [2, 1, 4, 3]",
        "pour the milk (2), open the door (1), close the fridge (4), drink the milk (3)",
        "| Position | Action |\n|---|---|\n| 1 | 2 |\n| 2 | 1 |\n| 3 | 4 |\n| 4 | 3 |",
        "Step 1 → 2\nStep 2 → 1\nStep 3 → 4\nStep 4 → 3", "<think>maybe 1 first</think>2->1->4->3",
        "The correct order is: **2 -> 1 -> 4 -> 3**",
        "Based on the video:\n1. pour the milk (2)\n2. open the door (1)\n3. close the fridge (4)\n4. "
        "drink the milk (3)\n\nAnswer: 2->1->4->3",
        "\\boxed{2->1->4->3}", "视频中先倒牛奶，所以顺序是2->1->4->3。", "2 -> 1 -> 4 -> 3 (pour, open, close, drink)",
    ]),
    (ORD2, ['2', '1'], [
        "2 (the ball flies) -> 1 (it lies)", "a ball flies -> a box slides",
        "First a ball flies, then a box slides.", "2 then 1", "The ball flies first, then the box slides.", "2->1",
        "a ball flies, then a box slides", "2, 1", "A ball flies before a box slides.",
    ]),
    (ORDL, ['C', 'A', 'B'], [
        "Step 1: C, Step 2: A, Step 3: B", "C -> A -> B", "CAB", "C, A, B",
        "drinking -> opening the door -> pouring milk", "C. drinking\nA. opening the door\nB. pouring milk",
        "First C, then A, and finally B.", "The correct order is CAB.", "顺序为CAB", "C→A→B", "(C) → (A) → (B)",
        "1. C\n2. A\n3. B", "1. C. drinking\n2. A. opening the door\n3. B. pouring milk", "C > A > B", "C-A-B",
    ]),
    (ORDN, ['2', '1', '3'], [
        "wash the onion -> cut the onion -> fry the onion", "wash -> cut -> fry",
        "2: wash the onion, 1: cut the onion, 3: fry the onion",
        "1. Wash the onion\n2. Cut the onion\n3. Fry the onion", "(2) -> (1) -> (3)", "(2)(1)(3)", "(2), (1), (3)",
    ]),
    (ORD, None, [
        "I cannot tell the order.", "The man pours the milk.", "1", "Perhaps 2 or 1 comes first.",
        "In the video a person opens the door and 3 people watch.", "抱歉，我无法判断顺序。",
        "Lo siento, no puedo ver el video.", "Je ne peux pas voir la vidéo.", "The video shows 4 actions.",
        "I see 2 people and 1 door.", "I'm sorry, I can't help with that.", "抱歉，我无法完成这个任务。",
        "Lo siento, no puedo ayudar con eso.", "Désolé, je ne peux pas répondre.",
        "As an AI model, I cannot process audio or video.",
    ]),
    (OPEN, ['pasta', 'waiters'], [
        "pasta, waiters", "Aspect terms:\n1. pasta\n2. waiters", "The aspect terms are **pasta** and **waiters**.",
        "方面词：pasta、waiters", "['pasta', 'waiters']", "pasta\nwaiters\n\nNote: price is not mentioned.",
    ]),
    (EMO, ['happy', 'sad'], [
        "The dominant emotion is happy, with a hint of sad.", "Happy (70%), sad (30%)",
        "happy and sad, but not angry or neutral", "1. Happy – strongest\n2. Sad – weaker",
    ]),
    (EMO, None, [
        "I'm sorry, I can't help with that.", "抱歉，我无法完成这个任务。", "Lo siento, no puedo ayudar con eso.",
        "Désolé, je ne peux pas répondre.", "As an AI model, I cannot process audio or video.",
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("document", "wanted", "reply"), field_wordings.each(WORDINGS))
def test_a_reply_is_read_as_a_person_reads_it(document, wanted, reply):
    field_wordings.check(document, wanted, reply)


@pytest.mark.parametrize(
    ("reply", "items"),
    [
        ("Yes, food, service", ["food", "service"]),
        ("はい、食物、サービス", ["食物", "サービス"]),
        ("好的，食物、服务", ["食物", "服务"]),
        ("Sí, comida, servicio", ["comida", "servicio"]),
        ("There isn't anything to list.", []),
        ("There are not any terms to extract.", []),
    ],
)
def test_a_list_may_open_with_a_word_of_assent_and_may_be_empty(reply, items):
    assert answers.read(OPEN, reply) == items


def test_a_word_of_assent_may_be_an_option():
    assert answers.read(asked("labels", "yes", "loud", "calm"), "Yes, loud") == ["yes", "loud"]


@pytest.mark.parametrize(
    "reply", ["second -> first", "1. second -> first", "2nd -> 1st", "The second → the first."]
)
def test_an_order_may_be_one_of_ordinals(reply):
    assert answers.read(ORD2, reply) == ["2", "1"]
