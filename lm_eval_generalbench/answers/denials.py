"""What a reply says is not there: "not service or price", "the price is not mentioned"."""

import re
from collections.abc import Sequence

from lm_eval_generalbench.answers.mentions import mentions
from lm_eval_generalbench.optional import pattern

LOOKED_AT = 20_000  # characters of a reply
LONGEST = 400  # characters of a clause
_NOT = r"(?:not|n't|never|no longer)"
_SAID = (
    r"(?:mention\w*|address\w*|discuss\w*|cover\w*|present\w*|includ\w*|appear\w*|refer\w*|relevant|appl\w+"
    r"|talk\w*|speak\w*|comment\w*|describ\w*|evaluat\w*|provid\w*|given|specif\w+|stat\w+|found|heard|seen"
    r"|visible|audible|detect\w*|clear\w*|apparent|touch\w*|express\w*|concern\w*|involv\w*|contain\w*|about"
    r"|identif\w+|list\w*|say\w*|note[ds]?|raise[ds]?|explicit\w*|named|part of|among|an? (?:aspect|categor\w+"
    r"|option|candidate|entity|person|location|organi[sz]ation)s?)"
)
# a clause all of which says that something is not there
WHOLE = pattern(
    rf".*\b(?:is|are|was|were|has|have|been|be|do|does|did|can|could|will|would|seems?)\s?(?:{_NOT}|not)\b"
    rf"(?: (?:been|be|really|explicitly|directly|clearly|actually|even|also|specifically|at all|seem to be"
    rf"|appear to be)){{0,3}} ?{_SAID}\b.*"
    r"|.*\b(?:do|does|did) ?(?:not|n't)(?: (?:really|seem to|appear to|clearly|also|both))? ?(?:apply|appear|fit"
    r"|hold|occur|exist|match|sound|stand out)?\W*"
    r"|\W*(?:there (?:is|are|was|were)|there's) (?:no|not any|nothing)\b.*"
    r"|\W*(?:no|nothing|none|neither|nor)\b[^:]*\b(?:mention\w*|said|discuss\w*|present|found|address\w*|detected"
    r"|appl\w+|specif\w+|listed|given|heard|seen|visible|appears?)\b.*"
    r"|\W*(?:no|without|lacks?|lacking)(?: any)? (?:mention|reference|comment|discussion|evidence|sign|trace"
    r"|indication)s?\b.*"
    r"|\W*neither\b.*\bnor\b.*"
    r"|.*\b(?:say|says|said) nothing\b.*"
    r"|\W*(?:and )?(?:i|we) (?:can(?:no|')t|cannot|can not|could not|couldn't|don't|do not|didn't|did not)\b.*"
    r"|\W*(?:not (?:mentioned|present|applicable|discussed|covered|addressed|included|relevant|selected|found)"
    r"|absent|missing|excluded|not in the (?:text|review)|unmentioned|ruled out)\s?[:：=].*"
    r"|[^:：=]{1,200}[:：=]\s?(?:no|absent|none|not (?:mentioned|present|applicable|discussed|covered|addressed|found)"
    r"|n/a|false|✗|❌)\W*"
    r"|.*(?:没有被?(?:提到|提及|涉及|讨论)|未被?(?:提到|提及|涉及|讨论)|不(?:适用|存在|相关)).{0,4}"
    r"|(?:我|本人|因此|所以)?(?:无法|不能|没法|看不到|听不到).*"
    r"|.*\bno (?:se menciona|aparece)\w*\b.*|.*\b(?:nicht|n'est pas|ne sont pas|не) (?:erwähnt|genannt"
    r"|mentionn\w+|упомянут\w*|упомина\w+)\b.*|.*\b(?:wird|werden|ist|sind)\b.*\bnicht (?:erwähnt|genannt)\b.*",
    re.IGNORECASE | re.DOTALL,
)
# what opens a denial up to the end of its clause
TAIL = pattern(
    r"[,，]?\s?(?:\b(?:and|but|yet|as|since)\s)?(?:"
    r"\b(?:it|this|they|the \w{1,20}|he|she|i) (?:does|do|did|is|are|was|has|have) ?(?:not|n't)\b"
    rf"(?: \w{{1,12}}){{0,2}} ?{_SAID}\b"
    r"|\b(?:does|do|did|doesn't|don't|didn't)(?: not)? (?:mention|discuss|address|cover|include|refer to|talk about"
    r"|comment on|touch on|speak of|contain|express|say anything about)\b(?<!\bdo mention)(?<!\bdoes mention)"
    r"|\b(?:says?|said|saying|with|there is|there's|has|and|but|shows?) nothing (?:about|of|on|regarding)\b"
    r"|\bnothing (?:is|was) said (?:about|of|on|regarding)\b"
    r"|\bwith no (?:mention|reference|comment|sign)\w* (?:of|to|on)?\b"
    r"|\b(?:no|without(?: any)?) (?:mention|reference|comment|discussion|sign)s? (?:of|to|on|about)\b"
    r"|\bneither\b|\bwithout\b(?! (?:a )?doubt)"
    r"|(?:没有|并未|未|不)(?:提到|提及|涉及|讨论|包括|包含|谈到|谈及)"
    r")",
    re.IGNORECASE,
)
# what denies one item, or all those that "or" joins to it
ONE = pattern(
    r"[,，(]?\s?(?:\b(?:but|and|though|although|yet|instead|is|are)\s)?(?:\b(?:not|rather than|instead of|as opposed to"
    r"|excluding|except(?: for)?|nicht|pero no|no (?:de|menciona|habla de|del)|et pas|pas (?:de|du|la|le|les)|ma non"
    r"|а не|но не)\b|(?:而)?(?:不是|并非)|而非)"
    r"(?=\s?[^\s,;.!?])",
    re.IGNORECASE,
)
AGAIN = pattern(
    r"\b(?:but|however|instead|although|though|while|whereas|only)\b|但是?|而是", re.IGNORECASE
)
JOINED = pattern(r"\b(?:or|nor|and|oder|und|ni|o|ou|et|y|и|или)\b|[或和与、]", re.IGNORECASE)
ENDS = pattern(
    r"(?<=[.!?])\s{1,4}|[;；\n。！？]|,?\s\b(?:but|while|whereas|though|although)\b(?=\s(?:the|it|no|not|there|i|"
    r"\w+ (?:is|are|does|do))\b)|\bhowever,?|\s[-–—]\s(?=(?:the|it|there|no|this)\b)"
    r"|,\s(?=(?:so )?(?:i|we) (?:can|could|do|did|am|was)(?:not|n't|'t)?\b)|，(?=(?:但|而|没有|未|不涉及|并未|且|我|本人|所以|因此))",
    re.IGNORECASE,
)
BRACKETS = pattern(r"\s?[(（]([^()（）\n]{1,300})[)）]")
OTHERS = pattern(
    r",?\s?\b(?:and |but )?(?:nothing (?:else|more)|no (?:other|others|one else|more)\b[^,;.\n]{0,60}"
    r"|that(?:'s| is) (?:all|it))\W{0,2}(?=\Z|[.;\n])",
    re.IGNORECASE,
)
DENYING = pattern(
    r"\b(?:not|no|nor|neither|never|nothing|none|without|absent|missing|excluded|rather than|instead of|except"
    r"|as opposed to|excluding|unmentioned|lack\w*|cannot|nicht|pas|ne|не|ruled out|false|n/a)\b|n't\b|not\b"
    r"|没|未|不|而非|并非|✗|❌",
    re.IGNORECASE,
)
APOLOGY = pattern(
    r"\W*(?:(?:(?:i(?:'m| am) )?(?:so |very )?(?:sorry|afraid)|unfortunately|apologies|my apologies|i apologi[sz]e"
    r"|so|and|but|however|as|since|because|therefore|only|i|(?:it|this|there)(?: is| has)?|the \w{1,12}|很?抱歉|对不起"
    r"|不过|但是?)\b\W{0,4}){0,8}",
    re.IGNORECASE,
)


