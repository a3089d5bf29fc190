"""Wordings in which a model gives the letter of an option, by group."""

WORDINGS = {
    "bare and decorated": """{}|{}.|({})|[{}]|{})|**{}**|`{}`|"{}"|'{}'|*{}*|{}!|<{}>|{{{}}}|_{}_|({}).|**({})**|- {}""",
    "answer": """Answer: {}|answer: {}|Answer {}|ANSWER: {}|**Answer: {}**|**Answer:** {}|The answer is {}|The answer is {}.
The answer is ({}).|The answer is: {}|The correct answer is {}|The correct answer is **{}**.|Answer = {}|Answer - {}
Answer is {}|ans: {}|Ans. {}|My answer is {}.|My final answer is {}|Final answer: {}|Final Answer: ({})
The answer to the question is {}.|The answer would be {}|The most likely answer is {}|I believe the answer is {}.
### Final Answer: {}|## Answer: {}|Correct answer: {}|Correct: {}|The answer must be {}|Answer: ({})|(Answer: {})|the answer is {}
The right answer is {}, of course.|Answer with reason: {}|So the final answer is {}!|A: {}""",
    "option and choice": """Option {}|option {}|Option ({})|Choice {}|Choice: {}|Letter {}|Select {}|Option: {}|The correct option is {}
The correct option is {} because it is small.|The right choice is {}, since it rained.|Option {} is correct.|option ({}) is the correct one
The best option is {}, since it fits.|The letter is {}|The correct letter is {}.|Answer: option {}|Answer: Option {}.
I would choose option {} because it fits.|To sum up, option {} is the best.|My choice is {}|Selected option: {}|the correct choice: {}""",
    "is correct": """{} is correct|{} is correct.|{} is the correct answer.|{} is right because it fits.|{} is the right one|{} is true|{} is the one
{} is my answer|{} best describes it|{} fits best|{} makes the most sense.|{} seems right|{} seems to be the best choice.|{} is the answer
{} would be the best choice.|{} is the only option that fits.|{} is more likely.|{} for sure|{} it is|{} is the best answer|{} is most likely""",
    "choosing": """I choose {}|I'd go with {}|I'm going with {}.|Going with {}|I pick {}|I select {}.|I'd say {}|I would say {}.|I think it's {}
I think {} is the best answer.|I think {}|I'd choose {} over the rest.|Between them, I choose {}.|I am confident that the answer is {}.
Let me go with {}.|I'll pick {}|I'll go for {}.|I lean towards {}.|My guess is {}""",
    "concluding": """It is {}.|It's {}|It must be {}|So it must be option {}|So {}|So, {}.|Therefore, {}.|Therefore, the answer is {}|Hence {} is the answer
Thus {}|In conclusion, {}|In conclusion, the answer is {}.|It should be {}.|That would be {}.|Probably {}|Definitely {}|Definitely {}.|Because of {}
It can only be {}.|Without a doubt, {}.|The one that fits is {}|The true statement is {}.|the correct statement is {}|The solution is {}|It has to be {}""",
    "with a reason": """{}, because it rained.|{} because it is small|{} - because it rained|{}: because it rained|{}. Because it rained|{}) because
{} (because it is small)|{} — it is small|{}; it is small|{} since it rained|{} as it rained|Based on the passage, {} is correct.|Based on the picture, the answer is {}.""",
    "Chinese": """答案是{}。|答案：{}|答案是 {}|正确答案是{}。|正确答案为：{}|选{}|选择{}|我选{}。|应该选{}。|选项{}|选项{}是正确的|{}是正确的。|{}正确|故选{}
所以答案是{}。|本题答案为（{}）|因此，正确选项是{}。|答：{}|我认为答案是{}|我的答案是{}，因为它小。|应为{}|{}选项正确|{}。|（{}）|【{}】|「{}」|答案:{}|正确的是{}|{}项正确""",
    "other languages": """La respuesta es {}|La respuesta correcta es {}.|La opción {} es correcta.|La réponse est {}|La bonne réponse est {}.|Die Antwort ist {}
Die richtige Antwort lautet {}.|Antwort: {}|Ответ: {}|Правильный ответ: {}.|Правильный ответ — {}|答えは{}です。|答えは{}|正解は{}です|정답은 {}입니다.
정답: {}|정답은 {}|A resposta é {}.|La risposta è {}.|Respuesta: {}|Réponse : {}|Elijo {}.|Ответ {}.|答えは「{}」です。""",
    "boxed": """\\boxed{{{}}}|\\boxed{{\\text{{{}}}}}|$\\boxed{{{}}}$|The answer is $\\boxed{{{}}}$.|$\\boxed{{({})}}$|\\boxed{{\\mathbf{{{}}}}}|\\boxed{{\\text{{Option }} {}}}
$$\\boxed{{{}}}$$|\\(\\boxed{{{}}}\\)""",
    "tags": """<answer>{}</answer>|<answer>({})</answer>|<answer>Option {}</answer>|<think>A? B? C?</think>{}|<CONCLUSION>{}</CONCLUSION>|<answer> {} </answer>
<|begin_of_box|>{}<|end_of_box|>|[ANSWER]{}[/ANSWER]|<final_answer>{}</final_answer>""",
    "JSON": """{{"answer": "{}"}}|{{"answer": "{}", "reason": "A or B?"}}|["{}"]|{{'choice': '{}'}}|{{"option": "({})"}}|{{"Answer": "{}."}}""",
    "templates": """{}</s>|Assistant: {}|ASSISTANT: {}|{}<|im_end|>|### Response: {}|Sure! The answer is {}.|Sure, here is the answer: {}""",
}
LINES = (
    "{}\n\nExplanation: it rained.",
    "It rained all day.\n\n{}",
    "Answer:\n{}",
    "The answer is:\n\n{}",
    "### Answer\n{}",
    "```\n{}\n```",
    '```json\n{{"choice": "{}"}}\n```',
    "A? B?</think>\n\n{}",
    "{}\n\nQ: And now?\nA: D",
    "{}\nHuman: Next?",
    "Let me think about it. The correct answer is ({}).",
    "First, it is small. Second, it is wet.\n\nAnswer: {}",
    "{}\nIt is small.",
    "Reasoning: it is wet.\nFinal answer: {}",
    "It could be many things.\n**{}**",
    "The animal is small.\nTherefore, the correct answer is:\n\n**{}**",
)
ALL = (
    *(w for text in WORDINGS.values() for line in text.split("\n") for w in line.split("|")),
    *LINES,
)
# tokens with bars were cut apart above
ALL = tuple(
    w
    for w in ALL
    if w.count("{}") - 2 * w.count("{{}}") >= 1 and not w.startswith(("<|", "im_end", ">"))
)
