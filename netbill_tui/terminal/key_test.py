"""What a terminal sends, read as the screens read it."""

from textual import events
from textual._xterm_parser import XTermParser


class Keys:
    """Turns bytes into key names."""

    def __init__(self) -> None:
        self._parser = XTermParser(False)
        self.last_bytes = ""

    def feed(self, data: bytes) -> list[str]:
        """The keys in these bytes, or those that a pause has completed when there are none."""
        if data:
            self.last_bytes = data.decode("latin-1").encode("unicode_escape").decode()
            keys = list(self._parser.feed(data.decode("utf-8", "replace")))
        else:
            keys = list(self._parser.tick())
        return [event.key for event in keys if isinstance(event, events.Key)]
