"""Whether a reply refuses to answer, in the languages that models refuse in."""

import re

LOOKED_AT = 3000  # characters; a refusal is short

_APOLOGY = (
    r"(?:i(?:'m| am)(?: so| very| really| truly)? sorry|so sorry|sorry|(?:my )?apologies"
    r"|i apologi[sz]e"
    r"(?: for [\w ]{1,40})?|unfortunately|regrettably|i(?:'m| am) afraid)"
)
_CANNOT = (
    r"i(?:'m| am)? ?(?:currently |still |simply |really |just )?"
    r"(?:can(?:no|')t|can not|cannot|could ?n't|could not|won't|will not|wo not|do not|don't"
    r"|am not able to"
    r"|not able to|unable to|not allowed to|not permitted to|not going to|not comfortable"
    r"|not capable of"
    r"|not designed to|not programmed to|not equipped to|lack the ability to|must decline"
    r"|decline to"
    r"|have to decline|refuse to|not in a position to)"
)
_MEDIA = (
    r"(?:images?|pictures?|photos?|photographs?|videos?|audios?|sounds?|files?|recordings?"
    r"|attachments?|media|clips?|frames?|visuals?"
    r"|visual content|point clouds?|content|documents?|charts?|diagrams?)"
)
_DO = (
    r"(?:answer\w*|assist\w*|help (?:you )?with|help (?:you )?(?:answer|here|further)"
    r"|help(?: you)?$|comply\w*|fulfil\w*|determin\w*"
    r"|(?:see|view\w*|hear|watch\w*|open|play\w*|read|load|process\w*|access\w*|listen\w* to"
    rf"|display\w*|look at|draw)\b.{{0,30}}?\b{_MEDIA}\b"
    r"|(?:process|access|handle|accommodate|complete|satisfy|meet|continue with|engage with"
    r"|engage in|support|discuss)\b.{0,20}\b(?:requests?|that|this|tasks?|topics?|inputs?)\b"
    r"|provid\w*\b.{0,40}?(?:\b(?:answers?|responses?|information|assistance|details?|analys[ie]s"
    r"|descriptions?|captions?|help|support"
    r"|advice|content|diagnos\w+|identif\w+|such|instructions?|solutions?|code|translations?"
    r"|summar\w+|outputs?|results?|explanations?"
    r"|interpretations?|assessments?|names?|numbers?|counts?|labels?|transcri\w+|box\w*|masks?"
    r"|coordinates?)\b|\b(?:that|this|it|one)$)"
    r"|give (?:you )?(?:an? |the |any )?(?:\w+ )?(?:answers?|responses?|information|advice|opinion)"
    r"|offer (?:assistance|help|advice|medical|an? answer)"
    r"|identif\w*|analy[sz]\w*|interpret\w*|classif\w*|recogni[sz]e\b|describe\w*|detect\b"
    r"|locate (?:the|any|an)\b|transcrib\w*"
    r"|generat\w*|creat\w* (?:an?|the|any|that|this|such|images?|content)\b|do (?:that|this)$"
    r"|respond\w*|comment on|perform (?:that|this|the|any|such|image|audio)\b"
    r"|have (?:direct )?(?:access to|the (?:ability|capability|means) to|enough (?:information"
    r"|context|detail|data)|sufficient (?:information|context|detail|data)"
    r"|any (?:information|context|image|visual|data)|visual (?:capabilities|abilities))"
    r"|tell (?:from|whether|if|which)\b|tell$|count (?:the|them|how|any|objects)\b|say (?:for sure"
    r"|whether|which|for certain)\b"
    r"|solve (?:this|that|the) (?:problem|question|task|request)|translate (?:this|that|the)\b"
    r"|be (?:of help|certain from))"
)
ENGLISH = (
    rf"\b{_CANNOT}\b[^.!?\n]{{0,40}}?\b{_DO}",
    rf"^{_APOLOGY}[,.!:]{{0,2}}$",
    rf"(?:\b(?:unable|not able) to|^(?:can ?not|can't|could not)) {_DO}",
    r"^i (?:can ?not|can't|won't|will not)$|^i (?:can ?not|can't) say$|^i must (?:respectfully "
    r"|politely )?decline\b|^i lack the (?:information|context|data)\b"
    r"|^i(?:'d| would) (?:rather|prefer) not (?:to )?(?:answer|say)|^i prefer not to (?:answer|say)"
    r"|^i (?:do not|don't) understand the question"
    r"|^i (?:do not|don't) have (?:personal )?(?:opinions|feelings|preferences)"
    r"|^i have no way (?:of|to)\b|^i regret that i cannot",
    r"^(?:could you |can you |would you )?please (?:provide|upload|share|attach"
    rf"|send)\b.{{0,30}}\b{_MEDIA}\b",
    r"\bas an? (?:(?:ai|artificial intelligence|text-based)(?: (?:language )?(?:model|assistant"
    r"|system|chatbot))?"
    r"|(?:large )?language model|virtual assistant)(?=,|\s?$| (?:i|and|developed|trained"
    r"|without)\b)",
    r"\b(?:there (?:is|are|was|were|seems to be|appears to be) no|no|without (?:an?|the|any)"
    r"|missing) "
    r"(?:image|picture|photo|video|audio|sound|media|file|attachment|visual|frame|clip|recording"
    r"|input|"
    r"context|question|data|point cloud)s?\b[^.!?\n]{0,30}?"
    r"(?:attached|provided|given|included|available|supplied|uploaded|visible|here|to (?:analy|view"
    r"|see)"
    r"|(?:with|in) your|in (?:this|the|our) (?:conversation|chat|message))",
    r"\bi(?:'m| am) (?:just |only )?an? (?:ai|(?:large |text-based )?language model"
    r"|text-based)\b.{0,40}(?:cannot|can't|unable|not able|do not|don't)",
    r"\b(?:image|picture|photo|video|audio|file|recording)s?(?: (?:that )?you (?:\w+ )?(?:provided"
    r"|sent|attached|mentioned|uploaded))? (?:is|was|were|are|has|have)(?:n't| not)(?: been)? "
    r"(?:attached|provided|included|available|uploaded|visible|given|loaded|accessible)",
    r"\bi (?:don't|do not|didn't|did not|can't|cannot|can not|could not|couldn't)(?: (?:currently"
    r"|actually|even))? (?:see|have|receive|get|find|open|view|access)"
    rf" (?:any|an?|the|access to (?:any|the)|your|this|that) ?(?:\w+ )?{_MEDIA}\b",
    r"\b(?:it is|it's|it would be) (?:not possible|impossible)(?: for me)? to (?:answer|determine"
    r"|tell|say|see|identify|know|provide|give|assess|count)\b",
    r"\b(?:request|question|prompt|this|that|it)? ?(?:can(?:no|')t|cannot|can not|could not) be "
    r"(?:answered|fulfilled|completed|processed)\b",
    r"\b(?:against|violates?|conflicts? with|goes against) (?:my|our|the|openai"
    r"|usage)[^.!?\n]{0,40}"
    r"(?:guideline|polic|polici|programming|principle|terms)",
    r"\b(?:not enough|insufficient) (?:information|context|data|detail)s?\b",
    r"\bthis (?:request|content|prompt|question) (?:is|was|has been) (?:blocked|flagged|filtered"
    r"|refused)",
    r"^request (?:denied|refused|blocked)",
)
CHINESE = (
    r"(?:我|本人|作为[^，。]{0,20})?[^，。！？\n]{0,12}(?:无法|不能|没法|没有办法|不便|不可以|拒绝)[^，。！？\n]{0,14}"
    r"(?:回答|提供|帮助|协助|查看|看到|识别|判断|确定|处理|完成|访问|分析|描述|给出|讨论|生成|满足|回复|读取|观看|听)",
    r"(?:看不到|看不见|看不清|听不到|打不开)[^，。！？\n]{0,6}(?:图|视频|音频|文件|附件|内容)",
    r"(?:没有|未)(?:提供|看到|附上|上传|收到)?[^，。！？\n]{0,8}(?:图片|图像|视频|音频|文件|附件)",
    r"^(?:非常|很|十分)?(?:抱歉|对不起|不好意思|遗憾)$",
    r"(?:没有|缺乏|缺少)(?:足够|充分)的?(?:信息|资料|上下文|数据)|信息不足|超出了?(?:我的)?(?:能力|知识)|^请(?:您)?(?:提供|上传"
    r"|发送)[^，。]{0,6}(?:图|视频|音频|文件)",
    r"(?:不能|无法|不可以)(?:看|查看|观看|听|打开|识别)[^，。！？\n]{0,6}(?:图|视频|音频|文件)",
    r"(?:我是|作为)(?:一个|一名)?(?:人工智能|AI|语言模型)",
    r"無法(?:回答|提供|查看|確定|協助|判斷|識別)|不能(?:回答|提供)",
    r"(?:这个|该)问题[^，。]{0,6}(?:无法|不能)",
)
SPANISH = (
    r"\bno (?:puedo|podemos|podré|soy capaz de|me es posible|estoy en condiciones de"
    r"|tengo permitido)\b[^.!?\n]{0,40}?"
    r"(?:ayud|respond|contest|proporcion|ver\b|acced|analiz|identific|determin|proces|asist|dar\b"
    r"|cumplir|complet"
    r"|gener|describ|hacer|realiz|ofrec|decir)",
    r"^lo siento(?: mucho)?$|^lo lamento$|^disculp\w+$|^perd[óo]n\w*$",
    r"\bno tengo (?:acceso|(?:la )?(?:capacidad|posibilidad)|(?:suficiente"
    r"|bastante) (?:información|contexto))|\binformación insuficiente\b",
    r"\bno (?:se (?:ha|me ha|proporcion|adjunt)|hay|veo|tengo acceso a)[^.!?\n]{0,25}(?:imagen"
    r"|vídeo|video|audio|archivo)",
    r"\bcomo (?:una? )?(?:modelo de lenguaje|inteligencia artificial|ia)\b",
    r"\b(?:es imposible|no es posible) (?:respond|determin|identific|saber)",
)
FRENCH = (
    r"\bje ne (?:peux|puis|suis|saurais|pourrai|vois)\b[^.!?\n]{0,60}?(?:aid|répond|fourn|voir"
    r"|accéd|analys|identifi"
    r"|détermin|trait|assist|donn|satisfai|génér|décri|faire|image|vidéo|audio|fichier|en mesure"
    r"|capable)",
    r"^(?:je suis )?(?:vraiment |sincèrement )?désolée?$|^(?:toutes )?mes excuses$|^je regrette$"
    r"|^je (?:suis incapable|refuse) d",
    r"\bje n'ai pas (?:accès|assez d|suffisamment d|la (?:capacité|possibilité))"
    r"|\binformations? insuffisantes?\b",
    r"\bil n'y a (?:pas d'|aucune? )(?:image|vidéo|audio|fichier)|\baucune? (?:image|vidéo"
    r"|fichier)[^.!?\n]{0,20}(?:fourni|jointe?)",
    r"\ben tant qu(?:e|')\s?(?:ia|modèle de langage|intelligence artificielle|assistant)",
    r"\b(?:il est impossible|il n'est pas possible) de\b",
)
GERMAN = (
    r"\b(?:kann|darf|könnte|werde|möchte) (?:ich )?[^.!?\n]{0,60}?(?:nicht"
    r"|keine?n?)\b[^.!?\n]{0,40}?"
    r"(?:beantwort|helfen|behilflich|sehen|bereitstell|zugreif|analysier|identifizier|bestimm"
    r"|verarbeit|unterstütz"
    r"|geben|erfüll|erkenn|beschreib|erzeug|machen|sagen|antworten|angeben)",
    r"^(?:es )?tut mir (?:sehr )?leid$|^leider$|^entschuldigung$",
    r"\bich habe (?:leider )?(?:keinen zugriff|keine möglichkeit|nicht genügend|nicht genug"
    r"|zu wenig)|\bnicht (?:bearbeiten|ausführen|durchführen)$|^ich muss .{0,20}ablehnen",
    r"\b(?:es (?:ist|gibt|wurde)|ich sehe|liegt) (?:leider )?kein[^.!?\n]{0,10}(?:bild|video|audio"
    r"|datei)",
    r"\bals (?:ki|sprachmodell|künstliche intelligenz)",
    r"\bich bin (?:leider )?nicht in der lage\b|\bnicht möglich\b",
)
JAPANESE = (
    r"(?:回答|お答え|提供|確認|判断|表示|処理|分析|対応|お手伝い|支援|特定|認識|アクセス|生成|再生|識別|説明|見る|聞く|閲覧|視聴|判別|お応え)"
    r"[^。\n]{0,12}(?:でき(?:ません|ない)|できかねます|いたしかねます|不可能です)",
    r"(?:答え|応え|見|聞け|手伝え)(?:られ)?ません",
    r"^(?:大変)?申し訳(?:ありません|ございません)(?:が)?$|^すみません(?:が)?$|^ごめんなさい$",
    r"(?:画像|動画|音声|ファイル)[^。\n]{0,12}(?:ありません|添付されていません|提供されていません|見えません)",
)
RUSSIAN = (
    r"\bя не (?:в состоянии|имею возможности|вправе)\b|\bне (?:могу|смогу)\b[^.!?\n]{0,40}?"
    r"(?:ответ|помо|увид|видеть|просм|предостав|определ|обработ|анализ|распозн|выполн|опис|сказать"
    r"|дать)",
    r"^(?:извините|простите|к сожалению|прошу прощения|мне (?:очень )?жаль)$"
    r"|^(?:я )?не могу (?:этого |это )?сделать(?: этого)?$",
    r"\bу меня нет (?:доступа|возможности|информации)|\bнедостаточно (?:информации|данных"
    r"|контекста)",
    r"\b(?:нет|не вижу|не прикреплен\w*|отсутствует) [^.!?\n]{0,15}(?:изображени|видео|аудио|файл"
    r"|картинк)",
    r"\bкак (?:ии|языковая модель|искусственный интеллект)\b|\bневозможно (?:ответ|определ"
    r"|установ)",
)
OTHERS = (  # Korean, Portuguese, Italian
    r"(?:할 수 없습니다|수 없습니다|알 수 없|드릴 수 없)|^죄송(?:합니다|하지만)$",
    r"\bnão (?:posso|consigo|sou capaz de|é possível)\b[^.!?\n]{0,40}?(?:ajud|respond|fornec|ver\b"
    r"|acess|analis|identific"
    r"|determin|process|auxili|dar\b|gerar|descrev)|^(?:me )?desculpe$|^lamento$|^sinto muito$",
    r"\bnon (?:posso|riesco a|sono in grado di|è possibile)\b[^.!?\n]{0,40}?(?:aiut|rispond|forni"
    r"|veder|acced|analizz"
    r"|identific|determin|elabor|assist|dare|gener|descri)|^mi dispiace$",
    r"لا (?:أستطيع|يمكنني)|नहीं कर (?:सकता|सकती)"
    r"|\bkan (?:ik )?[^.\n]{0,20}niet\b[^.\n]{0,20}(?:helpen|beantwoorden|zien)|\b(?:yardımcı olam"
    r"|cevaplayam|yanıtlayam)"
    r"|\bkhông thể (?:trả lời|giúp|xem|xử lý)|\bnie mogę (?:odpowiedzieć|pomóc|zobaczyć)|^(?:sorry"
    r"|üzgünüm|xin lỗi|przepraszam|عذراً|क्षमा करें)$",
)
UNSURE = (  # no refusals, and no answers either, unless free text is asked for
    r"^i (?:really |honestly |simply )?(?:do not|don't) know(?: (?:the answer|that|this|it"
    r"|what (?:this|it|that) is|how to answer).{0,40})?$",
    r"^i have no idea$|^no idea$|^(?:i(?:'m| am) )?not sure$|^idk$|^(?:我)?不知道$|^我不(?:清楚|确定|知道)"
    r"|^no (?:lo )?sé$|^desconozco|^no estoy segur[oa]$",
    r"^je ne sais pas$|^je ne suis pas sûre?$|^(?:das )?weiß ich nicht$|^ich weiß (?:es )?nicht$"
    r"|^ich bin (?:mir )?nicht sicher$",
    r"^(?:私には)?(?:わかりません|分かりません)$|^(?:я )?не (?:знаю|уверена?)$|모르겠습니다|^não sei$|^non lo so$",
)
LANGUAGES = (ENGLISH, CHINESE, SPANISH, FRENCH, GERMAN, JAPANESE, RUSSIAN, OTHERS)
REFUSING = re.compile("|".join(p for language in LANGUAGES for p in language), re.IGNORECASE)
NOT_KNOWING = re.compile("|".join(UNSURE), re.IGNORECASE)

