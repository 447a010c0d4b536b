"""Half-filled forms: kept as they are typed, sealed, and offered again after a lost line.

The form's request id is the key, so a form that was posted before the line went is answered from the book and never posted
twice. A draft is no business record: it has no audit event, like the position of a cursor.
"""

import json
from collections.abc import Mapping
from typing import NamedTuple

from netbill_tui.cards import card_number_in
from netbill_tui.db.core import requests, unfinished_forms
from netbill_tui.db.core.unfinished_forms import DraftRow
from netbill_tui.security import rights
from netbill_tui.security.envelope import Unreadable
from netbill_tui.security.keys import CONTACT, PRIVATE
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing

MOST = 20


class Draft(NamedTuple):
    """A half-filled form.

    Attributes:
        uid: The request id that it posts under.
        kind: Which form.
        title: Which one of these, for the list that offers them.
        fields: What stood in each field.
    """

    uid: bytes
    kind: str
    title: str
    fields: dict[str, str]


def keep(
    session: Session, uid: bytes, kind: str, title: str, fields: Mapping[str, str], secret: Mapping[str, str] | None = None
) -> None:
    """Store what stands in a form. Who holds no key for a part keeps the form without it.

    Args:
        session: Whose form.
        uid: Its request id.
        kind: Which form.
        title: What it is about.
        fields: Field: what was typed.
        secret: The same for fields that are PRIVATE once they are posted.
    """
    operator, vault = session.sign_in_if_needed()
    if not vault.holds(CONTACT):
        return
    shown = "" if card_number_in(title) else title[:80]
    text, more = json.dumps({"title": shown, "fields": _storable(fields)}), json.dumps(_storable(secret or {}))
    with writing(session, rights.LOOK, posts=False):
        # Sealed in here, where the keys are known to be those of the book.
        body = vault.seal("draft", "body", uid, text)
        hidden = vault.seal("draft", "secret", uid, more) if secret and vault.holds(PRIVATE) else None
        # The title says whose form it is, so it is sealed with the rest.
        unfinished_forms.set_draft(session.db, operator.name, DraftRow(uid, kind, "", session.now_us(), body, hidden))


def _storable(fields: Mapping[str, str]) -> dict[str, str]:
    """The fields without one that looks like a card number, which is stored nowhere, not even sealed.

    Source: docs/rules.md, *Card numbers*.
    """
    return {name: value for name, value in fields.items() if not card_number_in(value)}


def drop(session: Session, uid: bytes) -> None:
    """Forget a form that was posted or left."""
    with writing(session, rights.LOOK, posts=False):
        unfinished_forms.drop_draft(session.db, uid)


def waiting(session: Session) -> list[Draft]:
    """The forms of the operator that were never finished, oldest first. One that was posted after all is not among them."""
    if session.operator is None or session.vault is None or session.settings.readonly:
        return []
    forms = []
    for row in unfinished_forms.drafts(session.db, session.operator.name)[-MOST:]:
        if requests.find(session.db, row.uid) is not None:
            continue
        try:
            body = json.loads(session.vault.open("draft", "body", row.uid, row.body).unwrap())
            fields = dict(body["fields"])
            if row.secret is not None and session.vault.holds(PRIVATE):
                fields |= json.loads(session.vault.open("draft", "secret", row.uid, row.secret).unwrap())
        except (Unreadable, ValueError, KeyError, TypeError):
            continue
        forms.append(Draft(row.uid, row.kind, body["title"], fields))
    return forms
