"""`operator roles` on a terminal says who has each right."""

from pathlib import Path

from netbill_tui.security import rights
from tests.conftest import Run
from tests.terminal.terminal import Terminal


def test_every_right_stands_there_with_the_roles_that_have_it(netbill: Run, tmp_path: Path):
    netbill("init", "--company", "Acme", "--currency", "EUR", "--timezone", "UTC", "--country", "GB", check=0)
    terminal = Terminal(["operator", "roles"], netbill.environment, lines=60)  # type: ignore[attr-defined]
    shown = terminal.wait_for("write-off  supervisor, administrator")
    terminal.close()
    lines = shown.replace("\n" + " " * 11, " ").splitlines()
    for role in rights.ROLES.values():
        for right in role.rights:
            assert any(line.split()[:1] == [right] and role.name in line for line in lines), (right, role.name)
