"""Saved views of lists, and how each operator likes them: order, columns, widths."""

from netbill_tui.db.core import versions
from netbill_tui.db.lookup import views as view_rows
from netbill_tui.db.lookup.views import View as View
from netbill_tui.errors import InvalidInput, NotFound
from netbill_tui.security import rights
from netbill_tui.text import clean, visible
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing
from netbill_tui.usecases.lookup import lists


def without_words(text: str) -> str:
    """A filter for the audit: its conditions, and of free words, which may be anybody's, that there were some."""
    return " ".join(dict.fromkeys(part if any(sign in part for sign in "<>=:#") else ".." for part in text.split()))


def views(session: Session, name: str) -> list[View]:
    """The saved views of a list: shared ones and the operator's own."""
    return view_rows.views(session.db, name, session.who)


def view(session: Session, name: str, typed: str) -> View:
    """The view of this name; the operator's own one comes before a shared one.

    Raises:
        NotFound: There is none.
    """
    named = [v for v in views(session, name) if v.name == typed.strip()]
    if not named:
        known = ", ".join(v.name for v in views(session, name)) or "none yet"
        raise NotFound(f"There is no view {visible(typed)[:40]!r} of {name}; there is: {known}.")
    return max(named, key=lambda v: v.owner)


def save_view(
    session: Session, name: str, view_name: str, words: str, *, digit: int | None = None, shared: bool = False, columns: str = ""
) -> View:
    """Keep a filter of a list under a name, and on a key; one of the same name is replaced.

    Raises:
        InvalidInput: A name or digit that cannot be taken, or a filter that the list cannot read.

    Side effect: one audit event.
    """
    view_name = clean(view_name, "The name of the view", limit=30)
    if not view_name:
        raise InvalidInput("A view needs a name; type one such as big.")
    if digit is not None and not 1 <= digit <= 9:
        raise InvalidInput("Type a digit from 1 to 9 as the key of the view.")
    chosen = lists.read_filter(session, name, words)
    operator, _ = session.sign_in_if_needed()
    # What everybody finds in their lists is not for who only looks.
    with writing(session, rights.NOTE if shared else rights.LOOK) as tx:
        (view_id,) = tx.take("id")
        saved = View(view_id, view_name, "" if shared else operator.name, digit, chosen.text, columns)
        versions.hold(tx, versions.VIEWS, [1])
        view_rows.save_view(session.db, name, saved)
        tx.touch(versions.VIEWS, [1])
        tx.note("view.save", f"{name}: {view_name}", {"filter": without_words(chosen.text), "shared": shared})
    return saved


def drop_view(session: Session, name: str, view_name: str) -> None:
    """Forget a view.

    Raises:
        NotFound: There is none.

    Side effect: one audit event.
    """
    session.sign_in_if_needed()  # one's own comes before a shared one, so it must be known whose it is
    saved = view(session, name, view_name)
    with writing(session, rights.LOOK if saved.owner else rights.NOTE) as tx:
        versions.hold(tx, versions.VIEWS, [1])
        view_rows.drop_view(session.db, name, saved.name, saved.owner)
        tx.touch(versions.VIEWS, [1])
        tx.note("view.drop", f"{name}: {saved.name}", {"shared": not saved.owner})


def preferences(session: Session) -> dict[str, str]:
    """What the operator chose for the screens."""
    return view_rows.preferences(session.db, session.who) if session.operator else {}


def prefer(session: Session, name: str, value: str) -> None:
    """Remember a choice of the operator.

    Side effect: one audit event.
    """
    operator, _ = session.sign_in_if_needed()
    with writing(session, rights.LOOK) as tx:
        view_rows.set_preference(session.db, operator.name, name, value)
        tx.note("preference.set", operator.name, {"name": name})
