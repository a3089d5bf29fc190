"""What says that there is no answer is none, whatever a kind reads; and what only looks like it is."""

import pytest

from lm_eval_generalbench import answers
from lm_eval_generalbench.answers import ANSWERS, reply
from tests.answers.questions import doc

REFUSALS = (
    "N/A",
    "?",
    "Unclear",
    "The answer is unknown.",
    "No response.",
    "None of the information needed is available to me.",
    "Keine Antwort.",
    "No tengo esa información.",
    "Nein, das kann ich nicht.",
    "いいえ、できません。",
    "はい、申し訳ありませんが、画像は見えません。",
    "Ja, gerne! Bitte lade das Bild hoch.",
    "是的，我可以帮忙，请提供图片。",
    "Error: 400 Bad Request",
    "Something went wrong while generating the response.",
    "I am not a doctor, so I cannot give a diagnosis.",
    "A clearer image would be needed.",
    "Thanks for asking! However, I'm a text-only assistant.",
    "I'd love to help, but I can't open attachments.",
    "A, B or C? I can't decide.",
    "Let me think. The image is not visible to me. So I can't answer.",
    "The answer is",
    "Answer:",
    "<answer></answer>",
    "\\boxed{}",
    "\\boxed{\\text{Cannot be determined}}",
    '{"answer": null}',
    '{"result": "unknown"}',
    '{"error": "No input."}',
    "I need at least 1 image to answer this.",
    "Two things are missing: the image and the question.",
    "A careful look at the image is needed, which I cannot take.",
    "这张图片太模糊，看不清楚。",
    "I am not in a position to judge this.",
    "It isn't possible to say from the picture alone.",
    "The information given does not suffice.",
    "My apologies, this lies outside what I can do.",
    "I have no access to the recording.",
    "There is insufficient evidence to decide.",
    "The answer is not available.",
    "No answer can be given.",
    "Not enough detail to tell.",
    "I can't be certain.",
    "It's difficult to determine the number.",
    "Answer not found.",
    "Unable to comply.",
    "HTTP 500 Internal Server Error",
    "Error: Request timed out.",
    "openai.RateLimitError: Error code: 429",
    "ERROR: model overloaded, please retry",
    "[blocked by safety filter]",
    "This content may violate our usage policies.",
    "Would you mind sharing the picture again?",
    "Please resend the file in another format.",
    "I'd need a closer look at the picture.",
    "We would need further details to answer.",
    "The picture is too dark to make anything out.",
    "The audio quality is too poor to tell.",
    "I can't decide between A and B.",
    "Both are equally plausible.",
    "It could be any of them.",
    "I'll have to pass on this one.",
    "I decline to answer that.",
    "I'm afraid I can't help here.",
    "As a language model I do not have eyes.",
    "无法回答该问题",
    "很抱歉，我看不出来。",
    "这个我不太清楚。",
    "信息太少，无法判断。",
    "请重新上传图片。",
    "系统繁忙，请稍后再试。",
    "抱歉，该内容不支持。",
    "难以确定",
    "我没有办法给出答案。",
    "No sabría decirlo.",
    "No es posible responder.",
    "No hay suficiente información.",
    "Faltan datos para responder.",
    "¿Podrías enviar la imagen otra vez?",
    "Respuesta desconocida.",
    "Error del servidor.",
    "Keine Angaben.",
    "Das lässt sich nicht sagen.",
    "Ich bin mir nicht sicher.",
    "Dazu habe ich keine Informationen.",
    "Können Sie das Bild noch einmal schicken?",
    "Nicht genügend Informationen.",
    "Je ne saurais le dire.",
    "Impossible à déterminer.",
    "Il manque des informations.",
    "Pourriez-vous envoyer l'image ?",
    "Réponse inconnue.",
    "判断できません。",
    "情報が足りません。",
    "なんとも言えません。",
    "画像を送ってください。",
    "答えは不明です。",
    "Não sei dizer.",
    "Não é possível determinar.",
    "Faltam informações.",
    "Pode enviar a imagem?",
    "Resposta desconhecida.",
    "Трудно сказать.",
    "Ответ неизвестен.",
    "Не могу определить.",
    "Недостаточно данных.",
    "Пришлите, пожалуйста, изображение.",
    "알 수 없습니다.",
    "확인할 수 없어요.",
    "정보가 부족합니다.",
    "이미지를 보내 주세요.",
    "판단하기 어렵습니다.",
)
# kinds that list things, where nothing may apply
LISTS = [kind for kind, row in ANSWERS.items() if row.without == reply.LIST]
FRUITS = ("apple", "pear", "plum", "fig")
SOUND = {"score": 0.0, "map": None}
DEFECT = {"score": 1.0, "map": None}


