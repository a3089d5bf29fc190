"""How models refuse, apologise and offer something else, in the languages that they do it in."""

import re

from lm_eval_generalbench.optional import pattern

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
    r"|not designed to|not programmed to|not equipped to|lack the (?:ability|capability|capacity|means|tools|expertise) to|must decline"
    r"|decline to"
    r"|have to decline|refuse to|not in a position to)"
)
_ANSWERER = (  # who is unable to; others in a sentence are what is asked about
    r"(?:\bwe(?:'re| are)|\b(?:this|the) (?:ai|model|assistant|system|chatbot) is|^(?:currently|still"
    r"|sorry))"
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
    r"|make (?:an?|this|that|any|such an?|the) (?:\w+ )?(?:determination|decision|judge?ment|diagnosis|assessment"
    r"|identification|prediction|call)\b"
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
    r"|(?:solve|write|compute|calculate|complete|finish|execute|run|evaluate|produce|work out)"
    r" (?:this|that|it|these|(?:this|that|the|your|an?|such an?) (?:\w+ )?(?:query|code|problem|question"
    r"|task|request|function|program|equation|exercise|puzzle|sql|script|riddle))$"
    r"|solve (?:this|that|the) (?:problem|question|task|request)|translate (?:this|that|the)\b"
    r"|be (?:of help|certain from))"
)
ENGLISH = (
    rf"\b{_CANNOT}\b[^.!?\n]{{0,40}}?\b{_DO}",
    rf"(?:(?:^|{_ANSWERER} )(?:unable|not able) to|^(?:can ?not|can't|could not)) {_DO}",
    r"^i (?:can ?not|can't|won't|will not)$|^i (?:can ?not|can't) say$|^i must (?:respectfully "
    r"|politely )?decline\b|^i lack the (?:information|context|data)\b"
    r"|^i(?:'d| would) (?:rather|prefer) not (?:to )?(?:answer|say|guess|speculate|comment)"
    r"|^i prefer not to (?:answer|say|guess|speculate|comment)"
    r"|^(?:i am|i'm) not (?:seeing|receiving|getting|finding) (?:any|an?|the|your)\b"
    r"|^i (?:do not|don't) understand the question"
    r"|^i (?:do not|don't) have (?:personal )?(?:opinions|feelings|preferences)"
    r"|^i have no way (?:of|to)\b|^i regret that i cannot",
    r"^(?:could you |can you |would you )?please (?:provide|upload|share|attach"
    rf"|send)\b.{{0,30}}\b{_MEDIA}\b",
    r"\bas an? (?:text-(?:based|only) )?(?:(?:ai|artificial intelligence|text-based|text-only|text)"
    r"(?: (?:language )?(?:model|assistant"
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
    r"\b(?:this|your|the) (?:request|content|prompt|question|input|message|quer(?:y|ies)) (?:is|was|has been)"
    r" (?:blocked|flagged|filtered|(?:refused|rejected)$)",
    r"^request (?:denied|refused|blocked)",
    # what a server says instead of a model
    r"^(?:(?:\[(?:error|exception)\]|(?:error|exception)(?: \d{3})?)\s?[:–-]?\s?)?(?:api error:? ?)?(?:the )?"
    r"(?:content (?:(?:was|is|has been) )?(?:filter(?:ed)?|blocked|flagged)|content filter triggered"
    r"|(?:content|safety) policy violation|rate limit(?: (?:is |was )?(?:exceeded|reached|hit))"
    r"|(?:request )?timed out|(?:request |gateway )?timeout|too many requests|quota (?:was )?exceeded"
    r"|internal server error|service unavailable|bad gateway|context length exceeded"
    r"|connection (?:error|refused|reset))(?: \(?\d{3}\)?)?$",
    # what the user did not do, or has to do
    r"\byou (?:(?:have|did|do)(?:n't| not)|forgot to|have yet to|(?:still )?need to)(?: \w+){0,2}?"
    r" (?:shared?|upload(?:ed)?|attach(?:ed)?|provided?|sen[dt]|includ(?:ed?)|give[n]?|added"
    rf"|suppl(?:y|ied))\b[^.!?\n]{{0,20}}?\b{_MEDIA}\b",
    r"^i(?:'d| would) (?:need|have|like) (?:to (?:see|view|hear|watch|look at|listen to|have)"
    rf"|access to) (?:the|your|an?|this|that) (?:\w+ )?{_MEDIA}\b",
    rf"\b{_MEDIA} (?:did not|didn't|failed to|does not|doesn't|won't|could not|couldn't)"
    r" (?:load|open|upload|come through|display|render)(?:ed|ing)?\b",
    r"^i(?: am|'m)? ?(?:can )?(?:only|just|able to only) (?:process|handle|read|understand"
    r"|work with|generate|respond to|deal with) text\b",
    r"^i(?:'m| am) (?:just |only )?an? (?:(?:large |text-based |text-only )?(?:ai |language |text )+"
    r"(?:model|assistant)|text-based (?:ai|model|assistant)|ai)$",
    r"^(?:as an? ai )?i (?:do not|don't) have (?:personal )?(?:eyes|ears|vision|sight|hearing|senses"
    r"|a body|eyesight)\b",
)
CHINESE = (
    r"(?:我|本人|作为[^，。]{0,20})?[^，。！？\n]{0,12}(?:无法|不能|没法|没有办法|不便|不可以|拒绝)[^，。！？\n]{0,14}"
    r"(?:回答|提供|帮助|协助|查看|看到|识别|判断|确定|处理|完成|访问|分析|描述|给出|讨论|生成|满足|回复|读取|观看|听)",
    r"(?:看不到|看不见|看不清|听不到|打不开)[^，。！？\n]{0,6}(?:图|视频|音频|文件|附件|内容)",
    r"(?:没有|未)(?:提供|看到|附上|上传|收到)?[^，。！？\n]{0,8}(?:图片|图像|视频|音频|文件|附件)",
    r"(?:没有|缺乏|缺少)(?:足够|充分)的?(?:信息|资料|上下文|数据)|信息不足|超出了?(?:我的)?(?:能力|知识)|^请(?:您)?(?:提供|上传"
    r"|发送)[^，。]{0,6}(?:图|视频|音频|文件)",
    r"(?:不能|无法|不可以)(?:看|查看|观看|听|打开|识别)[^，。！？\n]{0,6}(?:图|视频|音频|文件)",
    r"(?:我是|作为)(?:一个|一名)?(?:人工智能|AI|语言模型)",
    r"無法(?:回答|提供|查看|確定|協助|判斷|識別)|不能(?:回答|提供)",
    r"(?:这个|该)问题[^，。]{0,6}(?:无法|不能)",
    r"^(?:我|您的问题我)?[^，。！？\n]{0,6}(?:帮不了|帮不上|答不了|回答不了|做不到|看不了)|还?没有?学会[^，。\n]{0,6}回答",
    r"(?:您|你)(?:好像|似乎)?(?:还|並|并)?(?:没有|没|未|沒有)(?:上传|提供|分享|附上|发送|上傳)[^，。\n]{0,8}(?:图|视频|音频|文件|圖|影片)",
)
SPANISH = (
    r"\bno (?:puedo|podemos|podré|soy capaz de|me es posible|estoy en condiciones de"
    r"|tengo permitido)\b[^.!?\n]{0,40}?"
    r"(?:ayud|respond|contest|proporcion|ver\b|acced|analiz|identific|determin|proces|asist|dar\b"
    r"|cumplir|complet"
    r"|gener|describ|hacer|realiz|ofrec|decir)",
    r"\bno (?:tengo|dispongo de|cuento con) (?:acceso|(?:la )?(?:capacidad|posibilidad)|(?:la )?(?:suficiente"
    r"|bastante)s? (?:información|contexto|datos)|(?:la )?(?:información|contexto|datos) (?:suficientes?|necesari\w+))|\binformación insuficiente\b",
    r"\bno (?:se (?:me )?(?:ha|proporcion|adjunt)\w{0,6}|hay|veo|tengo acceso a)(?: (?!en\b|de\b)\w{1,16}){0,3}"
    r" (?:imagen|vídeo|video|audio|archivo)",
    r"\bcomo (?:una? )?(?:modelo de lenguaje|inteligencia artificial|ia)\b",
    r"\b(?:es imposible|no es posible) (?:respond|determin|identific|saber)",
    r"(?:\b|^)no (?:me )?(?:has|ha|han|habéis) (?:compartido|subido|adjuntado|enviado|proporcionado|incluido)"
    r"[^.!?\n]{0,20}(?:imagen|foto|vídeo|video|audio|archivo)",
    r"^por favor,? (?:proporcion|sub|compart|adjunt|env[íi])\w{0,8}[^.!?\n]{0,20}(?:imagen|foto|vídeo"
    r"|video|audio|archivo)",
)
FRENCH = (
    r"\bje ne (?:peux|puis|suis|saurais|pourrai|vois)\b[^.!?\n]{0,60}?(?:aid|répond|fourn|voir"
    r"|accéd|analys|identifi"
    r"|détermin|trait|assist|donn|satisfai|génér|décri|faire|image|vidéo|audio|fichier|en mesure"
    r"|capable)",
    r"^je (?:suis incapable|refuse) d",
    r"\bje n'ai pas (?:accès|assez d|suffisamment d|la (?:capacité|possibilité))"
    r"|\binformations? insuffisantes?\b",
    r"\bil n'y a (?:pas d'|aucune? )(?:image|vidéo|audio|fichier)|\baucune? (?:image|vidéo"
    r"|fichier)[^.!?\n]{0,20}(?:fourni|jointe?)",
    r"\ben tant qu(?:e|')\s?(?:ia|modèle de langage|intelligence artificielle|assistant)",
    r"\b(?:il est impossible|il n'est pas possible) de\b",
    r"\b(?:vous n'avez|tu n'as) (?:pas|aucune?)\b[^.!?\n]{0,30}(?:image|photo|vidéo|audio|fichier)",
    r"^(?:veuillez|merci de|s'il vous plaît,?) (?:me )?(?:fournir|partager|joindre|télécharger"
    r"|envoyer|fournissez|téléchargez)\b[^.!?\n]{0,20}(?:image|photo|vidéo|audio|fichier)",
)
GERMAN = (
    r"\b(?:kann|darf|könnte|werde|möchte) (?:ich )?[^.!?\n]{0,60}?(?:nicht"
    r"|keine?n?)\b[^.!?\n]{0,40}?"
    r"(?:beantwort|helfen|behilflich|sehen|bereitstell|zugreif|analysier|identifizier|bestimm"
    r"|verarbeit|unterstütz"
    r"|geben|erfüll|erkenn|beschreib|erzeug|machen|sagen|antworten|angeben)",
    r"\bich habe (?:leider )?(?:keinen zugriff|keine möglichkeit|nicht genügend|nicht genug"
    r"|zu wenig)|\bnicht (?:bearbeiten|ausführen|durchführen)$|^ich muss .{0,20}ablehnen",
    r"\b(?:es (?:ist|gibt|wurde)|ich sehe|liegt) (?:leider )?kein\w{0,2} (?:(?!in\b|im\b|auf\b)\w{1,10} )?(?:bild|video|audio"
    r"|datei)",
    r"\bals (?:ki|sprachmodell|künstliche intelligenz)",
    r"\bich bin (?:leider )?nicht in der lage\b|\bnicht möglich\b",
    r"\b(?:sie haben|du hast|ihr habt|es wurde) (?:\w+ )?kein\w* (?:\w+ )?(?:bild|foto|video|audio"
    r"|datei)\w*\b[^.!?\n]{0,30}(?:hochgeladen|geteilt|angehängt|geschickt|gesendet|bereitgestellt"
    r"|beigefügt)",
    r"^bitte (?:laden|lade|teilen|teile|senden|sende|schicken|fügen)\b[^.!?\n]{0,20}(?:bild|foto"
    r"|video|audio|datei)",
    r"\b(?:dabei|damit|hierbei) kann ich\b[^.!?\n]{0,20}nicht (?:helfen|dienen)",
)
JAPANESE = (
    r"(?:回答|お答え|提供|確認|判断|表示|処理|分析|対応|お手伝い|支援|特定|認識|アクセス|生成|再生|識別|説明|見る|聞く|閲覧|視聴|判別|お応え)"
    r"[^。\n]{0,12}(?:でき(?:ません|ない)|できかねます|いたしかねます|不可能です)",
    r"(?:答え|応え|見|聞け|手伝え)(?:られ)?ません|(?:答える|見る|聞く|手伝う|お手伝いする)ことは?(?:が|は)?(?:でき(?:ません|ない)|不可能)",
    r"(?:画像|動画|音声|ファイル)[^。\nに]{0,12}(?:ありません|添付されていません|提供されていません|見えません|見当たりません|確認できません)",
    r"^(?:画像|動画|音声|ファイル)を[^。\n]{0,12}(?:ください|お願い)",
)
RUSSIAN = (
    r"\bя не (?:в состоянии|имею возможности|вправе)\b|\bне (?:могу|смогу)\b[^.!?\n]{0,40}?"
    r"(?:ответ|помо|увид|видеть|просм|предостав|определ|обработ|анализ|распозн|выполн|опис|сказать"
    r"|дать)",
    r"^(?:я )?не могу (?:этого |это )?сделать(?: этого)?$",
    r"\b(?:вы|ты) не (?:прикрепи|загрузи|предостави|отправи|приложи)\w*[^.!?\n]{0,20}(?:изображени|видео"
    r"|аудио|файл|фото|картинк)",
    r"\bу меня нет (?:доступа|возможности|информации)|\bнедостаточно (?:информации|данных"
    r"|контекста)",
    r"\b(?:нет|не вижу|не прикреплен\w*|отсутствует) (?:(?!на\b|в\b)\w{1,15} )?(?:изображени|видео|аудио|файл"
    r"|картинк)",
    r"\bкак (?:ии|языковая модель|искусственный интеллект)\b|\bневозможно (?:ответ|определ"
    r"|установ)",
)
OTHERS = (  # Korean, Portuguese, Italian
    r"(?:할 수 없|수 없습니다|수 없어요|수 없네요|알 수 없|드릴 수 없|드리기 어렵)|^죄송(?:합니다|하지만|합니다만)$",
    r"(?:이미지|사진|영상|비디오|동영상|오디오|파일)[가이은는를을]? ?(?:\S{0,8} )?(?:제공되지|첨부되지|업로드되지|없습니다|보이지)",
    r"(?:이미지|사진|영상|비디오|동영상|오디오|파일)[를을] ?(?:다시 )?(?:업로드|첨부|제공|공유)[^.\n]{0,10}(?:주세요|주시|바랍니다)",
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
UNSURE = (  # no refusals, and no answers either, unless somebody says it
    r"^i (?:really |honestly |simply )?(?:do not|don't) know(?: (?:the answer|that|this|it"
    r"|what (?:this|it|that) is|how to answer).{0,40})?$",
    r"^i have no idea$|^no idea$|^(?:i(?:'m| am) )?not sure$|^idk$|^(?:我)?不知道$|^我不(?:清楚|确定|知道)"
    r"|^no (?:lo )?sé$|^desconozco|^no estoy segur[oa]$",
    r"^(?:the answer is )?(?:unknown|undetermined|indeterminate|unclear|inconclusive|no comment)$"
    r"|^(?:h+m+,? )?i (?:really |honestly |just )?(?:can't|cannot|could ?n't|could not) (?:really )?(?:say|tell|know)$"
    r"|^(?:nobody|no one|no-one) (?:can|could) (?:tell|say|know)\b[^,:]{0,40}(?:, and neither can i)?$|^neither can i$"
    r"|^(?:it |this |that |the answer )?(?:cannot|can't|can not|could not) be (?:determined|known|inferred|told)\b[^,:]{0,60}$",
    r"^je ne sais pas$|^je ne suis pas sûre?$|^(?:das )?weiß ich nicht$|^ich weiß (?:es )?nicht$"
    r"|^ich bin (?:mir )?nicht sicher$",
    r"^(?:私には)?(?:わかりません|分かりません)$|^(?:я )?не (?:знаю|уверена?)$|모르겠습니다|^não sei$|^non lo so$",
)
WANTING = (  # it takes more to know, unless free text is asked for
    r"^i(?:'d| would|'ll| will)? ?(?:need|require) (?:some |a bit |a little )?(?:more|additional"
    r"|further) (?:information|info|context|details?|data|clarification)"
    r"(?:,? (?:to|in order to|about|on|before|from|regarding|so)\b.{0,80})?$"
    r"|^(?:more|additional|further) (?:information|context|details?|data) (?:is|are|would be)"
    r" (?:needed|required|necessary)\b"
    r"|^(?:(?:could|can|would) you )?please (?:provide|give|share)(?: me| us)?(?: with)?(?: some| a bit)? (?:more|additional"
    r"|further) (?:information|context|details?|data)\b"
    r"|^(?:我|还|還|您|你|这|目前){0,3}需要(?:更多|进一步|額外|额外)的?(?:信息|資訊|资料|上下文|背景|细节)"
    r"|^请(?:您|你)?(?:提供|给出|补充)(?:更多|更详细|详细|相关)的?(?:信息|资料|上下文|内容|细节)"
    r"|더 (?:많은|자세한) (?:정보|내용|맥락)(?:가|이|를|을)? ?(?:필요|제공)|정보가 (?:부족|충분하지)"
    r"|(?:もっと|より多くの|詳細な|追加の)情報(?:が|を)(?:必要|提供|いただ)|情報が(?:不足|足りません)"
    r"|^(?:necesito|se necesita|se requiere|haría falta|necesitaría) más (?:información|contexto"
    r"|detalles|datos)\b"
    r"|^(?:j'ai besoin de|j'aurais besoin de|il me faut|il me faudrait) plus d(?:e |')"
    r"(?:informations?|contexte|détails|précisions)\b"
    r"|^ich (?:brauche|benötige|bräuchte) (?:mehr|weitere|zusätzliche) (?:information\w*|angaben"
    r"|details|kontext|daten)\b"
    r"|^мне (?:нужно|нужна|требуется) (?:больше|дополнительн\w+) (?:информаци\w+|данных|контекста)",
)
SORRY = (  # an apology alone, which is an answer where free text is asked for
    rf"^{_APOLOGY}[,.!:]{{0,2}}$",
    r"^(?:非常|很|十分)?(?:抱歉|对不起|不好意思|遗憾)$",
    r"^(?:lamentablemente|desafortunadamente|por desgracia|desgraciadamente|malheureusement|infelizmente|purtroppo"
    r"|bedauerlicherweise)$"
    r"|^lo siento(?: mucho)?$|^lo lamento$|^disculp\w+$|^perd[óo]n\w*$",
    r"^(?:je suis )?(?:vraiment |sincèrement )?désolée?$|^(?:toutes )?mes excuses$|^je regrette$",
    r"^(?:es )?tut mir (?:sehr )?leid$|^leider$|^entschuldigung$",
    r"^(?:大変)?申し訳(?:ありません|ございません)(?:が)?$|^すみません(?:が)?$|^ごめんなさい$",
    r"^(?:извините|простите|к сожалению|прошу прощения|мне (?:очень )?жаль)$",
)
LANGUAGES = (ENGLISH, CHINESE, SPANISH, FRENCH, GERMAN, JAPANESE, RUSSIAN, OTHERS)
REFUSING = pattern("|".join(p for language in LANGUAGES for p in language), re.IGNORECASE)
NOT_KNOWING = pattern("|".join((*UNSURE, *WANTING, *SORRY)), re.IGNORECASE)
UNKNOWN = pattern("|".join(UNSURE), re.IGNORECASE)
APOLOGISING = pattern("|".join(SORRY), re.IGNORECASE)
# behind an apology, whatever it is that cannot be done
UNABLE = pattern(
    r"^i(?:'m| am)? ?(?:currently |still |really |just )?(?:can't|cannot|can not|unable to|not able to)"
    r" [a-z]{2,15}(?: [a-z]{2,6})? (?:this|that|it|these|those|the|your|an?|any)\b",
    re.IGNORECASE,
)
CONDITION = pattern(  # a sentence that offers an answer to another question
    r"(?:\A|(?<=[.!?\n])\s{0,3})(?:but |however, |then )?(?:if|once|when|after) you (?:can |could )?"
    r"(?:describe|provide|upload|share|attach|send|give|paste|tell|include)\b(?:[^.!?\n]|\.(?=\d)){0,300}",
    re.IGNORECASE,
)
OFFERED = pattern(  # and nothing else
    r"(?:if|once|when|after|as soon as) you(?:'ve| have| can| could)? (?:describe|provide|upload|share|attach|send|give"
    rf"|paste|include|sent|given)(?:d|ed)?\b[^.!?\n\d]{{0,60}}\b(?:{_MEDIA}|text|it|them|that|more|details?)\b"
    r"[^.!?\n\d]{0,60}, (?:then )?(?:i|we)(?:'ll|’ll|'d|’d| can| could| will| would| should| may)\b[^.!?\n\d]{0,200}\W{0,4}",
    re.IGNORECASE,
)
STATUS = pattern(  # of a server
    r"(?:error\W{1,3})?(?:[45]\d\d\W{0,3})?(?:not found|bad request|unauthori[sz]ed|forbidden|access denied|method not allowed"
    r"|not authenticated|invalid (?:api key|request|token|credentials)|too many requests|rate limit(?:ed| exceeded| reached)?"
    r"|internal (?:server )?error|server error|bad gateway|service unavailable|(?:gateway |request )?time(?:d )?-?out"
    r"|payload too large|unprocessable entity|(?:the )?(?:model|server|engine) (?:is )?(?:currently )?overloaded|overloaded)\W*",
    re.IGNORECASE,
)
# where free text is asked for, a request for a file has to say no more
REQUESTED = pattern(
    rf"^(?:could you |can you |would you )?please \w+ .{{0,30}}\b{_MEDIA}\b(?! (?:so|for me|again|you|or"
    r"|and|that|in question|here|to (?:be )?(?:analy|describ|continue|proceed)|first))\s\w",
    re.IGNORECASE,
)

# What is said around a refusal: offers, and what the user might do instead.
OFFER = pattern(
    r"^(?:however|but|still|so|and|also)?[, ]{0,2}(?:please|if you|if there|let me know|feel free"
    r"|is there|would you|could you"
    r"|can you|i(?:'d| would) be (?:happy|glad)|i(?:'m| am) happy|i can help|i can (?:only|still)"
    r"|i(?:'m| am) (?:just |only )?(?:an?|here|designed|trained)\b"
    r"|you (?:can|could|may|might)|try|thank|how (?:can|may|else)|what (?:else )?(?:can|would)"
    r"|hello|hi\b|i understand|i hope|h+m+$|(?:h+m+,? )?(?:that(?:'s| is) )?(?:an? )?(?:tough|hard|difficult|tricky|good"
    r"|interesting) (?:one|question|call)$"
    r"|(?:an?|the|your) (?:\w+ )?(?:specialist|professional|doctor|expert|physician|lawyer|therapist) (?:should|must|needs|can"
    r"|could|would|will)\b|(?:consult|contact|seek) "
    r"|without (?:\w+ing |access to )?(?:the|an?|any|your|more|this|that|it)\b|hi there"
    r"|is there anything|consider|for more|my (?:purpose|knowledge|training)|provide|upload|share"
    r"|send)"
    r"|^(?:您好|你好|如果|请|您可以|你可以|若|欢迎|有什么|希望|但|不过|让我们|我们换|换个话题)"
    r"|^(?:si |por favor|puedes|puede|¿|estoy aquí|en qué|veuillez|s'il vous|n'hésitez|pouvez"
    r"|puis-je|merci"
    r"|bitte|wenn sie|falls|gerne|kann ich|können sie|пожалуйста|если|могу ли|чем|もし|他に|何か|ご"
    r"|よろしければ)",
    re.IGNORECASE,
)
CLAUSES = pattern(
    r"[.!?;。！？；\n…]+(?:\s{1,4}|$|(?<=[。！？；\n…]))"
    r"|,? (?:but|however|though|although|pero|mais|aber|но|jedoch|mas|ma) |，(?:但是?|不过|可是)?|、"
    r"|, (?=(?:i|there|it|no|pero|mais|aber|но|je|ich|я|no|non|não)\b)|が、",
    re.IGNORECASE,
)
# "Although I cannot be certain, ...": what is said comes behind it
CONCEDED = pattern(
    r"(?:\A|(?<=[.!?。！？\n])\s{0,3}|(?<=[.!?] ))((?:although|though|even (?:though|if)|while|despite|虽然|雖然|尽管|aunque|si bien"
    r"|bien que|même si|obwohl|auch wenn|хотя|embora|anche se|sebbene)[ ]?[^,，.!?。！？\n]{1,150})[,，]\s{0,3}(?:但是?|不过|可是|却|但|pero )?",
    re.IGNORECASE,
)
# "No, I cannot": an answer and a refusal open with the same words
OPENED = pattern(
    r"(?:(?P<no>no|nope|nein|non|não|нет|いいえ|아니[요오]|不是?)|yes|yeah|sure|ok(?:ay)?|of course|certainly|absolutely|¡?claro|sí"
    r"|ja|oui|bien sûr|sim|да|конечно|はい|네|是的?|好的?|当然(?:可以)?)"
    r"(?:(?:[,.!:;–—-]|\.{2,3}|…)\s{1,4}(?=\S)|[，。！、]\s{0,4}(?=\S)|\b\s{1,4}(?=i\b))",
    re.IGNORECASE,
)
QUOTED = pattern(  # somebody else says it
    r"\w[,:]?\s[\"“«„][^\"”\s]|[^\W\d_][：:]?[「『“]"
    r"|,[\"”]?\s(?:\w+\s){1,3}(?:say|says|said|told|reported|announced|wrote|asked)\b"
)
ADDRESSED = pattern(
    r"\b(?:i|i'm|i'd|me|my|you|your|please|sorry|without|bitte|ich|sie|du|je|vous|por favor|posso)\b|[^\x00-\x7f]|¿",
    re.IGNORECASE,
)
# ... nor heard, in other languages
UNSEEN = pattern(
    r"erkenn|\b(?:ge)?seh\w*|\bfind\w*|hör|\bveo\b|\bver\b|encuentr|detect|\bvois\b|\bvoir\b|entend|trouv|vejo|encontr"
    r"|виж|видн|слыш|наход|обнаруж|見え|見られ|聞こえ|看到|看见|发现|听到|보이|보입|들리",
    re.IGNORECASE,
)
PERCEIVED = pattern(  # what is not seen is not there: "No, I cannot see a crack in the picture"
    rf"\b{_CANNOT}\b(?: \w{{1,12}})? (?:see|find|detect|identify|hear|spot|recogni[sz]e|observe"
    r"|locate|discern|notice|make out|perceive)\b"
    rf"(?! (?:any |an? |the |this |that |your |these )?(?:\w+ )?{_MEDIA}\b)",
    re.IGNORECASE,
)
LACKING = pattern(
    r"\b(?:not enough|insufficient|too little|lack of|no) (?:\w+ )?(?:info|information|context"
    r"|evidence|details?|data)\b|\bnot?[- ]enough[- ]info\w*"
    r"|\b(?:cannot|can't|can not|could not|couldn't) be (?:determined|answered|inferred|known"
    r"|verified|concluded|decided)\b"
    r"|信息不足|資訊不足|无法(?:确定|判断|回答)|no hay suficiente|pas assez d|nicht genug|недостаточно",
    re.IGNORECASE,
)
AROUND = " \t,:;-–—\"'“”()"
MARKUP = pattern(
    r"\*|</?answer>|\\\\(?:boxed|text|mathrm|mathbf|textbf)\{|(?<=[a-z])\}{1,3}\.?\s{0,3}\Z"
)
NOT_APPLICABLE = re.compile(r"\W{0,4}n\s?[/.]\s?a\W{0,4}", re.IGNORECASE)
WORDS = re.compile(r"[a-zA-Z]{2}|[^\x00-\x7f]")  # a refusal holds one; a letter or number does not
PLACES = pattern(r"[\[{][^\n]{0,40}\d|<[a-z|]{1,20}[^\n]{0,40}\d|data:")  # an answer after all
