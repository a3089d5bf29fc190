"""What models and chat templates write around an answer: tables that reply.py looks up.

Every pattern here is bounded or anchored, so that looking for it takes time
linear in the length of a reply.
"""

import re

from lm_eval_generalbench.optional import pattern

# --- reasoning: what stands between these marks is not said ---

THOUGHTS = (
    *("think", "thinking", "thought", "thoughts", "reasoning", "reflection", "analysis"),
    *("scratchpad", "seed:think", "inner_monologue", "internal_monologue", "chain_of_thought"),
)
_NAMES = "|".join(THOUGHTS)
OPENING_THOUGHT = (
    rf"<[ ]?(?:{_NAMES})(?:[ ][^<>\n]{{0,60}})?>"
    r"|\[(?:THINK|THINKING|REASONING)\]|◁think▷"
    r"|<\|(?:begin_of_thought|START_THINKING|thinking|inner_prefix|think)\|>"
    r"|<unused94>(?:thought)?|<\|channel>thought|<\|channel\|>(?:analysis"
    r"|commentary)[^<]{0,60}<\|message\|>"
)
CLOSING_THOUGHT = (
    rf"</[ ]?(?:{_NAMES})[ ]?>"
    r"|\[/(?:THINK|THINKING|REASONING)\]|◁/think▷"
    r"|<\|(?:end_of_thought|END_THINKING|/thinking|inner_suffix|/think)\|>"
    r"|<unused95>|<channel\|>"
    r"|<\|channel\|>final[^<]{0,60}(?:<\|constrain\|>[^<]{0,60})?<\|message\|>"
)
THOUGHT = pattern(rf"(?P<open>{OPENING_THOUGHT})|(?P<close>{CLOSING_THOUGHT})", re.IGNORECASE)
# LLaVA-CoT's stages before its <CONCLUSION>, which a limit of tokens may cut off
STAGES = pattern(r"\s*<SUMMARY>.{0,20000}?<(?:CAPTION|REASONING)>", re.DOTALL)
# What is left of gpt-oss's channels where a server drops special tokens
CHANNEL_LEFT = pattern(r"assistantfinal")
CHANNEL_OPEN = pattern(r"\s*(?:<\|start\|>assistant)?(?:analysis|commentary)(?=[A-Z])")

# --- special tokens of chat templates ---

BAR = r"[|｜]"
END_OF_TURN = pattern(
    rf"<{BAR}(?:im_end|eot_id|eom_id|endoftext|end_of_text|end|return|call|end_of_turn|eos|EOT"
    r"|END_OF_TURN_TOKEN|END_RESPONSE|end[▁_]of[▁_]sentence|end_of_solution|im_sep|eot|endofturn"
    rf"|user|system|observation|pad|padding|fim_pad|finetune_right_pad_id|end_header_id){BAR}>"
    r"|</s>|<end_of_turn>|<eos>|<eod>|<pad>|<\|assistant_end\|>|<\|eot\|>|<｜User｜>|<_end>"
    r"|<end_of_utterance>|<\|endofassistant\|>|<turn\|>|\[/?INST\]|<reserved_10[67]>",
)
ASSISTANT = (  # the turn of the model opens
    rf"<{BAR}im_start{BAR}>[ ]?assistant|<{BAR}start_header_id{BAR}>[ ]?assistant[ ]?"
    rf"<{BAR}end_header_id{BAR}>|<{BAR}header_start{BAR}>assistant<{BAR}header_end{BAR}>"
    rf"|<start_of_turn>model|<\|turn>model|<{BAR}assistant{BAR}>|<｜Assistant｜>"
    r"|<\|start\|>assistant|<\|START_RESPONSE\|>|<\|begin_of_solution\|>|\[/INST\]"
    r"|<\|START_OF_TURN_TOKEN\|><\|CHATBOT_TOKEN\|>|<\|im_assistant\|>assistant<\|im_middle\|>"
    r"|<\|start_of_role\|>assistant<\|end_of_role\|>|<role>ASSISTANT</role>"
)
OPENING_OF_MODEL = pattern(ASSISTANT)
FIRST_TOKEN = pattern(
    rf"\s*(?:<{BAR}(?:begin_of_text|startoftext|begin[▁_]of[▁_]sentence|message){BAR}>|<s>|<bos>"
    rf"|{ASSISTANT})"
)
OPENING_OF_USER = pattern(
    rf"\s*(?:<{BAR}im_start{BAR}>[ ]?(?:user|system)|<{BAR}start_header_id{BAR}>[ ]?(?:user|system)"
    rf"|<start_of_turn>user|<{BAR}(?:user|system|User){BAR}>|\[INST\]|<\|start\|>(?:user|system))"
)

