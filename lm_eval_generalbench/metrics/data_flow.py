"""Where the variables of a program get their values from, in any language of `grammars`.

Grammars of tree-sitter call alike what is alike: an assignment has a left and a right in
all of them, an `if` an alternative. So one table serves every language.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from lm_eval_generalbench.metrics.grammars import STRINGS, VARIABLES, Tree

FROM, COMPUTED = "comesFrom", "computedFrom"  # Ren et al. 2020 tell these apart

# Kind of a node that gives a variable a value -> how
GIVES = {
    **dict.fromkeys(
        "assignment augmented_assignment operator_assignment named_expression assignment_expression "
        "augmented_assignment_expression compound_assignment_expr assignment_statement "
        "short_var_declaration range_clause for_in_clause as_pattern let_condition for_statement "
        "enhanced_for_statement foreach_statement for_in_statement for_range_loop for "
        "for_expression".split(),
        COMPUTED,
    ),
    **dict.fromkeys(
        "variable_declarator init_declarator let_declaration var_spec const_spec default_parameter "
        "typed_default_parameter optional_parameter keyword_parameter simple_parameter "
        "assignment_pattern".split(),
        FROM,
    ),
}
TARGETS = {"left", "name", "pattern", "declarator", "alias"}  # fields of what gets the value
VALUES = {"right", "value", "default_value"}
LISTS = {
    *("pattern_list", "tuple_pattern", "list_pattern", "expression_list", "tuple", "list"),
    *("array_pattern", "array", "left_assignment_list", "right_assignment_list"),
}
STEPS = {"update_expression", "postfix_unary_expression", "prefix_unary_expression"}
STEPS_BY_ONE = {"inc_statement", "dec_statement"}
LOOPS = {
    *("for_statement", "while_statement", "do_statement", "enhanced_for_statement"),
    *("foreach_statement", "for_in_statement", "for_range_loop", "for_expression"),
    *("while_expression", "loop_expression", "for", "while", "until"),
    *("while_modifier", "until_modifier"),
}
EARLY = {"for_in_clause"}  # stands behind what it goes before
STARTS = {"init", "initializer", "initialize"}  # what a loop does once
BRANCHES = {"if_statement", "if_expression", "if", "unless", "elsif"}
CONDITIONAL = {"elif_clause", "else_if_clause"}  # alternatives after which there may be none
CONDITIONS = {"condition", "initializer", "initialize"}  # fields that every branch goes through
TWICE = 8  # nested loops whose bodies are passed twice
MOST = 200  # leaves of a target or of a value that count
BARE = 8  # places at which a variable may have begun


class Flow(NamedTuple):
    variable: str
    how: str
    sources: tuple[str, ...]


class _Step(NamedTuple):
    """What is to be done next: a node to be visited, or an action on it."""

    action: str
    node: int
    inside: bool = False  # a value, which makes even a first mention count
    passes: int = TWICE


@dataclass
class _Walk:
    """What is known of the variables while a program is gone through."""

    tree: Tree
    ends: list[int]  # of each node: one past its last descendant
    leaves: list[int]  # nodes that are names or values
    places: set[int]  # the same
    full: list[bool]  # of each node: whether it is or holds one of these
    gets: dict[int, tuple[str, tuple[str, ...]]] = field(default_factory=dict)  # leaf -> flow
    meant: set[int] = field(default_factory=set)  # leaves without a source that are one
    known: dict[str, tuple[int, ...]] = field(default_factory=dict)  # -> where it began, unused
    log: list[tuple[str, tuple[int, ...] | None]] = field(default_factory=list)
    forks: list[tuple[int, list[dict[str, tuple[int, ...]]]]] = field(default_factory=list)

    def below(self, node: int) -> list[int]:
        """The first leaves of a subtree."""
        start, end = bisect_left(self.leaves, node), bisect_left(self.leaves, self.ends[node])
        return self.leaves[start : min(end, start + MOST)]

    def names(self, leaves: Sequence[int]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.tree.texts[leaf] for leaf in leaves))

    def note(self, name: str, places: tuple[int, ...]) -> None:
        """A variable is known from now on, in this branch."""
        if self.known.get(name) != places:
            self.log.append((name, self.known.get(name)))
            self.known[name] = places

    def get(self, leaf: int, how: str, sources: tuple[str, ...]) -> None:
        if leaf in self.gets:
            how, before = self.gets[leaf]
            sources = tuple(dict.fromkeys((*before, *sources)))
        self.gets[leaf] = how, sources

    def mention(self, leaf: int, inside: bool) -> None:
        """A variable or value is read."""
        name = self.tree.texts[leaf]
        places = self.known.get(name)
        if places is not None:
            self.get(leaf, FROM, (name,))
            self.meant.update(places)
            self.note(name, ())
        else:
            self.get(leaf, FROM, ())
            if self.tree.kinds[leaf] in VARIABLES:
                self.note(name, (leaf,))
        if inside:
            self.meant.add(leaf)

    def give(self, targets: Sequence[int], sources: tuple[str, ...], how: str) -> None:
        for leaf in targets:
            self.get(leaf, how, sources)
            self.note(self.tree.texts[leaf], () if sources else (leaf,))

    def fork(self) -> None:
        self.forks.append((len(self.log), []))

    def end_branch(self) -> None:
        """Back to what was known before the branch; what it found out is kept for `join`."""
        start, branches = self.forks[-1]
        changed = dict.fromkeys(name for name, _ in self.log[start:])
        branches.append({name: self.known[name] for name in changed})
        for name, places in reversed(self.log[start:]):
            if places is None:
                del self.known[name]
            else:
                self.known[name] = places
        del self.log[start:]

    def join(self, beside: bool) -> None:
        """What the branches found out, and, `beside` them, that none of them was taken."""
        _, branches = self.forks.pop()
        for name in dict.fromkeys(name for branch in branches for name in branch):
            ways = [branch.get(name, self.known.get(name)) for branch in branches]
            ways += [self.known.get(name)] if beside else []
            places = dict.fromkeys(place for way in ways for place in way or ())
            self.note(name, tuple(places)[:BARE])


def _walk(tree: Tree) -> _Walk:
    ends = list(range(1, len(tree.kinds) + 1))
    for node in reversed(range(len(tree.kinds))):
        if tree.children[node]:
            ends[node] = ends[tree.children[node][-1]]
    leaves: list[int] = []
    node = 0
    while node < len(tree.kinds):
        kind = tree.kinds[node]
        if tree.named[node] and (not tree.children[node] or kind in STRINGS or kind in VARIABLES):
            if tree.texts[node]:
                leaves.append(node)
            node = ends[node]
        else:
            node += 1
    places = set(leaves)
    full = [False] * len(tree.kinds)
    for node in reversed(range(len(tree.kinds))):
        full[node] = node in places or any(full[child] for child in tree.children[node])
    return _Walk(tree, ends, leaves, places, full)


def _sides(tree: Tree, node: int) -> tuple[list[int], list[int]]:
    """What gets a value, and the values: nodes that answer one another in these places."""
    inner = [child for child in tree.children[node] if tree.named[child]]
    targets = [child for child in inner if tree.fields[child] in TARGETS]
    values = [child for child in inner if tree.fields[child] in VALUES]
    others = [child for child in inner if not tree.fields[child]]
    if tree.kinds[node] == "foreach_statement" and not targets:  # PHP's: values as target
        targets, values = others[1:2], others[:1]
    elif targets and not values and tree.kinds[node] in ("variable_declarator", "as_pattern"):
        values = others  # C#'s value and what Python's `with` opens have no name
    if len(targets) == len(values) == 1:
        left, right = targets[0], values[0]
        if tree.kinds[left] in LISTS and tree.kinds[right] in LISTS:
            parts = [[c for c in tree.children[side] if tree.named[c]] for side in (left, right)]
            if len(parts[0]) == len(parts[1]):
                targets, values = parts
    elif len(values) == 1 and tree.kinds[values[0]] in LISTS:  # Go's var a, b = 1, 2
        parts_of_value = [c for c in tree.children[values[0]] if tree.named[c]]
        values = parts_of_value if len(parts_of_value) == len(targets) else values
    return targets, values


def _visits(walk: _Walk, step: _Step, children: Iterable[int]) -> list[_Step]:
    """Visits to those of the children that hold names or values."""
    return [_Step("visit", c, step.inside, step.passes) for c in children if walk.full[c]]


def _giving(walk: _Walk, step: _Step) -> list[_Step]:
    """The steps of a node that gives a value; a loop's body follows."""
    tree, node = walk.tree, step.node
    targets, values = _sides(tree, node)
    steps = [_Step("visit", value, True, step.passes) for value in values if walk.full[value]]
    steps.append(step._replace(action="give"))
    if tree.kinds[node] in LOOPS:
        sides = {*targets, *values}
        rest = [
            child
            for child in tree.children[node]
            if child not in sides and not sides & set(tree.children[child])
        ]
        steps += _visits(walk, step, rest)
    return steps


