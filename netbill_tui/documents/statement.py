"""A statement of account as 80-column text. Source: docs/rules.md, *Documents*."""

from collections.abc import Sequence

from netbill_tui.billing.receivables.invoices import Statement
from netbill_tui.documents.words import words
from netbill_tui.text import cut, right, visible, wrapped

WIDTH = 80


def statement_text(
    statement: Statement, company: str, currency: str, *, aged: Sequence[tuple[str, int]] = (), demo: bool = False,
    language: str = "en",
) -> str:  # fmt: skip
    """Opening, dated entries with running balance, closing, ageing line, coupon.

    Args:
        statement: Its entries.
        company: Who bills.
        currency: ISO 4217.
        aged: What is open of the account as of its last day, by bucket; empty leaves the line out.
        demo: Nothing of it is real.
        language: Of its words, dates and amounts.
    """
    say = words(language)

    def money(minor: int) -> str:
        return right(say.amount(minor, currency), 12)

    first, *rest = wrapped(visible(company), WIDTH - 24)
    title = wrapped(f"{say('statement').upper()} {statement.account}  {visible(statement.name)}", WIDTH)
    first_day = say.date(statement.first) if statement.first else say("from-beginning")
    span = say("span", first=first_day, last=say.date(statement.last), currency=currency)
    lines = [cut(first, WIDTH - 24) + right(say("demo") if demo else "", 24), *rest, *title, span, "", "-" * WIDTH]
    lines.append(
        f"{cut(say('date'), 10):<11}{cut(say('document'), 16):<17}{cut(say('what'), 15):<16}"
        + "".join(right(say(name), 12) for name in ("debit", "credit", "balance"))
    )
    lines += ["-" * WIDTH, cut(say("opening-balance"), 68) + money(statement.opening)]
    for entry in statement.entries:
        debit = money(entry.amount) if entry.amount > 0 else " " * 12
        credit = money(-entry.amount) if entry.amount <= 0 else " " * 12
        # A number or a reference is never cut: it goes on in the next line of its column.
        documents, whats = wrapped(visible(entry.document), 16), wrapped(visible(entry.text), 15)
        rows = max(len(documents), len(whats))
        documents += [""] * (rows - len(documents))
        whats += [""] * (rows - len(whats))
        sums = f"{debit}{credit}{money(entry.balance)}"
        lines += [
            f"{say.date(entry.date) if at == 0 else '':<11}{cut(document, 16)} {cut(what, 15)} {sums if at == 0 else ''}"
            for at, (document, what) in enumerate(zip(documents, whats, strict=True))
        ]
    lines += ["-" * WIDTH, cut(say("closing-balance"), 68) + money(statement.closing)]
    if aged:
        lines += [
            "",
            "".join(right(say.bucket(name), 16) for name, _ in aged[:5]),
            "".join(right(say.amount(a, currency), 16) for _, a in aged[:5]),
        ]
    due = max(statement.closing, 0)
    lines += [
        "",
        "- " * (WIDTH // 2),
        cut(f"{say('account')} {statement.account}", 54) + right(say.amount(due, currency), 26),
        scanned(statement),
    ]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def scanned(statement: Statement) -> str:
    """What a scanner types when the coupon is read: the account and what is due, in minor units."""
    return f"*NB1*{statement.account}**{max(statement.closing, 0)}*"
