"""What says that there is no answer, where a value, a name or a list is asked for.

The forms are wide, since no such answer is a sentence of these; where free text is asked
for, such as a translation, they may be one. A clause is said in full: what goes on behind
a comma, a colon or a guess ("hard to tell, maybe 4") is looked at by itself.
"""

import re

from lm_eval_generalbench.optional import pattern

_REST = r"[^,:;，：；\d]{0,120}$"
_MEDIA = (
    r"(?:images?|pictures?|photos?|photographs?|videos?|audios?|sounds?|files?|recordings?|attachments?|media"
    r"|clips?|frames?|scans?|footage|point clouds?|documents?|inputs?|messages?|prompts?|questions?|texts?)"
)
# words between, none of which says where something is not
_FEW = r"(?: (?!(?:en|na|no|nas|nos|em|dans|sur|im|in|auf|am|an|на|в|of|on|about|sobre|über|о|об)\b)[\w']{1,16}){0,3} "
_KNOWLEDGE = (
    r"(?:info|information|contexts?|data|details?|evidence|knowledge|input|content|material|clues?|tools?"
    r"|means|capabilit(?:y|ies)|abilit(?:y|ies)|access|expertise|specifics)"
)
_KNOW = (
    r"(?:determin\w+|tell|told|know|known|say|said|answer\w*|infer\w*|establish\w*|ascertain\w*|decid\w+"
    r"|judge\w*|assess\w*|evaluat\w+|predict\w*|conclud\w+|derive\w*|deduc\w+|estimat\w+|verif\w+|confirm\w*"
    r"|resolv\w+|specif\w+|guess\w*|be (?:sure|certain)|choose|pick|make a\b)"
)
_UNABLE = (
    r"(?:can ?not|can't|could ?n't|could not|won't be able to|will not be able to|would not be able to"
    r"|wouldn't be able to|am unable to|'m unable to|am not able to|'m not able to|was unable to"
    r"|was not able to|wasn't able to)"
)
_MANNER = r"(?: (?:\w+ly|just|even|also|quite|at this time|currently|ever))?"
# what is not perceived is not there, which may be the answer
_NOT_PERCEIVED = (
    r"(?! (?:\w+ly )?(?:see|find|detect|identify|hear|spot|recogni[sz]e|observe|locate|discern|notice"
    rf"|perceive)\b(?! (?:any(?:thing)? |an? |the |this |that |your |these )?(?:\w+ )?{_MEDIA}\b))"
)
_KNOWN = (  # whole clauses, which are no answer to a question in words either
    r"^(?:(?:could|can|would) you )?(?:please )?(?:provide|give|share)(?: me| us)?(?: with)?(?: some)? (?:more|additional|further) (?:context|information|details?)$",
    r"^(?:it(?:'s| is| remains)|this is|that(?:'s| is)|(?:the )?\w+ (?:is|remains))? ?(?:still |simply |entirely )?"
    r"(?:unknown|unclear|undetermined|undefined|undecided|undecidable|indeterminate|indeterminable|undeterminable"
    r"|unanswerable|unspecified|unavailable|inconclusive|uncertain|nan|unsure|unidentifiable|unknowable"
    r"|not (?:known|clear|available|determinable|specified|answerable|sure|certain|decidable|knowable)"
    r"|(?:no|without) (?:an? )?(?:answer|response|reply|comment|idea|clue|opinion|verdict|output|guess|prediction)"
    r"|hard to (?:say|tell)|tough to (?:say|tell)|impossible to (?:say|tell)|anyone's guess|beyond me|a mystery)"
    r"(?: (?:to me|from this|at this time|here|for me|given|available|provided|possible|was given))?$",
    r"^(?:who knows|beats me|search me|dunno|no clue|your guess is as good as mine|i haven't (?:a clue|the foggiest|got a clue)"
    r"|next question|skip(?:ped)?|t\.?b\.?d|to be determined|insufficient|n\.a|n/a|not applicable)$",
    r"^(?:(?:答案|结果|情况|这|该|目前|暂时|尚|还|很|有点|确实){0,3}(?:是|为|：)?)?(?:未知|不明|不详|不清楚|不明确|不确定|不知|不好说|不可知|难说|很难说|说不准|说不清|未定"
    r"|待定|无可奉告|不予置评|无法得知|无从得知|无从判断|没有答案|无答案|暂无答案|没有结果|无结果|无相关信息|没有相关信息|暂无信息|没有信息|没有数据|无数据|没有提供[^，：\d]{0,6}|无回复|无回答|没有回答|没有回复)$",
    r"^(?:(?:这个|这|对此|关于这个)?(?:问题)?)?(?:我|咱|俺)?(?:也|还|真的?|实在|暂时|确实|并){0,3}(?:不知道|不清楚|不确定|不晓得|不了解|不会|不太清楚|不太确定|没看清|看不清楚?|看不出来?|看不懂|听不清楚?|听不出来?"
    r"|拿不准|选不出来?|说不上来|说不出来?|答不上来|没有头绪|没头绪|没有把握)(?:答案|了|啊|呢|哦)?$",
    r"^(?:es |la respuesta es |resultado |respuesta )?(?:desconocid[oa]|indeterminad[oa]|incierto|indefinid[oa]|no (?:disponible|determinad[oa]|especificad[oa]"
    r"|aplica|determinable|está claro|lo tengo claro|hay respuesta|hay datos|hay información|procede)|(?:respuesta|resultado) (?:desconocid[oa]|no (?:disponible|encontrad[oa]))|error(?: del servidor| interno| de conexión| de red)?|sin (?:respuesta|datos|comentarios|información)|ni idea|quién sabe)$",
    r"^(?:é |a resposta é )?(?:desconhecid[oa]|indeterminad[oa]|incerto|indefinid[oa]|não (?:disponível|determinad[oa]|especificad[oa]|aplicável|está claro|sei(?: dizer| responder| a resposta)?|há resposta)"
    r"|resposta (?:desconhecida|indisponível|não encontrada)|erro (?:do servidor|interno)|sem (?:resposta|dados|comentários|informações?|ideia)|não faço ideia|nem ideia|quem sabe)$",
    r"^(?:c'est |la réponse est )?(?:inconnue?|indéterminée?|incertaine?|indéfinie?|indisponible|pas (?:clair|sûre?|de (?:réponse|commentaire|données|résultat)|disponible|d'(?:idée|information|avis))"
    r"|non (?:disponible|déterminée?|spécifiée?|précisée?|applicable|renseignée?)|réponse (?:inconnue|indisponible|introuvable)|erreur (?:du serveur|interne)|sans (?:réponse|avis|commentaire|opinion)|aucune (?:idée|réponse|information|donnée)|aucun (?:avis|résultat|commentaire)|qui sait)$",
    r"^(?:das ist |es ist |die antwort ist |die antwort lautet )?(?:leider )?(?:unbekannt|unklar|unbestimmt|unbestimmbar|ungewiss|undefiniert|nicht (?:bekannt|verfügbar|bestimmbar|klar|eindeutig|feststellbar|ermittelbar|erkennbar"
    r"|beantwortbar|zu (?:sagen|bestimmen|erkennen|beantworten|ermitteln)|möglich|sicher|angegeben|entscheidbar)|kein(?:e|en)? (?:ahnung|antwort|angaben?|daten|aussage|kommentar|information(?:en)?|ergebnis|meinung)(?: (?:möglich|verfügbar|vorhanden))?"
    r"|(?:antwort|ergebnis) (?:unbekannt|nicht (?:verfügbar|bekannt|gefunden))|(?:server|interner )fehler|(?:nicht genügend|nicht genug|zu wenig|unzureichende|fehlende|ungenügende) (?:information(?:en)?|daten|angaben|kontext)|schwer zu sagen|weiß nicht|ohne angabe|k\. ?a|wer weiß)$",
    r"^(?:答えは|回答は|結果は|これは)?(?:不明|未定|不詳|未知|判断不能|判定不能|回答不能|解答不能|判別不能|特定不能|該当なし|回答なし|情報なし|わからない|分からない|分かりかねます|わかりかねます|わかりません|分かりません|存じません|知りません"
    r"|何とも言えません|なんとも言えません|ノーコメント|情報不足|はっきりしません|見えません|聞こえません|決められません|選べません|答えかねます|答えられません)(?:です|だ|でした)?(?:ね|よ)?$",
    r"^(?:это |ответ |мне )?(?:неизвестн[оы]?|неясно|непонятно|не ?определено|не указано|неопредел[её]нно|нет (?:ответа|данных|информации|комментариев|идей|сведений|мнения)|ответ (?:неизвестен|недоступен|не найден|отсутствует)|ошибка(?: сервера)?|без (?:ответа|комментариев)|понятия не имею|не имею понятия"
    r"|трудно сказать|сложно сказать|затрудняюсь (?:ответить|сказать)|кто знает|нет идей|не знаю(?: ответа)?|не уверена?|недоступно)$",
    r"^(?:답은 |정답은 |결과는 |이것은 )?(?:알 ?수 ?없음|미상|불명|불명확|불확실|미정|모름|모르겠(?:어요|습니다|네요|음)|모릅니다|몰라요|잘 모르겠(?:어요|습니다|네요)|판단 ?불가|확인 ?불가|답변 ?불가|답변 ?없음|응답 ?없음|정보 ?없음|정보 ?부족|해당 ?없음|불분명|알 수 없습니다)(?:합니다|해요|입니다|이에요|예요)?$",
    r"^(?:sconosciut[oa]|indeterminat[oa]|non (?:disponibile|determinabile|specificat[oa]|è chiaro|so|lo so|saprei)|nessuna (?:risposta|idea|informazione)|non ne ho idea|onbekend|geen (?:idee|antwoord|commentaar)|onduidelijk|weet ik niet"
    r"|ik weet het niet|nieznan[ey]|brak (?:odpowiedzi|danych|informacji)|nie wiem|bilinmiyor|bilmiyorum|cevap yok|غير معروف|لا أعرف|لا أعلم|अज्ञात|पता नहीं|मुझे नहीं पता|không rõ|không biết|tôi không biết)$",
)
_ENGLISH = (
    rf"^(?:zero|insufficient|not enough|too little|not sufficient|lack of|missing|no (?!evidence)) ?(?:\w+ )?{_KNOWLEDGE}"
    rf"(?:$| (?:(?:is|was|are|were|has been|have been) )?(?:available|provided|given|supplied|attached|included|visible|shown"
    rf"|to|for me|here|yet|at all)\b{_REST})",
    rf"\b(?:can ?not|can't|could not|couldn't|may not){_MANNER} be{_MANNER} {_KNOW}\b{_REST}",
    rf"\b(?:impossible|not possible|isn't possible|hard|difficult|tough|tricky|not feasible|infeasible|no way|unable|challenging)"
    rf"(?: for (?:me|us|anyone|an ai))? (?:to|of){_MANNER} (?:{_KNOW}|knowing|telling|saying)\b{_REST}",
    rf"^(?:nobody|no one|no-one|none of us|neither of us|one|you|we)(?: really)? (?:can|could|can't|cannot|can not|could not"
    rf"|couldn't|would){_MANNER} (?:{_KNOW})\b{_REST}",
    rf"^(?:well |hmm |so |and |but |honestly |i'm afraid |i am afraid |sorry |as |since |that )?"
    rf"(?:i|we) ?(?:really |simply |just |honestly |still |currently |also )?{_UNABLE}{_NOT_PERCEIVED}\b{_REST}",
    rf"^(?:unable|not able|failed|can ?not|can't|could not|couldn't)(?: to)? (?:\w+ly )?(?:{_KNOW}|process|load|read|open"
    rf"|complete|generate|parse|access|fetch|perform|produce|comply|provide|reach|connect)\b{_REST}",
    r"^(?:i|we) (?:can|could|would|will|'ll|do|may)(?: neither|not even| only say that i| hardly| barely)"
    rf" (?!see|hear)\w+{_REST}",
    rf"^(?:i|we)(?:'ve| have|'d| had| was| were| am|'m)?(?: got| been)? ?(?:not been |not |never )?(?:have |given |received |have been given |seen )?"
    rf"(?:no|none of|nothing|zero|insufficient|not enough|too little|lack|lacking|without|missing)\b[^,:;\d]{{0,40}}?"
    rf"\b(?:{_KNOWLEDGE}|{_MEDIA}|idea|way|answer|to go on|to work with|comment|opinion|preference)\b{_REST}",
    r"^(?:i|we) (?:do not|don't|did not|didn't|have not|haven't)(?: \w+ly)? (?:know|have|possess|understand|get|receive"
    rf"|received?|think i (?:can|should))\b{_REST}",
    r"^(?:i|we)(?:'d| would)?(?:'ll)?(?: (?:rather|prefer|choose|have to|must|need to|will|should|respectfully)){0,3} ?"
    rf"(?:not (?:to )?(?:answer|say|guess|speculate|comment|choose|respond|pick|decide|do)|abstain|pass|decline|refuse"
    rf"|refrain)\b{_REST}",
    rf"^(?:i|we) (?:am|'m|are)(?: \w+)? ?(?:torn|undecided|unsure|uncertain|not (?:sure|certain|confident|convinced)|clueless|at a loss"
    rf"|stuck|lost|confused)\b{_REST}",
    rf"^i(?:'m| am) (?:\w+ ){{0,2}}?(?:unsure|undecided|uncertain|not (?:\w+ )?(?:sure|certain|confident)|torn|at a loss|stumped"
    rf"|not seeing (?:any|an?|the|your)|not in a position|not (?:familiar|aware|qualified|trained|equipped|designed|programmed|authori[sz]ed|permitted|allowed|able))\b{_REST}",
    r"^i(?:'m| am) (?:just |only |merely )?(?:not )?an? (?:[\w-]+ ){0,3}?(?:assistant|model|ai|bot|chatbot|doctor|physician"
    r"|lawyer|professional|expert|specialist|program|machine|radiologist)$",
    rf"^(?:as|being) an? (?:[\w-]+ ){{0,3}}?(?:assistant|model|ai|bot|chatbot)\b{_REST}",
    r"^(?:an? |the |some |any |much |far |at least )?(?:\w+ )?(?:clearer|better|more|additional|further|larger|higher|sharper"
    r"|closer|another|full|complete|original|different|valid|readable|actual)\b[^,:;\d]{0,60}\b(?:needed|required|necessary"
    rf"|helpful|requested)\b{_REST}",
    r"^(?:i|we|one|you|someone|to \w+[^,:;\d]{0,40} (?:i|one|we))(?: (?:would|will|'d|may|might|should))? ?(?:also |really |first |still )?(?:'d )?"
    r"(?:need|needs|require|want|have)(?: to (?:see|view|hear|have|know|look at|read|watch|listen to))?\b[^,:;\d]{0,20}"
    rf"\b(?:{_MEDIA}|{_KNOWLEDGE}|clarification|more|version|view|resolution|quality)\b{_REST}",
    rf"^(?:(?:could|can|would|will) (?:you|someone)(?: please| kindly)?|please|kindly|do)(?: \w+ly| just| first)? (?:provide|share"
    r"|upload|send|attach|clarify|specify|rephrase|resend|re-?upload|describe|paste|supply|submit|give|tell|include|try|check"
    rf"|elaborate|repeat|consult|contact|retry|refresh|show me|let me see|be more specific)\b{_REST}",
    rf"^(?:the |your |this |provided |given |attached ){{1,3}}(?:\w+ )?{_MEDIA}(?: (?:provided|given|attached|you sent))?"
    r" (?:is|was|are|were|seems?|appears?|has|have)(?: to be)?(?: been)? (?:empty|blank|missing|corrupt(?:ed)?|broken|damaged|unreadable"
    rf"|inaccessible|unavailable|invalid|illegible|absent|unsupported|incomplete)\b{_REST}",
    rf"^(?:the |your |this )?(?:\w+ )?{_MEDIA} (?:is|was|are|seems?|appears?|does|do)(?: to be)?(?:n't| not)(?: \w+ly)? (?:visible|accessible|available|clear"
    rf"|readable|legible|sharp|detailed|large|good|loading|load|provide|contain enough|give|show enough|shown|attached|provided|included)\b{_REST}",
    rf"^(?:the |your |this )?(?:\w+ )?(?:{_MEDIA}|quality|resolution) (?:is|was|are|seems|appears)(?: to be)?(?: \w+)? too \w+"
    rf"(?: and \w+)? (?:for|to)\b{_REST}",
    rf"^there(?:'s| is| are| was|'re)(?: simply| just| really)? (?:nothing (?:i|we|one|anyone) can|no way|no \w+ way|not much|little|not enough|insufficient"
    rf"|no (?:\w+ )?{_KNOWLEDGE}|no (?:\w+ )?(?:answer|response))\b{_REST}",
    rf"\b(?:nothing|none)(?: of [^,:;\d]{{1,60}})? (?:is|was|has been|i can|we can|to) (?:\w+ )?(?:available|provided|given|attached"
    rf"|shared|do|go on|work with|analy[sz]e)\b{_REST}",
    rf"^(?:the |this |your )?(?:\w+ )?{_MEDIA} (?:contains?|gives?|provides?|shows?|has|have|holds?|offers?|includes?) (?:no|not enough|insufficient|too little|no visible)\b"
    rf"[^,:;\d]{{0,30}}\b{_KNOWLEDGE}\b{_REST}",
    r"^nothing (?:that )?(?:i|we) can (?:say|do|tell|see|answer|add|report|give)\b[^,:;\d]{0,60}$|^nothing to report$",
    rf"^i (?:really |first |would )?(?:need|require)\b.{{0,20}}\b{_MEDIA}\b[^,:;]{{0,60}}$",
    rf"^(?:\w+ )?(?:things?|inputs?|files?) (?:is|are) missing\b|^(?:the |an? |any |my )?(?:\w+ )?{_MEDIA} (?:is|are) missing$",
    rf"^which (?:i|we) (?:can ?not|can't|do not|don't|have not|haven't)\b{_REST}",
    rf"^(?:the |this |that |your |what )?(?:\w+ ){{0,3}}?(?:{_KNOWLEDGE}|{_MEDIA}|given|shown|it|this|that)(?: (?:given|provided|shown|available))?"
    rf" (?:does not|doesn't|do not|don't|did not|didn't|is not|isn't|are not|won't|will not)(?: \w+ly)? (?:suffice|enough|sufficient|support|help|allow|permit|tell|say|specify|mention enough)\b{_REST}",
    r"^(?:this|that|it|such \w+|\w+ing (?:this|that|it))?(?: task| request| question)? ?(?:lies|is|falls|goes|would be|seems)(?: well| far)? (?:outside|beyond|above|out of|not within)(?: of)? (?:what i|my|the scope|our)\b"
    rf"{_REST}",
    r"^no (?:\w+ )?(?:answers?|response|reply|decision|determination|judge?ment|conclusion|statement|verdict|output)\b[^,:;\d]{0,20}(?:can|could|was|is|has|given|possible|found|available|generated|returned|produced)\b[^,:;\d]{0,40}$",
    r"^(?:an? |the |your )?(?:answer|response|reply|output|result) (?:is |was |could )?(?:not |n't )(?:be )?(?:found|given|available|generated|returned|produced|possible|known|clear)\b[^,:;\d]{0,40}$",
    r"^\W*(?:blocked|removed|filtered|flagged|redacted|withheld|censored|refused|rejected|moderated)(?: by| due to| for| because of)\b.{0,60}$",
    rf"^would you (?:mind|be able|be so kind|care|like to (?:share|upload|send|provide))\b{_REST}",
    rf"^i(?:'d| would|'ll| will)? ?(?:need|require|have to (?:see|get))\b[^,:;\d]{{0,20}}\b(?:look|view|copy|version)\b{_REST}",
    rf"^(?:an? |the )?[^,:;\d]{{0,40}}\b(?:look|view|examination|inspection|{_MEDIA}|{_KNOWLEDGE})\b[^,:;\d]{{0,40}}"
    rf"\b(?:is|are|would be|will be) (?:needed|required|necessary)\b{_REST}",
    rf"\bdepending on (?:the|your) {_MEDIA}\b.{{0,10}}\bwhich i (?:can ?not|can't)\b",
    r"\b(?:would be|is|be|it's|isn't|is not|not)(?: \w+)? (?:inappropriate|appropriate|unethical|ethical|irresponsible|against my"
    rf"|unsafe|beyond my|beyond what|outside my|outside of my|outside the scope|not something i)\b{_REST}",
    r"^(?:it |this |that )?(?:could|may|might) be (?:either|any|all|both|anything|any one|one)(?: of (?:them|these|those|the \w+))?$"
    r"|^(?:all|both|either|any)(?: (?:of )?(?:the|these|those|them))?(?: \w+)?(?: (?:is|are|seem|could|may|might)(?: be)?)"
    r" (?:equally )?(?:possible|plausible|likely)$"
    r"|^(?:it|that)(?:'s| is) a (?:toss-?up|coin flip|coin toss|tie)$|^(?:it|that) (?:all )?depends\b[^,:;\d]{0,40}$",
    r"^(?:how|what|where|in what way|with what) (?:else )?(?:can|may|could|would|shall|should)\b[^:\d]{0,20}\b(?:i|you)\b[^:\d]{0,60}\b(?:help|assist|like|support)\b[^:\d]{0,40}$"
    r"|^(?:my name is|i am called|i was (?:created|trained|made|developed)|created|trained|developed|made) by\b[^:\d]{0,60}$",
    r"^\W*(?:please )?(?:try|retry)(?: again)?(?: later| again| in a \w+)\b.{0,60}$"
    r"|^(?:something|sorry something|oops something|an? (?:unexpected |unknown |internal |server )?(?:error|problem|exception))"
    r" (?:went wrong|(?:has |was )?(?:occurred|happened|encountered|raised))\b.{0,120}$"
    r"|^(?:the |your |this )?(?:request|connection|operation|server|session|query|call|model|service|system)"
    r" (?:has |was |is |could not be |cannot be |can't be )?(?:been )?(?:timed out|failed|aborted|cancelled|canceled|rejected|refused"
    r"|denied|blocked|flagged|filtered|expired|lost|overloaded|unavailable|busy|down|currently \w+|terminated|completed|processed)\b.{0,80}$"
    r"|^\W*(?:content|message|response|output|answer|reply|text)(?: (?:was|has been|is))? (?:removed|filtered|blocked|redacted"
    r"|withheld|deleted|hidden|censored|flagged|suppressed|moderated|unavailable|not available)\b.{0,60}$",
)
_CODED = (  # numbers and points among them are no answers
    r"^\W*(?:[\w.]{0,30} ){0,2}?(?:[\w.]{0,40}error|exception|http|status|errno|traceback)\b[\s:=#(\[]{0,4}(?:(?:error )?(?:code|status))?[\s:=#(\[]{0,4}(?:http )?[45]\d\d(?=\W*$|\s?[:–—,.()-]|\s(?:bad|unauth|forbidden|not found|request|conflict|payload"
    r"|unprocess|too many|internal|server|service|gateway|time))"
    r"|^\W*[45]\d\d\b[\s:–-]{1,3}(?:bad request|unauthori[sz]ed|forbidden|not found|request timeout|conflict|payload too large"
    r"|unprocessable|too many requests|internal server|bad gateway|service unavailable|gateway time)"
    r"|^\W*(?:\w{0,20} ){0,2}?(?:\w{0,20}error|exception)\b[\s:–-]{0,4}(?:bad request|unauthori[sz]ed|forbidden|not found|(?:request |gateway |read |connection )?time ?-?(?:d )?out"
    r"|payload|unprocessable|too many requests|internal|bad gateway|service|rate.?limit|quota|invalid|unsupported|failed|unable|could not|cannot"
    r"|out of memory|cuda|context length|maximum|no (?:response|output|answer|choices|content)|connection|unknown|unexpected|model|request|api|token|content|null|none)\b"
    r"|^\W*traceback \(most recent"
    r"|^\W*(?:finish|stop|block)[ _]?reason\W{1,5}(?:content_?filter\w*|safety|recitation|length|max_tokens|refusal|prohibited_content|blocklist|other)\W*$"
    r"|^\W*(?:error|exception)\W*$"
    r"|^\W*(?:rate limit|request limit|usage limit|quota|token limit)\b[^\n]{0,20}\b(?:exceeded|reached|hit)\b"
    r"|\b(?:retry|try again) (?:in|after) \d{1,4} ?(?:s|sec|seconds|min|minutes|ms)\b"
    r"|^\W*(?:connection|request|read|gateway|operation)? ?timed out\b"
)
_INTRODUCED = (  # and nothing behind it
    r"\W*(?:(?:(?:so|thus|therefore),? )?(?:the |my )?(?:final |correct )?(?:answer|response|result|output|solution|label|caption|translation|summary)"
    r"(?:\s?[:：]| is:?)|assistant\s?:|答案(?:是|为)?[:：]?|回答[:：]|respuesta:|réponse\s?:|antwort:|ответ:|答え[：:は]|정답:)\W*"
    r"|\s*<(?P<tag>\w{1,20})>\s*</(?P=tag)>\s*|\W*\\boxed\{\s*\}\W*"
)
_MORE_ENGLISH = (
    r"^(?:i|we) (?:(?:was|were|am|are) (?:unable|not able) to|could not|couldn't|can ?not|did not|didn't) (?:find|locate|retrieve)(?: any| enough| the)?(?: \w+)?"
    rf" (?:info|information|data|answers?|results?|sources?|documents?)\b{_REST}",
    r"^(?:please )?(?:you (?:should|may want to|need to|ought to|must) )?(?:see|consult|ask|contact|visit|talk to|speak to|seek) (?:with )?(?:an? |your |the |medical |professional |legal ){1,3}"
    r"(?:\w+ )?(?:doctor|physician|radiologist|specialist|professional|expert|lawyer|advice|help|administrator|support|veterinarian)\b[^,:;\d]{0,60}$",
    rf"^(?:what|which|whose) (?:{_MEDIA}|one)\b[^,:;\d]{{0,30}}(?:\b(?:you|mean|refer\w*|talking)\b[^,:;\d]{{0,30}})?$",
    rf"^(?:the |your |that |this )?(?:\w+ )?(?:{_MEDIA}|link|upload|download|url)(?: you (?:sent|shared|provided))? (?:has |does not |doesn't |did not |didn't |could not |won't )?"
    rf"(?:be )?(?:fail(?:s|ed)?|work|load|open|come through|arrive|been (?:lost|removed|deleted)|broke)(?:ed|ing)?\b{_REST}",
    rf"^(?:an? )?(?:problem|issue|error|trouble|mistake) (?:with|in|loading|opening|reading|processing|accessing|generating|during|while)\b[^,:;\d]{{0,40}}(?:{_MEDIA}|response|request|upload|link|answer|output)\b{_REST}",
    r"^(?:the |your |this |our )?(?:system|server|model|service|connection|request|api|application)(?: \w+ly)?(?: is| was| has)?(?: \w+ly)? (?:unavailable|encountered|experienc\w+|reset|interrupted|overloaded|crashed|down|ran into)\b.{0,60}$"
    r"|^(?:error|failed|failure|exception)(?: \w+ing| to| while| during| in)\b[^:\d]{0,60}\b(?:response|request|output|answer|model|input|image|video|audio|file|server|generation)\b.{0,40}$"
    r"|^(?:finish_?reason|stop_?reason|status|error_?type)\W{1,4}\w.{0,40}$|^(?:oops|whoops|uh-oh|oh no)$|^(?:refused|withheld|redacted|content[_ ]filter(?:ed)?|not (?:a clue|determinable|decidable|enough))$",
    rf"^(?:none|neither|no one|not one|nothing|neither option|no option|no candidate)(?: of [^,:;\d]{{1,40}})? can be (?:\w+ly )?(?:chosen|confirmed|determined|ruled out|selected|picked|decided|verified|inferred|established|excluded|preferred)\b{_REST}",
    rf"^(?:the |this |your |that )?(?:question|prompt|task|request|{_KNOWLEDGE}) (?:makes no sense|does not make sense|doesn't make sense|is (?:too )?(?:ambiguous|vague|insufficient|unclear|incomplete|meaningless|lacking))\b{_REST}",
    rf"^no (?:valid|clear|definite|definitive|certain|reliable|possible|single|suitable|direct|final|good) (?:answers?|response|determination|decision)\b{_REST}",
    rf"^(?:i |i'm |i am )?(?:just |only )?(?:have|having|with) no (?:way|means|possibility|chance|ability)\b{_REST}|^i(?:'m| am) drawing a blank$|^(?:it(?:'s| is) )?too (?:close|early|hard|difficult) to (?:call|say|tell|know)\b{_REST}"
    rf"|^(?:not|there (?:isn't|is not|aren't|are not)) (?:enough|sufficient|much)\b[^,:;\d]{{0,40}}\b(?:go on|work with|tell|say|know|decide|judge|answer|see|{_KNOWLEDGE})\b{_REST}",
    rf"^(?:it )?could be [a-z]$|^(?:doing|identifying|answering|naming|describing|revealing|sharing|discussing) [^,:;\d]{{0,40}}\b(?:would|could|might|may) (?:violate|breach|infringe|harm|be)\b{_REST}"
    rf"|^i (?:do not|don't|never|cannot|can't|won't) (?:identify|recogni[sz]e|provide|offer|give|discuss|share|disclose|reveal|comment|guess|speculate|diagnose|make|answer|engage|participate)\b{_REST}",
)
_MORE_OTHERS = (
    # who answers, and of what
    r"^(?:我|这里|本人)?(?:只是|仅仅?是|不过是|是|作为)(?:一个|一名|个|一款)?[^，：；\d]{0,8}(?:语言模型|人工智能|AI|助手|机器人|模型|程序)$|^我没有(?:视觉|听觉|眼睛|耳朵|看图|这个能力|能力)[^，：；]{0,10}$"
    r"|^(?:я )?(?:всего лишь|только|просто) [^,:;\d]{0,20}(?:модель|ассистент|ии|бот|программа)$|^저는 [^,\d]{0,16}(?:모델|인공지능|ai|챗봇|어시스턴트)(?:입니다|이에요|일 뿐입니다)$"
    r"|^(?:je ne suis qu|je suis |soy |sólo soy|solo soy|sou |ich bin )[^,:;\d]{0,20}(?:modèle de langage|modelo de lenguaje|modelo de linguagem|sprachmodell|ia|ki|assistant|asistente|assistente)\b[^,:;\d]{0,20}$"
    r"|^私は[^、：\d]{0,16}(?:モデル|ai|アシスタント)です$",
    # which input
    r"^(?:你|您)(?:指|说)?(?:的)?(?:是)?(?:哪|什么)[^，：；\d]{0,8}(?:图|视频|音频|文件|内容|问题)[^，：；\d]{0,4}$|^(?:您|你)?能(?:不能|否)?(?:再|重新|详细|具体)[^，：；\d]{0,8}(?:吗|一下|一遍)$"
    r"|^¿?(?:a |de |sobre )?(?:qué|cuál|qual|que|quelle|quel|welche\w{0,2}|welches|quale|о как\w+|како\w+) (?:de )?(?:imagen|vídeo|video|audio|archivo|imagem|arquivo|image|vidéo|fichier|bild|datei|immagine|изображени\w*|видео|файл\w*)\b[^,:;\d]{0,30}$"
    r"|^どの(?:画像|動画|音声|ファイル)[^、：\d]{0,12}$|^어떤 ?(?:이미지|사진|영상|오디오|파일)[^,\d]{0,12}$",
    # it was not loaded, or is not to be seen
    r"^(?:la |el |il |l'|le |a |o |das |die |der )?(?:imagen|vídeo|video|audio|archivo|imagem|arquivo|image|vidéo|fichier|bild|datei|immagine|file) (?:no|não|ne|n'|non|wurde|konnte|ist|kann)\b[^,:;\d]{0,20}(?:carg|carreg|charg|geladen|laden|öffn|lisible|legible|legível|lesbar|abr|ouvr|caric|disponi|verfügbar|visible|visível|sichtbar)[^,:;\d]{0,20}$"
    r"|^(?:l')?image n'(?:est|a)\b[^,:;\d]{0,30}$|^(?:изображение|видео|файл|аудио|картинка) не (?:загруз|откры|отобра|вид|доступ)[^,:;\d]{0,20}$|^(?:画像|動画|音声|ファイル)[がは](?:表示|再生|読み込|認識|開)[^、：\d]{0,8}(?:ません|ない)$"
    r"|^(?:这张|这个|该|您的)?(?:图|图片|视频|音频|文件|附件)?(?:我)?(?:打不开|看不了|听不了|看不到|看不见|加载失败|加载不出来|看不到任何东西)(?:任何东西|图|图片)?$|^我(?:看不到|看不见|听不到)(?:任何)?(?:东西|内容|图|图片|声音)?$",
    r"^(?:没有|缺乏|缺少)(?:足够|充分|更多|任何)的?(?:线索|依据|信息|证据|细节|条件|内容|把握)$|^(?:内容|图片|请求)?(?:违规|敏感|涉及隐私)$|^无法(?:显示|加载|识别|访问|处理|完成|执行|提供服务)$",
    r"^aucun(?:e)? (?:information|donnée|réponse|détail|contexte)s?(?: (?:disponible|fournie?|donnée|suffisante))?s?$|^pas assez d(?:e |')\w+$|^je n'en sais rien$|^je n'en ai aucune idée$|^ohne (?:das |ein |die |den )?(?:bild|video|audio|datei|text|kontext)\b[^,:;\d]{0,20}\bkann ich\b[^,:;\d]{0,40}$",
)
_OTHERS = (
    r"^¿?(?:(?:me )?(?:puedes|podrías|puede|podría)|você (?:pode|poderia)|poderia|pode|pouvez-vous|pourriez-vous|peux-tu|können sie|könnten sie|kannst du|könntest du|potresti|può|не могли бы вы|можете)"
    r" (?:\w+ ){0,5}?(?:compart|envi|sub|proporcion|adjunt|pas|mostr|dar|decir|aclar|fourni|partag|envoy|donn|préci|teilen|senden|schicken|hochladen|geben|bereitstell|carreg|fornec|inviar|forni|прислать|загрузить|предоставить|отправить|уточнить)",
    # Chinese, Spanish, Portuguese, French, German, Japanese, Russian, Korean, Italian
    r"(?:无法|难以|没法|没办法|没有办法|很难|不好|不能|不可能|不足以|无从)(?:\w{0,6})?(?:确定|判断|判定|回答|作答|辨认|辨别|识别|看清|看出|得出|给出|得知|知道|知晓|推断|推测"
    r"|断定|认定|分辨|解答|答复|评估|评价|选择|决定|得到|处理|查看|访问|打开|加载|读取|完成|提供|说)[^，：；\d]{0,24}$",
    r"(?:信息|资料|数据|上下文|条件|证据|内容|清晰度|分辨率|图像质量)(?:太|过)?(?:不足|不够|不充分|缺失|有限|太少|太低|过低|为空)[^，：；\d]{0,12}$",
    r"^(?:麻烦|请|烦请|能否|能不能|可以|可否|劳烦|需要|还需要|我需要)(?:您|你|先|再|重新|请|看|到|一下){0,5}(?:提供|上传|发送|补充|给出|说明|描述|分享|重发|重试|输入|确认|稍后|更多|更清晰|查看|看到)[^：；\d]{0,24}$",
    r"^(?:请求|响应|服务|系统|网络|连接|服务器|操作|生成|加载|处理|内容|该内容|您的请求|此内容)[^，：；\d]{0,10}(?:超时|失败|错误|异常|繁忙|出错|不可用|被过滤|被拦截|被屏蔽|已屏蔽|违规|敏感|被拒绝|不支持)[^：；]{0,20}$"
    r"|^(?:出错了?|错误|系统错误|未知错误|发生(?:了)?(?:未知)?错误|稍后再试|请稍后(?:再试|重试)?)[^：；]{0,12}$",
    r"\bno (?:se )?(?:(?:me )?lo )?(?:puede|puedo|podemos|pude|podría|sabría|es posible|sé|logro|consigo)\b[^,:;\d]{0,30}?(?:determin|saber|sab|respon|contest|decid|eleg|escog|identific|confirm|asegur|adivin"
    rf"|precis|establec|conclu|deduc|decir|distingu){_REST}"
    rf"|\bno (?:tengo|dispongo de|cuento con|hay|poseo|recibí|he recibido|se dispone de|tenemos){_FEW}(?:informaci|dato|contexto|idea|acceso|respuesta|imagen|video|vídeo|audio|archivo|forma de|manera de|opini|suficiente){_REST}"
    rf"|\bno estoy (?:segur|autoriz)[^,:;\d]{{0,40}}$|\b(?:imposible|difícil) (?:de )?(?:decir|determinar|saber|responder|contestar)\b{_REST}"
    rf"|^(?:se (?:necesita|requiere)n?|necesit\w+|haría falta|harían falta|falta|faltan|requiero) [^,:;\d]{{0,30}}(?:informaci|contexto|dato|detalle|imagen|vídeo|video|audio|archivo){_REST}",
    r"\bnão (?:é possível|posso|consigo|pode|dá para|tenho como|há como|foi possível|pude|se pode|saberia|sei)\b[^,:;\d]{0,30}?(?:determin|saber|respon|decid|escolh|identific|confirm|dizer|adivinh"
    rf"|afirm|avali|precis){_REST}"
    rf"|\bnão (?:tenho|disponho de|há|possuo|recebi|temos){_FEW}(?:informaç|dados|contexto|ideia|acesso|resposta|imagem|vídeo|áudio|arquivo|opini|suficiente|certeza){_REST}"
    rf"|\b(?:impossível|difícil) (?:de )?(?:dizer|determinar|saber|responder)\b{_REST}|^(?:preciso|é necessári|precisaria|seria necessári|falta|faltam)\w{{0,2}} [^,:;\d]{{0,30}}(?:informaç|contexto|dados|detalhes|imagem|vídeo|áudio|arquivo){_REST}",
    r"\b(?:ne|n') ?(?:peux|peut|puis|pourrais|saurais|sais|suis|parviens|arrive|est pas possible|peuvent)\b[^,:;\d]{0,40}?(?:détermin|savoir|sav|répond|décid|choisi|identifi|confirm|dire|devin|certain|sûr|précis|tranch|laquelle|lequel)"
    rf"{_REST}|\b(?:n'ai|n'avons|n'ai reçu|ne dispose|ne possède){_FEW}(?:d'|l'|de l')?(?:informati|données|contexte|idée|accès|réponse|image|vidéo|audio|fichier|avis|éléments){_REST}"
    rf"|\b(?:impossible|difficile) (?:de|à) (?:dire|déterminer|savoir|répondre|trancher)\b{_REST}"
    rf"|^(?:il (?:me )?faudrait|il (?:me )?faut|j'aurais besoin|j'ai besoin|il manque)\b[^,:;\d]{{0,40}}(?:informati|contexte|données|détails|image|vidéo|audio|fichier|précision){_REST}",
    r"\b(?:lässt|lassen|kann|können|konnte|könnte)\b[^,:;\d]{0,60}?\b(?:nicht|kein\w{0,2})\b[^,:;\d]{0,50}?(?:bestimm|sagen|wissen|beantwort|entscheid|auswähl|feststell|ermitt|bestätig|beurteil|erraten|erschließ|einschätz)"
    rf"{_REST}|^(?:ich|wir) (?:weiß|habe|haben|bin|sind|wissen|verfüge)\b[^,:;\d]{{0,40}}?\b(?:nicht|kein\w{{0,2}}){_FEW}(?:\w+)?(?:wissen|ahnung|information|zugriff|daten|bild|video|datei|antwort|meinung|sicher|kontext|lage|möglichkeit){_REST}"
    rf"|^kein\w{{0,2}} (?:bild|video|audio|datei|text|eingabe|ton)\w{{0,4}}(?: (?:vorhanden|erhalten|verfügbar|gefunden|angehängt|beigefügt|gegeben|da))?$|^(?:dazu|darüber|hierzu|davon) (?:habe|kann|weiß) ich\b[^,:;\d]{{0,30}}\b(?:nicht|nichts|kein\w{{0,2}})\b{_REST}|\bdas (?:weiß|kann) ich (?:leider |auch )?nicht\b{_REST}|^(?:es )?(?:fehlen|fehlt|wäre|wären|man (?:bräuchte|braucht)|ich (?:bräuchte|brauche|benötige))\b[^,:;\d]{{0,40}}(?:information|angaben|daten|kontext|details|bild|video|datei|audio){_REST}",
    r"(?:判断|特定|確定|断定|決定|回答|解答|答え|判別|識別|確認|推測|選択|評価|提供|処理|理解|認識|お答え)[^。、：\d]{0,10}(?:できません|できない|できかねます|つきません|困難です|難しいです|不可能です|しかねます|できませんでした)[^、：\d]{0,10}$",
    r"(?:情報|データ|文脈|資料|証拠|画像|動画|音声|ファイル|入力)[^、：\dに]{0,10}(?:不足して|足りま|足りない|ありません|不十分|不鮮明|届いていません|必要です|読み込めません|開けません)[^、：\d]{0,12}$"
    r"|(?:教えて|提供して|送って|アップロードして|添付して|お試し|ご確認|お送り|ご提供)(?:ください|下さい|いただけますか|もらえますか)$",
    r"^(?:(?:画像|動画|音声|ファイル)(?:は|が)(?:見え|見られ|聞こえ|ありま|開け)(?:ません|せん))$|^(?:できません|できかねます)$|^(?:エラー|サーバーエラー|タイムアウト)[^、：\d]{0,20}$",
    r"\b(?:не (?:могу|можем|удалось|удаётся|удается|смог\w*|получилось|получается|возможно|представляется возможным|берусь|в состоянии)|невозможно|нельзя|трудно|сложно)\b[^,:;\d]{0,30}?(?:определ|сказать|ответ|узна|реш|выбра|установ|подтверд|судить|различ|опозна|понять|угада|оцени|точно)"
    rf"{_REST}|\b(?:у меня нет|я не имею|отсутству\w+|не хватает|недостаточно|не получил\w*|нет){_FEW}(?:информаци|данных|контекст|доступ|ответ|изображени|видео|аудио|файл|сведени|мнени|представлени){_REST}"
    rf"|^(?:пришлите|загрузите|отправьте|предоставьте|прикрепите|уточните|опишите)\b.{{0,40}}$|^(?:мне )?(?:нужн\w+|требу\w+|необходим\w+|понадоб\w+)\b[^,:;\d]{{0,30}}(?:информаци|данны|контекст|изображени|видео|аудио|файл|уточнени){_REST}",
    r"(?:수 없|어렵|불가능|힘들|못하겠|못합니다|못했|불가합니다)(?:습니다|어요|네요|음|다|겠습니다|었습니다|합니다|군요)$|(?:정보|데이터|맥락|자료|이미지|사진|영상|오디오|파일|내용)[가이은는도]? ?(?:더 )?(?:부족|없|필요|불충분|누락|흐려|흐릿)[^,:\d]{0,12}$"
    r"|(?:제공|첨부|업로드|공유|전송|설명|입력|시도|보내|올려|알려)(?:해|하여)?[ ]?(?:주세요|주십시오|주시겠어요|주시기 바랍니다|주실 수 있나요|보세요)$",
    r"\bnon (?:è possibile|posso|riesco|si può|sono in grado|ho)\b[^,:;\d]{0,40}?(?:determin|saper|rispond|decider|sceglier|identific|conferm|dire|idea|informazion|certezza|stabilir|accesso)[^,:;\d]{0,60}$",
)

