"""What is asked over an amount limit. Source: docs/security.md, *Postings*."""

from typing import NamedTuple


class Approval(NamedTuple):
    """What was asked. `state` is asked, approved or refused; `result` names what was posted."""

    id: int
    kind: str
    object: str
    amount: int
    reason: str
    request: str
    asked_by: str
    asked_us: int
    state: str
    answered_by: str
    answered_us: int | None
    result: str
