"""The fixed words of documents in the language of the customer, with dates and amounts as that language writes them.

A language is a file in `languages`; a word that one lacks is written in English, and `netbill doctor` lists it.
"""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from netbill_tui.billing.core.money import format_amount
from netbill_tui.billing.receivables.documents import Section, Since

FALLBACK = "en"
Tables = Mapping[str, Mapping[str, str]]


@lru_cache(maxsize=16)
def tables(language: str) -> Tables:
    """The file of a language; empty where there is none."""
    file = files("netbill_tui.documents").joinpath("languages", f"{language}.toml")
    return tomllib.loads(file.read_text("utf-8")) if language.isalpha() and file.is_file() else {}


def missing(language: str) -> list[str]:
    """What a language lacks, as table and name."""
    mine = tables(language)
    return [f"{table}.{name}" for table, names in tables(FALLBACK).items() for name in names if name not in mine.get(table, {})]


class Words:
    """The words of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._mine, self._english = tables(language), tables(FALLBACK)

    def __call__(self, word: str, /, **values: object) -> str:
        """A word or sentence, with what it names."""
        return self.of("words", word).format_map(values)

    def of(self, table: str, name: str) -> str:
        """What stands in a table under a name; the name itself where nothing does."""
        word = self._mine.get(table, {}).get(name)
        return self._english[table].get(name, name) if word is None else word

    def date(self, iso: str) -> str:
        """A day as the language writes it."""
        year, _, rest = iso.partition("-")
        month, _, day = rest.partition("-")
        return self.of("form", "date").format(year=year, month=month, day=day) if len(iso) == 10 and day else iso

    def period(self, text: str) -> str:
        """A span of two days, or one day."""
        return " - ".join(self.date(day) for day in text.split(" - "))

    def amount(self, minor: int, currency: str) -> str:
        """An amount with the marks of the language."""
        group, decimal = self.of("form", "group"), self.of("form", "decimal")
        plain = format_amount(minor, currency, grouped=bool(group))
        return plain.translate({ord(","): group, ord("."): decimal}) if (group, decimal) != ("", ".") else plain

    def number(self, text: str) -> str:
        """A quantity or percentage with the mark of the language."""
        return text.replace(".", self.of("form", "decimal"))

    def title(self, section: Section) -> str:
        """What stands above the lines of a section."""
        served = section.service
        if served is None:
            kind = section.kind if section.kind in self._english["sections"] else "charge"
            return self.of("sections", kind)
        return self.of("services", "title").format_map({
            "code": served.code or self.of("services", "service"), "cycle": self.of("cycles", served.cycle),
            "mode": self.of("services", served.mode),
        })  # fmt: skip

    def since(self, came: Since) -> str:
        """What came into the account, as its line says it."""
        if not came.kind:
            return came.text  # of an older book
        if came.kind == "payment":
            return f"{self.of('methods', came.method)} {came.text}".rstrip()
        return f"{self.of('entries', came.kind)} {came.document}"

    def bucket(self, name: str) -> str:
        """A column of an ageing."""
        over, _, days = name.partition("-")
        if over == "over":
            return self.of("ageing", "over").format(days=days)
        return self.of("ageing", "days").format(days=name) if days else self.of("ageing", name)


@lru_cache(maxsize=16)
def words(language: str) -> Words:
    """The words of a language."""
    return Words(language)
