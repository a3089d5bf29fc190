"""Makes code_golden.json: CodeBLEU of programs in eight languages by the package codebleu.

Needs, and prints into the file, the versions of codebleu, tree-sitter and the grammars; of
tree-sitter-c-sharp no newer one than 0.23.0. Run it in an environment of its own:

    PYTHONHASHSEED=0 python tests/golden/code_golden.py

The package splits at blanks, so there is one between any two lexemes of these programs.
Left out is what it has no value of its own for: programs whose flow it sorts by hashes that
change from run to run, C++, which it reads by a table for C#, and Rust, whose flow it loses.
"""

import json
from importlib.metadata import version
from pathlib import Path

# CodeBLEU's own examples (arXiv:2009.10297, section 3.4, and the README of CodeXGLUE), then ours.
SIGN = "public static int Sign ( double d ) { return ( int ) ( ( d == 0 ) ? 0 : ( d < 0 ) ? -1 : 1 ) ; }"
PROGRAMS: dict[str, list[tuple[str, str]]] = {
    "python": [
        ("def foo ( x ) :\n    return x", "def bar ( y , x ) :\n    a = x * x\n    return a"),
        ("def bar ( x ) :\n    return x", "def foo ( x ) :\n    return x * x"),
        ("def foo ( x ) :\n    return x", "def bar ( x ) :\n    return x"),
        ("def bar ( x ) : pass", "def foo ( x ) : pass"),
        (
            "def add ( a , b ) :\n    total = a + b\n    return total",
            "def add ( x , y ) :\n    result = x + y\n    return result",
        ),
        (
            "def largest ( values ) :\n    best = values [ 0 ]\n    for value in values :\n"
            "        if value > best :\n            best = value\n    return best",
            "def largest ( values ) :\n    return max ( values )",
        ),
        (
            "def count ( text ) :\n    n = 0\n    for c in text :\n        n += 1\n    return n",
            "def count ( text ) :\n    n = 0\n    for c in text :\n        n = n + 1\n    return n",
        ),
        (
            "def even ( numbers ) :\n    found = [ n for n in numbers if n % 2 == 0 ]\n"
            "    return found",
            "def even ( numbers ) :\n    found = [ ]\n    for n in numbers :\n"
            "        if n % 2 == 0 :\n            found . append ( n )\n    return found",
        ),
        (
            "def swap ( a , b ) :\n    a , b = b , a\n    return a , b",
            "def swap ( a , b ) :\n    t = a\n    a = b\n    b = t\n    return a , b",
        ),
        (
            "def halve ( n ) :\n    steps = 0\n    while n > 1 :\n        n = n // 2\n"
            "        steps += 1\n    return steps",
            "def halve ( n ) :\n    steps = 0\n    while n > 1 :\n        n //= 2\n"
            "        steps = steps + 1\n    return n",
        ),
    ],
    "java": [
        (SIGN, SIGN.replace("( int ) (", "( float ) (").replace("d < 0", "c < 0.0")),
        (SIGN, SIGN.replace("( int ) (", "( float ) (").replace("d < 0", "c < 0.0")[:-2]),
        (SIGN, SIGN.replace("double d", "double c").replace("( d ", "( c ")),
        (
            "public int METHOD_1 ( int VAR_1 , int VAR_2 ) { int VAR_3 = VAR_1 + VAR_2 ; "
            "if ( VAR_3 > 10 ) { VAR_3 = 10 ; } return VAR_3 ; }",
            "public int METHOD_1 ( int VAR_1 , int VAR_2 ) { int VAR_3 = VAR_1 + VAR_2 ; "
            "return VAR_3 ; }",
        ),
        (
            "public void METHOD_1 ( TYPE_1 VAR_1 ) { if ( VAR_1 != null ) { "
            "this . VAR_2 = VAR_1 . METHOD_2 ( ) ; } METHOD_3 ( VAR_2 ) ; }",
            "public void METHOD_1 ( TYPE_1 VAR_1 ) { this . VAR_2 = VAR_1 . METHOD_2 ( ) ; "
            "METHOD_3 ( VAR_2 ) ; }",
        ),
        (
            "public static int sum ( int [ ] values ) { int total = 0 ; "
            "for ( int value : values ) { total = total + value ; } return total ; }",
            "public static int sum ( int [ ] values ) { int total = 0 ; "
            "for ( int i = 0 ; i < values . length ; i ++ ) { total = total + values [ i ] ; } "
            "return total ; }",
        ),
        (
            "public boolean has ( List < String > names , String name ) { "
            "for ( String one : names ) { if ( one . equals ( name ) ) { return true ; } "
            "else { skip ( one ) ; } } return false ; }",
            "public boolean has ( List < String > names , String name ) { "
            "return names . contains ( name ) ; }",
        ),
        (
            "private int halve ( int n ) { int steps = 0 ; while ( n > 1 ) { n = n / 2 ; steps ++ ; } "
            "return steps ; }",
            "private int halve ( int n ) { int steps = 0 ; while ( n > 1 ) { n /= 2 ; steps += 1 ; } "
            "return steps ; }",
        ),
    ],
    "c_sharp": [
        (
            "public int Sum ( int [ ] values ) { int total = 0 ; foreach ( int value in values ) { "
            "total = total + value ; } return total ; }",
            "public int Sum ( int [ ] values ) { var total = 0 ; foreach ( var v in values ) { "
            "total += v ; } return total ; }",
        ),
        (
            "public string Name ( string first , string last ) { if ( first == null ) { "
            "return last ; } return first + last ; }",
            "public string Name ( string first , string last ) { return first + last ; }",
        ),
    ],
    "javascript": [
        (
            "function sum ( values ) { let total = 0 ; for ( let i = 0 ; i < values . length ; i ++ ) "
            "{ total += values [ i ] ; } return total ; }",
            "function sum ( values ) { return values . reduce ( ( a , b ) => a + b , 0 ) ; }",
        ),
    ],
    "c": [
        (
            "int largest ( int a , int b ) { int best = a ; if ( b > best ) { best = b ; } "
            "return best ; }",
            "int largest ( int a , int b ) { if ( a > b ) return a ; return b ; }",
        ),
    ],
    "go": [
        (
            "func sum ( values [ ] int ) int { total := 0 ; for _ , v := range values { "
            "total += v } ; return total }",
            "func sum ( values [ ] int ) int { total := 0 ; for i := 0 ; i < len ( values ) ; i ++ { "
            "total += values [ i ] } ; return total }",
        ),
        (
            "func area ( w int , h int ) int { size := w * h ; return size }",
            "func area ( a int , b int ) int { c := a * b ; return c }",
        ),
    ],
    "php": [
        (
            "<?php function sum ( $values ) { $total = 0 ; foreach ( $values as $value ) { "
            "$total = $total + $value ; } return $total ; }",
            "<?php function sum ( $values ) { $total = 0 ; foreach ( $values as $v ) { "
            "$total += $v ; } return $total ; }",
        ),
    ],
    "ruby": [
        (
            "def largest ( a , b )\n  best = a\n  if b > best\n    best = b\n  end\n  best\nend",
            "def largest ( a , b )\n  a > b ? a : b\nend",
        ),
    ],
}


def main() -> None:
    from codebleu import calc_codebleu

    packages = ["codebleu", "tree-sitter"]
    packages += [f"tree-sitter-{name.replace('_', '-')}" for name in PROGRAMS]
    made = {
        "versions": {name: version(name) for name in packages},
        "code": [
            {
                "language": language,
                "target": target,
                "prediction": said,
                **calc_codebleu([[target]], [said], lang=language),
            }
            for language, pairs in PROGRAMS.items()
            for first, second in pairs
            for target, said in ((first, second), (second, first))
        ],
    }
    path = Path(__file__).with_suffix(".json")
    path.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
