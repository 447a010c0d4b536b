"""The promises of security.md as harnesses: each one command, small for CI and long by option, and each can be sabotaged."""

import importlib

MODULES = (
    "acts", "alarms", "changes", "backups", "clocks", "damage", "durable", "hosts", "places", "kills", "limits", "model", "noise", "rights", "screens", "secrets", "signs", "tampering", "upgrades", "writers",
)  # fmt: skip


def load() -> list[str]:
    """Import every harness; their names, in order."""
    from tests.proof.report import PROOFS

    for name in MODULES:
        importlib.import_module(f"tests.proof.{name}")
    return sorted(PROOFS, key=lambda name: (name[0], int(name[1:])))
