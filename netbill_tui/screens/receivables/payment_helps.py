"""What helps to fill the payment form: pick lists, which invoices it settles, the last payment once more."""

from datetime import timedelta

from textual.widgets import Input

from netbill_tui.billing.core.dates import short
from netbill_tui.billing.core.money import format_amount, parse_positive
from netbill_tui.billing.customers.accounts import Card
from netbill_tui.billing.receivables.allocation import Share
from netbill_tui.billing.receivables.payments import BACKDATE_DAYS, METHODS
from netbill_tui.errors import InvalidInput, Refused
from netbill_tui.screens.shell.base import story
from netbill_tui.screens.shell.kept_form import DraftScreen
from netbill_tui.text import counted
from netbill_tui.usecases.receivables import payments
from netbill_tui.widgets.lines import UNDERLINE, Line, Lines, fit, fit_right


class PaymentHelps(DraftScreen):
    """The helps; the form itself is in take_payment.py."""

    _card: Card | None
    _known: str
    _apply: tuple[tuple[str, int], ...]
    _applied_to: str
    _shares: Lines

    def _input(self, name: str) -> Input:
        return self.query_one(f"#{name}", Input)

    def _value(self, name: str) -> str:
        return self._input(name).value.strip()

    async def _know_account(self) -> None:
        raise NotImplementedError

    def _amount(self) -> int:
        raise NotImplementedError

    def _try_amount(self) -> int:
        raise NotImplementedError

    async def _draw_shares(self, amount: int) -> None:
        """Show what the amount would settle, oldest first."""
        how = "Applies to (chosen, F8)" if self._apply else "Applies to (oldest first, F8)"
        lines: list[Line] = [[(f"  {how:<30}{'Open':>14}{'Apply':>14}{'Left':>14}", UNDERLINE)]]
        hint = None
        if amount > 0 and self._card is not None:
            shares, left, hint = await self._preview(amount)
            lines += [self._share(s) for s in shares[:3]]
            if len(shares) > 3:
                rest = sum(s.amount for s in shares[3:])
                more = f"and {counted(len(shares) - 3, 'more invoice')}"
                lines.append(f"    {more:<42}{self.money(rest):>14}")
            lines.append(f"    {'on account (credit)':<28}{'':>14}{self.money(left):>14}")
            lines.append(f"    {'balance after':<28}{'':>14}{self.money(self._card.totals.balance - amount):>14}")
        self._shares.show([*lines, *[""] * (7 - len(lines))][:7])
        if hint:
            self.tell(f"The amount is exactly what is open on {hint}; it settles the oldest all the same.")

    async def _preview(self, amount: int) -> tuple[list[Share], int, str | None]:
        """How the payment would be spread; a choice that no longer fits what is open is given up, and that is said."""
        assert self._card is not None
        account = self._card.customer.account
        try:
            return await self.read(payments.preview, account, amount, self._fitting(amount))
        except (InvalidInput, Refused) as error:
            if not self._apply:
                raise
            self._apply = ()
            self.refuse(f"{error} The oldest comes first again; F8 chooses anew.")
            return await self.read(payments.preview, account, amount)

    def _fitting(self, amount: int) -> tuple[tuple[str, int], ...]:
        """The operator's own allocation, while it fits the amount; another amount begins with the oldest again."""
        if sum(part for _, part in self._apply) > amount:
            self._apply = ()
        return self._apply

    def _share(self, share: Share) -> str:
        invoice = share.invoice
        cells = (invoice.open, share.amount, invoice.open - share.amount)
        return f"    {fit(invoice.number, 28)}" + "".join(fit_right(self.money(c), 14) for c in cells)

    # Lists and repeats.

    @story
    async def action_pick(self) -> None:
        """Choose from a list what stands in the field."""
        from netbill_tui.screens.shell.forms.pick import PickForm

        name = self.focused.id if isinstance(self.focused, Input) else ""
        if name == "account":
            await self._pick_account()
            return
        today = self.session.today()
        days = [(today - timedelta(days=n)) for n in range(BACKDATE_DAYS + 1)]
        rows = {
            "method": [(m, f"{at} {m:<8} {words[0]}") for at, (m, words) in zip("1234675", METHODS.items(), strict=True)],
            "received": [(d.isoformat(), f"{short(d)}  {d:%A}") for d in days],
        }.get(name or "")
        if name == "amount" and self._card is not None:
            totals = self._card.totals
            amounts = dict.fromkeys((totals.balance, totals.overdue))
            rows = [
                (format_amount(a, self.session.book.currency), f"{self.money(a):>14}  {w}")
                for a, w in zip(amounts, ("everything that is open", "what is overdue"), strict=False)
                if a > 0
            ]
        if not rows:
            raise Refused("This field has no list; type into it.")
        chosen = await self.ask(PickForm("Which?", rows, chosen=self._value(str(name))))
        if chosen is not None:
            self._input(str(name)).value = chosen
            self._input(str(name)).focus()

    async def _pick_account(self) -> None:
        await self.open_screen("find", self._value("account"), take=self._take_account)

    @story
    async def _take_account(self, account: str) -> None:
        self._input("account").value = account
        await self._know_account()
        self._input("method").focus()

    @story
    async def action_apply(self) -> None:
        """Say which invoices the payment settles."""
        from netbill_tui.screens.shell.forms.apply import ApplyForm

        if self._card is None:
            await self._know_account()
        amount = self._amount()
        invoices = await self.read(payments.open_invoices, self._known)
        if not invoices:
            raise Refused("Nothing is open on this account; the payment goes on account.")
        shares, _, _ = await self._preview(amount)
        now = {s.invoice.number: s.amount for s in shares}
        currency = self.session.book.currency
        form = ApplyForm(amount, invoices, now, lambda a: format_amount(a, currency), lambda t: parse_positive(t, currency))
        chosen = await self.ask(form)
        if chosen is not None:
            self._apply, self._applied_to = chosen, self._known
            await self._draw_shares(amount)

    @story
    async def action_last(self) -> None:
        """Fill in what the last payment had: method, amount, day."""
        last = self.netbill.desk.payment
        if not last.method:
            raise Refused("No payment was posted in this sitting yet.")
        for name, value in (("method", last.method), ("amount", last.amount), ("received", last.received)):
            self._input(name).value = value
        await self._draw_shares(self._try_amount())
        self.tell(f"As before: {last.method} {last.amount}. Look at it, then F10 posts.")
