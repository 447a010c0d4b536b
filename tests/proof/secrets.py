"""S1, S2, S7, S14, S15, S16: what is sealed stays sealed, bytes that were changed do not open, and nothing stores a card."""

import base64
import contextlib
import csv
import io
import os
import random
import shutil
import time
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path

from netbill_tui.cards import luhn
from netbill_tui.cli.core.output import Output
from netbill_tui.errors import NetbillError
from netbill_tui.security import envelope
from netbill_tui.security.envelope import Unreadable
from netbill_tui.text import neutral, plain_cell
from netbill_tui.usecases.access import operators, rotation
from netbill_tui.usecases.books import backups
from netbill_tui.usecases.catalogue import codes
from netbill_tui.usecases.core import incidents, unfinished_forms
from netbill_tui.usecases.core.session import Session
from netbill_tui.usecases.core.unit_of_work import writing
from netbill_tui.usecases.customers import changes, notes, profiles, tags
from netbill_tui.usecases.lookup import lists, search, views
from netbill_tui.usecases.receivables import payments
from netbill_tui.usecases.services import subscriptions
from tests.proof.books import PASSWORD, canaries, make, sign_in
from tests.proof.kills import forked
from tests.proof.report import Report, Run, proof


def encodings(value: str) -> Iterator[bytes]:
    """What a value looks like in bytes: plain, case folded, UTF-16, hex, the three phases of base64, its digits alone."""
    raw = value.encode()
    yield raw
    yield value.casefold().encode()
    yield value.encode("utf-16-le")
    yield raw.hex().encode()
    for phase in range(3):
        # The letters of base64 that do not depend on what stands before and behind.
        whole = base64.b64encode(bytes(phase) + raw).rstrip(b"=")
        yield whole[(0, 2, 3)[phase] : len(whole) - 2]
    digits = "".join(c for c in value if c.isdigit())
    if len(digits) >= 9:
        yield digits.encode()


def scan(places: Iterable[Path], values: Iterable[str]) -> list[str]:
    """Where any of the values stands in any of its forms."""
    wanted = {form: value for value in values for form in encodings(value) if len(form) >= 6}
    by_head: dict[bytes, list[bytes]] = {}
    for form in wanted:
        by_head.setdefault(form[:4], []).append(form)
    hits = []
    for place in places:
        for file in sorted(p for p in place.rglob("*") if p.is_file()):
            data = file.read_bytes()
            for head, forms in by_head.items():
                at = data.find(head)
                while at >= 0:
                    hits += [f"{wanted[f]!r} in {file.name}" for f in forms if data.startswith(f, at)]
                    at = data.find(head, at + 1)
    return hits


@proof(
    "S1",
    "no sealed value in any byte that the program leaves: book, logs, copies, backups, crash output",
    "planted",
    "unsealed-draft",
)
def s1(run: Run) -> Report:
    report = Report()
    os.environ["XDG_STATE_HOME"] = str(run.place / "state")
    target, size = str(run.place / "b.db"), run.size(60, 240)
    made = make(target, customers=size, demo=False, password=PASSWORD, profile=True)
    session = made.session
    values = [v for n in range(1, size + 1) for f, v in canaries(n).items() if f not in ("credit_score", "birth_date")]
    # What is found has been searched: the scanner finds what is planted, in every form.
    planted = run.place / "planted"
    planted.mkdir()
    for at, form in enumerate(encodings(values[2])):
        (planted / f"{at}").write_bytes(b"\x00\xff" + form + b"\x00")
    report.must(len({h.split(" in ")[1] for h in scan([planted], values[:8])}) >= 7, "the scanner finds planted values")
    shutil.rmtree(planted)
    _live(session, run, values)
    if run.sabotage == "planted":
        Path(f"{target}-note").write_bytes(b"...." + values[5].encode())
    session.db.close()
    hits = scan([run.place], values)
    report.figures = {"values": len(values), "forms each": "7 or 8", "files": sum(1 for p in run.place.rglob("*") if p.is_file()),
                      "hits": len(hits)}  # fmt: skip
    report.must(len(values) >= run.size(300, 1_400), "enough values were looked for")
    report.must(not hits, f"{len(hits)} hits, such as {hits[:1]}")
    os.environ.pop("XDG_STATE_HOME", None)
    return report


