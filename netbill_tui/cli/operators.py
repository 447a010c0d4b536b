"""Command operator: who may sign in; a principal for timers."""

from pathlib import Path

from netbill_tui.cli.main import Call
from netbill_tui.cli.output import Column
from netbill_tui.errors import InvalidInput
from netbill_tui.services import operators
from netbill_tui.services.session import Session


def operator(call: Call, session: Session) -> int:
    """List, add a principal, or disable."""
    args = call.args
    if args.what == "list":
        return _list(call, session)
    if not args.name:
        raise InvalidInput(f"Name the operator: netbill operator {args.what} NAME.")
    if args.what == "disable":
        operators.disable(session, args.name, dry_run=call.dry_run)
        call.output.record({"name": args.name, "status": "disabled"}, lambda: f"{args.name} can do nothing from now on.")
        return 0
    if args.role != operators.AUTOMATION:
        raise InvalidInput(f"The role {args.role!r} cannot be given yet; only principals for timers are added: automation.")
    if not args.write_credential:
        raise InvalidInput("Say where the key of the principal goes: --write-credential FILE.")
    file = Path(args.write_credential).expanduser()
    operators.add_principal(session, args.name, file, dry_run=call.dry_run)
    data: dict[str, object] = {"name": args.name, "role": args.role, "credential": str(file)}
    call.output.record(data, lambda: f"{args.name} may bill with --credential {file}; who can read that file can do it too.")
    return 0


def _list(call: Call, session: Session) -> int:
    rows: list[dict[str, object]] = [{"name": o.name, "role": o.role, "status": o.status} for o in operators.operators(session)]
    columns: list[Column] = [("name", "Name", 20, False), ("role", "Role", 14, False), ("status", "State", 0, False)]
    call.output.rows(rows, columns, empty="")
    return 0