# --- role words ---

_HASH = r"(?:#{1,4}[ ]?)?[*_]{0,2}"
_COLON = r"[*_]{0,2}[ ]?[:：][*_]{0,2}"
ANSWERING = (
    r"assistant|gpt4 correct assistant|ai assistant|chatbot|bot|model|ai|gpt"
    r"|response|answer|your answer|my answer|model answer|output"
    r"|助手|回答|答|答案|アシスタント|回答者|ассистент|ответ|asistente|respuesta|réponse|antwort|risposta"
    r"|resposta|답변|답"
)
ASKING = (
    r"q|question|human|user|gpt4 correct user|instruction|next question|问题|问|用户|質問|ユーザー"
    r"|вопрос|pregunta|frage|domanda|pergunta|질문|사용자"
)
# Code opens with "model: Model = " at times, so only two words count in small letters.
_ROLES = {
    form
    for word in ANSWERING.split("|")
    for form in ((word.capitalize(), word.title(), word.upper()) if word.isascii() else (word,))
} | {"assistant", "answer", "GPT4 Correct Assistant", "AI Assistant"}
ROLE = pattern(
    rf"\s*{_HASH}(?:{'|'.join(sorted(_ROLES, key=lambda word: (-len(word), word)))}){_COLON}\s*"
)
ROLE_LINE = pattern(r"\s*#{0,4} ?(?:assistant|response|answer|model) ?\n+", re.IGNORECASE)
ASKED = pattern(rf"\s*{_HASH}(?:{ASKING})[ ]?\d{{0,3}}{_COLON}", re.IGNORECASE)
ANSWERED = pattern(
    rf"(?:\n[ \t]{{0,4}}|(?<=[.?!。？！:：])[ \t]{{0,4}}){_HASH}(?:{ANSWERING}|a){_COLON}"
    r"|[ ](?:ASSISTANT|Assistant|Answer|A): ?|### ?(?:Response|Assistant|Answer):?",
    re.IGNORECASE,
)
NEXT_TURN = pattern(
    rf"\n[ \t>]{{0,8}}(?:#{{2,4}}[ ]?)?[*_]{{0,2}}(?:{ASKING})[ ]?\d{{0,3}}{_COLON}"
    r"|\n[ \t]{0,8}#{2,4} ?(?:Instruction|Human|User|Question|Input)\b"
    r"|\n[ \t]{0,4}(?:user|human)[ \t]{0,4}\n"  # where special tokens were dropped
    r"|(?<=[.!?。！？\w)])[ ]{1,4}(?:Human|USER|User|### ?(?:Human|User|Instruction|Question)) ?:",
    re.IGNORECASE,
)
# another problem to solve, behind a line with the answer to the one before
NEXT_PROBLEM = pattern(
    r"\n[ \t]{0,8}(?:#{1,4}[ ]?)?[*_]{0,2}(?:problem|exercise|puzzle)[ ]?\d{0,3}[*_]{0,2}[ ]?[:：]",
    re.IGNORECASE,
)
ANSWER_LINE = pattern(r"\W{0,6}(?:the )?(?:final )?answer\b(?: is\b)?.*", re.IGNORECASE)

# --- tags ---