_NEUTRAL = (  # said around it
    r"^(?:h+m+|well|oh|no problem|ok(?:ay)?|ah|uh|um+|wow|sure|of course|certainly|absolutely|honestly|frankly|hello|hi(?: there)?|hey|thanks?(?: you)?|thank you|however|so|then|but|and"
    r"|alas|sadly|unfortunately|regrettably|sorry|my apologies|i'm afraid|i am afraid|i'm sorry|i am sorry|please|note|noted|understood|i see|at this time|at the moment|from this alone"
    r"|neither can i|nor can i|that said|really)$"
    r"|^(?:(?:h+m+|well|oh) )?(?:that(?:'s| is)|this is|what)? ?(?:an? |such an? )?(?:really |very )?(?:tough|hard|difficult|tricky|good|great|interesting|close) (?:one|question|call|choice|decision|case)$"
    r"|^(?:just )?(?:let me|allow me to|i need to|i'll|i will|i'm going to) (?:think|see|consider|check|look|have a look|take a look)\b[^:\d]{0,40}$"
    r"|^(?:i(?:'d| would) (?:love|like|be happy|be glad|be delighted|really like)|i (?:wish|want|hope|understand|appreciate|see that|realize|know that you|tried|looked|have tried|have looked))\b[^:\d]{0,80}$"
    rf"|^(?:before|once|until|unless|without|when|as soon as|after|for|due to|given)\b[^:\d]{{0,40}}\b(?:i|you|we|seeing|hearing|access|{_MEDIA}|reasons?|policy|policies|privacy|limitations?)\b[^:\d]{{0,30}}$"
    r"|^thank(?:s| you)\b[^:\d]{0,80}$"
    r"|^(?:i(?:'m| am) (?:designed|trained|built|programmed|here|made|only|just|an?|happy|glad|sorry|unable|qwen|gpt|chatgpt|claude|gemini|llava))\b[^:\d]{0,100}$"
    r"|^(?:you (?:should|may|might|could|can|will need to|need to)|try|consider|consult|contact|seek|ask|an? \w+ (?:should|must|needs to|would have to|could))\b[^:\d]{0,100}$"
    rf"|^(?:the |this |your |it |because |since |as )?(?:\w+ )?(?:{_MEDIA}|quality|resolution|it)? ?(?:is|are|was|seems|looks|appears)(?: to be)?(?: just| simply| far| much| a bit)? too \w+(?: and \w+)?\b[^,:\d]{{0,30}}$"
    r"|^(?:这张|该|此|这|这个|您提供的|提供的)?(?:图片|图像|照片|视频|音频|录音|画面|图|文件|内容|问题|题目|题)?(?:实在|有点|有些|确实)?(?:太|过于|过|很|非常|比较|不够|不太|不)(?:模糊|暗|小|黑|嘈杂|清晰|清楚|短|难|复杂|吵|好)(?:了|呢)?$"
    r"|^(?:让我们|我们|咱们|不如|要不)?换个?(?:话题|问题)[^：\d]{0,12}$|^(?:您好|你好|嗯+|好的|谢谢|抱歉|对不起|不好意思|这(?:个|道)?(?:问题|题)(?:很|有点|比较|太)难|感谢[^：\d]{0,12}|很(?:高兴|乐意)[^：\d]{0,20}|当然(?:可以)?|可以|没问题|我可以帮忙|(?:这)?是一个?(?:很)?好的?问题|我(?:很|非常)?(?:想|希望|愿意)[^：\d]{0,16})$"
    r"|^(?:hola|bueno|gracias|vaya|pues|hm+|bonjour|merci|hélas|hallo|danke|tja|na ja|leider|olá|obrigad[oa]|infelizmente|lamentablemente|desafortunadamente|por desgracia|malheureusement|désolée?"
    r"|bedauerlicherweise|tut mir leid|entschuldigung|здравствуйте|спасибо|извините|простите|к сожалению|увы|申し訳(?:ありません|ございません)(?:が)?|すみません(?:が)?|残念ながら|うーん|¡?claro(?: que sí)?|por supuesto|gerne|natürlich|bien sûr|конечно|もちろん(?:です)?|물론(?:입니다|이죠)?|죄송(?:합니다|하지만|합니다만)|안녕하세요|음+|아쉽게도|안타깝게도)$"
)
_ASKED = (  # of a question and its input, in free text too
    r"^(?:the |your |this |that )?(?:request|prompt|input|content|message|query|response|output) (?:was|has been|is|got) (?:\w+ )?(?:(?:flagged|blocked|filtered)\b.{0,60}|rejected|refused)$"
    r"|^i(?:'d| would| will|'ll)? ?need to (?:see|view|hear|read|have) (?:the|your|an?) (?:\w+ )?(?:input|image|picture|photo|video|audio|file|question|text)\b.{0,20}\bto (?:answer|give|provide|determine|respond|help|do|complete)\b.{0,40}$"
    r"|^(?:i )?(?:regrettably |unfortunately )?(?:i )?lack the (?:capability|ability|capacity|means|tools|expertise) to\b.{0,80}$"
    r"|^(?:i )?won't be able to (?:do|answer|help with|complete) (?:that|this|it)(?: for you)?$"
    r"|^(?:it |this |that |the answer |the question )?(?:can ?not|can't|could not) be (?:determined|answered)(?: (?:from|with|based on|given|without|by)\b.{0,60})?$"
    r"|^(?:no|not enough|insufficient) (?:information|context|data|answer)(?: (?:is |was )?(?:available|provided|given))?$"
    r"|^(?:something|an? (?:unexpected |unknown |internal )?error) (?:went wrong|(?:has )?occurred) while (?:generating|processing|handling)\b.{0,60}$"
    r"|^\W*(?:content|message|response|output) (?:(?:was|has been) )?(?:removed|filtered|blocked|redacted|censored|moderated)(?: by .{1,40})?$"
)
KNOWN = pattern("|".join((*_KNOWN, _ASKED, _CODED)), re.IGNORECASE)
ASKED = pattern(f"{_ASKED}|{_CODED}", re.IGNORECASE)
UNANSWERED = pattern(
    "|".join((*_KNOWN, _ASKED, *_ENGLISH, *_MORE_ENGLISH, *_OTHERS, *_MORE_OTHERS, _CODED)),
    re.IGNORECASE,
)
CODED = pattern(_CODED, re.IGNORECASE)
DEPENDING = pattern(  # "A, B or C depending on the image, which I cannot see"
    r"\bdepend\w*\b[^.!?\n]{0,80}\bwhich i (?:can ?not|can't|could not|couldn't|do not|don't)(?: \w+){0,3}\W*\Z",
    re.IGNORECASE,
)
INTRODUCED = pattern(_INTRODUCED, re.IGNORECASE)
NEUTRAL = pattern(_NEUTRAL, re.IGNORECASE)
GUESSED = pattern(
    r"\b(?:maybe|perhaps|probably|likely|possibly|presumably|i(?:'d| would) (?:say|guess|go)|i (?:guess|think|believe)"
    r"|(?:best|my) guess|except|other than|apart from|besides|probablemente|quizás?|tal vez|talvez|provavelmente"
    r"|peut-être|probablement|sans doute|vielleicht|wahrscheinlich|вероятно|наверное|скорее всего)\b"
    r"|可能是|大概|也许|或许|应该是|我猜|おそらく|たぶん|多分|아마",
    re.IGNORECASE,
)
# what leads to an answer
LEAD = pattern(
    r"^\W*(?:(?:so|thus|therefore|hence|well),? )?(?:(?:the |my )?(?:final |correct |best |right )?(?:answers?|results?|responses?|outputs?|labels?"
    r"|predictions?|conclusion|count|number|score|value|category|class)\b(?: (?:to (?:this|the|your) question|here))?"
    r"\s?(?:[:=]|is:?|would be|must be|should be|remains)|答案(?:是|为|：|:)|respuesta:|réponse\s?:|antwort:|ответ:|答え[：:は]|정답:)\s*",
    re.IGNORECASE,
)
SEEMING = pattern(
    r"^(?:(?:it|that|this) (?:seems|appears|looks|would seem)(?: to me)?(?: like| that| as if| as though)?|(?:looks|seems|sounds) like|there (?:seems|appears) to be"
    r"|it turns out(?: that)?|parece que|il semble que|es scheint(?: dass)?|похоже(?: что)?) ",
    re.IGNORECASE,
)
PARTS = pattern(
    r",\s|，|、|;|；|:\s|：|,? (?:so|because|since|therefore|hence|thus|as|and|which means|given that|porque|ya que|car|parce que|weil|denn|da"
    r"|потому что|так как|pois)(?= (?:\w+ ){0,1}?(?:i|it|we|that|this|the|there|no|nothing|none|one|you|your|a|an|my|neither|nor|can|identifying"
    r"|no|je|il|la|el|ich|es|das|я|это|não|o)\b) ?|(?:。|，|所以|因此|因为)",
    re.IGNORECASE,
)
QUESTIONS = pattern(r"(?:\A|(?<=[.!?\n。？！]))[^.!?\n。？！]{0,300}[?？]+")


def is_unanswered(clause: str) -> bool | None:
    """Whether a clause says that there is no answer; None if it says neither that nor another thing.

    >>> is_unanswered("it is unclear to me"), is_unanswered("let me think"), is_unanswered("hard to tell, a dog")
    (True, None, False)
    """
    clause = SEEMING.sub("", LEAD.sub("", clause).strip(_AROUND))
    parts = [part.strip(_AROUND) for part in PARTS.split(clause) if part and part.strip(_AROUND)]
    alone = len(parts) < 2
    if UNANSWERED.search(clause) and not GUESSED.search(clause):
        return alone or is_unanswered(parts[0]) is not False
    if not clause or NEUTRAL.search(clause):
        return None
    if alone:
        return False
    said = {is_unanswered(part) for part in parts}
    return False if False in said else (True in said) or None


_AROUND = " \t\n.,:;!?-–—…\"'“”()[]{}<>*_`\\$。，！？；：「」"
