"""Refusals are no answers, in any language and kind; what only sounds like one is an answer."""

import json

import pytest

from lm_eval_generalbench import answers, catalog, paths
from lm_eval_generalbench.answers import ANSWERS, refusals
from lm_eval_generalbench.loaders import folders
from lm_eval_generalbench.loaders.documents import Settings, documents
from tests.answers.questions import doc
from tests.answers.test_kinds import made, scored, value, value_of

REFUSALS = {
    "English": (
        "I'm sorry, but I can't assist with that.",
        "I cannot answer this question.",
        "I’m unable to view images.",
        "As an AI language model, I cannot process audio files.",
        "There is no image attached, so I cannot answer.",
        "I apologize, but I cannot provide an answer.\n\nPlease upload the image again.",
        "Unfortunately, I am not able to see the video you are referring to.",
        "I can't determine that from the given information.",
        "I cannot see any picture. However, if you describe it, I can help.",
        "I must decline to answer.",
        "Sorry, I cannot comply with this request.",
        "As a text-based AI, I can't view videos.",
        "You haven't shared an image.",
        "It seems you forgot to attach the image.",
        "I would need to see the image to answer.",
        "No, I cannot answer that.",
        "Yes, I can help… please upload the image.",
        "I can only process text.",
        "The image failed to load.",
        "Without seeing the image, I can't determine the answer.",
    ),
    "Chinese": (
        "抱歉，我无法回答这个问题。",
        "对不起，我看不到图片。",
        "很抱歉，我无法查看图片。请您上传图片。",
        "作为一个AI语言模型，我无法处理图像。",
        "您好，我没有足够的信息来回答。",
        "没有提供图片，无法回答。",
        "無法回答",
        "抱歉，我帮不了你。",
        "对不起，我还没有学会回答这个问题。",
        "您还没有提供图片。",
    ),
    "Spanish": (
        "Lo siento, pero no puedo ayudar con eso.",
        "No puedo ver la imagen.",
        "No se ha proporcionado ninguna imagen.",
        "Lo lamento, no tengo acceso a la imagen.",
        "No has compartido ninguna imagen.",
        "Por favor, proporciona la imagen.",
    ),
    "French": (
        "Je suis désolé, mais je ne peux pas répondre à cette question.",
        "Je ne vois pas d'image.",
        "Je n'ai pas assez d'informations pour répondre.",
        "Vous n'avez pas fourni d'image.",
        "Veuillez fournir l'image.",
    ),
    "German": (
        "Es tut mir leid, aber ich kann diese Frage nicht beantworten.",
        "Ich kann das Bild nicht sehen.",
        "Leider kann ich Ihnen dabei nicht helfen.",
        "Sie haben kein Bild hochgeladen.",
        "Bitte laden Sie das Bild hoch.",
    ),
    "Japanese": (
        "申し訳ありませんが、お答えできません。",
        "画像が添付されていません。",
        "回答できません。",
        "申し訳ございませんが、その質問には答えることができません。",
        "画像が見当たりません。",
        "画像をアップロードしてください。",
    ),
    "Russian": (
        "Извините, я не могу ответить на этот вопрос.",
        "К сожалению, я не могу помочь с этим.",
        "Вы не прикрепили изображение.",
    ),
    "Korean": (
        "죄송하지만 답변할 수 없습니다.",
        "죄송합니다만, 답변드리기 어렵습니다.",
        "이미지가 제공되지 않았습니다.",
        "이미지를 업로드해 주세요.",
    ),
    "others": ("Desculpe, mas não posso ajudar com isso.",),
}
UNSURE = (
    "I do not know.",
    "我不知道。",
    "No lo sé.",
    "Je ne sais pas.",
    "わかりません。",
    "I'm not sure.",
    "I need more information to answer.",
    "Please provide more details.",
    "我需要更多信息。",
    "더 많은 정보가 필요합니다.",
    "もっと情報が必要です。",
    "Necesito más información.",
    "J'ai besoin de plus d'informations.",
    "Ich brauche mehr Informationen.",
    "Мне нужно больше информации.",
)
UNDONE = (  # of a task, for want of a text, or by a server
    "No comment.",
    "Lamentablemente, no dispongo de información suficiente para responder.",
    "I can't make that determination with certainty. A specialist should be consulted.",
    "I apologize, but I'm not seeing any content in your message that I could work with.",
    "Nobody could tell from this alone, and neither can I.",
    "The provided input is empty, so there's nothing I can do.",
    "Hmm, tough one. I really couldn't say.",
    "Cannot be determined from what is shown.",
    "I would need to see the input to give an answer. Please share it.",
    "Could you please provide more context?",
    "Your request was flagged by our content filter.",
    "Regrettably I lack the capability to perform this kind of analysis.",
    "I won't be able to do that, sorry!",
    "Unknown.",
    "I'd rather not guess.",
    "您好，这个问题我暂时无法回答，让我们换个话题再聊聊吧。",
    '{"error": "Unable to process the input."}',
    '{"answer": "I cannot determine the answer."}',
    '["I cannot answer."]',
    "Answer: I don't know",
    "Das weiß ich nicht.",
    "I'm sorry, but I can't see the review, so I cannot name any aspects.",
    "I'm sorry, but I cannot extract the aspects without the text.",
    "Sorry, I can't extract anything from this.",
    "I cannot list the items.",
    "I am unable to name any entities, as no text was given.",
    "I'm unable to order the events because the passage is missing.",
    "Sorry, no text was provided.",
    "No review was provided.",
    "There is no text to analyze.",
    "The review is missing, so I cannot extract anything.",
    "You didn't provide the review.",
    "Please provide the text.",
    "Could you please share the review you want me to analyze?",
    "I don't have access to the review text.",
    "I apologize, but the text seems to be empty.",
    "Sorry, I was not able to find the passage.",
    "I'm sorry, I can't name them.",
    "I can't label this, sorry.",
    "Apologies, but aspects cannot be extracted without the review.",
    "I'm sorry, but without the review I can't name any aspects.",
    "As I cannot see the sentence, I cannot name its entities.",
    "Sorry, but extracting opinions is not something I can do.",
    "I won't be able to list the labels.",
    "很抱歉，我无法提取。",
    "抱歉，我无法列出任何方面。",
    "对不起，我看不到评论，所以无法提取方面。",
    "没有提供文本，无法提取实体。",
    "抱歉，无法排序。",
    "请提供评论内容。",
    "您没有提供评论。",
    "Lo siento, no puedo extraer los aspectos.",
    "No puedo enumerar las entidades sin el texto.",
    "No se ha proporcionado ningún texto.",
    "Por favor, proporciona el texto.",
    "Désolé, je ne peux pas extraire les aspects.",
    "Je ne vois pas le texte.",
    "Aucun texte n'a été fourni.",
    "Veuillez fournir le texte.",
    "Es tut mir leid, ich kann keine Aspekte nennen.",
    "Leider kann ich die Aspekte nicht extrahieren.",
    "Es wurde kein Text angegeben.",
    "申し訳ありませんが、抽出できません。",
    "テキストが提供されていません。",
    "Извините, я не могу извлечь аспекты.",
    "Текст не предоставлен.",
    "죄송합니다. 추출할 수 없습니다.",
    "텍스트가 제공되지 않았습니다.",
    "Desculpe, não posso extrair os aspectos.",
    "Mi dispiace, non posso estrarre gli aspetti.",
)
UNANSWERED = (  # what stands in place of an answer
    "No se puede determinar.",
    "No answer.",
    "No response.",
    "None of the information needed is available to me.",
    "There's no way to tell.",
    "No information available.",
    "I have none of the required tools.",
    "Something went wrong while generating the response.",
    "Error: 400 Bad Request",
    "Keine Ahnung.",
    "Keine Angabe möglich.",
    "Error code: 429 - rate limit exceeded, retry in 20 s",
    "I am not a doctor, so I cannot give a diagnosis.",
    "A clearer image would be needed.",
    "A more detailed file is required to answer this.",
    "Thanks for the question! However, I'm a text-only assistant.",
    '{"answer": ""}',
    "No lo puedo saber.",
    "No tengo esa información.",
    "Nein, das kann ich nicht.",
    "Non.. je ne sais pas.",
    "いいえ、できません。",
    "Нет данных.",
    "Yes, of course. What would you like to know?",
    "Sí, claro. ¿Puedes compartir la imagen?",
    "Ja, gerne! Bitte lade das Bild hoch.",
    "はい、もちろんです。画像をアップロードしてください。",
    "是的，我可以帮忙，请提供图片。",
    "はい、申し訳ありませんが、画像は見えません。",
    "Yes, I can help with that! Please upload the image.",
    "Kein Bild vorhanden.",
    "Keine Antwort.",
    "Keine Daten.",
    "Ich habe kein Bild erhalten.",
    "Aucune idée.",
    "没有答案",
    "没有提供图片，无法作答。",
    "Nothing I can say about this.",
    "Nothing to report, I could not load the file.",
    "Zero information given.",
    "None of us can know that.",
    "The image contains no visible information for me to analyze.",
    "One cannot tell.",
    "I need at least 1 image to answer this.",
    "是一个很好的问题，但我无法回答。",
    "Two things are missing: the image and the context.",
    "HTTP 503",
    "Request timed out after 60 seconds.",
    "No problem! Please send me the picture.",
    "I'm Qwen, created by Alibaba Cloud. I can only process text.",
    "I am LLaVA, a multimodal assistant. How can I help you today?",
    "A careful look at the image is needed, which I cannot take.",
    "I have no idea.",
    "Not sure.",
    '{"error": "Unable to process the input."}',
    "Unclear",
    "It is unclear.",
    "Undetermined",
    "Undefined",
    "未知",
    "不明です。",
    '{"result": "unknown"}',
    "The answer is unknown.",
    "The answer cannot be determined.",
    "Nicht bestimmbar.",
    "Please try again later.",
    "I'd love to help, but I can't access attachments.",
    "I wish I could help, but I can't open the video.",
    "I'm designed to be helpful and harmless, and identifying this would not be appropriate.",
    "I can neither confirm nor deny that.",
    "One would need more information.",
    "这张图片太模糊，看不清楚。",
    "The image is too blurry for me to make out anything.",
    "Let me think about it. The image is not visible to me. So I can't answer.",
    "I can't choose between the options.",
    "A, B or C? I can't decide.",
    '{"answer": null}',
    "不清楚",
    "不确定。",
    "有点难以判断。",
    "Sin respuesta.",
    "Sem resposta.",
    "Nessuna risposta.",
    "Pas de réponse.",
    "모르겠습니다.",
    "Не знаю.",
    "Hello! How can I assist you today?",
    "Of course! Could you share the audio file?",
    "¡Claro! Por favor, proporciona la imagen.",
    "当然可以！请上传图片。",
    "I would say A, B, or C depending on the image, which I cannot see.",
    "Whether something is wrong can't be judged without the picture.",
    "To count the seeds I would need the image.",
)
ALL = [refusal for refusals in REFUSALS.values() for refusal in refusals]


