"""An invoice or credit note as 80-column text, in the shape of a provider's bill."""

from netbill_tui.billing.core.money import format_amount
from netbill_tui.billing.receivables.documents import Printed
from netbill_tui.text import cut, right, visible, wrapped

WIDTH = 80
_AMOUNT = 14


def invoice_text(printed: Printed) -> str:
    """Head, previous balance and payments, a section per service, taxes, total, due date, coupon."""
    lines = [*_head(printed), *_account(printed), *_body(printed), *_sums(printed), *_coupon(printed)]
    return "\n".join(line.rstrip() for line in lines)


def _row(printed: Printed, words: str, amount: int, indent: int = 2) -> list[str]:
    """Words, wrapped where they are long, and the amount at the edge of their last line."""
    *before, last = wrapped(visible(words), WIDTH - _AMOUNT - indent)
    blank = " " * indent
    amount_text = right(format_amount(amount, printed.currency), _AMOUNT)
    return [*(blank + line for line in before), cut(blank + last, WIDTH - _AMOUNT) + amount_text]


def _beside(left: list[str], facts: list[str], width: int) -> list[str]:
    """Two columns of lines, each wrapped in its own."""
    column = [part for line in left if line for part in wrapped(visible(line), width - 2)]
    other = [part for line in facts for part in wrapped(visible(line), WIDTH - width)]
    rows = max(len(column), len(other))
    column += [""] * (rows - len(column))
    other += [""] * (rows - len(other))
    return [cut(a, width) + b for a, b in zip(column, other, strict=True)]


def _head(printed: Printed) -> list[str]:
    seller = printed.seller
    title = f"{printed.kind.upper()}{' - COPY' if printed.copy else ''}{' - DEMO, NOT REAL' if printed.demo else ''}"
    left = [seller.name, seller.street, seller.town, f"Tax id {seller.tax_id}" if seller.tax_id else ""]
    facts = [title, f"Number   {printed.number}", f"Issued   {printed.issued}", f"Account  {printed.account}"]
    if printed.kind == "invoice":
        facts.append(f"Due      {printed.due}")
    to = [part for line in (printed.name or "(no name)", *printed.address) for part in wrapped(visible(line), WIDTH)]
    return [*_beside(left, facts, 44), "", *to, ""]


def _account(printed: Printed) -> list[str]:
    if printed.kind != "invoice":
        return [*wrapped(visible(f"Takes back {printed.refers}"), WIDTH), ""] if printed.refers else []
    lines = _row(printed, "Previous balance", printed.previous, 0)
    for day, words, amount in printed.payments:
        lines += _row(printed, f"{day}  {words}", amount)
    return [*lines, ""]


def _body(printed: Printed) -> list[str]:
    lines: list[str] = []
    room = WIDTH - _AMOUNT - 25
    for section in printed.sections:
        lines += _row(printed, section.title, section.amount, 0)
        for line in section.lines:
            if line.kind == "notice":
                lines += [f"  {part}" for part in wrapped(visible(line.text), WIDTH - 4)]
                continue
            times = f" x {line.quantity}" if line.quantity not in ("1", "") else ""
            first, *rest = wrapped(visible(f"{line.text}{times}"), room - 2)
            amount = right(format_amount(line.amount, printed.currency), _AMOUNT)
            lines.append(f"{cut('  ' + first, room)} {cut(line.period, 24)}{amount}")
            lines += [f"  {part}" for part in rest]
    return lines


def _sums(printed: Printed) -> list[str]:
    lines = ["", *_row(printed, "Net", printed.net, 0)]
    for t in printed.taxes:
        reason = f" ({t.reason})" if t.reason else ""
        lines += _row(printed, f"{t.name}, {t.percent} % on {format_amount(t.base, printed.currency)}{reason}", t.tax)
    words = "Total of this invoice" if printed.kind == "invoice" else "Total given back"
    return [*lines, *_row(printed, f"{words} {printed.currency}", printed.total, 0)]


def _coupon(printed: Printed) -> list[str]:
    if printed.kind != "invoice":
        return []
    lines = [*_row(printed, f"BALANCE DUE by {printed.due}", printed.due_now, 0), "", "- " * (WIDTH // 2)]
    facts = f"Account {printed.account}  Invoice {printed.number}"
    lines += [*_row(printed, facts, printed.due_now, 0), f"*{printed.scanned}*"]
    if printed.seller.iban:
        lines += wrapped(visible(f"Pay to {printed.seller.name}, {printed.seller.iban}, reference {printed.number}"), WIDTH)
    return lines
