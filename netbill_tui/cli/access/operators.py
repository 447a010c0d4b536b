"""Commands operator, session, approval: who may sign in and do what, who is at it, what waits for a second pair of eyes."""

import sys
import textwrap
from pathlib import Path

from netbill_tui.billing.core.money import format_amount
from netbill_tui.cli.core.call import Call
from netbill_tui.cli.core.output import Column
from netbill_tui.errors import InvalidInput, KeyProblem
from netbill_tui.security import rights
from netbill_tui.text import visible
from netbill_tui.usecases.access import enrolment, operators
from netbill_tui.usecases.core.session import Session


def operator(call: Call, session: Session) -> int:
    """List operators, or do one thing to one of them."""
    args = call.args
    if args.what == "list":
        return _list(call, session)
    if args.what == "roles":
        return _roles(call)
    if args.what == "password":
        return _password(call, session)
    if not args.name:
        raise InvalidInput(f"Name the operator: netbill operator {args.what} NAME.")
    does = {
        "add": _add,
        "activate": _activate,
        "grant": _grant,
        "disable": _disable,
        "reset": _reset,
        "unlock": _unlock,
        "role": _role,
        "limit": _limit,
    }
    return does[args.what](call, session)


def _list(call: Call, session: Session) -> int:
    rows: list[dict[str, object]] = [
        {
            "name": o.name,
            "role": o.role,
            "status": o.state,
            "limit": None if o.limit is None else format_amount(o.limit, session.book.currency),
            "compartments": list(o.compartments),
            "fingerprint": o.fingerprint,
            "keys": " ".join(o.compartments),
        }
        for o in operators.listed(session)
    ]
    columns: list[Column] = [
        ("name", "Name", 20, False),
        ("role", "Role", 14, False),
        ("status", "State", 9, False),
        ("limit", "Limit", 12, True),
        ("keys", "Keys", 22, False),
        ("fingerprint", "Fingerprint", 19, False),
    ]
    call.output.rows(rows, columns, empty="")
    return 0


def _roles(call: Call) -> int:
    rows: list[dict[str, object]] = [
        {
            "role": r.name,
            "help": r.help,
            "rights": sorted(r.rights),
            "compartments": list(r.compartments),
            "keys": " ".join(r.compartments) or "none",
        }
        for r in rights.ROLES.values()
    ]
    call.output.rows(rows, [("role", "Role", 14, False), ("keys", "Keys", 22, False), ("help", "May", 0, False)], empty="")
    if call.output.form not in ("json", "csv", "plain"):
        # Each right once, with who has it: a table of so many columns nobody can read.
        every = sorted({right for r in rights.ROLES.values() for right in r.rights})
        who = [f"{right:<10} {', '.join(r.name for r in rights.ROLES.values() if right in r.rights)}" for right in every]
        call.output.text("\n".join(["", *(textwrap.fill(line, 79, subsequent_indent=" " * 11) for line in who)]))
    return 0


def _add(call: Call, session: Session) -> int:
    args = call.args
    if args.write_credential or args.role in rights.PRINCIPALS:
        if not args.write_credential:
            raise InvalidInput("Give a new file for the key of the principal: --write-credential FILE.")
        file = Path(args.write_credential).expanduser()
        role = args.role or operators.AUTOMATION
        operators.add_principal(session, args.name, file, role=role, contact=args.contact, dry_run=call.dry_run)
        data: dict[str, object] = {"name": args.name, "role": role, "credential": str(file)}
        does = "bill and back up" if role == operators.AUTOMATION else "export lists"
        words = f"{args.name} may {does} with --credential {file}; anybody who can read that file can do the same."
        call.output.record(data, lambda: words)
        return 0
    if not args.role:
        raise InvalidInput(f"Say which role: --role {' | '.join(operators.PEOPLE)}.")
    code = operators.add(session, args.name, args.role, limit=args.limit or "", dry_run=call.dry_run)
    _tell_code(call, args.name, args.role, code)
    return 0


def _tell_code(call: Call, name: str, role: str, code: str) -> None:
    call.output.record(
        {"name": name, "role": role, "code": code or None, "valid_hours": operators.CODE_HOURS},
        lambda: (
            (
                f"{name} enrols within {operators.CODE_HOURS} hours: netbill operator activate {name}\n"
                f"Activation code, shown once: {code}\nThen compare the fingerprint and run: netbill operator grant {name}"
            )
            if code
            else f"Would make the operator {name}; nothing was changed."
        ),
    )