@pytest.fixture(scope="module")
def folders_of_kinds(tmp_path_factory):
    return {kind: tmp_path_factory.mktemp(kind) for kind in ANSWERS}


@pytest.mark.parametrize("refusal", ALL)
def test_a_refusal_is_recognised(refusal):
    assert refusals.refuses(refusal)


@pytest.mark.parametrize("kind", ANSWERS)
def test_a_refusal_is_no_answer_and_worth_nothing(kind, folders_of_kinds):
    case = made(kind, folders_of_kinds[kind])
    silent = value(case, [""] * len(case.docs))
    for refusal in (*ALL, f"<think>Hm, 3.</think>{ALL[0]}", f"<answer>{ALL[1]}</answer>"):
        assert [answers.read(doc, refusal) for doc in case.docs] == [None] * len(case.docs), refusal
    refused = scored(case, [ALL[0]] * len(case.docs))
    assert [result["unparsed"] for result in refused] == [1.0] * len(case.docs)
    assert value_of(case, refused) == silent


@pytest.mark.parametrize("kind", ANSWERS)
def test_not_to_know_is_no_answer_unless_free_text_is_asked_for(kind, folders_of_kinds):
    case = made(kind, folders_of_kinds[kind])
    for said in UNSURE:
        unparsed = {result["unparsed"] for result in scored(case, [said] * len(case.docs))}
        assert unparsed == ({0.0} if kind == "text" else {1.0}), said


