"""An invoice or credit note as 80-column text, in the shape of a provider's bill."""

from netbill_tui.billing.core.money import format_amount
from netbill_tui.billing.receivables.documents import Printed
from netbill_tui.text import cut, right, visible, wrapped

WIDTH = 80
_AMOUNT = 14


def invoice_text(made: Printed) -> str:
    """Head, previous balance and payments, a section per service, taxes, total, due date, coupon."""
    lines = [*_head(made), *_account(made), *_body(made), *_sums(made), *_coupon(made)]
    return "\n".join(line.rstrip() for line in lines)


def _row(made: Printed, words: str, amount: int, indent: int = 2) -> list[str]:
    """Words, wrapped where they are long, and the amount at the edge of their last line."""
    *before, last = wrapped(visible(words), WIDTH - _AMOUNT - indent)
    blank = " " * indent
    amount_text = right(format_amount(amount, made.currency), _AMOUNT)
    return [*(blank + line for line in before), cut(blank + last, WIDTH - _AMOUNT) + amount_text]


def _beside(left: list[str], facts: list[str], width: int) -> list[str]:
    """Two columns of lines, each wrapped in its own."""
    one = [part for line in left if line for part in wrapped(visible(line), width - 2)]
    other = [part for line in facts for part in wrapped(visible(line), WIDTH - width)]
    rows = max(len(one), len(other))
    one += [""] * (rows - len(one))
    other += [""] * (rows - len(other))
    return [cut(a, width) + b for a, b in zip(one, other, strict=True)]


def _head(made: Printed) -> list[str]:
    seller = made.seller
    title = f"{made.kind.upper()}{' - COPY' if made.copy else ''}{' - DEMO, NOT REAL' if made.demo else ''}"
    left = [seller.name, seller.street, seller.town, f"Tax id {seller.tax_id}" if seller.tax_id else ""]
    facts = [title, f"Number   {made.number}", f"Issued   {made.issued}", f"Account  {made.account}"]
    if made.kind == "invoice":
        facts.append(f"Due      {made.due}")
    to = [part for line in (made.name or "(no name)", *made.address) for part in wrapped(visible(line), WIDTH)]
    return [*_beside(left, facts, 44), "", *to, ""]


def _account(made: Printed) -> list[str]:
    if made.kind != "invoice":
        return [*wrapped(visible(f"Takes back {made.refers}"), WIDTH), ""] if made.refers else []
    lines = _row(made, "Previous balance", made.previous, 0)
    for day, words, amount in made.payments:
        lines += _row(made, f"{day}  {words}", amount)
    return [*lines, ""]


def _body(made: Printed) -> list[str]:
    lines: list[str] = []
    room = WIDTH - _AMOUNT - 25
    for section in made.sections:
        lines += _row(made, section.title, section.amount, 0)
        for line in section.lines:
            if line.kind == "notice":
                lines += [f"  {part}" for part in wrapped(visible(line.text), WIDTH - 4)]
                continue
            times = f" x {line.quantity}" if line.quantity not in ("1", "") else ""
            first, *rest = wrapped(visible(f"{line.text}{times}"), room - 2)
            amount = right(format_amount(line.amount, made.currency), _AMOUNT)
            lines.append(f"{cut('  ' + first, room)} {cut(line.period, 24)}{amount}")
            lines += [f"  {part}" for part in rest]
    return lines


def _sums(made: Printed) -> list[str]:
    lines = ["", *_row(made, "Net", made.net, 0)]
    for t in made.taxes:
        reason = f" ({t.reason})" if t.reason else ""
        lines += _row(made, f"{t.name}, {t.percent} % on {format_amount(t.base, made.currency)}{reason}", t.tax)
    words = "Total of this invoice" if made.kind == "invoice" else "Total given back"
    return [*lines, *_row(made, f"{words} {made.currency}", made.total, 0)]


def _coupon(made: Printed) -> list[str]:
    if made.kind != "invoice":
        return []
    lines = [*_row(made, f"BALANCE DUE by {made.due}", made.due_now, 0), "", "- " * (WIDTH // 2)]
    facts = f"Account {made.account}  Invoice {made.number}"
    lines += [*_row(made, facts, made.due_now, 0), f"*{made.scanned}*"]
    if made.seller.iban:
        lines += wrapped(visible(f"Pay to {made.seller.name}, {made.seller.iban}, reference {made.number}"), WIDTH)
    return lines
