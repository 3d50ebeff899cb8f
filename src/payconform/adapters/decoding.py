"""Content-Encoding, undone as it arrives and never beyond what the caller wants to hold."""

import zlib


class EncodingError(Exception):
    """A body that does not keep its Content-Encoding; the text is one short phrase."""


class Decoder:
    """Decodes one body. `encoding` is the Content-Encoding header, "" for none; raises `EncodingError`."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding.strip().lower()
        if self._encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise EncodingError(f"content encoding {self._encoding[:20]!r} is not understood")
        # 47: the largest window, gzip or zlib by its header.
        self._inflate = None if self._encoding in ("", "identity") else zlib.decompressobj(47)
        self._fed = False

    def decode(self, chunk: bytes, at_most: int) -> bytes:
        """The decoded bytes of `chunk`, cut off after `at_most` (1 or more) of them."""
        if self._inflate is None:
            return chunk[:at_most]
        self._fed = True
        try:
            return self._inflate.decompress(chunk, at_most)
        except zlib.error as error:
            raise EncodingError(f"content encoding {self._encoding!r} is broken") from error

    def finish(self) -> None:
        """Say that the body is over: a compressed one must have come to its end."""
        if self._inflate is not None and self._fed and not self._inflate.eof:
            raise EncodingError(f"content encoding {self._encoding!r} is incomplete")