def _live(session: Session, run: Run, values: list[str]) -> None:
    """A day with sealed values: searched, shown, revealed, changed, half typed, rotated, backed up, and one crash."""
    one = canaries(1)
    search.find(session, one["phone"])
    search.find(session, one["email"])
    profiles.show_contact(session, "C1")
    profiles.reveal(session, "C1", "tax_id", "asked by the proof")
    profiles.caller_matches(session, "C1", "pin", one["pin"])
    changes.change(session, "C2", {"street": canaries(3)["street"], "phone": canaries(4)["phone"]})
    changes.change(session, "C5", {"email": ""})
    unfinished_forms.keep(
        session, uuid.uuid4().bytes, "customer", f"of {one['street']}", {"email": one["email"]}, {"tax_id": one["tax_id"]}
    )
    incidents.record(ValueError(f"something with {one['tax_id']} in it"))
    rotation.rotate_until_done(session, "PRIVATE", pause_s=0)
    rotation.rotate_until_done(session, "CONTACT", pause_s=0)
    backups.backup(session, str(run.place / "b.age"))
    with contextlib.suppress(NetbillError):
        backups.backup(session, str(run.place / "b.age"))
    if run.sabotage == "unsealed-draft":
        with session.db.write():
            row = ("note", f"typed {one['email']}", "call")
            session.db.peewee.execute_sql(
                "insert into saved_view (id, list, name, owner, digit, words, columns) values (999999, ?, ?, '', null, ?, '')",
                row,
            )


