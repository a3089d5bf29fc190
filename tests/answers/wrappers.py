"""What models and servers write around an answer, each as a function of the answer."""

import json


def _indented(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


WRAPPERS = {
    # reasoning
    "think": "<think>A or B? 3, no, [1, 2].\n\nAnswer: C</think>\n\n{}",
    "think, closed only": "First A, then [[1, 1, 5, 5]].\nNot 17.\n</think>\n\n{}",
    "thinking": '<thinking>Is it {{"a": 1}}?</thinking>{}',
    "thought, closed only": "It could be none.</thought>{}",
    "reasoning in capitals": "<REASONING>yes or no</REASONING>\n{}",
    "Magistral": "[THINK]A? No.[/THINK]{}",
    "Kimi": "◁think▷A or B?◁/think▷{}",
    "OpenThinker": "<|begin_of_thought|>2 + 2<|end_of_thought|>\n\n<|begin_of_solution|>{}<|end_of_solution|>",
    "Cohere": "<|START_THINKING|>yes?<|END_THINKING|><|START_RESPONSE|>{}<|END_RESPONSE|>",
    "Seed": "<seed:think>[[1, 2, 3, 4]]</seed:think>{}",
    "MedGemma": "<unused94>thought\nno?<unused95>{}",
    "gpt-oss": (
        "<|channel|>analysis<|message|>We need 3.<|end|><|start|>assistant<|channel|>final<|message|>"
        "{}<|return|>"
    ),
    "gpt-oss, marks dropped": "analysisWe need to answer. Maybe A.assistantfinal{}",
    "think behind": "{}<think>That was 5.</think>",
    # tags
    "answer": "<answer>{}</answer>",
    "answer behind reasoning": "<think>Hm, 4.</think><answer>\n{}\n</answer>",
    "answer with words around": "I am sure now.\n\n<answer>{}</answer>\n\nThat is all.",
    "answer, not closed": "<answer>{}",
    "answer, not opened": "{}</answer>",
    "final answer": "<final_answer>{}</final_answer>",
    "LLaVA-CoT": (
        "<SUMMARY>I look.</SUMMARY>\n\n<CAPTION>Two of 3.</CAPTION>\n\n<REASONING>Because 4."
        "</REASONING>\n\n<CONCLUSION>{}</CONCLUSION>"
    ),
    "bracketed": "[ANSWER]{}[/ANSWER]",
    "boxed": "So we get $\\boxed{{{}}}$",
    # templates, roles and turns
    "end of sequence": "{}</s>",
    "ChatML": "<|im_start|>assistant\n{}<|im_end|>",
    "ChatML, running on": "{}<|im_end|>\n<|im_start|>user\nAnd 5?<|im_end|>\n<|im_start|>assistant\n9",
    "Llama 3": "<|start_header_id|>assistant<|end_header_id|>\n\n{}<|eot_id|>",
    "Gemma": "<start_of_turn>model\n{}<end_of_turn>",
    "role": "ASSISTANT: {}",
    "role on a line": "Assistant:\n{}",
    "Alpaca": "### Response:\n{}",
    "question repeated": "Question: Which one is it?\nAnswer: {}",
    "next question": "{}\n\nQ: What is next to it?\nA: 4 of [[2, 2, 2, 2]]",
    "next turn": "{}\n\nHuman: And what about 7?\n\nAssistant: No.",
    "next question in Chinese": "{}\n\n问题：还有多少？\n答案：9",
    "next instruction": "{}\n\n### Instruction:\nCount to 3.\n\n### Response:\n1 2 3",
    # JSON and fences
    "fence": "```\n{}\n```",
    "fence that is introduced": "Here is the answer:\n\n```\n{}\n```",
    # sentences
    "Sure!": "Sure! Here is the answer:\n\n{}",
    "The answer is": "The answer is: {}",
    "Final Answer": "**Final Answer:** {}",
    "heading": "Looking at the input carefully.\n\n**Final Answer**\n{}",
    "heading with hashes": "I look at all of it, 1 by 1.\n\n### Final Answer:\n\n{}",
    "hope in a sentence": "{}\n\nI hope it is correct.",
    "Chinese": "答案是：{}",
    "Chinese, polite": "好的，答案是：{}",
    "Chinese, a line": "以下是答案：\n\n{}",
    "Spanish": "La respuesta es: {}",
    "French": "La réponse est : {}",
    "German": "Die Antwort lautet: {}",
    "Russian": "Ответ: {}",
    "Japanese": "答えは：{}",
    "Korean": "정답은: {}",
    "offer": "{}\n\nLet me know if you need anything else!",
    "hope": "{}\n\nI hope this helps.",
}

FUNCTIONS = {
    "JSON": lambda answer: json.dumps({"answer": answer}),
    "JSON, indented, with reasons": lambda answer: _indented(
        {"reasoning": "One of [1, 2].", "Answer": answer}
    ),
    "JSON in a fence": lambda answer: f"```json\n{_indented({'answer': answer})}\n```",
    "JSON in JSON": lambda answer: json.dumps(json.dumps({"answer": answer})),
    "JSON in JSON twice": lambda answer: json.dumps({"answer": json.dumps({"answer": answer})}),
    "Python": lambda answer: repr({"answer": answer}),
    "completion": lambda answer: json.dumps(
        {
            "id": "1",
            "object": "chat.completion",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": answer}}],
        }
    ),
    "message": lambda answer: json.dumps({"role": "assistant", "content": answer}),
    "parts": lambda answer: json.dumps([{"type": "text", "text": answer}]),
}


def wrapped(name: str, answer: str) -> str:
    """The answer in the wrapping of that name."""
    return FUNCTIONS[name](answer) if name in FUNCTIONS else WRAPPERS[name].format(answer)


NAMES = (*WRAPPERS, *FUNCTIONS)