def _branching(walk: _Walk, step: _Step) -> list[_Step]:
    tree = walk.tree
    inner = tree.children[step.node]
    others = [child for child in inner if tree.fields[child] == "alternative"]
    before = [child for child in inner if tree.fields[child] in CONDITIONS]
    end = step._replace(action="end branch")
    steps = [*_visits(walk, step, before), step._replace(action="fork")]
    steps += _visits(walk, step, [c for c in inner if c not in before and c not in others])
    steps.append(end)
    for child in others:
        steps += [*_visits(walk, step, [child]), end]
    return [*steps, step._replace(action="join")]


def _following(walk: _Walk, step: _Step) -> list[_Step]:
    """What visiting a node comes down to."""
    tree, node = walk.tree, step.node
    kind = tree.kinds[node]
    gives = kind in GIVES and bool(_sides(tree, node)[0])
    if kind in LOOPS:
        # Once more, because the end of a body goes before its beginning.
        once = step._replace(
            action="give all" if gives else "visit all", passes=max(step.passes - 1, 0)
        )
        again = step._replace(action="give all" if gives else "visit again", passes=0)
        return [once, again] if step.passes else [once]
    if gives:
        return _giving(walk, step)
    if kind in BRANCHES:
        return _branching(walk, step)
    if kind in STEPS_BY_ONE or (
        kind in STEPS and any(tree.kinds[c] in ("++", "--") for c in tree.children[node])
    ):
        return [step._replace(action="count")]
    return _all(walk, step)


