"""The command doctor."""

from netbill_tui.cli.core.call import Call
from netbill_tui.usecases.core.session import Session


def doctor(call: Call, session: Session) -> int:
    """Check the installation."""
    from netbill_tui.usecases.verify.doctor import examine

    findings = examine(session, call.settings.book)
    ok = all(f.state != "failed" for f in findings)
    data = {"ok": ok, "checks": [{"name": f.name, "state": f.state, "text": f.text} for f in findings]}
    call.output.record(data, lambda: "\n".join(f"{f.state:<9}{f.name:<20}{f.text}" for f in findings))
    return 0 if ok else 1