def _activate(call: Call, session: Session) -> int:
    """The new operator's own step: code, password, key pair."""
    from netbill_tui.bootstrap import new_password

    if call.args.code_file:
        from netbill_tui.usecases.core.host import read_private_file

        code = read_private_file(Path(call.args.code_file).expanduser(), "The activation code").decode("ascii", "replace")
    elif call.no_input or not sys.stdin.isatty():
        raise InvalidInput("Give the activation code: --code-file FILE (mode 600).")
    else:
        import getpass

        code = getpass.getpass("Activation code: ")
    # The file of the settings is that of whoever works here: a new operator has another password.
    secret = new_password(call.args.new_password_file or call.settings.password_file, no_input=call.no_input)
    mark = enrolment.enrol(session, call.args.name, code, secret)
    call.output.record(
        {"name": call.args.name, "fingerprint": mark},
        lambda: f"{call.args.name} is enrolled. Read this to an administrator, who then grants your keys: {mark}",
    )
    return 0


def _grant(call: Call, session: Session) -> int:
    mark, held = operators.approve(session, call.args.name, dry_run=True)
    if not call.yes and not call.dry_run and not call.no_input and sys.stdin.isatty() and sys.stderr.isatty():
        print(f"The fingerprint of {visible(call.args.name)} is {mark}.", file=sys.stderr)
        print("Type yes if they read the same fingerprint to you: ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().lower() != "yes":
            call.output.remark("Nothing was granted. If they read a different fingerprint, run netbill operator reset.")
            return 0
    if not call.dry_run:
        mark, held = operators.approve(session, call.args.name)
    call.output.record(
        {"name": call.args.name, "fingerprint": mark, "compartments": list(held)},
        lambda: f"{call.args.name} ({mark}) may sign in; keys: {', '.join(held) or 'none'}.",
    )
    return 0


def _rotate_words(lost: list[str]) -> str:
    return f" Rotate what was held, within a day: netbill keys rotate {' '.join(lost)}" if lost else ""


def _disable(call: Call, session: Session) -> int:
    name, held = call.args.name, operators.disable(session, call.args.name, dry_run=call.dry_run)
    words = f"{name} can do nothing from now on.{_rotate_words(held)}"
    call.output.record({"name": name, "status": "disabled", "rotate": held}, lambda: words)
    return 0


def _reset(call: Call, session: Session) -> int:
    name = call.args.name
    code = operators.reset(session, name, dry_run=call.dry_run)
    _tell_code(call, name, operators.named(session, name).role, code)
    return 0


def _unlock(call: Call, session: Session) -> int:
    operators.unlock(session, call.args.name, dry_run=call.dry_run)
    call.output.record({"name": call.args.name, "status": "active"}, lambda: f"{call.args.name} may try again.")
    return 0


def _role(call: Call, session: Session) -> int:
    if not call.args.role:
        raise InvalidInput(f"Say which role: --role {' | '.join(operators.PEOPLE)}.")
    name, lost = call.args.name, list(operators.change_role(session, call.args.name, call.args.role, dry_run=call.dry_run))
    words = f"{name} is {call.args.role} from the next action on.{_rotate_words(lost)}"
    call.output.record({"name": name, "role": call.args.role, "rotate": lost}, lambda: words)
    return 0


def _limit(call: Call, session: Session) -> int:
    if call.args.limit is None:
        raise InvalidInput("Give the limit: --limit 50.00, or --limit none.")
    most = operators.change_limit(session, call.args.name, call.args.limit, dry_run=call.dry_run)
    words = "no limit" if most is None else format_amount(most, session.book.currency)
    data: dict[str, object] = {"name": call.args.name, "limit": None if most is None else words}
    call.output.record(data, lambda: f"{call.args.name} may give back alone: {words}.")
    return 0


def _password(call: Call, session: Session) -> int:
    """Change one's own password."""
    from netbill_tui.bootstrap import new_password, password

    if call.no_input and not call.args.new_password_file:
        raise KeyProblem("netbill cannot ask for the new password here; give --new-password-file FILE (mode 600).")
    old = password(call.settings)
    session.sign_in_if_needed()
    enrolment.change_password(session, old, new_password(call.args.new_password_file or "", no_input=call.no_input, what="new "))
    assert session.operator is not None
    name = session.operator.name
    call.output.record({"name": name}, lambda: f"{name} has a new password; the old one no longer works.")
    return 0
