"""Long files as the database keeps them: packed, for what PostgreSQL is sent as bytes takes four times its size on the way."""

import zlib
from collections.abc import Iterator

SMALL = 1024 * 1024  # bytes; what is no longer stays as it is
MARK = b"\0\0zlib"  # no text begins so
PIECE = 256 * 1024


class Packer:
    """A file that is written piece by piece and packed once it grows long."""

    def __init__(self) -> None:
        self._small = bytearray()
        self._packer: zlib._Compress | None = None
        self._packed: list[bytes] = []

    def write(self, some: bytes) -> None:
        self._small += some
        if len(self._small) > SMALL:
            if self._packer is None:
                self._packer = zlib.compressobj(1)
            self._packed.append(self._packer.compress(self._small))
            self._small.clear()

    def content(self) -> bytes:
        if self._packer is None:
            return bytes(self._small)
        return b"".join([MARK, *self._packed, self._packer.compress(self._small), self._packer.flush()])


def packed(content: bytes) -> bytes:
    packer = Packer()
    packer.write(content)
    return packer.content()


def is_packed(content: bytes) -> bool:
    return content.startswith(MARK)


def unpacked(content: bytes) -> bytes:
    return zlib.decompress(content[len(MARK) :]) if is_packed(content) else content


def pieces(content: bytes) -> Iterator[bytes]:
    """The same, some at a time."""
    if not is_packed(content):
        yield content
        return
    unpacker, rest = zlib.decompressobj(), content[len(MARK) :]
    while rest:
        yield unpacker.decompress(rest, PIECE)
        rest = unpacker.unconsumed_tail
    yield unpacker.flush()
