"""What a reply says around a text that was asked for: which words introduce it depends on the question.

A plate that is read, a translation, a summary, a turn of a dialogue and a masked phrase have
introductions of their own. Where the question asks for something else they are words of the answer.
"""

import re

from lm_eval_generalbench.answers.surrounding_words import open_quotes
from lm_eval_generalbench.optional import pattern

ASKED = 20_000  # characters at the end of a question that are looked at
SHORT = 5  # words of an answer that notes may follow

# --- what is asked for ---

_READING = pattern(
    r"\b(?:read|recogni[sz]e|transcribe|ocr|extract the text|(?:number|licen[cs]e|registration) plate|plate number"
    r"|handwrit\w+|what (?:text|words?|letters?|characters?|is written|does (?:it|the \w+) say))\b|识别|读出|车牌",
    re.IGNORECASE,
)
_TRANSLATING = pattern(r"\btranslat\w+|翻译|译成|译为", re.IGNORECASE)
_REWRITING = pattern(
    r"\b(?:paraphras\w+|rewrite|rephrase|caption|describe|summar\w+)\b", re.IGNORECASE
)
_SUMMARISING = pattern(r"\bsummar\w+|\btl;?dr\b|摘要|总结|概括", re.IGNORECASE)
_DESCRIBING = pattern(r"\b(?:describe|caption|description)\b|描述", re.IGNORECASE)
_TALKING = pattern(r"\b(?:dialogue|dialog|conversation|utterance|next turn)\b|对话", re.IGNORECASE)
_MASKED = pattern(r"[<\[]mask\w{0,3}[>\]]", re.IGNORECASE)
# questions whose answer is a few words
_BRIEF = pattern(
    r"\b(?:which|who|whose|when|where|how (?:many|much|old|long|far|tall|deep|often)|what (?:is|was|are|were) the"
    r"|what (?:year|name|number|colou?r|country|city|date|time|type|kind))\b[^.?!\n]{1,300}\?\W{0,4}\Z",
    re.IGNORECASE,
)

# --- what introduces it ---