@pytest.mark.parametrize("kind", ANSWERS)
def test_a_task_that_is_not_done_is_no_answer_unless_free_text_is_asked_for(kind, folders_of_kinds):
    document = made(kind, folders_of_kinds[kind]).docs[0]
    for said in (*UNDONE, *UNANSWERED):
        if kind != "text":
            assert answers.read(document, said) is None, said


@pytest.mark.parametrize(
    "said",
    [
        "No puedo extraer el diente.",
        "Please give me the text.",
        "The sentence is missing.",
        "I can't list all my friends.",
    ],
)
def test_a_sentence_about_a_text_is_an_answer_where_free_text_is_asked_for(said):
    assert answers.read(doc() | {"answer": "text"}, said) == said


@pytest.mark.parametrize(
    ("said", "items"),
    [
        ("no text, missing text", ["no text", "missing text"]),
        ("the text, the review", ["the text", "the review"]),
        ("['sorry', 'cannot extract']", ["sorry", "cannot extract"]),
    ],
)
def test_items_that_sound_like_a_refusal_are_items(said, items):
    assert answers.read(doc() | {"answer": "labels"}, said) == items


@pytest.mark.parametrize(
    "said",
    [
        *("I'm sorry, I can't come tonight.", "Sorry, I'm late.", "I'm sorry to hear that."),
        *("No, I don't know him.", "I don't know what you mean.", "Sorry. I don't know the way."),
        *("I can't tell you how happy I am.", "I can't give you a discount.", "I'm afraid not."),
        *(
            "I'm sorry, I can't hear you.",
            "A man says he cannot help.",
            "You can't see the image here.",
        ),
        *("Unfortunately, it rained.", "No problem.", "There's no video.", "none", "no defect"),
        *(
            "I can't see it, but it is a dog.",
            "I cannot be certain, but the answer is B.",
            "Not entailed",
        ),
        *(
            "I can't identify the person, but the image shows a man on a horse.",
            "The sign cannot be read.",
        ),
        *(
            "我不能来。",
            "对不起，我迟到了。",
            "Je ne peux pas venir ce soir.",
            "No puedo ir.",
            "Я не могу прийти.",
        ),
        *("Ich kann nicht kommen.", "すみません、遅れました。"),
        # https://github.com/promptfoo/promptfoo/pull/9793
        '"I cannot do that," the guard said.',
        "Without the logs, I cannot tell you exactly why it failed, but here are likely causes.",
        "As an AI engineer, I build systems.",
        # others are unable, or did not share
        "The patient is unable to see anything in the image on the left.",
        "The user is unable to open the file due to a bug.",
        "The dog is unable to hear sounds.",
        "You haven't shared a meal with us yet.",
        "The boy forgot to attach the file.",
        "The image did not move him.",
        "I need more information technology staff.",
        "We need more information about the flight.",
    ],
)
def test_what_only_sounds_like_a_refusal_is_none(said):
    assert not refusals.refuses(said, free=True)
    assert answers.read(doc() | {"answer": "text"}, said) == said


