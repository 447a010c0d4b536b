"""The texts of messages: those that come along in each language, and the owner's own ones, each with a preview and a test.

Source: docs/collections.md, *Templates*.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

from netbill_tui.billing.collections.policies import BOOK, TEMPLATE
from netbill_tui.billing.customers.accounts import LANGUAGES
from netbill_tui.db.collections import facts as fact_rows
from netbill_tui.db.collections import policies as policy_rows
from netbill_tui.db.collections.facts import Account
from netbill_tui.db.core import posted
from netbill_tui.db.receivables import invoices as invoice_rows
from netbill_tui.documents import messages
from netbill_tui.documents.messages import Owed, Said, Subject
from netbill_tui.documents.words import Words, words
from netbill_tui.errors import InvalidInput
from netbill_tui.security import rights
from netbill_tui.text import clean, visible
from netbill_tui.usecases.catalogue import rules
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing
from netbill_tui.usecases.customers.accounts import find_customer

NAMES = (*messages.TEMPLATES, "invoice", "credit-note")
BEGINS = "Subject:"


class Line(NamedTuple):
    """A text as a list shows it; who set it and when, both empty for one that came along."""

    name: str
    language: str
    subject: str
    since: str
    operator: str


class Templates:
    """The owner's own texts, as they were read once."""

    def __init__(self, own: Mapping[tuple[str, str], Said]) -> None:
        """Keep them, each by name and language."""
        self._own = own

    def of(self, name: str, in_words: Words) -> Said:
        """The text of a name in a language: the owner's own, else the one that came along."""
        return self._own.get((name, in_words.language)) or messages.template_of(in_words, name)


def load(session: Session) -> Templates:
    """The texts that hold now."""
    own: dict[tuple[str, str], Said] = {}
    for version in policy_rows.of_kind(session.db, TEMPLATE):
        name, _, language = version.scope.partition(".")
        own.pop((name, language), None)
        if version.values:
            own[name, language] = Said(version.values["subject"], version.values["text"])
    return Templates(own)


def listed(session: Session) -> list[Line]:
    """Every text in every language, the owner's own with who set it."""
    newest = {v.scope: v for v in policy_rows.of_kind(session.db, TEMPLATE)}
    own, lines = load(session), []
    for language in LANGUAGES:
        for name in NAMES:
            version = newest.get(f"{name}.{language}")
            is_own = version is not None and bool(version.values)
            by = (version.from_on, version.operator) if version is not None and is_own else ("", "")
            lines.append(Line(name, language, own.of(name, words(language)).subject, *by))
    return lines


def _named(name: str, language: str) -> None:
    if name not in NAMES:
        raise InvalidInput(f"{visible(name)[:20]!r} is no text of a message; known are {', '.join(NAMES)}.")
    if language not in LANGUAGES:
        raise InvalidInput(f"{visible(language)[:20]!r} is no language of the documents; known are {', '.join(LANGUAGES)}.")


def language_of_book(session: Session) -> str:
    """The language in which who has none of their own is written to."""
    return rules.rules(session).language


def text_of(session: Session, name: str, language: str) -> str:
    """A text as it is edited: its subject, a blank line, the text.

    Raises:
        InvalidInput: No such text, or no such language.
    """
    _named(name, language)
    said = load(session).of(name, words(language))
    return f"{BEGINS} {said.subject}\n\n{said.body.strip()}\n"


def read(text: str) -> Said:
    """A text that was edited.

    Raises:
        InvalidInput: It does not begin with its subject, or holds a name that nothing stands for.
    """
    first, _, rest = text.lstrip("\ufeff").replace("\r\n", "\n").partition("\n")
    if not first.startswith(BEGINS):
        raise InvalidInput(f"The text begins with {visible(first)[:30]!r}; write its subject above it, as {BEGINS} Your bill.")
    subject = clean(first[len(BEGINS) :], "The subject", limit=200)
    body = clean(rest.strip("\n"), "The text", limit=messages.LONGEST, newlines=True)
    return messages.check(Said(subject, body + "\n"))


def set_text(session: Session, name: str, language: str, text: str | None, *, dry_run: bool = False) -> Said:
    """Set a text of the owner's own, or go back to the one that came along.

    Args:
        session: Who sets it.
        name: Of NAMES.
        language: Of the documents.
        text: As `text_of` gives it; None goes back.
        dry_run: Only check.

    Raises:
        InvalidInput: It cannot be filled in.

    Side effect: one audit event. What was queued keeps its words.
    """
    session.needs(rights.CATALOGUE)
    _named(name, language)
    said = read(text) if text is not None else messages.template_of(words(language), name)
    if not dry_run:
        body = {"subject": said.subject, "text": said.body} if text is not None else {}
        with writing(session, rights.CATALOGUE) as tx:
            operator, _ = session.sign_in_if_needed()
            (number,) = tx.take("id")
            tx.post([posted.CollectionPolicy(
                number, TEMPLATE, f"{name}.{language}", 0, session.today().isoformat(), policy_rows.body(body), operator.name,
                tx.now_us,
            )])  # fmt: skip
            tx.note("template.set" if body else "template.reset", BOOK, {"template": name, "language": language})
    return said


def preview(session: Session, name: str, language: str, *, account: str = "", text: str | None = None) -> Said:
    """A text filled in with what an account owes now, or with values that are made up. Changes nothing.

    Args:
        session: Whose book.
        name: Of NAMES.
        language: Of the documents.
        account: Whose; made-up values where none is given, or where nothing is open.
        text: One that is being edited, as `text_of` gives it.

    Raises:
        InvalidInput: No such text, or it cannot be filled in.
    """
    _named(name, language)
    in_words = words(language)
    template = load(session).of(name, in_words) if text is None else read(text)
    return messages.say(template, _about(session, account), in_words)


def is_made_up(session: Session, account: str) -> bool:
    """Whether a preview for an account has sums that are made up, because it owes nothing."""
    return not any(not i.disputed for i in invoice_rows.open_invoices(session.db, find_customer(session, account).id))


def _about(session: Session, account: str) -> Subject:
    billing, today, money = rules.rules(session), session.today(), session.book.currency
    company = billing.seller[0] or session.book.company
    who: Account | None = None
    if account:
        customer = find_customer(session, account)
        (who,) = fact_rows.of_accounts(session.db, [customer.id], fact_rows.for_day(session.db, today, services=False))
        mine = [i for i in who.facts.items if not i.disputed]
        if mine:
            owed = [Owed(i.number, i.due.isoformat(), i.open) for i in [i for i in mine if i.due < today] or mine]
            disputed = [i.number for i in who.facts.items if i.disputed]
            return Subject(who.name, who.account, company, owed, disputed, billing.instructions, money)
    made_up = [Owed(f"INV-{n:06}", (today - timedelta(days=60 - 30 * n)).isoformat(), 2990) for n in (1, 2)]
    name, number = (who.name, who.account) if who is not None else ("Jane Example", "C000000")
    return Subject(name, number, company, made_up, ["INV-000003"], billing.instructions, money)
