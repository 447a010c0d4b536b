"""Take a payment: Enter walks the form, the last Enter posts. One request id for each form, so a double Enter posts once."""

import json

from textual.app import ComposeResult
from textual.widgets import Input

from netbill_tui.billing.core.arithmetic import calculate, is_formula
from netbill_tui.billing.core.dates import short
from netbill_tui.billing.core.money import format_amount, parse_positive
from netbill_tui.billing.customers.accounts import Card
from netbill_tui.billing.receivables.payments import Payment, PaymentRequest, parse_method
from netbill_tui.commands import APPLY, BACK, CLEAR, LAST, PICK, POST
from netbill_tui.errors import InvalidInput, NetbillError, Refused
from netbill_tui.screens.receivables import payment_questions as questions
from netbill_tui.screens.receivables.payment_shares import PaymentShares, chosen_from
from netbill_tui.screens.shell.base import NetbillScreen, story
from netbill_tui.screens.shell.desk import Filled, LastPayment
from netbill_tui.screens.shell.forms.pick import PickForm
from netbill_tui.screens.shell.kept_form import DraftScreen
from netbill_tui.styles.roles import LATE, PLAIN, STRONG
from netbill_tui.text import counted
from netbill_tui.usecases.core.unfinished_forms import Draft
from netbill_tui.usecases.customers import accounts
from netbill_tui.widgets.fields import Field, Fields, mark_wrong
from netbill_tui.widgets.lines import Lines, Part

_ORDER = ("account", "method", "amount", "tendered", "reference", "received", "note", "post")


