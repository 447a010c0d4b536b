"""Rows of collections that are posted, by name; see posted."""

from typing import NamedTuple


class CollectionPolicy(NamedTuple):
    """One version of a policy; its body is JSON, empty where none holds from then on."""

    id: int
    kind: str
    scope: str
    customer_id: int
    from_on: str
    body: str
    operator: str
    recorded_at: int


class CollectionEvent(NamedTuple):
    """An account is held, released, handed over or taken back."""

    id: int
    customer_id: int
    kind: str
    until_on: str | None
    covers: str
    reason: str
    on_date: str
    operator: str
    recorded_at: int


class Promise(NamedTuple):
    """A promise or an arrangement."""

    id: int
    customer_id: int
    kind: str
    on_date: str
    by_on: str
    amount: int
    parts: str
    invoices: str
    courtesy: int
    channel: str
    text: str
    operator: str
    recorded_at: int


class PromiseEvent(NamedTuple):
    """What became of a promise."""

    id: int
    promise_id: int
    customer_id: int
    kind: str
    came: int
    on_date: str
    reason: str
    operator: str
    recorded_at: int


class Message(NamedTuple):
    """A message as it was queued."""

    id: int
    customer_id: int
    kind: str
    driver: int
    step: str
    fallback: int
    turn: int
    channel: str
    on_date: str
    amount: int
    invoices: str
    language: str
    subject: str
    body: str
    operator: str
    recorded_at: int


class MessageEvent(NamedTuple):
    """What became of a message."""

    id: int
    message_id: int
    kind: str
    on_date: str
    detail: str
    operator: str
    recorded_at: int


class LateFee(NamedTuple):
    """A late fee of an invoice; without a charge where another fee of the day used its number up."""

    id: int
    customer_id: int
    invoice_id: int
    number: int
    charge_id: int | None
    base: int
    amount: int
    policy_id: int
    why: str
    on_date: str
    operator: str
    recorded_at: int


class LateFeeWaiver(NamedTuple):
    """A late fee that was waived."""

    id: int
    fee_id: int
    customer_id: int
    amount: int
    document: str
    reason: str
    on_date: str
    operator: str
    recorded_at: int


class WriteOff(NamedTuple):
    """What is open of an invoice is given up."""

    id: int
    number: str
    customer_id: int
    invoice_id: int
    amount: int
    reason: str
    on_date: str
    operator: str
    recorded_at: int


class Recovery(NamedTuple):
    """A payment or a credit note brought in what was written off, or that payment was taken back."""

    id: int
    write_off_id: int
    source_id: int
    customer_id: int
    document: str
    amount: int
    on_date: str
    recorded_at: int


Row = (
    CollectionPolicy | CollectionEvent | Promise | PromiseEvent | Message | MessageEvent | LateFee | LateFeeWaiver | WriteOff
    | Recovery
)  # fmt: skip
