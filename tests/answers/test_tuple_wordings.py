"""Wordings of tuples, events, slots and relations as models use them."""

import pytest

from tests.answers import field_wordings
from tests.answers.field_wordings import asked

TRI = asked(
    "tuples",
    prompt="Review: x List every triplet (aspect, opinion, sentiment); the sentiment is positive, negative or neutral.",
)
PAIR = asked(
    "tuples", prompt="Post: x. List its entities as (name, PER), (name, LOC) or (name, ORG)."
)
NERA = asked("tuples", prompt="Extract entities. Format: entity => type, separated by commas.")
DRE = asked(
    "tuples",
    prompt="Extract all relations. Format each relation as (entity1 (type1) => relation => entity2 (type2)).",
)
EV = asked("events", prompt="Which events?")
SLOT = asked(
    "slots",
    prompt="What is meant?",
    intent_label={
        "action": {
            "activate": 0,
            "deactivate": 1,
            "change language": 2,
            "increase": 3,
            "decrease": 4,
            "bring": 5,
        },
        "object": {
            "lights": 0,
            "lamp": 1,
            "music": 2,
            "volume": 3,
            "heat": 4,
            "none": 5,
            "newspaper": 6,
        },
        "location": {"none": 0, "kitchen": 1, "bedroom": 2, "washroom": 3},
    },
)
SLOT0 = asked("slots", prompt="What is meant?")
REL = asked("relations", prompt="Give the relations between the things in the image.")

