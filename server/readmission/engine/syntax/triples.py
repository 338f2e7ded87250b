"""Reads the words of a query, its terms, triple patterns and property paths, by recursive descent.

Every kind of bracket counts as a level, and there are no more than ``DEEPEST`` of them.
"""

from collections.abc import Sequence
from itertools import count

from readmission.engine.syntax.patterns import Path, Pattern, Triples
from readmission.engine.syntax.tokens import Token, UnclearQueryError, tokens

DEEPEST = 40
TERMS = ("iri", "name", "variable", "blank", "string", "number")
END = Token("end", "", 0, 0)


class Words:
    """The words of a text, one after the other."""

    def __init__(self, text: str) -> None:
        self.text, self.words = text, tokens(text)
        self.place = self.depth = 0

    @property
    def next(self) -> Token:
        """The word that comes next, or END."""
        return self.words[self.place] if self.place < len(self.words) else END

    def take(self) -> Token:
        """Pass the next word, and return it."""
        token = self.next
        if token is END:
            raise UnclearQueryError("the text ends too early")
        self.place += 1
        return token

    def has(self, *keywords: str) -> bool:
        """Whether the next word is one of these."""
        return self.next.keyword in keywords

    def skip(self, *keywords: str) -> bool:
        """Pass one of these words, if it is there."""
        if self.has(*keywords):
            self.place += 1
            return True
        return False

    def expect(self, keyword: str) -> Token:
        """Pass a word that has to be there."""
        if not self.has(keyword):
            raise UnclearQueryError(f"{keyword} is expected in the place of {self.next.text[:50]!r}")
        return self.take()

    @property
    def passed(self) -> int:
        """Where the last word taken ended."""
        return self.words[self.place - 1].end

    def enter(self) -> None:
        """Go one level deeper."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise UnclearQueryError(f"it is nested more than {DEEPEST} levels deep")

    def leave(self) -> None:
        """Come one level back."""
        self.depth -= 1


class Terms(Words):
    """Triple patterns: terms, property paths, lists and blank nodes."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._numbers = count()

    def triples(self) -> Triples:
        """Read what is said about one subject."""
        start, found = self.next.start, list[Pattern]()
        alone = self.has("[", "(")
        subject = self.node(found)
        if not alone or self._is_verb():
            self._properties(subject, found)
        end = self.passed
        return Triples.of(start, end, found, dotted=self.skip("."))

    def _properties(self, subject: Token, found: list[Pattern]) -> None:
        while self._is_verb():
            path = self._verb()
            while True:
                found.append(Pattern(subject, path, self.node(found)))
                if not self.skip(","):
                    break
            while self.skip(";"):
                pass

    def _is_verb(self) -> bool:
        return (
            self.next.kind in ("variable", "iri", "name") or self.next.text == "a" or self.has("^", "(", "!")
        )

    def node(self, found: list[Pattern]) -> Token:
        """Read a term; what a list or a blank node says of itself goes to ``found``."""
        if self.has("[", "("):
            return self._blank(found)
        self.skip("+", "-")
        token = self.take()
        if token.kind not in TERMS and token.keyword not in ("TRUE", "FALSE"):
            raise UnclearQueryError(f"{token.text[:50]!r} is no term")
        if self.skip("^^") or self.next.kind == "language":
            self.take()
        return token

    def _blank(self, found: list[Pattern]) -> Token:
        self.enter()
        opened = self.take()
        node = Token("blank", f"_{next(self._numbers)}", opened.start, opened.end)
        if opened.text == "[":
            self._properties(node, found)
            self.expect("]")
        else:
            while not self.skip(")"):
                member = self.node(found)
                found.append(Pattern(node, Path(None), member))
        self.leave()
        return node

    def _verb(self) -> Path:
        return Path(self.take(), forward=False) if self.next.kind == "variable" else self._path()

    def _path(self) -> Path:
        """Read a property path (section 9.1); its term is known when it is a single predicate."""
        self.enter()
        choices = [self._sequence()]
        while self.skip("|"):
            choices.append(self._sequence())
        self.leave()
        return choices[0] if len(choices) == 1 else _path(choices, any(path.nullable for path in choices))

    def _sequence(self) -> Path:
        steps = [self._step()]
        while self.skip("/"):
            steps.append(self._step())
        return steps[0] if len(steps) == 1 else _path(steps, all(path.nullable for path in steps))

    def _step(self) -> Path:
        inverse = self.skip("^")
        step = self._primary()
        if self.has("*", "?"):
            self.take()
            return _path([step], nullable=True, inverse=inverse)
        if self.skip("+") or inverse:
            return _path([step], step.nullable, inverse)
        return step

    def _primary(self) -> Path:
        if self.skip("("):
            path = self._path()
            self.expect(")")
            return path
        if self.skip("!"):
            return self._negated()
        token = self.take()
        if token.kind not in ("iri", "name") and token.text != "a":
            raise UnclearQueryError(f"{token.text[:50]!r} is no property")
        return Path(token, (token,))

    def _negated(self) -> Path:
        """Read what stands after ``!`` (rule 95): which properties these are does not matter."""
        if self.skip("("):
            while not self.skip(")"):
                self.take()
        else:
            self.skip("^")
            self.take()
        return Path(None, forward=False)


def _path(steps: Sequence[Path], nullable: bool, inverse: bool = False) -> Path:
    forward = not inverse and all(step.forward for step in steps)
    return Path(None, tuple(iri for step in steps for iri in step.iris), nullable, forward)
