"""The command overdue."""

from typing import TYPE_CHECKING

from netbill_tui.billing.receivables.ageing import BUCKET_NAMES
from netbill_tui.cli.core import shapes
from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.words import filter_of
from netbill_tui.errors import InvalidInput
from netbill_tui.usecases.core.session import Session

if TYPE_CHECKING:
    pass


def overdue(call: Call, session: Session) -> int:
    """The overdue queue, by account."""
    from netbill_tui.usecases.collections import work_list
    from netbill_tui.usecases.lookup import lists
    from netbill_tui.usecases.receivables import overdue as usecase

    args = call.args
    if args.sort is not None and args.sort not in usecase.SORTS:
        raise InvalidInput(f"--sort is {args.sort!r}; type one of {', '.join(usecase.SORTS)}.")
    if args.bucket is not None and args.bucket not in BUCKET_NAMES:
        raise InvalidInput(f"--bucket is {args.bucket!r}; type one of {', '.join(BUCKET_NAMES[1:])}.")
    chosen = filter_of(call, session, "overdue", usecase.bucket_terms(args.bucket), f"sort:-{args.sort}" if args.sort else "")
    if args.work and chosen.sort:
        raise InvalidInput("The work list has a fixed order; leave out the sort order or --work.")
    accounts = work_list.work(session, chosen, args.limit) if args.work else lists.every(session, "overdue", chosen, args.limit)
    call.output.rows(
        [shapes.overdue(session.book.currency, r) for r in accounts],
        shapes.OVERDUE,
        empty="No account is overdue.",
        keys="account name days overdue bucket invoices stage promise last_contact",
    )
    return 0