# What is said around a refusal: offers, and what the user might do instead.
OFFER = re.compile(
    r"^(?:however|but|still|so|and|also)?[, ]{0,2}(?:please|if you|if there|let me know|feel free"
    r"|is there|would you|could you"
    r"|can you|i(?:'d| would) be (?:happy|glad)|i(?:'m| am) happy|i can help|i can (?:only|still)"
    r"|i(?:'m| am) (?:just |only )?(?:an?|here|designed|trained)\b"
    r"|you (?:can|could|may|might)|try|thank|how (?:can|may|else)|what (?:else )?(?:can|would)"
    r"|hello|hi\b|i understand|i hope"
    r"|is there anything|consider|for more|my (?:purpose|knowledge|training)|provide|upload|share"
    r"|send)"
    r"|^(?:您好|你好|如果|请|您可以|你可以|若|欢迎|有什么|希望|但|不过)"
    r"|^(?:si |por favor|puedes|puede|¿|estoy aquí|en qué|veuillez|s'il vous|n'hésitez|pouvez"
    r"|puis-je|merci"
    r"|bitte|wenn sie|falls|gerne|kann ich|können sie|пожалуйста|если|могу ли|чем|もし|他に|何か|ご"
    r"|よろしければ)",
    re.IGNORECASE,
)
CLAUSES = re.compile(
    r"[.!?;。！？；\n]+(?:\s{1,4}|$|(?<=[。！？；\n]))"
    r"|,? (?:but|however|though|although|pero|mais|aber|но|jedoch|mas|ma) |，(?:但是?|不过|可是)?|、"
    r"|, (?=(?:i|there|it|no|pero|mais|aber|но|je|ich|я|no|non|não)\b)|が、",
    re.IGNORECASE,
)
PLACES = re.compile(r"[\[{][^\n]{0,40}\d|<[a-z|]{1,20}[^\n]{0,40}\d|data:")  # an answer after all


def refuses(text: str, free: bool = False) -> bool:
    """Whether a text says that there will be no answer, and gives none.

    Every clause must refuse, apologise or offer something else, and one must
    refuse.

    Args:
        text: What was found to be the answer.
        free: Whether any text may be the answer: "I don't know." is one then, such
            as the next turn of a dialogue.

    >>> refuses("I'm sorry, but I can't assist with that."), refuses("抱歉，我无法回答这个问题。")
    (True, True)
    >>> refuses("I'm sorry, I can't come tonight."), refuses("I can't see it, but it is a dog.")
    (False, False)
    """
    if not text.strip() or len(text) > LOOKED_AT or PLACES.search(text):
        return False
    plain = text.replace("’", "'").replace("`", "'").replace("*", "")
    refused = False
    for clause in CLAUSES.split(plain):
        clause = (clause or "").strip(" \t,:;-–—\"'“”()")
        if not clause:
            continue
        if REFUSING.search(clause) or (not free and NOT_KNOWING.search(clause)):
            refused = True
        elif not OFFER.search(clause) and not re.fullmatch(_APOLOGY, clause, re.IGNORECASE):
            return False
    return refused