@pytest.mark.parametrize("said", REFUSALS)
def test_no_kind_reads_an_answer_in_what_gives_none(said):
    for kind in ANSWERS:
        asked = doc(prompt="What is to be seen here?") | {"answer": kind}
        if not (said == "N/A" and kind in LISTS):
            assert answers.read(asked, said) is None, kind


def asked(kind, *options, prompt="Q?"):
    return doc(*options, prompt=prompt) | {"answer": kind}


ANSWERED = [
    (asked("yes_no"), "No.", "no"),
    (asked("yes_no"), "No, I cannot see a crack.", "no"),
    (asked("yes_no"), "No, nothing is missing.", "no"),
    (asked("yes_no"), "Sorry, no.", "no"),
    (asked("yes_no"), "No data race.", "no"),
    (asked("yes_no"), "No evidence of pneumonia.", "no"),
    (asked("yes_no"), "Nein.", "no"),
    (asked("yes_no"), "Sí, claro.", "yes"),
    (asked("yes_no"), "Ja, es ist sichtbar.", "yes"),
    (asked("yes_no"), "是的，有。", "yes"),
    (asked("yes_no"), "没有。", "no"),
    (asked("yes_no"), "Yes, the file is missing.", "yes"),
    (asked("yes_no"), "Yes. The image is too blurry.", "yes"),
    (asked("anomaly"), "No defects.", SOUND),
    (asked("anomaly"), "Nothing is missing.", SOUND),
    (asked("anomaly"), "good", SOUND),
    (asked("anomaly"), "Pass", SOUND),
    (asked("anomaly"), "No hay defectos en la imagen.", SOUND),
    (asked("anomaly"), "A screw is missing.", DEFECT),
    (asked("anomaly"), "The label is missing.", DEFECT),
    (asked("anomaly"), "Es gibt keine Kratzer im Bild.", SOUND),
    (asked("anomaly"), "нет дефектов на изображении", SOUND),
    (asked("anomaly"), "The bottle is broken.", DEFECT),
    (asked("anomaly"), "画像に異常はありません。", SOUND),
    (asked("anomaly"), "图像中没有异常。", SOUND),
    (asked("number"), "0", 0.0),
    (asked("number"), "None.", 0.0),
    (asked("number"), "404", 404.0),
    (asked("number"), "There are none.", 0.0),
    (asked("number"), "I cannot be certain, but about 12.", 12.0),
    (asked("number"), "Hard to tell, maybe 4.", 4.0),
    (asked("number"), "No birds.", 0.0),
    (asked("number"), "429 apples", 429.0),
    (asked("option", *FRUITS), "I'm not sure, but B.", "B"),
    (asked("option", *FRUITS), "It's hard to say, but I'd go with C.", "C"),
    (asked("option", "a", "b", "c", "None of the above"), "The answer is None of the above", "D"),
    (asked("option", "It is known", "It is unknown"), "It is unknown", "B"),
    (asked("option", "x", "y", "Cannot be determined"), "It cannot be determined.", "C"),
    (asked("option", *FRUITS), "Unclear picture, but A.", "A"),
    (asked("label", "unknown", "bird", "cat"), "unknown", "unknown"),
    (asked("label", "unknown", "bird"), "The answer is unknown.", "unknown"),
    (asked("label", "unclear", "clear"), "It is unclear.", "unclear"),
    (
        asked("label", "neutral", "entailment"),
        "Neutral, because it cannot be determined from the premise.",
        "neutral",
    ),
    (asked("label", "not sure", "sure"), "not sure", "not sure"),
    (asked("label", "normal", "no idea"), "No idea.", "no idea"),
    (asked("label", "error", "ok"), "error", "error"),
    (asked("label", "blurry", "sharp"), "The image is blurry.", "blurry"),
    (asked("label", "request", "offer"), "request", "request"),
    (asked("label", "apology", "thanks"), "apology", "apology"),
    (asked("short_answer"), "none", "none"),
    (asked("short_answer"), "nothing", "nothing"),
    (asked("short_answer"), "red", "red"),
    (asked("short_answer"), "an error message", "an error message"),
    (asked("short_answer"), "a broken file", "a broken file"),
    (asked("short_answer"), "the missing key", "the missing key"),
    (asked("short_answer"), "unknown soldier", "unknown soldier"),
    (asked("short_answer"), "Not Found page", "Not Found page"),
    (asked("labels"), "none", []),
    (asked("labels"), "None.", []),
    (asked("labels"), "N/A", []),
    (asked("labels"), "No entities found.", []),
    (asked("labels"), "error, warning", ["error", "warning"]),
    (asked("labels"), "unknown, dog", ["unknown", "dog"]),
    (asked("tuples"), "(staff, unclear, negative)", ["(staff, unclear, negative)"]),
    (asked("final_answer"), "The answer is 0.", "0"),
    (asked("final_answer"), "none", "none"),
    (asked("code"), "def f():\n    return None", "def f():\n    return None"),
    (asked("code"), "raise ValueError('unknown')", "raise ValueError('unknown')"),
    (
        asked("sql"),
        "SELECT error FROM log WHERE status = 'unknown'",
        "SELECT error FROM log WHERE status = 'unknown'",
    ),
]