ANSWER_TAGS = (
    *("answer", "final_answer", "finalanswer", "conclusion", "final", "ans", "correct_answer"),
)
OUTPUT_TAGS = ("response", "output", "result", "solution", "reply", "prediction", "choice")
FAMILY_TAGS = (  # of places and pictures: their readers need them
    *("box", "ref", "point", "points", "loc", "det", "quad", "p", "obj", "object", "seg", "mask"),
    *(
        "poly",
        "polygon",
        "region",
        "bbox",
        "phrase",
        "grounding",
        "delim",
        "tracks",
        "image",
        "img",
    ),
    *("video", "audio", "collision", "ocr", "date", "tool_call", "tool_response"),
)
HTML_TAGS = (  # of answers that are pages, tables and drawings
    *("html", "head", "body", "div", "span", "table", "thead", "tbody", "tr", "td", "th", "ul"),
    *("ol", "li", "a", "b", "i", "u", "em", "strong", "code", "pre", "h1", "h2", "h3", "h4", "svg"),
    *("g", "path", "math", "br", "hr", "form", "input", "button", "style", "script", "section"),
    *("header", "footer", "main", "nav", "article", "sub", "sup", "xml", "root", "title"),
)

# --- keys of an object, in small letters and digits: an answer, and what is said about it ---

ANSWER_WORDS = ("answer", "answers", "finalanswer", "response", "prediction", "predictions")
TALK_WORDS = (
    *("reasoning", "reason", "reasons", "explanation", "rationale", "thought", "thoughts", "think"),
    *("thinking", "analysis", "confidence", "steps", "chainofthought", "justification", "note"),
    *("notes", "comment", "comments", "reflection", "question", "id"),
)

# --- what is said around an answer ---

