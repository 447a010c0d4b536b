"""A receipt as 80-column text. Source: docs/rules.md, *Documents*."""

from datetime import UTC, datetime

from netbill_tui.billing.receivables.payments import Payment
from netbill_tui.documents.words import Words, words
from netbill_tui.text import cut, right, visible, wrapped

WIDTH = 80


def receipt_text(
    payment: Payment, company: str, currency: str, *, copy: bool = False, demo: bool = False, language: str = "en"
) -> str:
    """The receipt. A reprint says COPY, a demo book DEMO; a payment that was taken back says so first."""
    row, say = payment.row, words(language)

    def money(minor: int) -> str:
        return right(say.amount(minor, currency), 16)

    def pair(name: str, value: str) -> list[str]:
        head = f"  {cut(name + ' ', 18).replace('  ', ' .')[:18]} "
        first, *rest = wrapped(visible(value), WIDTH - 21)
        return [head + first, *(" " * 21 + part for part in rest)]

    marks = " ".join(say(m) for m, on in (("demo", demo), ("copy", copy)) if on)
    first, *rest = wrapped(visible(company), WIDTH - 24)
    lines = [cut(first, WIDTH - 24) + right(marks, 24), *rest, "", f"{say('receipt').upper()} {row.receipt}", ""]
    for words_ in taken_back(payment, say):
        lines += [*wrapped(f"*** {visible(words_)} ***", WIDTH), ""]
    lines += [*pair(say("account"), f"{row.account}  {row.name}"), *pair(say("received"), say.date(row.date))]
    for name, value in how_paid(payment, say, currency):
        lines += pair(name, value)
    lines += ["", "-" * WIDTH, f"{cut(say('applied-to'), 62)}{right(currency, 16)}", "-" * WIDTH]
    lines += [cut(f"  {s.invoice}", 62) + money(s.amount) for s in payment.allocated]
    lines.append(cut(f"  {say('on-account')}", 62) + money(payment.unapplied))
    lines += [
        "-" * WIDTH,
        cut(say("amount-received"), 62) + money(row.amount),
        cut(say("balance-after"), 62) + money(payment.balance),
        "",
    ]
    lines.append(visible(who_took(payment, say)))
    return "\n".join(line.rstrip() for line in lines) + "\n"


def taken_back(payment: Payment, say: Words) -> list[str]:
    """What became of a payment that does not stand any more."""
    state = payment.row.state
    if state not in ("returned", "reversed"):
        return []
    day = say.date(payment.event_date or "")
    return [say("taken-back", state=say.of("entries", state).upper(), date=day, reason=payment.event_reason)]


def how_paid(payment: Payment, say: Words, currency: str) -> list[tuple[str, str]]:
    """The method with its reference, and what was given and returned of cash."""
    row = payment.row
    facts = [(say("method"), say.of("methods", row.method) + (f"  {row.reference}" if row.reference else ""))]
    if payment.tendered is not None:
        tendered = say.amount(payment.tendered, currency)
        facts.append((say("tendered"), say("change", amount=tendered, change=say.amount(payment.change, currency))))
    return facts


def who_took(payment: Payment, say: Words) -> str:
    """Who took it, and when it was entered."""
    at = datetime.fromtimestamp(payment.recorded_at // 1_000_000, UTC)
    return say("taken-by", operator=payment.operator, at=f"{say.date(f'{at:%Y-%m-%d}')} {at:%H:%M}")
