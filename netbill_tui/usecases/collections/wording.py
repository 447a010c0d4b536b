"""The words of a message: the template of its step in the customer's language, filled in with what is owed."""

import json
from collections.abc import Sequence

from netbill_tui.billing.catalogue.codes import Rules
from netbill_tui.billing.collections.ladder import Item
from netbill_tui.billing.collections.policies import Ladder
from netbill_tui.billing.collections.steps import RETURNED, Step
from netbill_tui.db.collections.facts import Account
from netbill_tui.documents import messages
from netbill_tui.documents.messages import Owed, Said, Subject
from netbill_tui.documents.words import words
from netbill_tui.usecases.collections.templates import Templates
from netbill_tui.usecases.core.session import Session


def template_of(step: Step, ladder: Ladder) -> str:
    """The template of a step: before the due date a courtesy, the last one of a ladder final."""
    if step.code == RETURNED:
        return RETURNED
    if step.offset <= 0:
        return "courtesy"
    return "final" if ladder.reminders and step.code == ladder.reminders[-1].code and step.after else "reminder"


def language_of(account: Account, rules: Rules) -> str:
    """The language in which an account is written to."""
    return account.language or rules.language


def say(
    session: Session, account: Account, ladder: Ladder, step: Step, items: Sequence[Item], rules: Rules, texts: Templates
) -> Said:
    """The message of a step to an account over what it owes."""
    in_words = words(language_of(account, rules))
    company = rules.seller[0] or session.book.company
    about = Subject(
        account.name, account.account, company, [Owed(i.number, i.due.isoformat(), i.open) for i in items],
        [i.number for i in account.facts.items if i.disputed], rules.instructions, session.book.currency,
    )  # fmt: skip
    return messages.say(texts.of(template_of(step, ladder), in_words), about, in_words)


def invoices_of(items: Sequence[Item]) -> str:
    """What a message lists, as it is stored: each invoice by its id with its open amount."""
    return json.dumps([[i.id, i.open] for i in items], separators=(",", ":"))