def test_a_candidate_that_sounds_like_a_refusal_is_an_answer():
    asked = doc("yes", "no", "cannot be answered") | {"answer": "label"}
    assert answers.read(asked, "Cannot be answered.") == "cannot be answered"


@pytest.mark.parametrize(
    "said",
    [
        *("not enough information", "There is not enough information.", "Insufficient information"),
        "so the label is not enough info",
        "There is not enough information to verify the claim, so the label is not enough info.",
    ],
)
def test_too_little_information_is_an_answer_where_it_is_a_candidate(said):
    for kind in ("label", "short_answer"):
        asked = doc("supports", "refutes", "not enough info") | {"answer": kind}
        assert answers.read(asked, said) == "not enough info"
        assert answers.read(asked, "I cannot see the image.") is None
    asked = doc("It rained.", "It snowed.", "Cannot be determined") | {"answer": "option"}
    assert answers.read(asked, said) == "C"
    assert answers.read(doc("supports", "refutes") | {"answer": "label"}, said) is None


def _documents(root):
    for task_id in sorted(folders.places(root).folders):
        yield from documents(catalog.task(task_id), root, Settings())


def _texts(target):
    return target if isinstance(target, list) else [target]


def _holds_no_refusal(root):
    checked = 0
    for document in _documents(root):
        found = answers.find(document, answers.perfect_reply(document))
        free = document["answer"] == "text"
        read = answers.read(document, found.answer)
        assert not found.answer or read is not None, (document["gb_task"], found.answer)
        for text in _texts(json.loads(document["target"])):
            if isinstance(text, str):
                assert not refusals.refuses(text, free), (document["gb_task"], text)
                checked += 1
    return checked