@proof("S2", "changed, cut, moved and random envelopes: none opens, none raises anything else", "no-commitment")
def s2(run: Run) -> Report:
    report, chance = Report(), random.Random(run.seed)
    key, cell = envelope.field_key(bytes(range(32)), "customer", "tax_id"), (b"i" * 16, "customer", "tax_id", b"r" * 16)
    sealed = envelope.seal(key, 7, cell, envelope.TEXT, b"DE123456789")
    if run.sabotage == "no-commitment":
        # A weakened envelope: the commitment is neither compared nor bound.
        okm = envelope.HKDF(envelope.hashes.SHA512(), 64, sealed[6:30], b"netbill/env/v1" + sealed[:6]).derive(key)
        body = envelope.AESGCM(okm[:32]).encrypt(bytes(12), envelope.pad(b"DE123456789"), b"")
        sealed = sealed[:62] + body

        def weak(envelope_: bytes) -> bytes:
            return envelope.unpad(envelope.AESGCM(okm[:32]).decrypt(bytes(12), envelope_[62:], b""))

    tried = accepted = other = 0

    def attempt(blob: bytes, where: tuple[bytes, str, str, bytes] = cell, kind: int = envelope.TEXT) -> None:
        nonlocal tried, accepted, other
        tried += 1
        try:
            if run.sabotage:
                weak(blob)
            else:
                envelope.open_envelope(key, where, kind, blob)
            accepted += 1
        except Unreadable:
            pass
        except Exception:
            other += 1

    for at in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[at // 8] ^= 1 << at % 8
        attempt(bytes(changed))
    for size in range(len(sealed)):
        attempt(sealed[:size])
    for where in ((b"j" * 16, *cell[1:]), (cell[0], "contact", *cell[2:]), (*cell[:2], "pin", cell[3]), (*cell[:3], b"s" * 16)):
        attempt(sealed, where)
    attempt(sealed, kind=envelope.DATE)
    for _ in range(run.size(5_000, 100_000)):
        attempt(chance.randbytes(chance.randrange(300)))
    for _ in range(run.size(2_000, 20_000)):
        changed = bytearray(sealed)
        for _ in range(chance.randrange(1, 6)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        if changed != sealed:
            attempt(bytes(changed))
    report.figures = {"tried": tried, "accepted": accepted, "other errors": other}
    report.must(accepted == 0, f"{accepted} changed envelopes opened")
    report.must(other == 0 or bool(run.sabotage), f"{other} raised something else")
    return report


@proof("S14", "no salt twice, equal values never sealed alike, and the known answers of every format open", "fixed-salt")
def s14(run: Run) -> Report:
    report = Report()
    key, cell = envelope.field_key(bytes(range(32)), "customer", "tax_id"), (bytes(16), "customer", "tax_id", (1).to_bytes(16))
    salts: set[bytes] = set()
    random_ = os.urandom
    if run.sabotage == "fixed-salt":
        envelope.os.urandom = lambda n: b"\x07" * n  # type: ignore[assignment]
    count = run.size(20_000, 1_000_000)
    try:
        for _ in range(count):
            salts.add(envelope.seal(key, 7, cell, envelope.TEXT, b"DE123456789")[6:30])
    finally:
        envelope.os.urandom = random_
    known = envelope.seal(key, 7, cell, envelope.TEXT, b"DE123456789", salt=bytes(range(24)))
    import hashlib

    right = hashlib.sha256(known).hexdigest() == "7a3d76ddd41799981c061945034fc1ab0f996e3f81059b7e39e01b6445da92c8"
    report.figures = {"seals": count, "different salts": len(salts)}
    report.must(len(salts) == count, f"{count - len(salts)} salts were used twice")
    report.must(right, "the known answer of NB1")
    return report


_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0", "'", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_BEFORE = ("", " ", "  ", "\ufeff", "\u3000", "\u00a0")
_TAILS = ("cmd|' /C calc'!A0", 'HYPERLINK("http://x")', "1+1", "SUM(A1)", "x", "2-3")


@proof(
    "S7",
    "no text cell of an export is a formula, numbers stay numbers, and reading it back gives each cell as it was",
    "as-it-is",
)
def s7(run: Run) -> Report:  # noqa: ARG001 - every proof is called alike
    report = Report()
    cells = [b + s + t for b in _BEFORE for s in _STARTS for t in _TAILS]
    out = io.StringIO()
    write = Output("csv", quiet=True, is_terminal=False, out=out)
    if run.sabotage == "as-it-is":
        import netbill_tui.cli.core.output as output

        output.neutral = lambda value: value  # type: ignore[assignment]
    try:
        write.rows([{"text": c, "amount": "-12.50", "count": 3} for c in cells], [], empty="")
    finally:
        if run.sabotage == "as-it-is":
            output.neutral = neutral
    out.seek(0)
    back = list(csv.DictReader(io.StringIO(out.getvalue(), newline="")))
    formulas = [
        r["text"] for r in back if r["text"].lstrip(" \ufeff\u3000\u00a0")[:1] in _STARTS and not r["text"].startswith("'")
    ]
    lost = sum(plain_cell(r["text"]) != c for r, c in zip(back, cells, strict=True))
    report.figures = {"cells": len(cells), "formulas": len(formulas), "not as they were": lost}
    report.must(not formulas, f"{len(formulas)} cells are formulas, such as {formulas[:1]!r}")
    report.must(lost == 0 or bool(run.sabotage), f"{lost} cells came back otherwise")
    report.must(all((r["amount"], r["count"]) == ("-12.50", "3") for r in back), "numbers stay numbers")
    return report


def cards(chance: random.Random, count: int) -> list[str]:
    """Card numbers of many issuers in many spellings."""
    made = []
    for at in range(count):
        head, size = chance.choice(
            (("4", 16), ("51", 16), ("2221", 16), ("34", 15), ("37", 15), ("6011", 16), ("3528", 16), ("36", 14), ("62", 16))
        )
        body = head + "".join(str(chance.randrange(10)) for _ in range(size - len(head) - 1))
        number = next(body + str(d) for d in range(10) if luhn(body + str(d)))
        split = chance.choice((1, 4, 4, 99)) if at % 3 else 4
        mark = chance.choice((" ", "-", ".", "\u2011", "\u00a0"))
        text = mark.join(number[i : i + split] for i in range(0, len(number), split))
        if at % 7 == 3:
            text = "".join(chr(0x660 + int(c)) if c.isdigit() else c for c in text)
        made.append(chance.choice(("{}", "card {}", "{} exp 12/29", "pays with {}.", "x{}x"[1:])).format(text))
    return made


@proof("S15", "a card number in any input, in any spelling, is stored nowhere", "one-field-unlooked")
def s15(run: Run) -> Report:
    report, chance = Report(), random.Random(run.seed)
    target = str(run.place / "b.db")
    made = make(target, customers=2)
    session = made.session
    codes.store_code(session, {"code": "A", "name": "A"})
    codes.add_price(session, "A", {"amount": "30", "from": "2020-01-01"})
    codes.store_code(session, {"code": "VISIT", "name": "Visit", "kind": "one-time", "category": "one-off"})
    service = subscriptions.add(session, "C1", {"code": "A", "start": "2026-01-01"})
    assert service is not None
    inputs = _inputs(session, service.service.id)
    if run.sabotage == "one-field-unlooked":
        notes_clean = notes.clean
        notes.clean = lambda text, *_, **__: text  # type: ignore[assignment]
    refused = stored = 0
    taken: set[str] = set()
    many = cards(chance, run.size(160, 1_000))
    try:
        for at, text in enumerate(many):
            for name, put in inputs[at % len(inputs) :: max(1, len(inputs) // 4)]:
                try:
                    put(text)
                    stored += 1
                    taken.add(name)
                except NetbillError:
                    refused += 1
                except Exception as error:  # a refusal is a sentence, never a crash
                    report.must(False, f"{name} crashed with {type(error).__name__}")
    finally:
        if run.sabotage == "one-field-unlooked":
            notes.clean = notes_clean
    session.db.peewee.execute_sql("pragma wal_checkpoint(truncate)").fetchall()
    session.db.close()
    digits = {"".join(str(int(c)) for c in t if c.isdigit())[:16] for t in many}
    hits = scan([run.place], [t for t in many if len(t) > 10]) + scan([run.place], digits)
    report.figures = {
        "spellings": len(many),
        "inputs": len(inputs),
        "refused": refused,
        "taken (searched for, or kept without it)": ", ".join(sorted(taken)),
        "stored": len(hits),
    }
    report.must(not hits, f"{len(hits)} card numbers are stored, such as {hits[:1]}")
    return report


def _inputs(session: Session, service_id: int) -> list[tuple[str, object]]:
    """Every way by which text comes into a book."""
    from netbill_tui.billing.receivables.payments import PaymentRequest
    from netbill_tui.usecases.catalogue import rules
    from netbill_tui.usecases.receivables import credit_notes
    from netbill_tui.usecases.services import charges, discounts
    from netbill_tui.usecases.services import events as service_events

    def pay(**more: str) -> None:
        payments.record(
            session, PaymentRequest(uuid.uuid4().bytes, "C1", 100, "card", confirmed=more.pop("confirmed", "x y z"), **more)
        )

    fields = ("name", "town", "postcode", "plan", "street", "email", "phone", "tax_id", "pin", "bank_account", "account")
    made = [(f"customer {f}", lambda t, f=f: changes.create(session, {"name": "Smith", f: t})) for f in fields]
    made += [(f"change {f}", lambda t, f=f: changes.change(session, "C2", {f: t})) for f in fields[:-1]]
    made += [
        ("note", lambda t: notes.add(session, "C1", t)), ("reference", lambda t: pay(reference=t)), ("payment note", lambda t: pay(note=t)),
        ("reason of a duplicate", lambda t: pay(confirmed=t)), ("tag", lambda t: tags.tag(session, "C1", t)),
        ("view name", lambda t: views.save_view(session, "customers", t, "st:active")),
        ("view words", lambda t: views.save_view(session, "customers", "v", f'"{t}"')),
        ("code name", lambda t: codes.store_code(session, {"code": "B", "name": t})),
        ("code", lambda t: codes.store_code(session, {"code": t, "name": "x"})),
        ("charge text", lambda t: charges.charge(session, "C1", {"code": "VISIT", "amount": "1", "text": t})),
        ("discount text", lambda t: discounts.discount(session, "C1", {"percent": "1", "text": t})),
        ("service address", lambda t: subscriptions.add(session, "C1", {"code": "A", "address": t})),
        ("service reason", lambda t: service_events.schedule_event(session, service_id, "pause", {"on": "2027-01-01", "reason": t})),
        ("certificate", lambda t: discounts.exempt(session, "C1", t, session.today(), None)),
        ("operator", lambda t: operators.add(session, t, "clerk")), ("caller", lambda t: profiles.caller_matches(session, "C1", "pin", t)),
        ("reveal reason", lambda t: profiles.reveal(session, "C1", "tax_id", t)),
        ("search", lambda t: search.find(session, t)), ("filter", lambda t: lists.read_filter(session, "customers", t)),
        ("seller", lambda t: rules.set_rule(session, "seller", t)),
        ("credit reason", lambda t: credit_notes.credit(session, "INV-000001", t)),
        ("reversal reason", lambda t: payments.reverse(session, "R-10001", t)),
        ("draft", lambda t: unfinished_forms.keep(session, uuid.uuid4().bytes, "payment", t, {"reference": t}, {"pin": t})),
    ]  # fmt: skip
    return made  # type: ignore[return-value]


@proof("S16", "every reveal has its audit event first: none without, whenever the process is killed", "reveals-first")
def s16(run: Run) -> Report:
    report, chance = Report(), random.Random(run.seed)
    target = str(run.place / "b.db")
    make(target, customers=3, profile=True).session.db.close()
    shown, kills = 0, run.size(60, 500)
    read, write = os.pipe()
    for _ in range(kills):
        pid = forked(lambda _: _reveal_for_ever(target, write, run.sabotage), read)
        time.sleep(chance.uniform(0.02, 0.08))
        os.kill(pid, 9)
        os.waitpid(pid, 0)
    os.close(write)
    while part := os.read(read, 65536):
        shown += len(part)
    os.close(read)
    session = sign_in(target)
    (events,) = session.db.peewee.execute_sql("select count(*) from audit_event where action = 'profile.reveal'").fetchone()
    session.db.close()
    report.figures = {"kills": kills, "reveals": shown, "events": events}
    report.must(shown > kills // 2, "values were revealed")
    report.must(shown <= events, f"{shown - events} reveals without an event")
    return report


def _reveal_for_ever(target: str, pipe: int, sabotage: str) -> None:
    session = sign_in(target)
    _, vault = session.sign_in_if_needed()
    opened = type(vault).open

    def told(self: object, table: str, column: str, *given: object) -> object:
        value = opened(self, table, column, *given)  # type: ignore[arg-type]
        if column == "tax_id":
            os.write(pipe, b"R")
        return value

    type(vault).open = told  # type: ignore[method-assign, assignment]
    if sabotage == "reveals-first":
        before = writing

        @contextlib.contextmanager
        def late(session_: Session, right: str, **more: object) -> Iterator[object]:
            cell = profiles.accounts.sealed(session_.db, 11)
            told(vault, "customer", "tax_id", *_first(session_)) if cell is not None else None
            with before(session_, right, **more) as tx:  # type: ignore[arg-type]
                yield tx

        profiles.writing = late  # type: ignore[assignment]
    while True:
        profiles.reveal(session, "C1", "tax_id", "asked by the proof")


def _first(session: Session) -> tuple[object, object]:
    customer = profiles.find_customer(session, "C1")
    return customer.uid, profiles.accounts.sealed(session.db, customer.id)["tax_id"]
