"""Reminders as text, from a template with names such as `$total`, in the language of the customer.

A template is plain text: `string.Template` knows no code and no attributes, and what a customer is called is put in last,
so that a
customer named `$amount` stays a name. Source: docs/collections.md, *Templates*.
"""

from collections.abc import Sequence
from string import Template
from typing import Final, NamedTuple

from netbill_tui.documents.words import Words
from netbill_tui.errors import InvalidInput
from netbill_tui.text import visible

NAMES: Final = ("name", "account", "company", "total", "due", "invoices", "disputed", "instructions")
TEMPLATES: Final = ("courtesy", "reminder", "final", "returned")
LONGEST: Final = 4000


class Owed(NamedTuple):
    """An invoice that a message lists, its open amount in minor units."""

    number: str
    due: str
    open: int


class Said(NamedTuple):
    """A message in words."""

    subject: str
    body: str


class Subject(NamedTuple):
    """What a message is about.

    Attributes:
        name: Of the customer.
        account: Their account number.
        company: Who writes.
        owed: What is asked for, oldest first.
        disputed: Numbers of disputed invoices, which are told apart.
        instructions: How a bill can be paid.
        currency: ISO 4217.
    """

    name: str
    account: str
    company: str
    owed: Sequence[Owed]
    disputed: Sequence[str]
    instructions: str
    currency: str


def template_of(words: Words, name: str) -> Said:
    """The template that comes along for a language."""
    return Said(words.of("messages", f"{name}-subject"), words.of("messages", name))


def check(template: Said) -> Said:
    """The same, where it can be filled in.

    Raises:
        InvalidInput: It has a name that nothing stands for, or a `$` that begins none.
    """
    for text, what in ((template.subject, "subject"), (template.body, "text")):
        if not text.strip():
            raise InvalidInput(f"The {what} of the template is empty; write one.")
        if len(text) > LONGEST:
            raise InvalidInput(f"The {what} of the template has {len(text):,} letters; at most {LONGEST:,} are taken.")
        parsed = Template(text)
        if not parsed.is_valid():
            raise InvalidInput(f"A $ in the {what} of the template begins no name; write $$ for the sign itself.")
        for name in parsed.get_identifiers():
            if name not in NAMES:
                raise InvalidInput(f"${visible(name)[:30]} is not a name of a template; known are ${', $'.join(NAMES)}.")
    return template


def say(template: Said, about: Subject, words: Words) -> Said:
    """The message that a template makes of what is owed."""
    lines = "\n".join(
        Template(words.of("messages", "line")).substitute(
            number=f"{owed.number:<14}", due=words.date(owed.due), open=words.amount(owed.open, about.currency)
        )
        for owed in about.owed
    )
    disputed = Template(words.of("messages", "disputed")).substitute(numbers=", ".join(about.disputed)) if about.disputed else ""
    total = f"{words.amount(sum(o.open for o in about.owed), about.currency)} {about.currency}"
    values = {
        "name": about.name or about.account, "account": about.account, "company": about.company, "total": total,
        "due": words.date(about.owed[-1].due) if about.owed else "", "invoices": lines, "disputed": disputed,
        "instructions": about.instructions,
    }  # fmt: skip
    body = Template(template.body).substitute(values)
    # What is empty leaves no hole of blank lines behind.
    while "\n\n\n" in body:
        body = body.replace("\n\n\n", "\n\n")
    return Said(" ".join(Template(template.subject).substitute(values).split()), body)
