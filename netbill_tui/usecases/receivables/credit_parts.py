"""An invoice with all that stands on it, and what of each line a credit note gives back.

Source: docs/rules.md, *18 Credit notes*.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from netbill_tui.billing.catalogue.taxes import CreditedTax, spread, tax_of_credit
from netbill_tui.billing.core.money import parse_amount, round_half_away, split
from netbill_tui.db.receivables import credit_notes
from netbill_tui.db.receivables.credit_notes import Amounts, Document, DocumentLine, DocumentTax
from netbill_tui.errors import InvalidInput, NotFound
from netbill_tui.text import visible
from netbill_tui.usecases.catalogue import rules
from netbill_tui.usecases.catalogue.numbers import numbers_meant
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.receivables.own_reasons import only_own


class Whole(NamedTuple):
    """An invoice or credit note with all that stands on it."""

    head: Document
    lines: tuple[DocumentLine, ...]
    taxes: tuple[DocumentTax, ...]


class Part(NamedTuple):
    """What is given back of one line."""

    line: DocumentLine
    net: int
    tax: int


def invoice(session: Session, number: str) -> Whole:
    """An invoice with its lines and taxes; imported ones have neither arithmetic nor taxes by line.

    Raises:
        NotFound: There is none of this number.
    """
    head = next((head_ for n in numbers_meant(session, number) if (head_ := credit_notes.invoice(session.db, n))), None)
    if head is None:
        raise NotFound(f"There is no invoice {visible(number.strip())[:40]!r}; F2 or netbill find looks for it.")
    lines = only_own(session, credit_notes.lines(session.db, head.id))
    if sum(n.tax for n in lines) != head.tax:
        shares = spread(head.tax, [n.amount for n in lines])
        lines = [n._replace(tax=t) for n, t in zip(lines, shares, strict=True)]
    return Whole(head, tuple(lines), tuple(credit_notes.taxes(session.db, head.id)))


def credit_note(session: Session, number: str) -> Whole:
    """A credit note with its lines and taxes.

    Raises:
        NotFound: There is none of this number.
    """
    head = credit_notes.credit_note(session.db, number.strip()) or credit_notes.credit_note(session.db, number.strip().upper())
    if head is None:
        raise NotFound(f"There is no credit note {visible(number.strip())[:40]!r}; netbill credit --list ACCOUNT lists them.")
    lines = only_own(session, credit_notes.credit_lines(session.db, head.id))
    return Whole(head, tuple(lines), tuple(credit_notes.taxes(session.db, head.id)))


def left_of(session: Session, whole: Whole) -> int:
    """What is left to give back of an invoice, with tax."""
    before = _given_before(session, whole)
    return whole.head.total - sum(amounts.net + amounts.tax for amounts in before.values())


def _given_before(session: Session, whole: Whole) -> dict[int, Amounts]:
    """What was given back of each line: by credit notes that name it, and by runs that gave back days not used."""
    named = credit_notes.credited(session.db, whole.head.id)
    inclusive = rules.rules(session).inclusive
    by_line = {}
    for line in whole.lines:
        by_note, by_run = named.get(line.id, Amounts()), credit_notes.given_back(session.db, line, inclusive=inclusive)
        if any(by_note) or any(by_run):
            by_line[line.id] = Amounts(by_note.net + by_run.net, by_note.tax + by_run.tax)
    return by_line


def left_of_line(session: Session, whole: Whole, position: int) -> int:
    """What is left to give back of a line, without tax."""
    line = next(n for n in whole.lines if n.position == position)
    return line.amount - _given_before(session, whole).get(line.id, Amounts()).net - _discounted(session, line)


def parts_of(session: Session, whole: Whole, lines: Mapping[int, int] | None, amount: int | None) -> list[Part]:
    """What is given back of each line, with its tax.

    Args:
        session: Whose book.
        whole: The invoice.
        lines: Net amount by the line's position; None for all.
        amount: A total with tax, spread over the lines by what is left of them; None for all that is left.

    Raises:
        InvalidInput: No such line, more than is left of it, or nothing left.
    """
    before = _given_before(session, whole)
    credited = {n.position: before.get(n.id, Amounts()) for n in whole.lines}
    left = {n.position: Amounts(n.amount - credited[n.position].net, n.tax - credited[n.position].tax) for n in whole.lines}
    by_position = {n.position: n for n in whole.lines}
    parts: list[Part] = []
    if lines is not None:
        for position, net in sorted(lines.items()):
            line = by_position.get(position)
            if line is None:
                raise InvalidInput(f"The invoice has no line {position}; netbill invoice {whole.head.number} shows them.")
            able = left[position].net - _discounted(session, line)
            if net > able or net <= 0:
                raise InvalidInput(f"Line {position} has {_show(session, max(able, 0))} left to give back.")
            parts.append(Part(line, net, tax_of_credit(CreditedTax(line.amount, line.tax, *credited[position]), net)))
    elif amount is not None and amount != sum(a.net + a.tax for a in left.values()):
        gross = {p: a.net + a.tax for p, a in left.items() if a.net + a.tax > 0}
        if amount <= 0 or amount > sum(a.net + a.tax for a in left.values()):
            raise InvalidInput(f"The invoice has {_show(session, sum(a.net + a.tax for a in left.values()))} left to give back.")
        for position, part in zip(gross, split(amount, list(gross.values())), strict=True):
            if part:
                of = left[position].net
                net = of if part == gross[position] else _net_of(part, of, gross[position])
                parts.append(Part(by_position[position], net, part - net))
    else:
        parts = [Part(by_position[p], a.net, a.tax) for p, a in left.items() if any(a)]
    if sum(p.net + p.tax for p in parts) <= 0:
        raise InvalidInput(f"Nothing is left to give back of {whole.head.number}.")
    return parts


def _discounted(session: Session, line: DocumentLine) -> int:
    """The line's part of the discounts on the whole invoice, without tax: it was never paid, so it is not given back."""
    if line.billed_id is None or line.amount <= 0 or not line.charged:
        return 0
    full = line.amount + line.tax if rules.rules(session).inclusive else line.amount
    return line.amount - _net_of(line.charged, line.amount, full) if 0 < line.charged < full else 0


def _net_of(part: int, net: int, gross: int) -> int:
    return round_half_away(Fraction(part * net, gross))


def _show(session: Session, minor: int) -> str:
    from netbill_tui.billing.core.money import format_amount

    return format_amount(minor, session.book.currency)


def read_lines(session: Session, typed: Sequence[str]) -> dict[int, int] | None:
    """Line numbers with net amounts from `2=10.00`; None where none was typed.

    Raises:
        InvalidInput: It is not LINE=AMOUNT.
    """
    amounts: dict[int, int] = {}
    for word in typed:
        position, sign, amount = word.partition("=")
        if not sign or not position.strip().isascii() or not position.strip().isdigit():
            raise InvalidInput(f"{visible(word)[:30]!r} is not LINE=AMOUNT; type it as 2=10.00.")
        if int(position) in amounts:
            raise InvalidInput(f"Line {position} is named twice; type one amount for it.")
        amounts[int(position)] = parse_amount(amount, session.book.currency)
    return amounts or None