_SURE = r"(?:(?:sure|certainly|of course|okay|ok|yes|好的|当然)\b[^\n:：.!?]{0,20}[!,.。！，]{1,2}\s{0,4})?"
_QUOTE = "\"“”„«»「」『』`*'"
_BEFORE = rf"\s{{0,4}}[{_QUOTE}#]{{0,3}}{_SURE}"
_COLON = r"[*_]{0,2}\s?[:：][*_]{0,2}\s{0,8}"
_WRITING = (
    r"(?:(?:(?:licen[cs]e|number|registration|vehicle|car) )?plate(?: number)?s?|text|words?|numbers?|characters?"
    r"|letters?|handwriting|writing|sign|inscription|label|(?:registration|licen[cs]e|vehicle) numbers?)"
)
# a noun for what is read, and where it stands, in a few words
_READ = (
    rf"(?:(?:the|this|visible|written|handwritten|printed|recogni[sz]ed|extracted|image|vehicle's|car's) ){{0,3}}"
    rf"{_WRITING}(?: (?:(?:shown|written|printed|displayed|visible|seen) )?(?:on|in|of|from)(?: [\w'-]{{1,20}}){{1,6}}?)?"
)
_READ_ELSEWHERE = (
    r"(?:(?:la |el |le |die |das |il |a |o |der )?(?:matrícula|placa|kennzeichen|nummernschild|texto?|zahl|plaque"
    r"|numéro|número|número de (?:la )?matrícula|immatriculation|targa|testo)(?: (?:del|de la|du|des|della|do) \w{1,20})?"
    r"|(?:на )?(?:номер|надпись|текст|номерной знак))"
)
_SAYS = r"(?:reads?|says?|is|are|shows?|displays?|states?|es|est|ist|lautet|è|é|dice|indique|—)"
_READ_COLON = pattern(
    rf"{_BEFORE}(?:{_READ}|{_READ_ELSEWHERE})(?:\s{{1,3}}{_SAYS})?{_COLON}(?P<said>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
# "it reads", "based on the image, the plate says", "the image shows a plate that reads"
_LED = (
    r"(?:(?:based on|according to|in|from) the (?:\w+ )?(?:image|picture|photo)[^,\n]{0,30}, )?"
    r"(?:(?:the|this) (?:image|picture|photo) shows (?:an?|the) )?"
)
_READ_SAID = pattern(
    rf"{_BEFORE}(?:{_LED}(?:{_READ}|{_READ_ELSEWHERE})|it|(?:the|this) (?:image|picture|photo)|i(?: can)?)"
    rf"(?: that| which)?\s{{1,3}}(?:{_SAYS}|(?<=i )read|(?<=can )read)\s{{1,3}}(?P<said>\S[^\n]{{0,200}})",
    re.IGNORECASE,
)
_READ_CJK = pattern(
    r"\s{0,4}(?:好的|当然)?[，,！!]?\s?(?:[^\s，。:：]{0,8}[的上中の])?"
    r"(?:车牌号码?|车牌|車牌(?:號碼?)?|号码|文字(?:内容)?|文本(?:内容)?|内容|字符|ナンバープレート|ナンバー|テキスト|번호판|번호"
    r"|텍스트)(?:的?(?:号码|内容)|の(?:番号|文字))?(?:显示)?"
    r"(?P<colon>(?:是|为|為|は|은|는)?\s?[:：]|是|为|為|は|은|는)\s{0,4}(?P<said>[^\n]{1,200}?)"
    r"(?:です|となっています|입니다)?[。.]?\s{0,4}",
)
_LANGUAGE = (
    r"(?:(?:(?:simplified|traditional|mandarin) )?chinese|english|french|german|spanish|italian|portuguese"
    r"|russian|japanese|korean|arabic|hindi|dutch|turkish|polish|ukrainian|vietnamese|thai|swahili|czech|danish"
    r"|swedish|norwegian|finnish|greek|hebrew|persian|urdu|bengali|tamil|telugu|indonesian|malay|tagalog|filipino"
    r"|romanian|hungarian|catalan|icelandic|nepali|sinhala|khmer|lao|burmese|pashto|amharic|yoruba|igbo|hausa"
    r"|zulu|xhosa|somali|afrikaans|welsh|irish|basque|galician)"
)
_TRANSLATION = pattern(
    rf"{_BEFORE}(?:(?:in )?{_LANGUAGE}(?: (?:translation|version|text))?"
    rf"|(?:the |my |one possible )?(?:{_LANGUAGE} )?translat(?:ion|ed text|ed sentence|es)"
    r"(?: (?:of|for|to|into|in)(?: [\w'-]{1,20}){1,4}?)?)"
    rf"(?: (?:is|would be|reads)(?: as follows)?)?{_COLON}(?P<said>\S.*)"
    rf"|\s{{0,4}}(?:die |la |a |o )?(?:deutsche |englische )?(?:übersetzung|traducción|traduction|traduzione|tradução|перевод)"
    rf"(?: (?:lautet|ist|es|est|è|é))?{_COLON}(?P<elsewhere>\S.*)"
    rf"|\s{{0,4}}[\"“][^\"“”\n]{{1,2000}}[\"”]\s(?:in {_LANGUAGE} (?:is|would be)|translates to|is translated as)"
    rf"(?: in {_LANGUAGE})?{_COLON}(?P<quoted>\S.*)"
    r"|\s{0,4}(?:好的|当然)?[，,！!]?\s?"
    r"(?:(?:中文|英文|法文|英语|法语|汉语)?(?:的?翻译|译文|译为|版本)|中文|英文|法语|英语)(?:结果)?(?:如下|是|为)?"
    r"\s?[:：]\s{0,8}(?P<also>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
# 'the translation of "..." is "..."', in one line
_TRANSLATED = pattern(
    rf"[^\n]{{0,600}}\b(?:translat\w+|in {_LANGUAGE})\b[^\n]{{0,600}}?(?:\bis|\bas|\bto|:)\s{{1,2}}"
    rf"[\"“「](?P<said>[^\"“”「」\n]{{1,2000}})[\"”」](?: in {_LANGUAGE})?[.。]?",
    re.IGNORECASE,
)
_LABELLED = pattern(
    rf"(?m:^)[ \t*_]{{0,4}}(?P<label>{_LANGUAGE}|中文|英文|法文){_COLON}(?P<said>[^\n]{{1,2000}})",
    re.IGNORECASE,
)
_OPTION = pattern(
    rf"\s{{0,4}}[*_]{{0,2}}(?:option|version|alternative) ?[1A]{_COLON}(?P<said>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_NEXT_OPTION = pattern(r"\n\W{0,4}(?:option|version|alternative) ?[2B]\b", re.IGNORECASE)
_SUMMARY = pattern(
    rf"{_BEFORE}(?:tl;?dr|(?:the |a |my |here is a |here's a )?"
    r"(?:(?:one[ -]sentence|short|brief|concise) )?summary(?: (?:of|for)(?: [\w'-]{1,20}){1,5}?)?"
    r"(?: (?:is|reads|would be))?(?: as follows)?|in (?:short|summary|brief|one sentence))"
    rf"(?:{_COLON}|(?<=tldr)\s{{1,3}}|(?<=tl;dr)\s{{1,3}})(?P<said>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_DESCRIPTION = pattern(
    rf"{_BEFORE}(?:(?:the|this) (?:video|image|picture|photo|clip|audio|scene|recording)"
    r" (?:shows|depicts|describes|is about)|in (?:one|a|a single) sentence|in short"
    rf"|one[ -]sentence (?:description|caption)){_COLON}(?P<said>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_LIKELY = r"(?:(?:(?:most )?(?:likely|probably))\s)?"
_MASK = pattern(
    rf"{_BEFORE}(?:(?:the )?[<\[]mask\w{{0,3}}[>\]][*`_\"]{{0,3}}(?: (?:token|word|phrase))?"
    r"|(?:the )?(?:masked|missing|hidden) (?:phrase|word|words|text|part|span|token|expression))"
    rf"(?:\s{{1,3}}{_LIKELY}(?:stands? for|means|is|are|refers to|represents|should be|would be|could be"
    rf"|can be replaced (?:by|with)))?(?:[*_]{{0,2}}\s?[:：=][*_]{{0,2}}\s{{0,8}}|\s{{1,3}}){_LIKELY}(?P<said>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_SPEAKER = r"(?:(?:person|speaker|participant|character|user|friend|turn|utterance|line) ?[A-Z\d]{1,2}|[A-D]|next (?:turn|line|utterance|reply|response))"
_TURN = pattern(rf"\s{{0,4}}[*_]{{0,2}}{_SPEAKER}{_COLON}(?P<said>\S.*)", re.IGNORECASE | re.DOTALL)
_NEXT_TURN = pattern(rf"\n[ \t*_]{{0,4}}{_SPEAKER}{_COLON}", re.IGNORECASE)
_NUMBERED = pattern(r"\s{0,4}(\d{1,3})[.):]\s{1,3}(?P<said>\S[^\n]*)(?=\n\s{0,4}\d{1,3}[.):]\s|\Z)")
_TAGGED = pattern(
    r"\s{0,4}<(ocr|text|transcription|translation|summary)>(?P<said>.{1,5000}?)</\1>\s{0,4}",
    re.IGNORECASE | re.DOTALL,
)
_BULLET = pattern(r"[-*•–] {1,3}(?P<said>\S[^\n]*)")

# --- what is said behind it ---

_SPOKEN = r"(?:pinyin|pronunciation|romani[sz]ation|romaji|transliteration|literally|literal(?: translation)?|拼音)"
_SPOKEN_NOTE = pattern(
    rf"\s{{0,4}}[(（\[]{_SPOKEN}\b[^()（）\n]{{0,400}}[)）\]]\s{{0,4}}\Z|\n\s{{0,4}}\W{{0,4}}{_SPOKEN}[*_]{{0,2}}\s?[:：][^\n]{{0,600}}\Z",
    re.IGNORECASE,
)
_IN_LATIN = pattern(
    r"(?<=[\u4e00-\u9fff。！？])\s{0,3}[(（](?=[^()（）\n]{0,200}[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜ])[^()（）\u4e00-\u9fff\n]{2,300}[)）]\s{0,3}\Z"
)
# a paragraph in Latin letters behind one of Chinese, and one that speaks of the translation
_LATIN_NOTE = pattern(
    r"(?<=[\u4e00-\u9fff。！？”」*])\n[ \t]{0,4}\n\s{0,4}[(（*_]{0,3}(?=[A-Za-zÀ-ÿ][^\u4e00-\u9fff]{12})"
)
_ON_TRANSLATION = pattern(
    r"\n[ \t]{0,4}\n\s{0,4}[(*_]{0,3}(?:this translat|this is (?:a|the) (?:\w{1,12} )?translat|note that\b|literal(?:ly)?\b|alternative(?:ly|s| translation)?\b|in this translation|i (?:have )?(?:used|chose)\b)",
    re.IGNORECASE,
)
_REPEATED = pattern(
    r"\n[ \t]{0,4}\n\s{0,4}(?:text|article|document|passage|input|dialogue|conversation)[:：]\s",
    re.IGNORECASE,
)
_SENTENCE = pattern(
    r"(?:the|this|that|it|these|they|i|in|on|as|because|based|according|among|since)\b[^\n]{10,}[.!]",
    re.IGNORECASE,
)
_CODE_LIKE = pattern(r"(?=.*[A-Z0-9])[^a-z\n]{1,40}", re.DOTALL)


def without_introduction(text: str, question: str) -> str:
    """A text without the words before and the notes behind it that its question makes sure of.

    Args:
        text: What was found to be the answer.
        question: The prompt of the document.

    >>> without_introduction('The license plate reads "KD 482".', "Read the number plate.")
    'KD 482'
    >>> without_introduction('A sign says "Stop".', "Describe the image.")
    'A sign says "Stop".'
    """
    question = question[-ASKED:]
    free = any(
        kind.search(question) for kind in (_TRANSLATING, _SUMMARISING, _DESCRIBING, _TALKING)
    )
    reading = not free and _READING.search(question)
    if reading:
        text = _read_off(text)
    if _TRANSLATING.search(question):
        text = _without_echo(_translated(text), question)
    if _SUMMARISING.search(question):
        text = _said(_SUMMARY, _before(_REPEATED, text))
    elif _DESCRIBING.search(question):
        text = _said(_DESCRIPTION, text)
    if _MASKED.search(question):
        text = _phrase(_MASK, text)
    elif _TALKING.search(question):
        text = _turn(text, question)
    elif _REWRITING.search(question) and (bullet := _BULLET.fullmatch(text)):
        text = bullet["said"]
    tagged = _TAGGED.fullmatch(text)
    text = tagged["said"].strip() if tagged else text
    return _without_note(text) if reading or (not free and _BRIEF.search(question)) else text


def _said(introduction: re.Pattern[str], text: str) -> str:
    found = introduction.match(text)
    return open_quotes(next(filter(None, found.groups())).strip()) if found else text


def _before(mark: re.Pattern[str], text: str) -> str:
    """A text up to a mark that is not at its beginning."""
    found = mark.search(text)
    return text[: found.start()].strip() if found and text[: found.start()].strip() else text


def _bare(text: str) -> str:
    """A phrase without quotes around it and the stop behind them."""
    closed = text.strip()
    unstopped = closed.rstrip(".。 ")
    opened = open_quotes(unstopped)
    return opened if opened != unstopped else closed


def _phrase(introduction: re.Pattern[str], text: str) -> str:
    found = introduction.match(text)
    return _bare(found["said"]) if found else text


def _read_off(text: str) -> str:
    """What is read: behind a colon, in quotes, or of capitals and digits alone."""
    if found := _READ_COLON.match(text):
        return _unstopped(_bare(_before(_PARAGRAPH, found["said"])))
    found = _READ_SAID.fullmatch(text) or _READ_CJK.fullmatch(text)
    if found is None:
        return _unstopped(text) if re.search(r"\d", text[:50]) else text
    said = _bare(found["said"])
    colon = found.re.groups > 1 and found["colon"][-1] in ":："
    if colon or said != found["said"].strip() or _CODE_LIKE.fullmatch(_unstopped(said)):
        return _unstopped(said)
    return text


_PARAGRAPH = pattern(r"\n[ \t]{0,4}\n")


def _unstopped(text: str) -> str:
    """Capitals and digits without a stop behind them; any other text as it is."""
    bare = text.rstrip(".。 ")
    return bare if _CODE_LIKE.fullmatch(bare) else text


def _translated(text: str) -> str:
    labelled = list(_LABELLED.finditer(text))
    names = {label["label"].casefold().rpartition(" ")[2] for label in labelled}
    if len(labelled) == len(names) == 2 and not text[: labelled[0].start()].strip():
        text = labelled[1]["said"].strip() + text[labelled[1].end() :]
    elif not labelled[1:] and (found := _TRANSLATION.match(text)):
        text = next(filter(None, found.groups())).strip()
    elif found := _TRANSLATED.fullmatch(text):
        text = found["said"]
    if (option := _OPTION.match(text)) and not _NEXT_OPTION.search(text):
        text = option["said"].strip()
    for note in (_SPOKEN_NOTE, _IN_LATIN, _LATIN_NOTE, _ON_TRANSLATION):
        text = _before(note, text)
    return _bare(text) if text[:1] in _QUOTE else text


_ECHO = pattern(r"(?<=\S)\s{1,3}[(（]([^()（）\n]{3,400})[)）][.\s]{0,3}\Z")


def _without_echo(text: str, question: str) -> str:
    """A translation without what was translated, in brackets behind it."""
    echo = _ECHO.search(text, max(0, len(text) - 420))
    return text[: echo.start()] if echo and echo[1].strip(" .\"'") in question else text


def _turn(text: str, question: str) -> str:
    """One turn of a dialogue without its speaker or number, and without the turns behind it."""
    numbered = _NUMBERED.match(text)
    if numbered and re.search(rf"(?m:^)\s{{0,4}}{int(numbered[1]) - 1}[.):]\s", question):
        return numbered["said"]
    found = _TURN.match(text)
    said = found["said"] if found else text
    said = _before(_NEXT_TURN, said).strip()
    return open_quotes(said) if found else said


def _without_note(text: str) -> str:
    """A few words without the paragraph that explains them."""
    opening, _, rest = text.partition("\n\n")
    brief = len(opening.split()) <= SHORT and "\n" not in opening and opening[-1:] not in ".:：!?"
    return (
        opening if brief and len(rest.split()) > SHORT and _SENTENCE.match(rest.strip()) else text
    )
