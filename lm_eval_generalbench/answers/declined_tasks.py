"""What says that a task is not done, or that its text is missing.

Where free text is asked for, such as a translation, the same sentences are answers.
"""

import re

from lm_eval_generalbench.optional import pattern

_CANNOT = (
    r"(?:\bi(?:'m| am| was)? ?(?:currently |still |simply |really |just |also )?"
    r"(?:can(?:no|')t|can not|could(?:n't| not)|won't|will not|(?:won't|will not|would not|wouldn't) be able to"
    r"|(?:was |am )?(?:unable|not able) to|wasn't able to|refuse to|(?:must )?decline to)"
    r"|(?:^|\b(?:so|and|therefore) )(?:unable to|can(?:no|')t|can not))"
)
_TEXT = (
    r"(?:review|text|passage|sentence|article|paragraph|conversation|dialog(?:ue)?|tweet|transcript|input"
    r"|story|abstract|document|context|question|prompt|content|excerpt|snippet)"
)
_REST = r"[^,:]{0,80}(?:, (?:sorry|unfortunately|i'm afraid|though))?$"
_TASK = (
    r"(?:name|list|extract|enumerate|label|tag|annotate|order|arrange|sort|rank|rate|summari[sz]e|translate"
    r"|segment|outline|mark|track|estimate|predict|output|select|choose|pick|decide|answer|do|confirm|(?:give|provide|offer) (?:an?|the|any) (?:diagnosis|label|list|number|count|score|name|order|ranking|box|mask))"
)
_GIVEN = r"(?:provided|given|included|available|attached|supplied|shared|there|here|visible|shown|present)"
_CHINESE_TEXT = (
    r"(?:文本|评论|文章|句子|段落|对话|内容|材料|原文|文字|问题|上下文|新闻|报告|故事|输入)"
)
_CHINESE_TASK = (
    r"(?:提取|抽取|列出|列举|标注|排序|排列|分类|归类|翻译|总结|概括|找出|选择|作答|做出|进行|执行|预测|估计|输出|得出|指出|标出|分割"
    r"|跟踪|追踪|计数|统计|计算|命名|说出|說出|列舉)"
)
_SPANISH_TEXT = r"(?:texto|reseña|pasaje|oración|frase|artículo|párrafo|conversación|diálogo|contexto|pregunta|contenido)"
_FRENCH_TEXT = r"(?:texte|avis|passage|phrase|article|paragraphe|conversation|dialogue|contexte|question|contenu)"
_GERMAN_TEXT = r"(?:texte?|rezension|bewertung|satz|artikel|absatz|abschnitt|gespräch|dialog|frage|inhalt|kontext)"
_RUSSIAN_TEXT = r"(?:текст|отзыв|предложени|отрыв|стать|вопрос|диалог|контекст)[а-я]{0,3}"
_JAPANESE_TEXT = r"(?:テキスト|文章|本文|レビュー|質問|会話|記事|入力)"
_KOREAN_TEXT = r"(?:텍스트|리뷰|문장|지문|본문|내용|대화|질문)"

