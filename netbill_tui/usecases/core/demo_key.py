"""Who works in a demo book, and where its key lies. Apart from the making of it: every start with a demo book asks for these."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from netbill_tui.db.core.engine import is_url
from netbill_tui.settings import data_home

OPERATOR = "demo"


def key_file(target: str) -> Path:
    """Where the opened bundle of a demo book lies, for its owner only.

    Beside a file. Of a book on a server it lies with who made it, by host, port and database: no password is part of the name,
    and another user's, driver's or password's spelling of the same database finds it.
    """
    if not is_url(target):
        return Path(f"{os.path.realpath(os.path.expanduser(target))}.demo-key")
    import hashlib

    address = urlsplit(target)
    place = f"{address.hostname or 'localhost'}:{address.port or 5432}{address.path}"
    return data_home() / f"demo-{hashlib.sha256(place.encode()).hexdigest()[:16]}.demo-key"
