"""Read a condition: what binds less is read first, each function a level of the grammar.

condition  = all { "or" all }                   number, string: 0.9 1e-4 "ok" 'ok'
all        = negation { "and" negation }        word: true false null
negation   = "not" negation | comparison        path: metrics.eval.accuracy  metrics.eval["f1 (macro)"]  ...[0]
comparison = sum { ("<"|"<="|">"|">="|"=="|"!=") sum }
sum        = product { ("+"|"-") product }
product    = sign { ("*"|"/") sign }
sign       = "-" sign | value
value      = number | string | word | path | "(" condition ")" | function "(" condition { "," condition } ")"
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NoReturn

from crucible_core.pipeline.conditions.kinds import check_kinds
from crucible_core.pipeline.conditions.nodes import (
    Arithmetic,
    Call,
    Comparison,
    Constant,
    Defined,
    Logic,
    Negative,
    Node,
    Not,
    Path,
)
from crucible_core.pipeline.conditions.tokens import (
    CONSTANTS,
    FUNCTIONS,
    OPERATORS,
    ConditionSyntaxError,
    Token,
    tokens_of,
)

MAX_DEPTH = 20
MAX_TOKENS = 200
_COMPARING = ("<", "<=", ">", ">=", "==", "!=")


def parsed(text: str) -> Node:
    """Return the root of a condition.

    Raises:
        ConditionSyntaxError: It cannot be read, or can never be true or false.
    """
    parser = _Parser(tokens_of(text))
    root = parser.condition()
    if parser.next.kind != "end":
        parser.refuse("an operator such as 'and', '>=' or '+'")
    check_kinds(root)
    return root


class _Parser:
    def __init__(self, tokens: Iterator[Token]) -> None:
        self._tokens = tokens
        self._taken = 0
        self._depth = 0
        self.next = next(self._tokens)

    def condition(self) -> Node:
        return self._logic("or", lambda: self._logic("and", self._negation))

    def refuse(self, expected: str) -> NoReturn:
        token = self.next
        found = "the end" if token.kind == "end" else repr(token.text)
        raise ConditionSyntaxError(f"expected {expected}, found {found}", token.at)

    def _take(self) -> Token:
        taken = self.next
        self._taken += 1
        if self._taken > MAX_TOKENS:  # what is read one after the other lies within each other, too
            raise ConditionSyntaxError(f"a condition has at most {MAX_TOKENS} parts", taken.at)
        self.next = next(self._tokens)
        return taken

    def _is(self, *texts: str) -> bool:
        return self.next.kind in ("sign", "word") and self.next.text in texts

    def _deeper(self, read: Callable[[], Node]) -> Node:
        """Read what lies within, so far down."""
        if self._depth >= MAX_DEPTH:
            raise ConditionSyntaxError(f"nested deeper than {MAX_DEPTH} levels", self.next.at)
        self._depth += 1
        found = read()
        self._depth -= 1
        return found

    def _logic(self, word: str, read: Callable[[], Node]) -> Node:
        operands, at = [read()], self.next.at
        while self._is(word):
            self._take()
            operands.append(read())
        return operands[0] if len(operands) == 1 else Logic(at, word, tuple(operands))

    def _negation(self) -> Node:
        if not self._is("not"):
            return self._comparison()
        at = self._take().at
        return Not(at, self._deeper(self._negation))

    def _comparison(self) -> Node:
        operands, signs = [self._sum()], []
        while self._is(*_COMPARING):
            signs.append(self._take())
            operands.append(self._sum())
        if not signs:
            return operands[0]
        texts, places = tuple(sign.text for sign in signs), tuple(sign.at for sign in signs)
        return Comparison(signs[0].at, tuple(operands), texts, places)

    def _sum(self) -> Node:
        return self._arithmetic(("+", "-"), lambda: self._arithmetic(("*", "/"), self._sign))

    def _arithmetic(self, signs: tuple[str, ...], read: Callable[[], Node]) -> Node:
        left = read()
        while self._is(*signs):
            sign = self._take()
            left = Arithmetic(sign.at, sign.text, left, read())
        return left

    def _sign(self) -> Node:
        if not self._is("-"):
            return self._value()
        at = self._take().at
        return Negative(at, self._deeper(self._sign))

    def _value(self) -> Node:
        token = self.next
        if token.kind in ("number", "string"):
            return Constant(self._take().at, token.value)
        if token.kind == "path":
            return self._path()
        if self._is("("):
            self._take()
            inside = self._deeper(self.condition)
            self._close()
            return inside
        if token.kind != "word" or token.text in OPERATORS:
            self.refuse("a value")
        return self._word(self._take())

    def _path(self) -> Path:
        token = self._take()
        return Path(token.at, token.text, token.value)

    def _close(self) -> None:
        if not self._is(")"):
            self.refuse("')'")
        self._take()

    def _word(self, token: Token) -> Node:
        if token.text in CONSTANTS:
            return Constant(token.at, CONSTANTS[token.text])
        if not self._is("("):
            self.refuse(f"'(' after {token.text}")
        self._take()
        if token.text == "defined":
            if self.next.kind != "path":
                self.refuse("a metric path, which defined() asks for")
            found: Node = Defined(token.at, self._path())
        else:
            found = Call(token.at, token.text, self._arguments(token))
        self._close()
        return found

    def _arguments(self, function: Token) -> tuple[Node, ...]:
        found = [self._deeper(self.condition)]
        while self._is(","):
            self._take()
            found.append(self._deeper(self.condition))
        least, most = FUNCTIONS[function.text]
        if not least <= len(found) <= most:
            takes = f"{least} value" if least == most else f"{least} values or more"
            raise ConditionSyntaxError(f"{function.text}() takes {takes}, got {len(found)}", function.at)
        return tuple(found)
