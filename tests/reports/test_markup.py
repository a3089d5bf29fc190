from lm_eval_generalbench.reports.markup import shown


def test_text_of_the_page_keeps_lines_and_languages_but_no_commands():
    assert shown("one\ntwo 模型 \u00a0é") == "one\ntwo 模型 \u00a0é"
    assert shown("a\u202eb\x1b[2Jc\ud800\u2066") == "a\ufffdb\ufffd[2Jc\ufffd\ufffd"
    assert shown("abcdef", 3) == "abc … (3 more characters)"
    family = "\U0001f468\u200d\U0001f469"
    assert shown(family) == family
