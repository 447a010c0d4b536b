"""Regular expressions that are compiled when they are first used: of the hundred that a command loads it needs three."""

import re
from collections.abc import Callable, Iterator
from typing import Any


class Pattern:
    """As `re.compile` gives it, made on first use."""

    __slots__ = ("_compiled", "_flags", "pattern")

    def __init__(self, pattern: str, flags: int = 0) -> None:
        """Keep the words; a mistake in them shows on first use, and in the test that uses each."""
        self.pattern, self._flags = pattern, flags
        self._compiled: re.Pattern[str] | None = None

    @property
    def compiled(self) -> re.Pattern[str]:
        """The compiled one."""
        if self._compiled is None:
            self._compiled = re.compile(self.pattern, self._flags)
        return self._compiled

    def match(self, text: str) -> re.Match[str] | None:
        """See `re.Pattern`."""
        return self.compiled.match(text)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        """See `re.Pattern`."""
        return self.compiled.fullmatch(text)

    def search(self, text: str) -> re.Match[str] | None:
        """See `re.Pattern`."""
        return self.compiled.search(text)

    def findall(self, text: str) -> list[Any]:
        """See `re.Pattern`."""
        return self.compiled.findall(text)

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """See `re.Pattern`."""
        return self.compiled.finditer(text)

    def split(self, text: str) -> list[str]:
        """See `re.Pattern`."""
        return list(self.compiled.split(text))

    def sub(self, by: str | Callable[[re.Match[str]], str], text: str) -> str:
        """See `re.Pattern`."""
        return self.compiled.sub(by, text)
