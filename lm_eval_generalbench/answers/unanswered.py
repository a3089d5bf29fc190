"""What stands in place of an answer: words for nothing known, of a server, or of an assistant that offers help.

Where free text is asked for, such as a translation, the same sentences are answers.
"""

import re

from lm_eval_generalbench.optional import pattern

_MEDIA = r"(?:image|picture|photo|video|audio|sound|file|recording|clip|frame|chart|scan|input|point cloud)s?"
_GIVEN = r"[^,:]{0,60}$"

_NOTHING_KNOWN = (
    r"^(?:there (?:is|was) )?(?:no|zero) (?:\w+ )?(?:answer|response|reply|comment|information|info|data|idea|clue|opinion)\b"
    rf"{_GIVEN}",
    r"^(?:(?:the )?(?:final )?(?:answer|result|label|it|this|that) (?:is|remains) )?(?:unknown|unclear|uncertain|undetermined"
    r"|undefined|indeterminate|inconclusive|nan|unanswerable|(?:not|hard|impossible|difficult) to (?:say|tell|determine|know))$",
    r"^(?:there(?:'s| is) )?no way (?:to|of) (?:tell|know|say|see|determin)\w*\b[^,:]{0,40}$",
    r"^none of (?:us can (?:know|tell|say)|the (?:\w+ )?(?:information|data|context|tools?))\b",
    rf"^i have (?:none of|no) (?:the )?(?:required|necessary|needed|such)\b{_GIVEN}",
    rf"^nothing (?:i can (?:say|do|tell)|to report|can be said)\b{_GIVEN}",
    r"^(?:two|three|several|some|many|a few) things are missing\b",
    r"^(?:(?:one|you|we) (?:cannot|can't|could not|can never)|nobody can) (?:tell|know|say)\b[^,:]{0,40}$"
    r"|^one (?:would need|needs) (?:more|further|additional) (?:information|context|details?|data)\b",
    r"\b(?:can|could) neither confirm nor deny\b|\bwould ?(?:n't| not) be (?:appropriate|right|ethical)\b",
    r"^the (?:final )?answer (?:cannot|can't|can not|could not) be \w+$",
    r"\bwhich i (?:cannot|can't|can not|could not) (?:see|take|open|view|access|hear|read|watch|provide)$",
)
_MEDIUM_LACKS = (
    rf"\b(?:clearer|better|sharper|(?:more|less) \w+|closer|careful|higher[- ]\w+)\b[^,:]{{0,30}}\b{_MEDIA}"
    r" (?:is|are|would be|was|were) (?:needed|required|necessary)\b",
    rf"^the {_MEDIA} (?:is|are|was|were) too \w+(?: for me)? to\b",
    rf"^the {_MEDIA} (?:is|are|was|were) not (?:visible|clear|readable|available|accessible|loaded|shown)\b",
    rf"^the {_MEDIA} (?:contains?|shows?|has|have|holds?) no (?:\w+ )?(?:information|data|content)\b",
    rf"\bi(?:'d| would)? need (?:at least \w+|an?|the|your|to see the) {_MEDIA}\b",
    r"^whether\b[^:]{0,80}\b(?:can't|cannot|can not|could not) be (?:judged|told|determined|said|decided|known)\b",
)
_SERVER = (
    r"^something went wrong\b|^an? (?:\w+ )?error (?:occurred|has occurred|happened)\b|\btry again(?: later)?$",
    r"^(?:error|http|status)(?: code)?\W{0,3}[45]\d\d\b|^[45]\d\d (?:bad request|not found|error|internal|forbidden)\b",
    r"\btimed out\b[^,:]{0,40}$|\brate limit exceeded\b|^retry in \d|^(?:content|response|message|text) (?:removed|deleted|blocked|hidden)$",
)
_ASSISTANT = (
    r"^how (?:can|may|could) i (?:help|assist|be of)|^what (?:can|may) i (?:do|help)|^what would you like\b",
    r"^i(?:'m| am) (?:[a-z][\w.-]{1,20}, )?(?:an? )?(?:(?:\w+[- ]){0,3}(?:assistant|chatbot|language model)|created|developed|trained"
    r" (?:by|on|to))\b",
    r"^(?:could|can|would) you (?:please )?(?:share|upload|send|provide|attach|give)\b[^:]{0,40}$",
)
_OTHERS = (
    # Chinese
    r"^(?:未知|不明|没有答案|無答案|无答案|没有结果|无可奉告|不好说|说不准)$|^(?:有点|很|确实)?(?:难以|很难|不好)(?:判断|确定|说|辨认)[^，：]{0,8}$",
    r"看不清楚?$|^(?:不太?)?(?:不清楚|不确定)$",
    r"^没有提供[^，：]{0,8}$|^数据不足$",
    # Spanish, French, Portuguese, Italian
    r"\bno (?:se puede|es posible|lo (?:puedo|podemos|sé)|puede) ?(?:determinar|saber|decir|responder|identificar|conocer)?\b[^,:]{0,40}$"
    r"|\bno tengo (?:esa|esta|la|ninguna|suficiente|bastante) información\b",
    r"^(?:sin|sem|nessuna|pas de|aucune|ninguna|nenhuma) (?:respuesta|resposta|risposta|réponse|idée|idea|ideia|información"
    r"|informação|information|donnée|datos|dados)\b[^,:]{0,30}$",
    r"^¿?(?:me )?(?:puedes|podrías|puede|podría) (?:compartir|subir|enviar|proporcionar|adjuntar)\b[^:]{0,40}$",
    # German
    r"^(?:keine?n?|kein) (?:ahnung|antwort|angaben?|daten|informationen|bild|text|datei|video|audio|foto)\b[^,:]{0,30}$"
    r"|^nicht (?:bestimmbar|erkennbar|ermittelbar|feststellbar|beantwortbar)$|\bich habe kein\w* (?:bild|text|video|datei|foto)\b"
    r"|^das (?:kann|weiß) ich (?:leider )?nicht$",
    # Japanese, Russian
    r"^(?:不明|判断できません|できません|わからない)(?:です)?$|^нет (?:данных|ответа|информации|сведений)$|^неизвестно$",
)
_UNANSWERED = pattern(
    "|".join((*_NOTHING_KNOWN, *_MEDIUM_LACKS, *_SERVER, *_ASSISTANT, *_OTHERS)), re.IGNORECASE
)


def is_unanswered(clause: str) -> bool:
    """Whether a clause stands in place of an answer.

    >>> is_unanswered("No information available"), is_unanswered("Keine Ahnung"), is_unanswered("no dog")
    (True, True, False)
    >>> is_unanswered("How can I help you today"), is_unanswered("HTTP 503"), is_unanswered("503")
    (True, True, False)
    """
    return _UNANSWERED.search(clause) is not None
