"""What is checked before a start."""

from __future__ import annotations

import socket

import pytest

from launch.checks import LaunchError, check_environment, check_port, read_port


def test_port_in_use_is_named_with_the_setting():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(LaunchError, match=rf"Port {port} is in use.*PASAR_PORT"):
            check_port(port)


def test_free_port_is_fine():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    check_port(port)


@pytest.mark.parametrize(("given", "port"), [("", 5005), ("6000", 6000), (" 6000 ", 6000)])
def test_port_of_the_environment(given, port):
    assert read_port({"PASAR_PORT": given}) == port


@pytest.mark.parametrize("given", ["0", "65536", "-1", "http", "5005.0", "\u0e55"])
def test_port_that_is_none_is_told(given):
    with pytest.raises(LaunchError, match="PASAR_PORT"):
        read_port({"PASAR_PORT": given})


def test_other_python_is_told_how_to_go_on():
    with pytest.raises(LaunchError, match="make setup"):
        check_environment((3, 11))


def test_setting_that_cannot_be_used_is_named(monkeypatch):
    monkeypatch.setenv("PASAR_MESSAGE_LIMIT", "many")
    with pytest.raises(LaunchError, match="PASAR_MESSAGE_LIMIT"):
        check_environment()