@pytest.mark.parametrize(("document", "said", "value"), ANSWERED)
def test_an_answer_with_such_words_is_read(document, said, value):
    assert answers.read(document, said) == value


SENTENCES = (
    "I don't know, ask Ann.",
    "I can't come tonight.",
    "No puedo ir.",
    "A man can't open the door.",
    "The sign cannot be read.",
    "We need more information about the flight.",
    "Nobody knows where she went.",
    "He could not say which way to go.",
    "There is no way to tell them apart at night.",
    "Please send the parcel to my office.",
    "Try again tomorrow.",
    "It could be any of the brothers.",
    "The request was refused by the king.",
    "The answer was blowing in the wind.",
    "Something went wrong at the mill.",
    "Two things are missing from the shelf.",
    "Thank you for your help.",
    "No comment from the mayor so far.",
    "It depends on the weather.",
    "I would need a bigger boat.",
    "The picture is too dark, she said.",
    "I have no idea what to wear.",
)
TURNS = (
    "I don't know.",
    "No comment.",
    "Unknown.",
    "I'm not sure.",
    "Who knows?",
    "It is unclear.",
)
CAPTIONS = (
    "A man cannot open a door.",
    "An unknown man stands in the rain.",
    "A blurry image of a dog.",
    "A screen shows an error message.",
    "No people are on the beach.",
    'A sign says "I can\'t help you".',
    "The mayor said that he could not answer the question.",
    "Unable to stand, the dog lies on the mat.",
    "The town has no information about the fire.",
    "KD 482",
    "unknown animal in a field",
)


@pytest.mark.parametrize("said", SENTENCES)
@pytest.mark.parametrize("prompt", ["Q?", "Translate this into English."])
def test_a_sentence_with_such_words_is_an_answer_where_text_is_asked_for(said, prompt):
    assert answers.read(asked("text", prompt=prompt), said) == said


@pytest.mark.parametrize("said", TURNS)
def test_somebody_who_does_not_know_is_answered_with(said):
    turn = asked("text", prompt="Give the next turn of this dialogue.")
    assert answers.read(turn, said) == said
    assert answers.read(asked("text", prompt="Describe the image."), said) is None
    assert answers.read(asked("code"), said) is None


@pytest.mark.parametrize("said", CAPTIONS)
def test_a_caption_with_such_words_is_an_answer(said):
    assert answers.read(asked("text", prompt="Describe the image."), said) == said
