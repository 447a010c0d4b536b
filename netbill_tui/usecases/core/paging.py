"""Pages of a list by key, for the layers above."""

from netbill_tui.db.core.paging import FIRST, Key, Page

__all__ = ["FIRST", "Key", "Page"]
