"""Documents handed to workers that may open none: a ticket for each, good for its one file while it is under way.

Here: both ends of the socket on which tickets go one way and open files the other. Not here: the box (box), the pool.
Light: workers import it.
"""

import contextlib
import errno
import os
import secrets
import socket
from dataclasses import dataclass
from io import BufferedReader
from threading import Thread

from warehouse.state.regular import open_regular

_TICKET_BYTES = 16


class Doorkeeper:
    """In the pool's process: opens files for workers. Each request has a thread: a share that hangs stops no other."""

    def __init__(self) -> None:
        self._own, self.door = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._files: dict[bytes, str] = {}
        Thread(target=self._serve, name="doorkeeper", daemon=True).start()

    def ticket(self, file: str) -> "Ticket":
        """Whoever shows it gets this file opened, until it is taken back."""
        made = Ticket(secrets.token_bytes(_TICKET_BYTES))
        self._files[made.number] = file
        return made

    def take_back(self, ticket: "Ticket") -> None:
        """The ticket is good for nothing from now on."""
        self._files.pop(ticket.number, None)

    def close(self) -> None:
        """Serve no more."""
        with contextlib.suppress(OSError):
            self._own.shutdown(socket.SHUT_RDWR)  # the thread hears of it and closes
        self.door.close()

    def _serve(self) -> None:
        with self._own:
            while True:
                try:
                    number, answers, _, _ = socket.recv_fds(self._own, _TICKET_BYTES, 1)
                except OSError:
                    return
                if not number and not answers:
                    return
                for descriptor in answers:
                    answer = socket.socket(fileno=descriptor)
                    Thread(target=_answer, args=(answer, self._files.get(number)), daemon=True).start()


@dataclass(frozen=True, slots=True)
class Ticket:
    """Something that opens one file; nobody can guess it."""

    number: bytes

    def open(self, door: socket.socket) -> BufferedReader:
        """In a worker: the file, open for reading. Raises OSError as opening it would."""
        mine, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with mine:
            with theirs:
                socket.send_fds(door, [self.number], [theirs.fileno()])
            said, descriptors, _, _ = socket.recv_fds(mine, 4, 1)
        if not descriptors:
            number = int.from_bytes(said, "little") or errno.EIO
            raise OSError(number, os.strerror(number))  # FileNotFoundError and its kind by their numbers
        return os.fdopen(descriptors[0], "rb")


def _answer(answer: socket.socket, file: str | None) -> None:
    """Send the file, or the number of the error."""
    with answer, contextlib.suppress(OSError):  # whoever asked may be gone
        try:
            if file is None:
                raise OSError(errno.EACCES, os.strerror(errno.EACCES))
            opened = open_regular(file)
        except OSError as error:
            answer.send((error.errno or errno.EIO).to_bytes(4, "little"))
        else:
            with opened:
                socket.send_fds(answer, [b"file"], [opened.fileno()])
