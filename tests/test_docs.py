"""The pages, man pages, completions and screenshots that are made from the program's own registries."""

import asyncio
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from textual.pilot import Pilot

from netbill_tui import commands
from netbill_tui.cli.core.declared import NAMES
from tests.screens.keys import settle, shown

DOCS = Path(__file__).resolve().parents[1] / "docs"


def make():
    spec = importlib.util.spec_from_file_location("docs_make", DOCS / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_is_generated_is_up_to_date():
    done = subprocess.run([sys.executable, str(DOCS / "make.py"), "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions_know_every_command(shell: str):
    path = DOCS / "completions" / f"netbill.{shell}"
    text = path.read_text()
    assert all(name in text for name in NAMES)
    if shutil.which(shell):
        assert subprocess.run([shell, "-n", str(path)], capture_output=True).returncode == 0


def test_the_man_page_and_the_key_page_name_everything():
    man, keys = (DOCS / "man" / "netbill.1").read_text(), (DOCS / "keys.md").read_text()
    assert all(f"netbill {name}" in man.replace("\\-", "-") for name in NAMES)
    assert all(f"`{c.id}`" in keys for c in commands.ALL)


def test_links_between_pages_lead_somewhere():
    for page in (*DOCS.rglob("*.md"), *DOCS.parent.glob("*.md")):
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            assert (page.parent / target).exists(), (page.name, target)


def test_what_the_pages_for_developers_name_is_there():
    package = DOCS.parent / "netbill_tui"
    for page in (*(DOCS / "development").glob("*.md"), DOCS.parent / "CONTRIBUTING.md"):
        for name in re.findall(r"`([a-z_]+/[\w/]*)`|`([\w/]+\.(?:py|toml|md))`", page.read_text()):
            path = name[0] or name[1]
            assert (DOCS.parent / path).exists() or (package / path).exists(), (page.name, path)


def test_the_source_of_a_rule_is_a_heading_of_these_pages():
    for path in (DOCS.parent / "netbill_tui").rglob("*.py"):
        text = re.sub(r"\s+(?:# )?", " ", path.read_text())
        for page, named in re.findall(r"docs/(\w+\.md),((?:,? (?:and |to )?\*[^*]+\*)+)", text):
            headings = re.findall(r"^#+ (.*)$", (DOCS / page).read_text(), re.MULTILINE)
            for heading in re.findall(r"\*([^*]+)\*", named):
                assert any(h.startswith(heading) for h in headings), (path.name, page, heading)
        assert not re.search(r"(?<!docs/)\b(?:security|domain|performance|ux|commands|rules)\.md|behaviours", text), path


async def _rest(pilot: Pilot) -> None:
    """The screen is done; of the overdue queue the telephone number too, which is read where the cursor rests."""
    await settle(pilot)
    for _ in range(3000):
        text = shown(pilot)
        if "Overdue queue" not in text or "+44" in text:
            return
        await pilot.pause(0.01)
    raise AssertionError("the telephone number never came")


def test_the_pictures_show_the_screens_as_they_are(tmp_path: Path):
    module = make()
    asyncio.run(module.screenshots(tmp_path, _rest))
    differ = [
        name
        for name, _ in module.SHOTS
        if (tmp_path / f"{name}.svg").read_text() != (DOCS / "screenshots" / f"{name}.svg").read_text()
    ]
    assert not differ, f"draw them anew with python docs/make.py --screenshots, and look at them: {differ}"
