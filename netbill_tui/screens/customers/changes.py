"""A new customer, or changed master data: Enter walks the form, the last Enter or F10 stores it."""

from textual.app import ComposeResult
from textual.widgets import Input

from netbill_tui.billing.customers.accounts import KINDS, LANGUAGES, STATUSES, Customer
from netbill_tui.billing.receivables.payments import METHODS
from netbill_tui.commands import BACK, CLEAR, PICK, POST
from netbill_tui.errors import InvalidInput, Refused, RunningServices
from netbill_tui.screens.shell import routes
from netbill_tui.screens.shell.base import NetbillScreen, story
from netbill_tui.screens.shell.forms.choice import ChoiceForm
from netbill_tui.screens.shell.forms.pick import PickForm
from netbill_tui.screens.shell.kept_form import DraftScreen
from netbill_tui.usecases.core.unfinished_forms import Draft
from netbill_tui.usecases.customers import changes, registration
from netbill_tui.widgets.fields import Field, Fields
from netbill_tui.widgets.lines import Lines

_REMARKS = {
    "name": "as Smith, John", "kind": "residential or business (F4)", "status": "active, suspended, closed (F4)",
    "since": "2026-11-22, 5nov, t today", "plan": "a remark; services: tab 7", "terms_days": "days from issue to due",
    "method": "how they pay (F4)", "paperless": "y or n", "language": "of documents (F4)",
    "phone": "several with ; between", "email": "several with ; between",
    "birth_date": "1971-05-07", "account": "empty takes the next number",
}  # fmt: skip
_LIMITS = {"name": 300, "street": 200, "plan": 120, "email": 254, "phone": 160}


# In a draft: whose data is changed. A new customer has an account field of its own, which is something else.
CHANGES = "changes"


class CustomerFormScreen(DraftScreen):
    """The form. What is PRIVATE is only ever typed here, never shown: an empty field leaves it as it is."""

    KIND = "customer"
    SECRET = frozenset(name for name, _ in changes.SECRET)
    DECLARED = (POST, PICK, CLEAR, BACK)
    AUTO_FOCUS = None

    def __init__(self, account: str | None = None, *, draft: Draft | None = None) -> None:
        super().__init__(draft)
        self._account = account or (draft.fields.get(CHANGES) or None if draft else None)
        self._before: dict[str, str] = {}

    def title_words(self) -> str:
        """Whose form it is."""
        return f"Customer {self._account}: data" if self._account else "New customer"

    def draft_title(self) -> str:
        """Which of the waiting forms it is."""
        name = self.query_one("#name", Input).value
        return f"{self.title_words()} {name}".strip()

    def draft_fields(self) -> dict[str, str]:
        """What stands in the fields; of a change only what differs, so that a stale draft changes nothing else."""
        fields = super().draft_fields()
        if self._account:
            fields = {n: v for n, v in fields.items() if v != self._before.get(n, "")} | {CHANGES: self._account}
        return fields

    def is_dirty(self) -> bool:
        """True when something was typed."""
        return any(v != self._before.get(n, "") for n, v in super().draft_fields().items())

    def body(self) -> ComposeResult:
        """A line for each field."""
        with Fields(id="body"):
            if not self._account:
                yield self._field("account", "Account")
            for name, words in (*changes.FORM, *changes.SECRET):
                yield self._field(name, words)
            yield Field("Store", "store", remark="Enter or F10 stores, F12 leaves", long_words=True, width=3)
            yield Lines([""])

    def _field(self, name: str, words: str) -> Field:
        remark = _REMARKS.get(name, "private: stars, never shown again" if name in self.SECRET else "")
        if name in self.SECRET and self._account:
            remark = "private: empty leaves it as it is"
        return Field(
            words,
            name,
            remark=remark,
            limit=_LIMITS.get(name, 80),
            password=name in self.SECRET,
            long_words=True,
            required=name == "name",
        )

    def on_mount(self) -> None:
        """Fill in what is known."""
        self.draw_frame()
        self._begin()

    def on_screen_resume(self) -> None:
        """The form keeps what was typed."""
        self.draw_frame()

    @story
    async def _begin(self) -> None:
        if self._account:
            self._before = await self.write(changes.fields_of, self._account)
        else:
            self._before = {"kind": "residential", "status": "active", "terms_days": "30"}
        for name, value in (self._before | self._restored).items():
            for field in self.query(f"#{name}"):
                assert isinstance(field, Input)
                field.value = value
                if self._account and isinstance(field.parent, Field):
                    field.parent.stored(self._before.get(name, ""))
        first = self.query_one("#name" if self._account else "#account", Input)
        self.set_focus(first, scroll_visible=True)

    def account(self) -> str | None:
        """Whose data it is."""
        return self._account

    @story
    async def on_input_submitted(self, event: Input.Submitted) -> None:
        """Check the field and go to the next; on the last, store."""
        event.stop()
        self.tell("")
        name = event.input.id or ""
        if name == "store":
            await self._store()
            return
        if event.input.value.strip():
            field = {name: event.input.value}
            changes.check(self.session, {"account": "C0", **field})
        inputs = list(self.query(Input))
        inputs[inputs.index(event.input) + 1].focus()
        self.keep_soon()

    def action_clear(self) -> None:
        """Empty the field."""
        if isinstance(self.focused, Input):
            self.focused.value = ""

    @story
    async def action_pick(self) -> None:
        """Choose from a list what stands in the field."""
        field = self.focused
        if not isinstance(field, Input):
            return
        choices = {
            "kind": KINDS,
            "status": STATUSES,
            "method": tuple(METHODS),
            "paperless": ("y", "n"),
            "language": LANGUAGES,
        }.get(field.id or "")
        if choices is None and field.id == "plan":
            choices = tuple(await self.read(registration.plans))
        if choices is None:
            raise Refused("This field has no list; type into it.")
        chosen = await self.ask(PickForm("Which?", [(c, c) for c in choices], chosen=field.value))
        if chosen is not None:
            field.value = chosen
            field.focus()

    @story
    async def action_post(self) -> None:
        """Store from any field."""
        await self._store()

    async def _store(self) -> None:
        fields = {i.id: i.value for i in self.query(Input) if i.id and i.id != "store"}
        if self._account:
            changed = {n: v for n, v in fields.items() if v != self._before.get(n, "")}
            if not changed:
                raise InvalidInput("Nothing was changed; F12 leaves.")
            stored = await self._change(self._account, changed)
            said = f"{stored.account}: {', '.join(sorted(changed))} changed."
        else:
            stored = await self.write(changes.create, fields, draft=self.request_id, request_id=self.request_id)
            said = f"{stored.account} {stored.name} was stored."
        await self.finish()
        await self._leave_to(stored.account, said)

    async def _change(self, account: str, changed: dict[str, str]) -> Customer:
        """Store what was changed; one that is closed is asked for the services that still run."""
        try:
            return await self.write(changes.change, account, changed, draft=self.request_id)
        except RunningServices as running:
            many = f"{len(running.services)} services" if len(running.services) > 1 else "a service"
            choices = (("y", "end what runs today, and close the account"), ("n", "leave the account as it is"))
            if await self.ask(ChoiceForm(f"{account} still has {many} running.", choices), unexpected=True) != "y":
                raise
            return await self.write(changes.change, account, changed, draft=self.request_id, end_services=True)

    async def _leave_to(self, account: str, said: str) -> None:
        was_new = self._account is None
        app = self.app
        app.pop_screen()
        if was_new:
            await app.push_screen(routes.screen("customer", account))
        if isinstance(app.screen, NetbillScreen):
            app.screen.done(said)
