"""A line that takes its time: what is sent arrives half a round trip later, in order, both ways. Counts flights to the server."""

import socket
import threading
import time
from collections import deque
from types import TracebackType
from typing import Self


class Delayed:
    """Listens on a port of this machine and passes all on to a server."""

    def __init__(self, host: str, port: int, round_trip_s: float) -> None:
        self._to, self._half = (host, port), round_trip_s / 2
        self.flights = 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._to)
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for source, target, counts in ((client, server, True), (server, client, False)):
                threading.Thread(target=self._pump, args=(source, target, counts), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket, counts: bool) -> None:
        waiting: deque[tuple[float, bytes]] = deque()
        has_more = threading.Semaphore(0)

        def send() -> None:
            while True:
                has_more.acquire()
                at, data = waiting.popleft()
                time.sleep(max(0.0, at - time.perf_counter()))
                try:
                    if not data:
                        target.shutdown(socket.SHUT_WR)
                        return
                    target.sendall(data)
                except OSError:
                    return

        threading.Thread(target=send, daemon=True).start()
        data = b"first"
        while data:
            try:
                data = source.recv(1 << 16)
            except OSError:
                data = b""
            self.flights += counts and bool(data)
            waiting.append((time.perf_counter() + self._half, data))
            has_more.release()
