"""Stands before PostgreSQL's socket; a partition lets nothing through and closes nothing."""

import socket
import threading
from contextlib import suppress
from pathlib import Path
from threading import Thread

_SOCKET = ".s.PGSQL.5432"


class Relay:
    """From a folder of its own to the server's."""

    def __init__(self, server: Path, own: Path) -> None:
        self._server, self._own = server / _SOCKET, own / _SOCKET
        self._open = threading.Event()
        self._open.set()
        self._ends: list[socket.socket] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self._own))
        self._listener.listen()
        Thread(target=self._accept, daemon=True).start()

    def partition(self) -> None:
        """From now on nothing arrives, on either side."""
        self._open.clear()

    def heal(self) -> None:
        """What waited arrives after all."""
        self._open.set()

    def close(self) -> None:
        """Let go of everything."""
        self._open.set()
        for end in (self._listener, *self._ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(str(self._server))
                self._ends += [near, far]
                for source, target in ((near, far), (far, near)):
                    Thread(target=self._pass, args=(source, target), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._open.wait()
                target.sendall(data)
            target.shutdown(socket.SHUT_RDWR)
