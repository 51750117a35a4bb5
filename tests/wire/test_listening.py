"""Where the bot cannot listen it says which setting to change."""

import errno
import socket

import pytest

from bot.wires.serving import WillNotStart, listen


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(WillNotStart, match=f"Port {port} on 127.0.0.1 is in use.*HTTP_PORT"):
            listen("127.0.0.1", port)


@pytest.mark.parametrize("host", ["256.1.1.1", "192.0.2.1"])
def test_an_address_of_another_machine_is_not_taken_for_a_port_in_use(host: str) -> None:
    with pytest.raises(WillNotStart, match="is no address of this machine: set HTTP_HOST"):
        listen(host, 0)


def test_a_port_for_administrators_only_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuse)

    with pytest.raises(WillNotStart, match="Port 80 may not be opened by this user"):
        listen("127.0.0.1", 80)