WORDINGS = [
    (TRI, ['(pizza, great, positive)', '(service, slow, negative)'], [
        "pizza - great - positive\nservice - slow - negative",
        "pizza → great → positive\nservice → slow → negative",
        "{pizza, great, positive}, {service, slow, negative}",
        "aspect | opinion | sentiment\npizza | great | positive\nservice | slow | negative",
        "(pizza, great, positive) (service, slow, negative)",
        "| Aspect | Opinion | Sentiment |\n| --- | --- | --- |\n| pizza | great | positive |\n| service | "
        "slow | negative |",
        "pizza -> great -> positive; service -> slow -> negative",
        "- pizza – great – positive\n- service – slow – negative",
        "{pizza, great, positive} {service, slow, negative}",
        "1. pizza → great → positive\n2. service → slow → negative",
        "(pizza - great - positive), (service - slow - negative)",
        "(pizza | great | positive), (service | slow | negative)",
        "(pizza; great; positive), (service; slow; negative)",
        "(pizza: great: positive)\n(service: slow: negative)", "pizza, great, positive | service, slow, negative",
        "Here are the triplets:\n\n(pizza, great, positive)\n(service, slow, negative)",
        "The triplets are (pizza, great, positive) and (service, slow, negative).",
        "triplets: (pizza, great, positive) (service, slow, negative)",
        "[pizza, great, positive] [service, slow, negative]",
        "pizza / great / positive\nservice / slow / negative",
        "(“pizza”, “great”, “positive”), (“service”, “slow”, “negative”)",
        "(pizza, great, positive)(service, slow, negative)",
        "1. (pizza, great, positive) 2. (service, slow, negative)",
        "Triplet 1: (pizza, great, positive)\nTriplet 2: (service, slow, negative)",
        "Triplet 1: pizza, great, positive\nTriplet 2: service, slow, negative",
        "- **pizza** - great - positive\n- **service** - slow - negative",
        "- pizza: great, positive\n- service: slow, negative",
        "- pizza (great, positive)\n- service (slow, negative)",
        "方面: pizza, 观点: great, 情感: positive\n方面: service, 观点: slow, 情感: negative",
        "Aspect: pizza; Opinion: great; Sentiment: positive. Aspect: service; Opinion: slow; Sentiment: "
        "negative.",
        "<pizza → great → positive>, <service → slow → negative>",
        "`(pizza, great, positive)`, `(service, slow, negative)`",
        "- `pizza` → `great` → `positive`\n- `service` → `slow` → `negative`",
        "{(pizza, great, positive), (service, slow, negative)}",
        "[(pizza, great, positive) (service, slow, negative)]",
        "(pizza, great, positive) and (service, slow, negative)", "(pizza，great，positive)、(service，slow，negative)",
        "\\((pizza, great, positive)\\), \\((service, slow, negative)\\)",
        "$(pizza, great, positive)$, $(service, slow, negative)$",
        "`pizza - great - positive`, `service - slow - negative`",
        "pizza\tgreat\tpositive\nservice\tslow\tnegative", "pizza--great--positive\nservice--slow--negative",
        "pizza, great, positive\n\nservice, slow, negative", "⟨pizza, great, positive⟩, ⟨service, slow, negative⟩",
        "〈pizza, great, positive〉 〈service, slow, negative〉",
        "**Triplets:**\n\n1. (pizza, great, positive)\n2. (service, slow, negative)",
        "<answer>(pizza, great, positive) (service, slow, negative)</answer>",
        "以下是提取的三元组：\n(pizza, great, positive)\n(service, slow, negative)",
        "- **Aspect**: pizza, **Opinion**: great, **Sentiment**: positive\n- **Aspect**: service, "
        "**Opinion**: slow, **Sentiment**: negative",
        "```\npizza - great - positive\nservice - slow - negative\n```",
        "(pizza, great, positive), (service, slow, negative)\n\nThe price is not mentioned.",
    ]),
    (TRI, ['(pizza, great, positive)'], [
        "pizza - great - positive", "pizza → great → positive", "pizza -> great -> positive",
        "{pizza, great, positive}", "(pizza, great, positive)", "pizza | great | positive",
        "pizza, great, positive", "Triplet: pizza, great, positive",
        "aspect: pizza, opinion: great, sentiment: positive", "The triplet is (pizza, great, positive).",
        "The only triplet is pizza - great - positive.", "- pizza, great, positive", "(pizza → great → positive)",
    ]),
    (TRI, [], [
        "No triplets.", "There are no triplets in this review.", "该评论中没有三元组。", "none",
        "No (aspect, opinion, sentiment) triplets are found.", "[]", "{}", "()",
    ]),
    (TRI, None, [
        "I'm sorry, I can't extract triplets from this review.", "The review is positive overall.",
        "No puedo ayudar con eso.", "Je ne peux pas répondre à cette question.",
        "I'm sorry, I can't help with that.", "抱歉，我无法完成这个任务。", "Lo siento, no puedo ayudar con eso.",
        "Désolé, je ne peux pas répondre.", "As an AI model, I cannot process audio or video.",
    ]),
    (PAIR, ['(Mara, PER)', '(Lindau, LOC)'], [
        "Mara - PER, Lindau - LOC", "Mara: PER\nLindau: LOC", "Mara → PER, Lindau → LOC",
        "Mara (PER), Lindau (LOC)", "| Entity | Type |\n|---|---|\n| Mara | PER |\n| Lindau | LOC |",
        "Mara | PER\nLindau | LOC", "{Mara, PER}, {Lindau, LOC}", "{\"Mara\": \"PER\", \"Lindau\": \"LOC\"}",
        "Mara: PER, Lindau: LOC", "PER: Mara\nLOC: Lindau", "(Mara, PER) (Lindau, LOC)",
        "- Mara (PER)\n- Lindau (LOC)", "Mara => PER, Lindau => LOC", "**Mara** – PER\n**Lindau** – LOC",
        "(Mara, PER)\n(Lindau, LOC)\n\nThese are all the entities.", "Entities: (Mara, PER), (Lindau, LOC)",
        "{\"PER\": [\"Mara\"], \"LOC\": [\"Lindau\"]}", "Mara, PER\nLindau, LOC", "Mara，PER；Lindau，LOC",
        "[Mara, PER]; [Lindau, LOC]", "Mara [PER], Lindau [LOC]",
        "[{\"entity\": \"Mara\", \"type\": \"PER\"}, {\"entity\": \"Lindau\", \"type\": \"LOC\"}]",
        "Mara ➜ PER\nLindau ➜ LOC",
    ]),
    (NERA, ['Mara => PER', 'Lindau => LOC'], [
        "Mara -> PER, Lindau -> LOC", "Mara → PER\nLindau → LOC", "(Mara, PER), (Lindau, LOC)",
        "Mara: PER\nLindau: LOC", "Mara - PER\nLindau - LOC", "Mara (PER), Lindau (LOC)",
        "| entity | type |\n|---|---|\n| Mara | PER |\n| Lindau | LOC |", "Mara => PER\nLindau => LOC",
        "- Mara => PER\n- Lindau => LOC",
    ]),
    (DRE, ['(Speaker 2 (PER) => per:alternate_names => Mon (PER))', '(Speaker 3 (PER) => per:friends => Ann (PER))'], [
        "(Speaker 2 (PER) => per:alternate_names => Mon (PER)), (Speaker 3 (PER) => per:friends => Ann (PER))",
        "(Speaker 2 (PER) -> per:alternate_names -> Mon (PER)), (Speaker 3 (PER) -> per:friends -> Ann (PER))",
        "Speaker 2 (PER) → per:alternate_names → Mon (PER)\nSpeaker 3 (PER) → per:friends → Ann (PER)",
        "(Speaker 2 (PER), per:alternate_names, Mon (PER))\n(Speaker 3 (PER), per:friends, Ann (PER))",
        "(Speaker 2 (PER) => per:alternate_names => Mon (PER)) (Speaker 3 (PER) => per:friends => Ann (PER))",
        "1. (Speaker 2 (PER) => per:alternate_names => Mon (PER))\n2. (Speaker 3 (PER) => per:friends => "
        "Ann (PER))",
        "Speaker 2 (PER) - per:alternate_names - Mon (PER)\nSpeaker 3 (PER) - per:friends - Ann (PER)",
        "| Entity1 | Relation | Entity2 |\n|---|---|---|\n| Speaker 2 (PER) | per:alternate_names | Mon "
        "(PER) |\n| Speaker 3 (PER) | per:friends | Ann (PER) |",
        "Speaker 2 (PER) => per:alternate_names => Mon (PER)\nSpeaker 3 (PER) => per:friends => Ann (PER)",
    ]),
    (EV, ['attack|bombing'], [
        "Trigger: bombing / Type: Attack", "Event type: Attack, trigger word: bombing",
        "Event: Attack\nTrigger: bombing", "Trigger: bombing\nEvent type: Attack",
        "Type = Attack; Trigger = bombing", "Attack (trigger: bombing)", "bombing => Attack",
        "The event is of type Attack and its trigger is \"bombing\".", "Event Type: Attack | Trigger: bombing",
        "**Event Type:** Attack\n**Trigger Word:** bombing", "事件类型：Attack，触发词：bombing",
        "触发词: bombing\n事件类型: Attack", "Trigger word \"bombing\" → Attack", "bombing -> Attack", "bombing → Attack",
        "Event 1: Attack, trigger: bombing", "Event 1:\n- Type: Attack\n- Trigger: bombing",
        "An Attack event triggered by \"bombing\".", "The word \"bombing\" triggers an Attack event.",
        "| Event Type | Trigger |\n|---|---|\n| Attack | bombing |",
        "| Trigger word | Event |\n|---|---|\n| bombing | Attack |",
        "{\"event_type\": \"Attack\", \"trigger_word\": \"bombing\"}",
        "[{\"Event Type\": \"Attack\", \"Trigger\": \"bombing\"}]",
        "{\"eventType\": \"Attack\", \"trigger\": \"bombing\"}",
        "[{\"type\": \"Attack\", \"trigger_text\": \"bombing\", \"arguments\": []}]",
        "Event: Attack; Trigger word: bombing; Arguments: none", "Event type: Attack - Trigger: bombing",
        "- Attack: trigger \"bombing\"", "Type: Attack\nTrigger: bombing\nArguments: None",
        "```json\n[{\"event\": \"Attack\", \"trigger\": \"bombing\", \"arguments\": {}}]\n```",
        "**Event Type**: Attack\n**Trigger**: \"bombing\"\n**Arguments**: None",
        "The speech reports one event:\n- Event type: Attack\n- Trigger: bombing",
    ]),
    (EV, ['attack|attacker|the rebels', 'attack|bombing'], [
        "Event type: Attack, trigger word: bombing, Attacker: the rebels",
        "Event type: Attack\nTrigger word: bombing\nArguments:\n- Attacker: the rebels",
        "Trigger: bombing\nType: Attack\nAttacker: the rebels",
        "Event Type: Attack\nTrigger: bombing\nArguments: Attacker = the rebels",
        "Event: Attack\nTrigger: bombing\nArguments:\n  * **Attacker**: the rebels",
        "{\"type\":\"Attack\",\"trigger\":\"bombing\",\"arguments\":{\"Attacker\":\"the rebels\"}}",
        "Event: Attack | Trigger: bombing | Attacker: the rebels",
        "事件类型：Attack\n触发词：bombing\n论元：Attacker：the rebels",
        "Event: Attack (trigger: bombing)\nAttacker: the rebels",
    ]),
    (EV, ['attack|bombing', 'die|killed'], [
        "Trigger: bombing / Type: Attack\nTrigger: killed / Type: Die",
        "1. Event type: Attack, trigger word: bombing\n2. Event type: Die, trigger word: killed",
        "bombing -> Attack\nkilled -> Die", "Event 1: Attack\nTrigger: bombing\n\nEvent 2: Die\nTrigger: killed",
    ]),
    (EV, [], [
        "No events are reported.", "There are no events in this speech.", "None", "没有事件。",
        "No event is mentioned.", "[]",
    ]),
    (EV, None, [
        "I'm sorry, I can't listen to audio.", "Somebody talks about the weather.", "抱歉，我无法听音频。",
        "The speaker says that the event was bombed.", "Type: unclear", "I'm sorry, I can't help with that.",
        "抱歉，我无法完成这个任务。", "Lo siento, no puedo ayudar con eso.", "Désolé, je ne peux pas répondre.",
        "As an AI model, I cannot process audio or video.",
    ]),
    (SLOT, ['activate', 'lights', 'kitchen'], [
        "activate lights kitchen", "action=activate, object=lights, location=kitchen",
        "activate the lights in the kitchen", "The intent is to activate the lights in the kitchen.",
        "Activate Lights Kitchen", "activate - lights - kitchen", "activate | lights | kitchen",
        "activate -> lights -> kitchen", "activate/lights/kitchen", "(activate, lights, kitchen)",
        "intent: activate lights kitchen", "action=activate; object=lights; location=kitchen",
        "action = \"activate\", object = \"lights\", location = \"kitchen\"",
        "The user wants to activate the lights in the kitchen.", "activate_lights_kitchen",
        "Action is activate, object is lights, location is kitchen",
        "{action: activate, object: lights, location: kitchen}",
        "Action: activate Object: lights Location: kitchen", "动作=activate，对象=lights，位置=kitchen",
        "The command is to activate (action) the lights (object) in the kitchen (location).",
        "Action → activate\nObject → lights\nLocation → kitchen",
        "action(activate), object(lights), location(kitchen)",
        "action: activate / object: lights / location: kitchen", "activate(lights, kitchen)",
        "The speaker asks to activate lights in the kitchen.",
        "1. Action: activate\n2. Object: lights\n3. Location: kitchen",
        "<action>activate</action><object>lights</object><location>kitchen</location>",
        "Intent: activate, Target: lights, Place: kitchen", "Verb: activate; Device: lights; Room: kitchen",
        "The intent is: action: activate, object: lights, location: kitchen.",
        "**Action**: activate  \n**Object**: lights  \n**Location**: kitchen",
        "用户想要 activate lights，位置是 kitchen。动作：activate，对象：lights，位置：kitchen",
        "<answer>activate, lights, kitchen</answer>",
    ]),
    (SLOT, ['change language', 'none', 'none'], [
        "change language none none", "change language, none, none",
        "action=change language, object=none, location=none", "The user wants to change the language.",
        "change language", "Action: change language. No object or location is specified.",
    ]),
    (SLOT, ['increase', 'volume', 'none'], [
        "increase volume none", "increase volume", "increase the volume",
        "The action is increase, the object is volume, and no location is given.",
        "Action: increase, Object: volume", "The user wants to increase the volume; no location is mentioned.",
        "action: increase, object: volume, location: not specified",
    ]),
    (SLOT0, ['activate', 'lights', 'kitchen'], [
        "activate lights kitchen", "action=activate, object=lights, location=kitchen",
        "activate - lights - kitchen", "activate | lights | kitchen", "(activate, lights, kitchen)",
        "Action: activate Object: lights Location: kitchen",
    ]),
    (SLOT0, None, [
        "turn on the lights", "Lights!", "I cannot hear it", "It is loud", "I don't know", "What a command",
        "the lights are on", "not sure about", "Turn it on.",
    ]),
    (SLOT, None, [
        "Lights!", "I cannot hear the audio.", "抱歉，我听不到音频。", "The speaker is talking.",
        "It could be activate or deactivate lights in the kitchen.", "No puedo escuchar el audio.",
        "Please activate your microphone.", "I'm sorry, I can't help with that.", "抱歉，我无法完成这个任务。",
        "Lo siento, no puedo ayudar con eso.", "Désolé, je ne peux pas répondre.",
        "As an AI model, I cannot process audio or video.",
    ]),
    (REL, [('person', 'rides', 'horse'), ('dog', 'near', 'tree')], [
        "person - rides - horse\ndog - near - tree", "rides(person, horse)\nnear(dog, tree)",
        "rides(person, horse), near(dog, tree)", "person --rides--> horse\ndog --near--> tree",
        "person -[rides]-> horse\ndog -[near]-> tree", "(person, rides, horse) (dog, near, tree)",
        "person, rides, horse\ndog, near, tree",
        "| Subject | Relation | Object |\n|---|---|---|\n| person | rides | horse |\n| dog | near | tree |",
        "Subject: person, Relation: rides, Object: horse\nSubject: dog, Relation: near, Object: tree",
        "1. person -> rides -> horse\n2. dog -> near -> tree", "{person, rides, horse}, {dog, near, tree}",
        "person → rides → horse; dog → near → tree", "person;rides;horse\ndog;near;tree",
        "person - rides - horse, dog - near - tree",
        "- **person** - rides - **horse**\n- **dog** - near - **tree**",
        "(person - rides - horse), (dog - near - tree)", "[person, rides, horse], [dog, near, tree]",
        "主语：person，关系：rides，宾语：horse\n主语：dog，关系：near，宾语：tree", "person / rides / horse\ndog / near / tree",
        "<person> <rides> <horse>\n<dog> <near> <tree>", "rides(person, horse); near(dog, tree).",
        "Subject: person\nPredicate: rides\nObject: horse\n\nSubject: dog\nPredicate: near\nObject: tree",
        "(\"person\", \"rides\", \"horse\"), (\"dog\", \"near\", \"tree\")",
        "`person` - `rides` - `horse`\n`dog` - `near` - `tree`", "person—rides—horse\ndog—near—tree",
        "```\nperson - rides - horse\ndog - near - tree\n```", "1. (person, rides, horse)\n2. (dog, near, tree)",
        "(person; rides; horse), (dog; near; tree)",
    ]),
    (REL, [('person', 'rides', 'horse')], [
        "person - rides - horse", "rides(person, horse)", "(person, rides, horse)", "person → rides → horse",
    ]),
    (PAIR, None, [
        "I'm sorry, I can't help with that.", "抱歉，我无法完成这个任务。", "Lo siento, no puedo ayudar con eso.",
        "Désolé, je ne peux pas répondre.", "As an AI model, I cannot process audio or video.",
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("document", "wanted", "reply"), field_wordings.each(WORDINGS))
def test_a_reply_is_read_as_a_person_reads_it(document, wanted, reply):
    field_wordings.check(document, wanted, reply)
