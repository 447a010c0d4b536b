"""What somebody did, in a sentence: for people who read the audit. The event itself stands behind it, whole.

In a template `{object}` is what it was done to and the other names are those of the detail; a part in brackets is left out where
one of its names is missing or empty.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

TEMPLATES: Final[Mapping[str, str]] = {
    "access.refused": "was refused {what}[: {told}]",
    "approval.ask": "asked for approval[ of {amount}][: {reason}]",
    "approval.refused": "refused what was asked for {object}[: {reason}]",
    "audit.export": "exported the audit",
    "backup.restore": "brought the book back from {object}",
    "backup.write": "wrote the backup {object}",
    "bills.queued": "queued the bills of a run[, up to {after}]",
    "billing.begin": "began the billing run {object}[ of {as_of}]",
    "billing.end": "ended the billing run {object}[: {invoices} invoices][, {parked} parked]",
    "billing.issue": "billed in {object}[: {invoices} invoices][, net {net}][, {parked} parked]",
    "billing.undo": "undid {documents} documents of {run}[: {reason}]",
    "billing.undone": "ended the undo of {run}",
    "book.init": "made the book {object}",
    "book.rule": "set the rule {object}[ from {before}] to {after}",
    "call.outcome": "called {object}: {outcome}[, pays by {promise}][, again on {next}]",
    "caller.check": "compared what the caller of {object} said[ with the {field}]",
    "charge.add": "charged {object}[ {amount}][ for {code}][ on {on}]",
    "charge.withdraw": "withdrew charge {charge} of {object}[: {reason}]",
    "clock.accept": "accepted the clock",
    "code.add": "made the code {object}",
    "code.change": "changed the code {object}",
    "collect.batch": "collected[: {messages} messages][, {fees} late fees][, {charged}]",
    "collect.hand-over": "handed {object} over to an agency[: {reason}]",
    "collect.hold": "held {object}[ until {until}][: {reason}]",
    "collect.release": "released {object}[: {reason}]",
    "collect.take-back": "took {object} back from the agency[: {reason}]",
    "collections.off": "switched collections off[: {reason}]",
    "collections.on": "activated collections[: {reason}]",
    "contact.show": "saw the contact data of {object}",
    "credit.apply": "used {amount} of the credit of {object}",
    "credit.post": "gave back[ {net}][ of {invoice}][ to {account}] by {object}[: {reason}]",
    "customer.change": "changed {object}[: {changed}]",
    "customer.create": "stored the new customer {object}",
    "customer.terms": "set the terms of {object}",
    "delivery.set": "noted how {object} wants what is sent[: {delivery}][, {reason}]",
    "discount.add": "gave {object} a discount[ of {value}]",
    "discount.end": "ended a discount of {object}[ on {on}]",
    "dispute.answered": "answered the dispute of {invoice}[, {object}][: {reason}]",
    "dispute.raise": "noted that {object} disputes {invoice}[: {reason}]",
    "dispute.withdrawn": "noted that {object} disputes {invoice} no more[: {reason}]",
    "document.print": "handed out {object}[ as {as}]",
    "document.taken": "saw that the printer took the documents of {object}",
    "document.refused": "the printer did not take {object}[: {why}]",
    "draft.confirm": "issued the draft of {object}",
    "draft.withdraw": "withdrew the draft of {object}",
    "exemption.add": "exempted {object} from tax",
    "fee.waive": "waived late fee {fee} of {object}[, {amount}][, by {document}][: {reason}]",
    "import.batch": "read {bulk_rows} rows of {object}",
    "import.begin": "began to read {object}",
    "import.end": "read {object} to its end",
    "keys.destroy": "destroyed the old key of {object}",
    "keys.rotate": "gave {object} a new key",
    "list.export": "exported {rows} rows of {object}[ as {form}]",
    "message.again": "queued {object} of {account} for mail once more",
    "message.bills": "queued {documents} documents for mail",
    "message.bounced": "noted that message {message} to {object} came back[: {status}]",
    "message.cancel": "took message {message} to {object} back[: {reason}]",
    "message.cancelled": "cancelled message {message} to {object}[: {detail}]",
    "message.claimed": "began to send message {message} to {object}[ by {channel}]",
    "message.failed": "gave up sending message {message} to {object}[: {detail}]",
    "message.letters": "drew the letters {object}[, {letters} of them][, {cancelled} not needed any more]",
    "message.letters-again": "drew the letters {object} again[, {letters} of them]",
    "message.printed": "said that the letters {object} are printed[, {letters} of them]",
    "message.queued": "left message {message} to {object} for later[: {detail}]",
    "message.refused": "was refused message {message} to {object}[: {detail}]",
    "message.sent": "sent message {message} to {object}[ by {channel}]",
    "message.settle": "said whether message {message} to {object} came[: {came}]",
    "message.unknown": "cannot tell whether message {message} went[: {detail}]",
    "note.add": "wrote a note on {object}",
    "note.pin": "pinned a note of {object}",
    "operator.add": "made the operator {object}",
    "operator.disable": "disabled the operator {object}",
    "operator.enrol": "enrolled",
    "operator.grant": "granted {object}[ {compartments}]",
    "operator.limit": "set the limit of {object}[ from {before}][ to {limit}]",
    "operator.password": "changed the password of {object}",
    "operator.role": "gave {object} another role[, before {before}]",
    "operator.unlock": "let {object} try again",
    "payment.record": "took {amount}[ by {method}] for {account}[, {reference}] as {object}",
    "payment.returned": "noted that {object} came back[, {amount}][ of {account}][: {reason}]",
    "payment.reversed": "took {object} back[, {amount}][ of {account}][: {reason}]",
    "preference.set": "chose {name}",
    "price.add": "gave {object} a price[ of {amount}][ from {from}]",
    "price.drop": "took the price of {object}[ from {from}] back",
    "profile.reveal": "opened the {field} of {object}[: {reason}]",
    "promise.arrange": "arranged instalments with {object}[, {amount} in all]",
    "promise.cancel": "cancelled the promise of {object}[: {reason}]",
    "promise.judge": "graded promises[: {kept} kept][, {part} in part][, {broken} broken]",
    "promise.over": "cleared the promises of {accounts} accounts that owe nothing any more",
    "policy.set": "set the policy {kind}[ of {scope}][ from {from}]",
    "template.reset": "went back to the text {template} in {language} that came along",
    "template.set": "set the text {template} in {language}",
    "senders.lift": "let any number of mails go on a day",
    "senders.off": "stopped all that is sent[: {reason}]",
    "senders.on": "let messages be sent again[: {reason}]",
    "service.add": "sold {code}[ x {quantity}] to {object}[ from {from}]",
    "service.anchor": "moved the anchor of service {service} of {object}[ on {on}]",
    "service.change": "changed service {service} of {object}[ to {code}][ on {on}]",
    "service.end": "ended service {service} of {object}[ on {on}]",
    "service.pause": "paused service {service} of {object}[ on {on}]",
    "service.price": "gave service {service} of {object} a price of its own[ from {on}]",
    "service.restore": "connected service {service} of {object} again[ on {on}]",
    "service.resume": "let service {service} of {object} run again[ on {on}]",
    "service.suspend": "suspended service {service} of {object}[ on {on}]",
    "service.void": "took the {kind} of service {service} of {object} back",
    "session.close": "signed out[: {why}]",
    "session.end": "ended the sitting of {object}",
    "session.open": "signed in[ on {host}][, {kind}]",
    "session.refused": "was not let in[ on {host}]",
    "tag.add": "put the tag {tag} on {object}",
    "tag.drop": "took the tag {tag} off {object}",
    "tax.add": "gave {object} the rate {name}[, {percent} %][ from {from}]",
    "tax.drop": "took a rate of {object} back[, {percent} %]",
    "view.drop": "dropped the view {object}",
    "view.save": "saved the view {object}[ as {filter}]",
    "write-off.post": "wrote {amount} of {invoice} off as {object}[, {account}][: {reason}]",
}  # fmt: skip


@lru_cache(maxsize=128)
def _parts(template: str) -> tuple[str, ...]:
    """What stands in brackets, and what does not, in turns."""
    return tuple(re.split(r"(\[[^\[\]]*\])", template))


def in_words(action: str, obj: str, detail: Mapping[str, object]) -> str:
    """What was done, in words; empty where there is no sentence for it, or the detail does not fit it.

    Args:
        action: As the event names it.
        obj: What it was done to.
        detail: As it is shown: amounts with decimals, days as lists show them.
    """
    values = {k: str(v) for k, v in {**detail, "object": obj}.items() if v not in (None, "", [], {})}
    said = []
    for part in _parts(TEMPLATES.get(action, "")):
        words = part.strip("[]") if part.startswith("[") else part
        names = re.findall(r"\{(\w+)\}", words)
        if all(name in values for name in names):
            said.append(re.sub(r"\{(\w+)\}", lambda m: values[m[1]], words))
        elif not part.startswith("["):
            return ""
    return "".join(said)