class TakePaymentScreen(DraftScreen):
    """The form; what the amount settles is a part of it. F12 leaves, and nothing is stored."""

    KIND = "payment"
    TITLE_WORDS = "Take payment"
    DECLARED = (POST, PICK, APPLY, LAST, CLEAR, BACK)
    AUTO_FOCUS = None

    def __init__(self, account: str | None = None, *, filled: Filled | None = None, draft: Draft | None = None) -> None:
        super().__init__(draft)
        self._begins_with = self._restored.get("account") or account
        self._filled = filled
        self._card: Card | None = None
        self._confirmed_large: tuple[str, int] | None = None
        self._look = False
        self._known = self._proposed = self._formula = self._said_last = ""
        self._shares = PaymentShares(self)

    def body(self) -> ComposeResult:
        """The fields in their order, the allocation, the post field."""
        with Fields(id="body"):
            yield Field("Account", "account", value=self._begins_with or "", limit=40, width=12, required=True)
            self._due = Lines([""])
            yield self._due
            yield Field("Method", "method", width=10, required=True)
            yield Field("Amount", "amount", remark=questions.AMOUNT_HINT, limit=60, width=14, required=True)
            yield Field("Tendered", "tendered", remark=questions.TENDERED_HINT, limit=30, width=14)
            yield Field("Reference", "reference", remark="cheque number, bank reference", limit=80, width=24)
            yield Field("Received", "received", value="t", remark="t today, -1 yesterday, 5nov", limit=12, width=12)
            yield Field("Note", "note", wide=True, limit=500)
            yield self._shares.lines
            yield Field("Post", "post", remark="Enter or F10 posts, F12 leaves, nothing is stored", width=3)

    def on_mount(self) -> None:
        """Begin at the first field that is not known."""
        self.draw_frame()
        self._draw_methods()
        self._begin()

    def on_screen_resume(self) -> None:
        """The form keeps what was typed; what is open on the account may have changed meanwhile."""
        self.draw_frame()
        if self._look and self._card is not None:
            self._look = False
            self._look_again()

    def revive(self) -> None:
        """The form was put aside: what is open on the account may have changed meanwhile."""
        super().revive()
        self._look = True

    def draft_fields(self) -> dict[str, str]:
        """What stands in the fields, and the allocation that was chosen."""
        return super().draft_fields() | ({"apply": json.dumps(self._shares.chosen)} if self._shares.chosen else {})

    @story
    async def _look_again(self) -> None:
        await self._know_account()

    @story
    async def _begin(self) -> None:
        self._input("account").focus()
        for name in (n for n in _ORDER if n in self._restored):
            self._input(name).value = self._restored[name]
        if not self._begins_with:
            return
        if "apply" in self._restored:
            self._shares.chosen, self._shares.chosen_for = chosen_from(self._restored["apply"]), self._begins_with
        await self._know_account()
        self._input("method").focus()
        if self._restored:
            await self._shares.draw(self._card, self._try_amount())
            chosen = " Its allocation is the one that was chosen." if self._shares.chosen else ""
            self.tell(f"This is what you typed before the line was lost; check it and go on.{chosen}")
        if self._filled is not None and len(self._filled) > 1 and self._filled.amount:
            await self._fill(self._filled)

    async def _fill(self, filled: Filled) -> None:
        """Take over what was typed on one line; what can be posted waits for Enter with its allocation shown."""
        self._input("amount").value = filled.amount
        self._input("method").value = filled.method
        self._input("reference").value = filled.reference
        self._input("method").value = self._method()
        await self._know_amount()
        self._input("tendered" if self._method() == "cash" and not filled.method else "post").focus()
        if not filled.method:
            self._input("method").focus()
            return
        self.tell(f"Enter posts {self.money(self._amount())} {self._method()} for {self._known}; F12 leaves.")

    def draft_title(self) -> str:
        """Which of the waiting forms it is."""
        return f"Payment {self._value('account')} {self._value('amount')} {self._value('method')}".strip()

    def account(self) -> str | None:
        """Whose payment it is."""
        return self._value("account") or None

    # Walking the form.

    @story
    async def on_input_submitted(self, event: Input.Submitted) -> None:
        """Check the field and go to the next one; on the last, post."""
        event.stop()
        self.tell("")
        try:
            await (self._post() if event.input.id == "post" else self._entered(event.input.id or ""))
        except NetbillError as error:
            if self.focused is event.input:
                mark_wrong(event.input, str(error))
            raise

    async def _entered(self, name: str) -> None:
        if name == "account":
            await self._know_account()
        elif name == "method":
            self._input("method").value = self._method()
        elif name == "amount":
            await self._know_amount()
        elif name == "tendered":
            self._know_change()
        else:
            self._check(name)
        self._input(self._next(name)).focus()
        self.keep_soon()

    def _check(self, name: str) -> None:
        """Refuse what stands in a field and cannot be taken."""
        questions.check_text(name, self._value(name))
        if name in ("method", "amount", "received") or (name == "tendered" and self._method() == "cash"):
            getattr(self, f"_{name}")()

    def _input(self, name: str) -> Input:
        return self.query_one(f"#{name}", Input)

    def _value(self, name: str) -> str:
        return self._input(name).value.strip()

    def _next(self, name: str) -> str:
        following = _ORDER[_ORDER.index(name) + 1]
        return "reference" if following == "tendered" and self._method() != "cash" else following

    async def _know_account(self) -> None:
        if not self._value("account"):
            raise InvalidInput("Type the account number; F2 finds it by name.")
        self._card = await self.read(accounts.card, self._value("account"))
        customer, totals = self._card.customer, self._card.totals
        self._known = self._input("account").value = customer.account
        who: list[Part] = [
            (customer.name or "(no name)", STRONG),
            (f"   {customer.plan or 'no plan'}   {customer.status}", PLAIN),
        ]
        self._remark("account", who)
        owes: list[Part] = [(" " * 14 + f"balance {self.money(totals.balance)}", PLAIN)]
        if totals.overdue:
            owes.append((f"   overdue {self.money(totals.overdue)}, {counted(self._card.oldest_days, 'day')}", LATE))
        if totals.credit:
            owes.append((f"   credit {self.money(totals.credit)}", PLAIN))
        self._due.show([owes])
        due = max(totals.balance, 0)
        if self._value("amount") in ("", self._proposed):
            # Only what nobody typed is replaced.
            self._proposed = format_amount(due, self.session.book.currency) if due else ""
            self._input("amount").value = self._proposed
        if self._known != self._shares.chosen_for:
            self._shares.forget()
        await self._shares.draw(self._card, self._try_amount())

    def _try_amount(self) -> int:
        """The amount as far as it can be read; 0 where it cannot yet."""
        try:
            return self._amount()
        except InvalidInput:
            return 0

    def _method(self) -> str:
        typed = self._value("method").lower()
        return questions.METHOD_KEYS.get(typed) or parse_method(typed)

    def _amount(self) -> int:
        typed, currency = self._value("amount"), self.session.book.currency
        return calculate(typed, currency) if is_formula(typed) else parse_positive(typed, currency)

    async def _know_amount(self) -> None:
        due = max(self._card.totals.balance, 0) if self._card else 0
        if not self._value("amount") and due:
            self._input("amount").value = format_amount(due, self.session.book.currency)
        if not self._value("amount"):
            raise InvalidInput("Nothing is due; type the amount.")
        typed, amount = self._value("amount"), self._amount()
        shown = format_amount(amount, self.session.book.currency)
        if is_formula(typed):
            self._formula = f"{typed} = {shown}"
            self._remark("amount", self._formula)
        elif not self._formula.endswith(f"= {shown}"):
            self._formula = ""
        self._input("amount").value = shown
        await self._shares.draw(self._card, amount)

    def _draw_methods(self) -> None:
        self._remark("method", questions.method_parts(self._value("method")))

    def on_input_changed(self, event: Input.Changed) -> None:
        """The chosen method stands out as it is typed; change is never that of another amount."""
        if event.input.id == "method":
            self._draw_methods()
        elif event.input.id in ("amount", "tendered"):
            self._draw_change()

    def _remark(self, name: str, text: str | list[Part]) -> None:
        field = self._input(name).parent
        assert isinstance(field, Field)
        field.remark(text)

    def _draw_change(self) -> None:
        """The change of what stands in both fields now; a hint where it cannot be said."""
        self._remark("tendered", questions.change_parts(self, self._tendered, self._amount))

    def _know_change(self) -> None:
        tendered = self._tendered()
        if tendered is not None and tendered < self._amount():
            raise InvalidInput("The tendered cash is less than the amount; take less or ask for the rest.")
        self._draw_change()

    def _tendered(self) -> int | None:
        return parse_positive(self._value("tendered"), self.session.book.currency) if self._value("tendered") else None

    def _received(self) -> str:
        day = questions.day_received(self._value("received"), self.session.today())
        self._input("received").value = short(day)
        return day.isoformat()

    def action_clear(self) -> None:
        """Empty the field."""
        if isinstance(self.focused, Input):
            self.focused.value = ""

    # Lists and repeats.

    def action_find(self) -> None:
        """From the account's field: find the account for this form; else go to the search."""
        if isinstance(self.focused, Input) and self.focused.id == "account":
            self.action_pick()
        else:
            super().action_find()

    @story
    async def action_pick(self) -> None:
        """Choose from a list what stands in the field."""
        name = str(self.focused.id) if isinstance(self.focused, Input) else ""
        if name == "account":
            await self.open_screen("find", self._value("account"), take=self._take_account)
            return
        rows = questions.choices(self, name, self._card)
        if not rows:
            raise Refused("This field has no list; type into it.")
        chosen = await self.ask(PickForm("Which?", rows, chosen=self._value(name)))
        if chosen is not None:
            self._input(name).value = chosen
            self._input(name).focus()

    @story
    async def _take_account(self, account: str) -> None:
        self._input("account").value = account
        await self._know_account()
        self._input("method").focus()

    @story
    async def action_apply(self) -> None:
        """Say which invoices the payment settles."""
        if self._card is None:
            await self._know_account()
        assert self._card is not None
        await self._shares.choose(self._card, self._amount())

    @story
    async def action_last(self) -> None:
        """Fill in what the last payment had: method, amount, day."""
        last = self.netbill.desk.payment
        if not last.method:
            raise Refused("No payment was posted in this sitting yet.")
        copied = (("method", last.method), ("amount", last.amount), ("received", last.received), ("tendered", ""))
        for name, value in copied:  # what was handed over then is not what is handed over now
            self._input(name).value = value
        await self._shares.draw(self._card, self._try_amount())
        self.tell(f"As before: {last.method} {last.amount}. Look at it, then F10 posts.")

    # Posting.

    @story
    async def action_post(self) -> None:
        """Post from any field; where one is wrong the cursor goes there."""
        await self._post()

    async def _post(self) -> None:
        if self._said_last and not self.is_dirty():
            self.done(self._said_last)  # a second F10 is no second payment, and takes nothing from what is said of the first
            return
        for name in _ORDER:
            try:
                self._check(name)
            except InvalidInput as error:
                self._input(name).focus()
                mark_wrong(self._input(name), str(error))
                raise
        if self._card is None or self._known != self._value("account"):
            await self._know_account()
            raise InvalidInput(f"The account is now {self._known}; look at it and at the amount, then post again.")
        request, due = self._request(), max(self._card.totals.balance, 0)
        asked_for = (request.account, request.amount)
        if questions.is_unusual(self, request.amount, due) and self._confirmed_large != asked_for:
            if not await questions.confirm_amount(self, request.amount, due):
                self.tell("Nothing was posted.")
                return
            self._confirmed_large = asked_for
        if (payment := await questions.record(self, request)) is None:
            self.tell("Nothing was posted.")
            return
        await self._posted(payment)

    def _request(self) -> PaymentRequest:
        method = self._method()
        return PaymentRequest(
            self.request_id, self._value("account"), self._amount(), method, self._value("reference"), self._received(),
            self._tendered() if method == "cash" else None, self._noted(), self._shares.fitting(self._amount()),
        )  # fmt: skip

    def _noted(self) -> str:
        """The note, with the formula of the amount behind it."""
        typed, amount = self._value("amount"), format_amount(self._amount(), self.session.book.currency)
        if is_formula(typed):
            self._formula = f"{typed} = {amount}"
        # An amount that was typed over is no longer what the formula made.
        fits = self._formula.endswith(f"= {amount}")
        return f"{self._value('note')} [{self._formula}]".strip() if self._formula and fits else self._value("note")

    def is_dirty(self) -> bool:
        """True when the operator typed something that would be lost."""
        proposed = dict.fromkeys(("method", "tendered", "reference", "note"), "")
        proposed |= {"amount": self._proposed, "account": self._begins_with or ""}
        return any(self._value(name) not in ("", value) for name, value in proposed.items())

    async def _posted(self, payment: Payment) -> None:
        row = payment.row
        sentence = await questions.posted_sentence(self, payment)
        received = "t" if row.date == self.session.today().isoformat() else row.date
        self.netbill.desk.payment = LastPayment(row.method, format_amount(row.amount, self.session.book.currency), received)
        if self._begins_with:
            await self.finish()
            below = self.app.screen_stack[-2]
            if isinstance(below, NetbillScreen):
                below.posted(row.receipt)
                below.done(sentence)
            self.app.pop_screen()
            return
        await self.start_anew()
        self._card, self._formula, self._known, self._proposed = None, "", "", ""
        self._shares.forget()
        for field in self.query(Input):
            field.value = "t" if field.id == "received" else ""
        self._remark("amount", questions.AMOUNT_HINT)
        self._remark("tendered", questions.TENDERED_HINT)
        self._confirmed_large = None
        self._due.show([""])
        self._remark("account", "")
        self._draw_methods()
        self._said_last = sentence
        await self._shares.draw(None, 0)
        self.done(sentence)
        self._input("account").focus()