def _all(walk: _Walk, step: _Step, again: bool = False) -> list[_Step]:
    """Visits to all children; the second time a loop's beginning is left out."""
    tree = walk.tree
    inner = tree.children[step.node]
    if any(tree.kinds[child] in EARLY for child in inner):
        inner = sorted(inner, key=lambda child: tree.kinds[child] not in EARLY)
    if again:
        inner = [child for child in inner if tree.fields[child] not in STARTS]
    return _visits(walk, step, inner)


def _do(walk: _Walk, step: _Step) -> list[_Step]:
    """Do one step; what is to be done next, in order."""
    tree, node = walk.tree, step.node
    if step.action == "visit":
        if tree.texts[node] and node in walk.places:
            walk.mention(node, step.inside)
            return []
        return _following(walk, step)
    if step.action in ("visit all", "visit again"):
        return _all(walk, step, step.action == "visit again")
    if step.action == "give all":
        return _giving(walk, step)
    if step.action == "give":
        targets, values = _sides(tree, node)
        if len(targets) != len(values):  # all of the one from all of the other
            everything = [leaf for value in values for leaf in walk.below(value)][:MOST]
            pairs = [(target, everything) for target in targets]
        else:
            pairs = [(t, walk.below(v)) for t, v in zip(targets, values, strict=True)]
        for target, found in pairs:
            walk.give(walk.below(target), walk.names(found), GIVES[tree.kinds[node]])
    elif step.action == "count":
        found = walk.below(node)
        walk.give(found, walk.names(found), COMPUTED)
    elif step.action == "fork":
        walk.fork()
    elif step.action == "end branch":
        walk.end_branch()
    else:
        others = [c for c in tree.children[node] if tree.fields[c] == "alternative"]
        walk.join(not others or tree.kinds[others[-1]] in CONDITIONAL)
    return []


def flows(tree: Tree) -> list[Flow]:
    """The data flow of a program, in the order of its text.

    A mention of a known variable comes from it; a variable that is declared with a value
    comes from, and one that is assigned is computed from, every name and value in that. Both
    branches of an `if` are gone through from the same beginning, and loops twice. What
    comes from nowhere counts only where something comes from it.

    Reference: Guo et al. 2021, GraphCodeBERT, arXiv:2009.08366, section 3; the package
        codebleu as second implementation.
    """
    walk = _walk(tree)
    steps = [_Step("visit", 0)]
    while steps:  # no recursion: programs may be nested a thousandfold
        steps += reversed(_do(walk, steps.pop()))
    found = []
    for leaf in walk.leaves:
        if leaf in walk.gets:
            how, sources = walk.gets[leaf]
            if sources or leaf in walk.meant:
                found.append(Flow(tree.texts[leaf], how, sources))
    return found
