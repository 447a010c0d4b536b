"""How the documents of a run leave the book: what is asked before they do."""

from typing import NamedTuple

from netbill_tui.screens.shell.base import NetbillScreen
from netbill_tui.screens.shell.forms.choice import ChoiceForm
from netbill_tui.screens.shell.paper import run_choices
from netbill_tui.text import counted
from netbill_tui.usecases.billing_run import papers


class How(NamedTuple):
    """Where they go, whether each has a file of its own, and what somebody found who looked at the printer."""

    to: str
    singles: bool
    unknown: str

    @property
    def is_printed(self) -> bool:
        """Whether they go to the printer."""
        return self.to == papers.PRINTER


async def asked(screen: NetbillScreen, number: str) -> How | None:
    """What the operator chooses for the documents of a run; None where they leave it."""
    many = len(await screen.read(papers.listed, number))
    key = await screen.ask(ChoiceForm(f"{number}: {counted(many, 'document')} in postal order", run_choices(screen)))
    if key is None:
        return None
    if key != "p":
        return How(papers.FILES, key == "s", "")
    if not await screen.read(papers.is_unknown, number):
        return How(papers.PRINTER, False, "")
    choices = (("y", "they lie there: go on behind them"), ("n", "they do not: print them"))
    seen = await screen.ask(ChoiceForm("Nobody knows whether the printer took the last documents. Look at it:", choices))
    return None if seen is None else How(papers.PRINTER, False, papers.PRINTED if seen == "y" else papers.MISSING)
