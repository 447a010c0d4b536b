"""An invoice or credit note as 80-column text, in the shape of a provider's bill."""

from netbill_tui.billing.documents import Printed
from netbill_tui.billing.money import format_amount
from netbill_tui.text import cut, right, visible

WIDTH = 80
_AMOUNT = 14


def invoice_text(made: Printed) -> str:
    """Head, previous balance and payments, a section per service, taxes, total, due date, coupon."""
    lines = [*_head(made), *_account(made), *_body(made), *_sums(made), *_coupon(made)]
    return "\n".join(visible(line).rstrip() for line in lines)


def _row(made: Printed, words: str, amount: int, indent: int = 2) -> str:
    return cut(" " * indent + words, WIDTH - _AMOUNT) + right(format_amount(amount, made.currency), _AMOUNT)


def _head(made: Printed) -> list[str]:
    seller = made.seller
    title = f"{made.kind.upper()}{' - COPY' if made.copy else ''}{' - DEMO, NOT REAL' if made.demo else ''}"
    left = [seller.name, seller.street, seller.town, f"Tax id {seller.tax_id}" if seller.tax_id else ""]
    facts = [title, f"Number   {made.number}", f"Issued   {made.issued}", f"Account  {made.account}"]
    if made.kind == "invoice":
        facts.append(f"Due      {made.due}")
    rows = max(len(left), len(facts))
    left += [""] * (rows - len(left))
    facts += [""] * (rows - len(facts))
    head = [cut(a, 44) + cut(b, 36) for a, b in zip(left, facts, strict=True)]
    return [*head, "", made.name or "(no name)", *made.address, ""]


def _account(made: Printed) -> list[str]:
    if made.kind != "invoice":
        return [f"Takes back {made.refers}"[:WIDTH], ""] if made.refers else []
    lines = [_row(made, "Previous balance", made.previous, 0)]
    for day, words, amount in made.payments:
        lines.append(_row(made, f"{day}  {words}", amount))
    return [*lines, ""]


def _body(made: Printed) -> list[str]:
    lines: list[str] = []
    for section in made.sections:
        lines.append(cut(section.title, WIDTH - _AMOUNT) + right(format_amount(section.amount, made.currency), _AMOUNT))
        for line in section.lines:
            if line.kind == "notice":
                lines += [f"  {line.text[i : i + 76]}" for i in range(0, len(line.text), 76)]
                continue
            times = f" x {line.quantity}" if line.quantity not in ("1", "") else ""
            words = f"  {line.text}{times}"
            room = WIDTH - _AMOUNT - 25
            lines.append(f"{cut(words, room)} {cut(line.period, 24)}{right(format_amount(line.amount, made.currency), _AMOUNT)}")
    return lines


def _sums(made: Printed) -> list[str]:
    lines = ["", _row(made, "Net", made.net, 0)]
    for t in made.taxes:
        reason = f" ({t.reason})" if t.reason else ""
        lines.append(_row(made, f"{t.name}, {t.percent} % on {format_amount(t.base, made.currency)}{reason}", t.tax))
    words = "Total of this invoice" if made.kind == "invoice" else "Total given back"
    return [*lines, _row(made, f"{words} {made.currency}", made.total, 0)]


def _coupon(made: Printed) -> list[str]:
    if made.kind != "invoice":
        return []
    lines = [_row(made, f"BALANCE DUE by {made.due}", made.due_now, 0), "", "- " * (WIDTH // 2)]
    lines += [
        cut(f"Account {made.account}", 27)
        + cut(f"Invoice {made.number}", 27)
        + right(format_amount(made.due_now, made.currency), 26),
        f"*{made.scanned}*",
    ]
    if made.seller.iban:
        lines.append(f"Pay to {made.seller.name}, {made.seller.iban}, reference {made.number}"[:WIDTH])
    return lines