_SURE = (
    r"(?:sure(?: thing)?|certainly|of course|okay|ok|absolutely|great(?: question)?|no problem"
    r"|got it"
    r"|alright|gladly|好的|当然|没问题|はい|claro|por supuesto|bien sûr|natürlich|gerne|конечно)"
    r"[^\n:：.!?。！，,]{0,40}[!,.。！，：:]{1,3}\s{0,4}"
)
_NOUNS = (
    r"(?:answers?|captions?|summary|translations?|story|paraphrase|reply|response|explanation"
    r"|descriptions?"
    r"|rewritten sentence|rewritten text|rewritten version|sentence|text|code|query|sql query|sql"
    r"|results?|output|list"
    r"|labels?|prediction|conclusion|json|boxes|triplets|tuples|entities|items|order|function"
    r"|solution|version|title)"
)
_NAMED = (
    r"(?:(?:the|my|your|an?|final|correct|right|best|short|possible|suggested|predicted|generated"
    r"|detected|extracted|brief|concise|image|picture|video|audio|article|document|meeting"
    r"|dialogue|text)\s){0,4}"
    rf"{_NOUNS}(?: (?:for|of) (?:the|this|your) \w{{1,20}})?"
)
_FOREIGN_NOUNS = (
    r"(?:答案|结果|描述|翻译|摘要|总结|标题|回答|列表|代码|查询|réponse|légende|résumé|traduction|description|respuesta"
    r"|descripción"
    r"|resumen|traducción|leyenda|antwort|beschreibung|zusammenfassung|übersetzung|ответ|описание"
    r"|перевод|答え|説明|翻訳|要約|답|설명|번역|요약"
    r"|risposta|descrizione|resposta|descrição)"
)
ANNOUNCEMENTS = (  # with a word for what comes, or on a line of its own
    r"(?:here(?:'s|’s| is| are| you go| it is)|below (?:is|are)|the following (?:is"
    r"|are)|this is|these are)\b"
    rf"(?:[^\n:：]{{0,80}}\b{_NOUNS}\b[^\n:：]{{0,80}}[:：]"
    rf"|(?<!this is)(?<!these are)[^\n:：]{{0,160}}[:：][ \t*_]{{0,4}}\n)",
    r"(?:the |my |your )?(?:final |correct |right |best |short )?answer(?: is"
    r"| would be)?\s?[*_]{0,2}[:：]",
    r"(?:以下是|这是|下面是|这里是|以下為|以下は|다음은|aquí (?:está|tienes)|voici|hier ist|hier sind|вот|ecco"
    r"|aqui está)"
    rf"(?:[^\n:：。]{{0,60}}{_FOREIGN_NOUNS}[^\n:：。]{{0,40}}[:：]|[^\n:：。]{{0,80}}[:：][ \t]{{0,4}}\n)",
    r"(?:最终|正确)?(?:答案|结果|描述|翻译|摘要|总结|标题)(?:是|为)?[:：]",
    r"(?:la |a )?(?:respuesta|réponse|risposta|resposta)(?: correcta| finale?)?(?: es| est| è"
    r"| é)?\s?[:：]",
    r"(?:die )?antwort(?: lautet| ist)?\s?[:：]",
    r"(?:правильный |итоговый )?ответ\s?[:：—-]",
    r"(?:(?:bild)?beschreibung|übersetzung|zusammenfassung|descripción|traducción|resumen"
    r"|traduction|résumé|descrição|tradução|resumo|descrizione|traduzione|riassunto"
    r"|описание|перевод)\s?[*_]{0,2}[:：]",
    r"(?:图片|图像|视频|音频)?(?:说明|描述|字幕)[*_]{0,2}[:：]|(?:キャプション|説明|翻訳|要約)[*_]{0,2}[:：]",
    r"以下が[^\n:：。]{0,40}(?:です|となります)[:：]",
    r"(?:答え|回答)は?[:：]|(?:정답|답)은?[:：]",
)
CUES = rf"(?:{_SURE})?{_NAMED}(?:\s(?:is|are|would be|could be))?\s?[*_]{{0,2}}[:：]"
HEADING = pattern(
    rf"\s*(?:#{{1,4}}[ ]{{0,2}}|\*\*){_NAMED}[ ]?(?:\*\*)?[ \t]{{0,4}}\n\s*", re.IGNORECASE
)
_OPENING, _BEHIND = r"\s*[*_#>\"“]{0,4}", r"(?:[*_]{1,2}|[ \t]{0,4}\*\*(?=[ \t]{0,4}\n))?\s*"
ANNOUNCEMENT = pattern(
    rf"{_OPENING}(?:{_SURE})?(?:{'|'.join(ANNOUNCEMENTS)}){_BEHIND}", re.IGNORECASE
)
# A heading behind which the answer stands, whatever was said before it
ANSWER_HEADING = pattern(
    r"(?:\A|\n)[ \t]{0,4}(?:#{2,4} {0,2}(?:\*\*)?|\*\*|__)(?:(?:my|the|your) )?(?:final|correct) answer"
    r"[ ]?[:：]?(?:\*\*|__)?[ ]?[:：]?[ \t]{0,4}\n\s*",
    re.IGNORECASE,
)
# Words of politeness before a sentence that describes
POLITE = pattern(
    r"\s*(?:sure(?: thing)?|certainly|of course|absolutely|好的|当然)[!！]\s{1,3}(?=(?:an?|two|three|four"
    r"|several|some|the (?:image|picture|photo|video|audio|clip|scene|text|article|dialogue))\s)"
    r"|\s*(?:好的|当然可以|当然|没问题)[!！]\s{0,3}(?=\S)",
    re.IGNORECASE,
)
CUE = pattern(rf"{_OPENING}{CUES}{_BEHIND}", re.IGNORECASE)
NOTE = pattern(
    r"\n[ \t]{0,8}(?:\n[ \t]{0,8}){1,4}[(*_\[]{0,3}(?:"
    r"(?:note|notes|explanation|reasoning|rationale|justification|disclaimer|p\.?s|注|注意|说明|解释|解析|理由"
    r"|nota|remarque|hinweis|anmerkung|примечание|explicación|explication"
    r"|erklärung)[*_]{0,2}\s?[:：]"
    r"|(?:please )?let me know|(?:i )?hope (?:this|that|it)\b|feel free|if you (?:need|have|want"
    r"|would|'d)"
    r"|is there anything|would you like|do you want me)",
    re.IGNORECASE,
)