def without_denials(text: str, options: Sequence[str] = ()) -> str:
    """A text without what it says is not there; "" where it says nothing else.

    Args:
        text: What was found to be the answer.
        options: The items that there are to choose from, some of which may be
            denials themselves, such as "no defect".

    >>> without_denials("It is about food, not of service, price or ambience.")
    'It is about food.'
    >>> without_denials("food and staff (the price is not mentioned)"), without_denials("I can't see it.")
    ('food and staff', '')
    >>> without_denials("no smoking sign"), without_denials("No defect.", ["no defect"])
    ('no smoking sign', 'No defect.')
    """
    text = text.replace("’", "'")
    if len(text) > LOOKED_AT or not DENYING.search(text) or _are_denials(options):
        return text
    text = OTHERS.sub("", text)
    text = BRACKETS.sub(lambda found: "" if DENYING.search(found[1]) else found[0], text)
    left = ""
    start = 0
    mark = ""  # between what is kept and the next clause
    for end in [*ENDS.finditer(text), None]:
        clause = text[start : end.start() if end else len(text)]
        said = _asserted(clause)
        if said == clause or not APOLOGY.fullmatch(said):
            left += mark + said
            mark = ""
        mark = (end[0] if end else "") if "\n" not in mark else mark
        start = end.end() if end else len(text)
    left = left.strip(" \n\t,;；，")
    return "" if APOLOGY.fullmatch(left) else left


def all_denied(text: str, options: Sequence[str]) -> bool:
    """Whether a text denies every option.

    >>> all_denied("Neither food nor price.", ["food", "price"]), all_denied("Not food.", ["food", "price"])
    (True, False)
    """
    if not options or without_denials(text, options):
        return False
    return {mention.option for mention in mentions(text, options)} == set(range(len(options)))


def _are_denials(options: Sequence[str]) -> bool:
    return any(DENYING.search(option) for option in options[:200])


LED = pattern(
    r"(?:\b(?:mentions?|about|covers?|discuss(?:es)?|speaks? of|talks? about|contains?|includes?|refers? to)\b"
    r"|\b(?:are|is)\b(?! ?(?:not|n't)))",
    re.IGNORECASE,
)


def _asserted(clause: str) -> str:
    """What a clause says beside its denials."""
    if len(clause) > LONGEST or not DENYING.search(clause):
        return clause
    whole = WHOLE.fullmatch(clause)
    led = LED.search(clause)
    first = TAIL.search(clause)
    if whole and not (led and (first or ONE.search(clause[led.end() :]))):
        return ""
    if first:
        rest = AGAIN.search(clause, first.end())
        stop = "." if clause.endswith(".") else ""
        return clause[: first.start()].rstrip(" ,") + (
            " " + clause[rest.start() :] if rest else stop
        )
    said, start = "", 0
    for found in ONE.finditer(clause):
        if found.start() < start:
            continue
        said += clause[start : found.start()]
        start = _end_of_denied(clause, found.end())
    return said + clause[start:]


def _end_of_denied(clause: str, start: int) -> int:
    """Where the items end that a "not" before them denies."""
    again = AGAIN.search(clause, start)
    end = again.start() if again else len(clause.rstrip(" .!"))
    if JOINED.search(clause, start, end):
        return end
    comma = re.compile(r"[,，)]").search(clause, start, end)
    return comma.start() if comma else end
