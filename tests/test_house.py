"""The rules of the house that no tool keeps; layers, style and types are steps of the test command before the tests."""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

from netbill_tui import __version__
from netbill_tui.commands import ALL, EVERYWHERE
from netbill_tui.usecases.core import hooks

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "netbill_tui"


def test_the_rules_ask_no_clock():
    for path in (PACKAGE / "billing").rglob("*.py"):
        assert not re.search(r"\.now\(|\.today\(", path.read_text()), path


def test_the_changes_name_the_version():
    headings = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert [h for h in headings if not re.fullmatch(r"\d+\.\d+\.\d+, \d{4}-\d\d-\d\d", h)] in ([], ["Unreleased"])
    released = [h for h in headings if h != "Unreleased"]
    assert headings[-len(released) :] == released
    assert released[0].startswith(f"{__version__}, ")
    assert released == sorted(released, key=lambda h: [int(n) for n in h.split(",")[0].split(".")], reverse=True)


def test_no_file_is_a_god():
    long = {
        p.name: n for p in PACKAGE.rglob("*.py") if (n := len(p.read_text().splitlines())) > 400 and "migrations" not in p.parts
    }
    assert long == {}


def test_every_command_is_declared_once_and_no_key_means_two_things_everywhere():
    ids = [c.id for c in ALL]
    assert len(set(ids)) == len(ids)
    keys = [k for c in EVERYWHERE for k in c.keys]
    assert len(set(keys)) == len(keys)
    # A torn escape sequence types these letters: they move or open, they never post (ux.md 3).
    torn = set("ABCDFHMOPQRSZ[~0123456789")
    assert not [c.id for c in ALL if c.posts and torn & set(c.keys)]


def test_no_screen_calls_the_handler_of_its_base():
    # Textual calls a handler of each class by itself: one that calls its base's too makes it run twice, and read twice.
    for path in [*(PACKAGE / "screens").rglob("*.py"), *(PACKAGE / "widgets").rglob("*.py")]:
        assert not re.findall(r"super\(\)\.on_\w+", path.read_text()), path


def test_screens_use_no_private_name_of_textual():
    """Attributes of ours that a base class of Textual also has would break it without a word."""
    import textual

    base = Path(textual.__file__).parent
    theirs: set[str] = set()
    for name in ("app.py", "screen.py", "widget.py", "dom.py", "message_pump.py"):
        text = (base / name).read_text()
        theirs |= set(re.findall(r"self\.(_\w+)\b", text)) | set(re.findall(r"def (_\w+)\(", text))
    known = {
        "_display",
        "_fatal_error",
        "_exception",
        "_close_messages_no_wait",
        "_handle_exception",
        "_mounted_event",
        "_clipboard",
    }
    for folder in ("screens", "widgets", "terminal"):
        for path in (PACKAGE / folder).rglob("*.py"):
            text = path.read_text()
            mine = set(re.findall(r"self\.(_[a-z]\w+)\b(?= *[:=,])", text)) | set(re.findall(r"def (_[a-z]\w+)\(", text))
            assert mine & theirs <= known, path


def test_no_registry_host_and_no_other_tool_is_named():
    hosts = re.compile(r"pypi\.org|pythonhosted|deb\.debian\.org|registry\.npmjs")
    for path in [*ROOT.glob("*.*"), *(ROOT / "docs").rglob("*.md"), *PACKAGE.rglob("*.py"), ROOT / ".ci" / "run"]:
        if path.is_file():
            assert not hosts.search(path.read_text(errors="ignore")), path


def test_the_names_of_the_parser_are_all_its_commands():
    from netbill_tui.cli.core.declared import COMMANDS
    from netbill_tui.cli.core.parser import build

    actions = [a for a in build(["--help"])._actions if getattr(a, "choices", None)]
    assert set(actions[0].choices) == COMMANDS.keys()
    # What can be typed behind a command stands in its district, and nothing else stands there.
    for file in sorted(PACKAGE.glob("cli/*/options.py")):
        options = importlib.import_module(f"netbill_tui.cli.{file.parent.name}.options")
        named = {
            n.rstrip("_").replace("_", "-") for n, f in vars(options).items() if getattr(f, "__module__", "") == options.__name__
        }
        ours = {name for name, declared in COMMANDS.items() if declared.does.split(".")[0] == file.parent.name}
        assert named - {"listing"} <= ours, file


def test_the_benchmarks_name_what_is_there():
    """They run behind the tests, so a name that was moved away would be missed only then."""
    for file in sorted((ROOT / "benchmarks").glob("[a-z]*.py")):
        importlib.import_module(f"benchmarks.{file.stem}")


