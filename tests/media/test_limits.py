"""What is kept and what is not."""

from __future__ import annotations

import pytest

from pasar.media.limits import TEXT, load_limits
from pasar.media.model import RefusedError
from pasar.messages.model import Kind

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF"
OGG = b"OggS\x00\x02"


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        (Kind.IMAGE, JPEG, "image/jpeg"),
        (Kind.IMAGE, b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (Kind.VIDEO, b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
        (Kind.VIDEO, b"GIF89a", "image/gif"),
        (Kind.VOICE, OGG, "audio/ogg"),
        (Kind.VOICE, b"#!AMR\n", "audio/amr"),
        (Kind.VOICE, b"\x00\x00\x00\x18ftypM4A ", "audio/mp4"),
        (Kind.FILE, b"%PDF-1.7", "application/pdf"),
        (Kind.FILE, "Größe 42, 尺码".encode(), TEXT),
        (Kind.FILE, b"<!doctype html><script>alert(1)</script>", TEXT),
        (Kind.FILE, b'<svg xmlns="http://www.w3.org/2000/svg"/>', TEXT),
    ],
)
def test_types_are_told_by_the_bytes(kind, data, expected):
    assert expected == load_limits().judge(kind, data)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (Kind.IMAGE, b"<html>log in</html>"),
        (Kind.IMAGE, b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
        (Kind.VOICE, JPEG),
        (Kind.FILE, b"MZ\x90\x00"),
        (Kind.FILE, b"\x7fELF"),
        (Kind.FILE, b"#!/bin/sh\nrm -r ~"),
        (Kind.FILE, b"\x01\x02\x03\x04"),
        (Kind.FILE, b""),
    ],
)
def test_what_is_not_kept(kind, data):
    with pytest.raises(RefusedError):
        load_limits().judge(kind, data)


def test_what_is_too_large_is_not_kept():
    most = load_limits().most_bytes
    assert "image/jpeg" == load_limits().judge(Kind.IMAGE, JPEG.ljust(most, b"\0"))
    with pytest.raises(RefusedError, match=str(most)):
        load_limits().judge(Kind.IMAGE, JPEG.ljust(most + 1, b"\0"))
