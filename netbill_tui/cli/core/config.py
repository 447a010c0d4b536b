"""The command config."""

from netbill_tui.cli.core.call import Call


def _masked(value: str) -> str:
    """A URL without its password."""
    import re

    return re.sub(r"(?i)([?&]password=)[^&]*", r"\1***", re.sub(r"(://[^:/@]*):[^@/]*@", r"\1:***@", value))


def config(call: Call) -> int:
    """The settings in force, and where each comes from."""
    rows = []
    for name, origin in call.settings.origins.items():
        rows.append({"setting": name, "value": _masked(getattr(call.settings, name)), "origin": origin})
    columns = [("setting", "Setting", 0, False), ("value", "Value", 0, False)]
    if call.args.show_origin:
        columns.append(("origin", "From", 0, False))
    call.output.rows(rows, columns, empty="")
    return 0