def test_no_answer_of_the_demo_sounds_like_a_refusal():
    assert _holds_no_refusal(paths.demo_root().resolve()) > 80


def test_no_answer_of_the_sample_sounds_like_a_refusal(sample_root):
    assert _holds_no_refusal(sample_root.resolve()) > 900


@pytest.mark.parametrize(
    "kind", ["text", "code", "sql", "label", "number", "final_answer", "option"]
)
@pytest.mark.parametrize(
    "said",
    [
        "I'm sorry, I can't solve this.",
        "Sorry, I can't write that query.",
        "Unfortunately I cannot compute that.",
        "Error: content filtered",
        "[ERROR] rate limit exceeded",
        "Error 429: Too many requests",
        "...",
        "I'm sorry, I can't see the image. If you describe it, I can give you a label, such as"
        ' "happy", or a box [0, 0, 10, 10].',
    ],
)
def test_apologies_errors_and_offers_are_no_answers(kind, said):
    asked = doc("happy", "sad", prompt="How many?") | {"answer": kind}
    assert answers.read(asked, said) is None


@pytest.mark.parametrize(
    "said",
    [
        "Please upload the file before Monday.",
        "Es tut mir leid.",
        "I am sorry.",
        "I'm sorry, I can't come tonight.",
        "Sorry, I can't find that street.",
        "I need more context to love it.",
        "Error: the disk is full, so he cried.",
        "If you send it, I can give you 5.",
        "Wait...",
    ],
)
def test_sentences_of_a_translation_are_no_refusals(said):
    assert answers.read(doc() | {"answer": "text"}, said) == said


@pytest.mark.parametrize("kind", ["label", "short_answer", "text", "code", "labels", "boxes"])
@pytest.mark.parametrize(
    "status",
    [
        *(
            '{"detail": "Not found"}',
            '{"error": "Service Unavailable"}',
            '{"detail": "404: Not Found"}',
        ),
        *(
            '{"message": "Internal server error"}',
            "finish_reason: content_filter",
            "Finish reason: SAFETY",
        ),
    ],
)
def test_what_a_server_says_is_no_answer(kind, status):
    assert answers.read(doc() | {"answer": kind}, status) is None


def test_details_of_a_picture_are_an_answer():
    assert answers.read(doc() | {"answer": "text"}, '{"detail": "A red car."}') == "A red car."


@pytest.mark.parametrize("kind", ["labels", "tuples", "label", "number"])
@pytest.mark.parametrize(
    "offer",
    [
        "Once you share the file, I can help.",
        "If you upload the picture, I'll describe it.",
        "As soon as you have provided the text, we can list the aspects.",
        "I was unable to find any relevant information.",
        "I couldn't find any results for this.",
    ],
)
def test_an_offer_alone_is_no_answer(kind, offer):
    assert answers.read(doc() | {"answer": kind}, offer) is None


def test_a_condition_of_what_is_asked_is_no_offer():
    said = "If you give 2 of them to Ann, 5 are left."
    assert answers.read(doc() | {"answer": "number"}, said) == 5
