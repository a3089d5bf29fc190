"""Words for "something is wrong" and "nothing is", in the languages that models answer in."""

from lm_eval_generalbench.optional import pattern

LOOKED_AT = 10_000  # characters of a reply

_RIGHT = (
    r"normal\w{0,2}|good|ok|okay|intact\w?|flawless|perfect|healthy|negative|no|none|false|fine|pass|passe[ds]"
    r"|clean|unremarkable|undamaged|unblemished|pristine|acceptable|all clear|correcto|conforme"
    r"|in ordnung|einwandfrei|fehlerfrei|unauffällig|нормальн\w*|норма|норме|в порядке|исправ\w*"
)
_WRONG = (
    r"yes|true|positive|an[oó]m[aà]l\w*|abnormal\w*|anormal\w*|defect\w*|fault\w*|flaw(?:s|ed)?|damage[ds]?"
    r"|broken|cracks?|cracked|scratch\w*|contaminat\w*|bent|irregular\w*|fail(?:s|ed|ure)?|ng|torn|holes?"
    r"|dent(?:s|ed)?|missing|misplaced|misaligned|stain(?:s|ed)?|corro(?:sion|ded)|rust(?:y|ed)?|chipped"
    r"|deform(?:ed|ation)|bad|wrong|problem(?:s|atic)?|issues?|burn[ts]?|dirty|unacceptable"
    r"|defekt\w*|beschädig\w*|fehlerhaft\w*|schäden|schaden|kratzer|riss|défect\w*|défauts?|abîmé\w*"
    r"|endommagé\w*|dañad\w*|daños?|roto|rayad\w*|difett\w*|defeit\w*|аномал\w*|дефект\w*|поврежд\w*"
    r"|брак\w*|царапин\w*|трещин\w*|ненормальн\w*"
)
_NOT = (
    r"(?:no|not|(?<![.\d])0|zero|without|free (?:of|from)|non|nothing|never|cannot|\w{2,6}n't|unable to|kein\w*|ohne|sin|ning[uú]n\w*"
    r"|aucune?|sans|pas d(?:e |')|senza|nessun\w*|sem|nenhum\w*|нет|без|не)"
)
_SOUND = r"(?:normal|good|ok|okay|intact|flawless|fine|acceptable|clean|perfect|нормальн\w*)"
_CJK_WRONG = r"(?:异常|異常|缺陷|瑕疵|损坏|損傷|破损|破損|问题|問題|划痕|裂纹|裂痕|欠陥|不良|故障|污渍|이상|결함|불량|문제)"
_CJK_RIGHT = r"(?:正常|合格|良品|良好|完好|没问题|정상|양품)"

_FEW = r"(?:low|small|slim|minimal|negligible|remote|tiny|nil|zero|unlikely|improbable)"
_ODDS = r"(?:probability|likelihood|chances?|risk|odds|possibility)"
_MEANT = r"(?:(?!\b(?:no|not|nothing|without|normal|intact)\b)[^.!?;\n])"
# "a low risk of damage", "the probability of a defect is low", "a defect is very unlikely"
UNLIKELY = pattern(
    rf"\b(?:{_FEW}|little|hardly any)\s{_ODDS}\s(?:of|that)\b{_MEANT}{{0,60}}?\b(?:{_WRONG})\b"
    rf"|\b{_ODDS}\s(?:of|that|for)\b{_MEANT}{{0,60}}?\b(?:{_WRONG})\b{_MEANT}{{0,20}}?(?:\bis|\bare|\bseems?|:)\s"
    rf"(?:(?:very|quite|rather|extremely|fairly|\w+ly)\s)?{_FEW}\b"
    rf"|\b(?:{_WRONG})\s(?:is|are|seems?|appears?|looks?)\s(?:(?:very|quite|rather|\w+ly)\s)?(?:unlikely|improbable)\b"
    rf"|\b(?:unlikely|improbable)\s(?:that|to)\b{_MEANT}{{0,60}}?\b(?:{_WRONG})\b"
)
DENIED = pattern(
    rf"\b{_NOT}(?:(?<=d')|[\s-]+)(?:\w+\s+){{0,4}}?(?:{_WRONG})\b|\bdefect[\s-]free\b"
    rf"|\b(?:{_WRONG})(?:\s(?:found|detected|seen|visible|present))?\s?[:=]\s?(?:0|zero|none|no|false)\b(?![.%]\d)"
    rf"|(?:没有|沒有|无|無|未|不存在|并无|非|没)(?:发现|見|见|检测到|检出|看到|明显|任何|有|出|到){{0,4}}的?{_CJK_WRONG}"
    rf"|{_CJK_WRONG}(?:は|が|も|이|은|는|가|점이)?\s?(?:なし|無し|ありません|ない|ないです|見られません|認められません|없\w{{0,4}}|발견되지)"
)
NOT_NORMAL = pattern(
    rf"\b(?:not|\w{{2,6}}n't|не)\s+(?:\w+\s+){{0,4}}?{_SOUND}\b|\bанормальн\w*|비정상|정상이? 아\w{{0,4}}"
    rf"|(?:不|非|并不|不是){_CJK_RIGHT}|{_CJK_RIGHT}(?:では|じゃ)(?:ない|ありません)"
)
# what is left open
UNSURE = pattern(
    r"\?\s*\Z|？\s*\Z|\b(?:whether|unsure|uncertain|unclear|not (?:sure|certain|possible)|hard to (?:say|tell)"
    r"|(?:cannot|can't|could not|couldn't|unable to|impossible to) (?:tell|say|determine|decide|judge|know|assess))\b"
    r"|无法|無法|不能|不确定|不清楚|难以|是否|还是|分かりません|わかりません|判断できません|모르겠|알 수 없"
)
FILE = pattern(r"\s*\S+\.[a-z0-9]{2,5}\s*")  # such as missing.png
WRONG = pattern(rf"\b(?:{_WRONG})\b|{_CJK_WRONG}")
RIGHT = pattern(rf"\b(?:{_RIGHT})\b|{_CJK_RIGHT}")


def word_score(text: str) -> float | None:
    """1 or 0 for words such as "defective" or "no defects"; None if unclear.

    >>> word_score("The risk of a defect is low."), word_score("The risk of a defect is high.")
    (0.0, 1.0)
    >>> word_score("Defective."), word_score("无异常"), word_score("not normal"), word_score("a bottle")
    (1.0, 0.0, 1.0, None)
    """
    plain = text.casefold().replace("’", "'")[:LOOKED_AT]
    if FILE.fullmatch(plain):
        return None
    if UNSURE.search(plain):
        return None
    plain = UNLIKELY.sub(" normal ", plain)
    plain = DENIED.sub(" normal ", NOT_NORMAL.sub(" anomalous ", plain))
    wrong, right = WRONG.search(plain), RIGHT.search(plain)
    if bool(wrong) == bool(right):
        return None
    return 1.0 if wrong else 0.0