_ENGLISH = (
    rf"{_CANNOT} (?:\w+ly )?{_TASK}\b{_REST}",
    rf"{_CANNOT} (?:see|find|read|view|access|locate|open) (?:any|an?|the|your|this|that) (?:\w+ )?{_TEXT}\b{_REST}",
    rf"^(?:there (?:is|was|seems to be|appears to be) )?no (?:\w+ )?{_TEXT}"
    rf"(?: (?:(?:was|is|has been) )?{_GIVEN}| to \w+)\b{_REST}",
    rf"^(?:the|your) (?:\w+ )?{_TEXT} (?:is|was|seems(?: to be)?|appears(?: to be)?|has) ?(?:missing|empty|blank|absent"
    rf"|n't (?:been )?{_GIVEN}|not (?:been )?{_GIVEN})$",
    r"\byou (?:have ?n't|have not|did ?n't|did not|forgot to|need to|have to) (?:\w+ )?"
    rf"(?:provide|share|include|send|sent|give|paste|attach|add|supply)[de]{{0,2}}\b[^,:]{{0,20}}\b{_TEXT}\b{_REST}",
    rf"^(?:(?:could|can|would) you )?please (?:provide|share|paste|send|include|give|supply|enter)\b"
    rf"[^,:]{{0,30}}\b{_TEXT}\b{_REST}",
    r"\b(?:can(?:no|')t|can not|could not) be (?:extracted|listed|named|labell?ed|annotated|ordered|ranked|enumerated)"
    rf"\b{_REST}",
    rf"^i(?:'d| would) (?:need|have|like) to (?:see|read|have) (?:the|your|an?) (?:\w+ )?{_TEXT}\b{_REST}"
    r"|^i(?:'m| am) not an? (?:\w+ )?(?:doctor|physician|lawyer|expert|specialist|professional|radiologist)$"
    r"|^there(?:'s| is) (?:nothing|not much|little) i can do\b[^,:]{0,40}$",
    r"\b(?:is|are) (?:not something (?:that )?i can|(?:beyond|outside)(?: of)? (?:my|what i)\b)[^,:]{0,40}$",
)
_OTHERS = (
    # Chinese
    rf"^(?:所以|因此|因而|故)?(?:我|本人|暂时|目前|也|就|便){{0,3}}(?:无法|不能|没法|没有办法|無法){_CHINESE_TASK}[^：:，]{{0,20}}$",
    rf"(?:没有|未|没|沒有)(?:提供|给出|看到|收到|附上|上传|找到)[^，：]{{0,6}}{_CHINESE_TEXT}",
    rf"(?:看不到|看不见|无法(?:看到|查看|阅读|读取|获取|访问))[^，：]{{0,6}}{_CHINESE_TEXT}",
    rf"^请(?:您|你)?先?(?:提供|给出|补充|发送|输入|粘贴|上传)[^，：]{{0,10}}{_CHINESE_TEXT}[^：]{{0,12}}$",
    rf"{_CHINESE_TEXT}(?:为空|缺失|丢失|没有提供|未提供|不存在)$",
    # Spanish
    r"\bno (?:puedo|podemos|podría|soy capaz de|logro) (?:\w+ ){0,2}?(?:extraer|enumerar|nombrar|listar|etiquetar|clasificar"
    r"|ordenar|resumir|traducir|mencionar|indicar|señalar|marcar|contar|estimar|calcular|elegir|seleccionar)\b[^,:]{0,80}$",
    r"\bno (?:se (?:me )?(?:ha|proporcion|adjunt|incluy)|has|han?|veo|encuentro|puedo (?:ver|leer))\b[^,:]{0,25}"
    rf"\b{_SPANISH_TEXT}\b",
    rf"^(?:por favor,? )?(?:proporcion|compart|env[íi]|incluy|peg)\w{{0,5}} [^,:]{{0,12}}{_SPANISH_TEXT}\b[^,:]{{0,40}}$",
    # French
    r"\bje ne (?:peux|puis|suis|saurais|parviens|pourrai)\b[^,:]{0,30}?\b(?:extraire|nommer|lister|énumérer|étiqueter|classer"
    r"|ordonner|trier|résumer|traduire|citer|indiquer|compter|estimer|calculer|choisir|sélectionner)\b[^,:]{0,80}$",
    rf"\bje ne vois (?:pas|aucune?)\b[^,:]{{0,8}}\b{_FRENCH_TEXT}\b|^aucune? {_FRENCH_TEXT} n'(?:a été|est) \w+$"
    rf"|\bvous n'avez (?:pas|aucune?)\b[^,:]{{0,25}}\b{_FRENCH_TEXT}\b",
    rf"^(?:veuillez|merci de|s'il vous plaît,?) (?:me )?(?:fourni|partage|donne|envoye|indique|colle)\w{{0,3}} "
    rf"[^,:]{{0,8}}{_FRENCH_TEXT}\b[^,:]{{0,40}}$",
    # German
    r"\bkann (?:ich )?[^,:]{0,60}?\b(?:nicht|keine?n?)\b[^,:]{0,40}?(?:extrahieren|nennen|auflisten|aufzählen|benennen|ordnen"
    r"|sortieren|klassifizieren|zusammenfassen|übersetzen|markieren|zählen|schätzen|berechnen|auswählen)\b[^,:]{0,40}$",
    rf"\b(?:es (?:ist|wurde)|sie haben|du hast) (?:\w+ )?kein\w{{0,2}} (?:\w+ )?{_GERMAN_TEXT} "
    r"(?:angegeben|bereitgestellt|vorhanden|übermittelt|geschickt|gesendet|beigefügt|mitgeschickt)\b",
    rf"^(?:der|die|das) {_GERMAN_TEXT} fehlt$|^bitte (?:geben|gib|senden|sende|teilen|teile|schicken|fügen)\b[^,:]{{0,20}}"
    rf"\b{_GERMAN_TEXT}\b[^,:]{{0,20}}$",
    # Japanese
    r"(?:抽出|列挙|分類|要約|翻訳|並べ替え|ラベル付け|選択|計算|推定|追跡)[^。\n]{0,8}(?:でき(?:ません|ない|かねます)|いたしかねます)",
    rf"{_JAPANESE_TEXT}(?:が|は)[^。\n]{{0,8}}(?:提供されて|与えられて|含まれて|添付されて|見当たり)(?:い)?ません"
    rf"|^{_JAPANESE_TEXT}を[^。\n]{{0,12}}(?:ください|お願い)",
    # Russian
    r"\bне (?:могу|смогу|удалось)\b[^,:]{0,30}?\b(?:извлечь|назвать|перечислить|составить|классифицировать|упорядочить"
    r"|отсортировать|перевести|указать|выделить|посчитать|оценить|выбрать)\b[^,:]{0,80}$",
    rf"\b{_RUSSIAN_TEXT} (?:не (?:был[аои]? )?(?:предоставлен|указан|дан|прикрепл[её]н|найден)[аоы]?|отсутству[а-я]+)$"
    rf"|^пожалуйста,? (?:предостав|пришл|укаж|отправ|добав)[а-я]{{1,4}} {_RUSSIAN_TEXT}",
    # Korean
    rf"{_KOREAN_TEXT}[가이은는]? ?(?:\S{{0,8}} )?(?:제공되지|주어지지|첨부되지|입력되지)"
    rf"|{_KOREAN_TEXT}[를을] ?(?:다시 )?(?:입력|제공|공유|첨부)[^.\n]{{0,10}}(?:주세요|주시|바랍니다)",
    # Portuguese and Italian
    r"\bnão (?:posso|consigo|sou capaz de)\b[^,:]{0,30}?\b(?:extrair|listar|nomear|enumerar|ordenar|classificar|resumir|traduzir"
    r"|contar|estimar|escolher|rotular)\b[^,:]{0,80}$|^nenhuma? (?:texto|frase|conteúdo) foi \w+$",
    r"\bnon (?:posso|riesco a|sono in grado di)\b[^,:]{0,30}?\b(?:estrarre|elencare|nominare|ordinare|classificare|riassumere"
    r"|tradurre|contare|stimare|scegliere|etichettare)\b[^,:]{0,80}$|^nessun[oa]? (?:testo|frase|contenuto) è stat[oa] \w+$",
)
_UNDONE = pattern("|".join((*_ENGLISH, *_OTHERS)), re.IGNORECASE)
_REASON = pattern(r",? (?:so|as|because|since|therefore|hence|thus) ", re.IGNORECASE)
_LEADING = pattern(
    r"^(?:(?:i(?:'m| am)(?: so| very| really| truly)? )?sorry|(?:my )?apologies|i apologi[sz]e|unfortunately|regrettably"
    r"|i(?:'m| am) afraid|as|because|since|lo siento|por desgracia|désolée?|malheureusement|leider|извините"
    r"|к сожалению|desculpe|infelizmente|mi dispiace|purtroppo)[,:]? (?:but |that )?",
    re.IGNORECASE,
)


def is_undone(clause: str) -> bool:
    """Whether a clause, with its reason or consequence, says that the task is not done.

    >>> is_undone("I am unable to name any entities, as no text was given"), is_undone("我无法提取")
    (True, True)
    >>> is_undone("I can't see the review, so it is food"), is_undone("I cannot rank them: a, b")
    (False, False)
    """
    parts = _REASON.split(_LEADING.sub("", clause))
    return all(_UNDONE.search(_LEADING.sub("", part)) for part in parts)
