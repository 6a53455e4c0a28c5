"""CQL2 as text, read by descent: what the classes declared on the conformance page need, and nothing beyond.

AND binds before OR, as the standard says; how deep and long a filter may be is limited.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

import shapely

from greensilk.errors import ParameterError
from greensilk.web.ogc.conditions import (
    MOST_CHARACTERS,
    MOST_DEPTH,
    OPERATORS,
    Alike,
    All,
    Any,
    Between,
    Compared,
    Condition,
    Constant,
    Meets,
    Missing,
    Not,
    OneOf,
    Value,
)
from greensilk.web.ogc.shapes_given import box, checked_shape

TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<text>'(?:[^']|'')*')
    |(?P<quoted>"(?:[^"]|"")+")
    |(?P<word>[^\W\d][\w.:-]*)
    |(?P<sign><>|<=|>=|[=<>(),])
    )""",
    re.VERBOSE,
)
SHAPES = frozenset(("POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON",
                    "GEOMETRYCOLLECTION"))  # fmt: skip
MOST_TOKENS = 12_000


class Token(NamedTuple):
    """kind: number, text, quoted, word, sign or end; at: where it begins."""

    kind: str
    text: str
    at: int


def read_text(given: str) -> Condition:
    """The condition that a CQL2 text states.

    raises: ParameterError saying where it is not understood
    """
    if len(given) > MOST_CHARACTERS:
        raise ParameterError("web_ogc.filter_too_long", most=MOST_CHARACTERS)
    return _Reader(given).whole()


def moment(text: str) -> dt.datetime | None:
    """A time as RFC 3339 writes it, in UTC; None for anything else."""
    try:
        found = dt.datetime.fromisoformat(text)
        return found.astimezone(dt.UTC) if found.tzinfo is not None and "T" in text.upper() else None
    except (ValueError, OverflowError):
        return None


def day(text: str) -> dt.date | None:
    """A day as YYYY-MM-DD; None for anything else."""
    try:
        return dt.date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