def test_the_lock_pins_everything_that_is_needed_with_hashes():
    """What root installs by the deployment page is what was looked at here, file by file."""
    import re
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    whole = (ROOT / "lock.txt").read_text() + (ROOT / "tests" / "lock.txt").read_text()
    needed = [*project["dependencies"], *(d for many in project["optional-dependencies"].values() for d in many)]
    pinned = dict(re.findall(r"^([a-z0-9-]+)==(\S+) \\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", whole, re.M))
    for need in (n for n in needed if not n.startswith("netbill-tui")):
        name, bounds = re.match(r"([A-Za-z0-9._-]+)(.*)", need).groups()
        version = pinned[name.lower()]
        for sign, bound in re.findall(r"(>=|<)([0-9.]+)", bounds):
            have, limit = (tuple(int(p) for p in re.findall(r"\d+", v)) for v in (version, bound))
            assert (have >= limit) if sign == ">=" else (have < limit), need
    assert whole.count("==") == len(pinned), "a pin without a hash"


def test_every_hook_leads_to_a_function():
    for name in (*hooks.POST_APPROVED.values(), *hooks.APPROVED.values(), hooks.STATUS_CHECK, hooks.STATUS_FOLLOW):
        assert callable(hooks.hook(name)), name


def test_no_files_stand_in_a_circle():
    """What needs no other file, and what none needs, is taken away again and again; what is left needs itself by some way."""
    graph = grimp.build_graph("netbill_tui")
    # A package's own file is no part of a circle: it is read with each file within.
    needs = {m: set(graph.find_modules_directly_imported_by(m)) - {m} for m in graph.modules}
    while free := [m for m, imported in needs.items() if not imported & needs.keys()]:
        for module in free:
            del needs[module]
    while above := [m for m in needs if not any(m in imported for imported in needs.values())]:
        for module in above:
            del needs[module]
    assert sorted(needs) == []


def test_the_top_level_stays_small():
    """Nothing that a trial by hand left behind, least of all a key file, goes into the project."""
    known = {
        "pyproject.toml", "lock.txt", "run.py", "README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "LICENSE",
        "netbill_tui", "tests", "benchmarks", "docs",
    }  # fmt: skip
    built = {"dist", "build"}
    there = {p.name for p in ROOT.iterdir() if not p.name.startswith(".") and p.suffix != ".egg-info"}
    assert there - built == known


def test_sql_stands_in_db_and_its_rows_come_as_records():
    """Outside db nobody runs a statement; what a function of db gives has names: no row, and no tuple of different things."""
    for path in PACKAGE.rglob("*.py"):
        inside = "db" in path.relative_to(PACKAGE).parts
        if not inside:
            assert not re.search(r"\bdb\.(?:rows?|run|run_many)\(|\binsert_into\(", path.read_text()), path
        elif not {"core", "migrations"} & set(path.parts):
            for one in ast.parse(path.read_text()).body:
                if isinstance(one, ast.FunctionDef) and not one.name.startswith("_") and one.returns is not None:
                    given = re.sub(r"tuple\[\w+, \.\.\.\]|dict\[tuple\[[^]]*\]", "", ast.unparse(one.returns))
                    assert not re.search(r"\btuple\b|\bRow\b", given), (path.name, one.name, given)


# What each stands for now is said in docs/development/words.md.
RETIRED = frozenset(
    "found made one told wanted kept covered reach gone given again retaken happen rows_ Plain Course course Own Wanted".split()
)


def names_in(tree: ast.Module) -> Iterator[str]:
    """Every name that a file gives to something: values, parameters, functions, classes, imports, fields."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.alias) and node.asname:
            yield "rows_" if node.asname == "rows" else node.asname


def test_one_word_stands_for_one_thing():
    said = {
        (path.name, name)
        for path in PACKAGE.rglob("*.py")
        if "migrations" not in path.parts
        for name in names_in(ast.parse(path.read_text()))
        if name.strip("_") in RETIRED or name in RETIRED
    }
    # A statement that gives one row; a column of the book, whose name stays.
    assert said == {("statements.py", "one"), ("billing_tables.py", "covered"), ("billing_tables.py", "again")}
    for path in PACKAGE.rglob("*.py"):
        assert not re.search(r"\bbook: Catalogue\b", path.read_text()), path


@pytest.mark.parametrize("layer", ["billing", "db", "usecases", "cli", "screens"])
def test_tests_lie_in_the_districts_of_their_layer(layer: str):
    """What crosses districts is named here, one by one."""
    crossing = {"usecases": {"test_machine"}, "screens": {"test_one_act"}}.get(layer, set())
    above = {f.stem for f in (ROOT / "tests" / layer).glob("test_*.py")}
    districts = {f.name for f in (ROOT / "netbill_tui" / layer).iterdir() if f.is_dir()}
    assert above == crossing
    assert {f.parent.name for f in (ROOT / "tests" / layer).glob("*/test_*.py")} <= districts


def test_no_assert_guards_a_book():
    """Below the screens an assert tells the type checker what is known; without it the next line fails all the same."""
    guards = []
    for layer in ("billing", "db", "usecases", "security", "documents", "integrations", "terminal"):
        for path in (PACKAGE / layer).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if not isinstance(node, ast.Assert):
                    continue
                test = node.test
                is_none = isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.IsNot)
                of_type = (
                    isinstance(test, ast.Call) and isinstance(test.func, ast.Name) and test.func.id in ("isinstance", "callable")
                )
                if not is_none and not of_type:
                    guards.append(f"{path.name}:{node.lineno} {ast.unparse(test)}")
    assert guards == []
