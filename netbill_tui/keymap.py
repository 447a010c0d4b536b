"""What was meant: by a word of the `:` line, and by a user's own key map, with what is wrong with that."""

from collections.abc import Mapping

from netbill_tui.commands import _NAMES, ALL, EVERYWHERE, VERBS, Command, shown_key


def verb_of(typed: str, others: tuple[str, ...]) -> str:
    """The word that was meant: in full, in short, or a beginning that fits one word only; empty where there is none.

    Args:
        typed: The first word of the line.
        others: Commands of the shell.
    """
    typed = typed.lower()
    words = [v.word for v in VERBS]
    for verb in VERBS:
        if typed in (verb.word, verb.short):
            return verb.word
    if typed in others:
        return typed
    fits = sorted((w for w in {*words, *others} if w.startswith(typed)), key=len)
    # `cust` is customer: the other that begins so is a longer form of it.
    return fits[0] if fits and all(w.startswith(fits[0]) for w in fits) else ""


def conflicts(user_map: Mapping[str, str]) -> list[str]:
    """What is wrong with a user's key map, a sentence each."""
    known = {c.id: c for c in ALL}
    wrong = [f"{name}: no command has this id; netbill keymap lists them." for name in user_map if name not in known]
    keys_of = {c.id: c.keys for c in ALL}
    for name, keys in user_map.items():
        if name in known:
            keys_of[name] = tuple(k.strip() for k in keys.split(",") if k.strip())
    torn = set("ABCDFHMOPQRSZ[~0123456789")
    for name in user_map:
        if name not in known:
            continue
        if not keys_of[name]:
            wrong.append(f"{name}: has no key left.")
        for key in keys_of[name]:
            if not _is_key(key):
                wrong.append(f"{name}: {key} is not a key; netbill keymap --test shows their names.")
            if known[name].posts and key in torn:
                wrong.append(f"{name}: {key} arrives when an arrow key is torn on a slow line, so it may not post.")
            if known[name].in_fields and len(key) == 1:
                wrong.append(f"{name}: {key} is typed inside fields and does not work there.")
            for other in _beside(known[name], ALL):
                if key in keys_of[other.id] and (other.id not in user_map or other.id > name):
                    wrong.append(f"{name} and {other.id} both have {shown_key(key)}.")
    return wrong


def _is_key(name: str) -> bool:
    """Whether this can be the name of a key: a letter or digit, F1 to F12, one of the named ones, or ^ with a letter."""
    if len(name) == 1:
        return name.isprintable() and name.isalnum()
    if name.startswith("ctrl+"):
        return len(name) == 6 and name[5].isascii() and name[5].islower()
    return name in _NAMES or name in _SIGNS or (name[0] == "f" and name[1:].isdigit() and 1 <= int(name[1:]) <= 12)


_SIGNS = frozenset(
    "exclamation_mark at percent_sign dollar_sign ampersand circumflex_accent left_parenthesis right_parenthesis comma "
    "underscore semicolon apostrophe quotation_mark left_square_bracket right_square_bracket left_curly_bracket tilde "
    "right_curly_bracket grave_accent insert delete backspace left right".split()
)


def _beside(command: Command, among: tuple[Command, ...]) -> list[Command]:
    """The commands that share a screen with this one: those everywhere, and those of its own kind."""
    alike = command.id.split(".")[0]
    return [c for c in among if c.id != command.id and (c in EVERYWHERE or command in EVERYWHERE or c.id.split(".")[0] == alike)]