class _Reader:
    """One filter, token by token."""

    def __init__(self, given: str) -> None:
        self.given, self.at, self.depth = given, 0, 0
        self.tokens = self._tokens()

    def _tokens(self) -> list[Token]:
        found, at = [], 0
        while self.given[at:].strip():
            match = TOKEN.match(self.given, at)
            if match is None or match.lastgroup is None:
                raise self._refused(at)
            found.append(Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)))
            at = match.end()
        return [*found, Token("end", "", len(self.given))]

    def _refused(self, at: int) -> ParameterError:
        return ParameterError("web_ogc.filter_unreadable", at=at + 1, near=self.given[at : at + 30] or "…")

    @property
    def now(self) -> Token:
        return self.tokens[self.at]

    def take(self) -> Token:
        found = self.tokens[self.at]
        if found.kind == "end":
            raise self._refused(found.at)
        self.at += 1
        return found

    def word(self, *words: str) -> bool:
        """Whether these words come now; they are taken."""
        ahead = self.tokens[self.at : self.at + len(words)]
        if [token.text.upper() for token in ahead if token.kind == "word"] != list(words):
            return False
        self.at += len(words)
        return True

    def sign(self, sign: str) -> bool:
        """Whether this sign comes now; it is taken."""
        if self.now.kind != "sign" or self.now.text != sign:
            return False
        self.at += 1
        return True

    def expect(self, sign: str) -> None:
        if not self.sign(sign):
            raise self._refused(self.now.at)

    def whole(self) -> Condition:
        found = self.any_of()
        if self.now.kind != "end":
            raise self._refused(self.now.at)
        return found

    def any_of(self) -> Condition:
        self.depth += 1
        if self.depth > MOST_DEPTH:
            raise ParameterError("web_ogc.filter_too_deep", most=MOST_DEPTH)
        parts = [self.all_of()]
        while self.word("OR"):
            parts.append(self.all_of())
        self.depth -= 1
        return parts[0] if len(parts) == 1 else Any(tuple(parts))

    def all_of(self) -> Condition:
        parts = [self.factor()]
        while self.word("AND"):
            parts.append(self.factor())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def factor(self) -> Condition:
        if self.word("NOT"):
            return Not(self.primary())
        return self.primary()

    def primary(self) -> Condition:
        if self.sign("("):
            found = self.any_of()
            self.expect(")")
            return found
        for word, value in (("TRUE", True), ("FALSE", False)):
            if self.word(word):
                return Constant(value)
        if self.now.text.upper() == "S_INTERSECTS":
            return self.meets()
        return self.predicate(self.name())

    def name(self) -> str:
        token = self.take()
        if token.kind == "quoted":
            return token.text[1:-1].replace('""', '"')
        if token.kind != "word":
            raise self._refused(token.at)
        return token.text

    def predicate(self, name: str) -> Condition:
        if self.now.kind == "sign":
            token = self.take()
            for operator in OPERATORS:
                if token.text == operator:
                    return Compared(name, operator, self.value())
            raise self._refused(token.at)
        if self.word("IS"):
            opposite = self.word("NOT")
            if not self.word("NULL"):
                raise self._refused(self.now.at)
            return _or_not(Missing(name), opposite)
        opposite = self.word("NOT")
        return _or_not(self.advanced(name), opposite)

    def advanced(self, name: str) -> Condition:
        if self.word("LIKE"):
            pattern = self.value()
            if not isinstance(pattern, str):
                raise self._refused(self.tokens[self.at - 1].at)
            return Alike(name, pattern)
        if self.word("BETWEEN"):
            low = self.value()
            if not self.word("AND"):
                raise self._refused(self.now.at)
            return Between(name, low, self.value())
        if self.word("IN"):
            self.expect("(")
            values = [self.value()]
            while self.sign(","):
                values.append(self.value())
            self.expect(")")
            return OneOf(name, tuple(values))
        raise self._refused(self.now.at)

    def value(self) -> Value:
        token = self.take()
        if token.kind == "text":
            return token.text[1:-1].replace("''", "'")
        if token.kind == "number":
            return number(token.text)
        word = token.text.upper()
        if token.kind == "word" and word in ("TRUE", "FALSE"):
            return word == "TRUE"
        if token.kind == "word" and word in ("DATE", "TIMESTAMP"):
            return self.time(word)
        raise self._refused(token.at)

    def time(self, word: str) -> Value:
        self.expect("(")
        token = self.take()
        text = token.text[1:-1]
        found = day(text) if word == "DATE" else moment(text)
        if token.kind != "text" or found is None:
            raise self._refused(token.at)
        self.expect(")")
        return found

    def meets(self) -> Condition:
        """S_INTERSECTS of the geometry and a shape, in either order."""
        self.take()
        self.expect("(")
        first = self.shape()
        self.expect(",")
        second = self.shape()
        self.expect(")")
        given = [one for one in (first, second) if one is not None]
        if len(given) != 1:
            raise ParameterError("web_ogc.one_shape")
        return Meets(given[0])

    def shape(self) -> shapely.Geometry | None:
        """A shape, or None for the name of the geometry."""
        word = self.now.text.upper()
        if self.now.kind == "word" and word == "BBOX":
            self.take()
            return box(self.numbers())
        if self.now.kind == "word" and word in SHAPES:
            return self.written()
        if self.name() != "geometry":
            raise ParameterError("web_ogc.one_shape")
        return None

    def numbers(self) -> list[float]:
        self.expect("(")
        found: list[float] = []
        while not found or self.sign(","):
            token = self.take()
            if token.kind != "number":
                raise self._refused(token.at)
            found.append(float(number(token.text)))
        self.expect(")")
        return found

    def written(self) -> shapely.Geometry:
        """Well-known text, up to the parenthesis that closes it."""
        first, depth = self.take(), 0
        while self.now.kind in ("sign", "number", "word"):
            token = self.take()
            depth += {"(": 1, ")": -1}.get(token.text, 0)
            if depth == 0 and token.text == ")":
                break
        last = self.tokens[self.at - 1]
        try:
            return checked_shape(shapely.from_wkt(self.given[first.at : last.at + len(last.text)]))
        except shapely.errors.GEOSException as error:
            raise self._refused(first.at) from error


def number(text: str) -> int | float:
    """A number of a filter; whole ones beyond what databases keep become floating."""
    found = float(text)
    return int(text) if re.fullmatch(r"[+-]?\d{1,15}", text) else found


def _or_not(condition: Condition, opposite: bool) -> Condition:
    return Not(condition) if opposite else condition
