"""Bytes that arrive in pieces → lines of UTF-8 text, with the place of each; no more than a line is kept."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from listener.chain.draw.list_file import ListFileError

LONGEST_LINE = 2**20
"""Bytes. One that is longer is no row of a list."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_FROM_0X80_TO_0X9F = range(0x80, 0xA0)


class Lines:
    """The lines of a file, with their line ends: LF, CR LF or CR, also mixed.

    `offset` is the byte after the last line that was handed out, `number` how many were. Raises ListFileError for
    what is no UTF-8, has a zero byte, or a line longer than LONGEST_LINE.
    """

    def __init__(self, chunks: Iterator[bytes], offset: int = 0, number: int = 0) -> None:
        self.offset = offset
        self.number = number
        self._ahead: deque[tuple[str, int]] = deque()
        self._source = self._decoded(_whole_lines(chunks, number), number, offset)

    def __iter__(self) -> Iterator[str]:
        while self._ahead:
            line, size = self._ahead.popleft()
            self.offset += size
            self.number += 1
            yield line
        for line, size in self._source:
            self.offset += size
            self.number += 1
            yield line

    def peek(self) -> Iterator[str]:
        """The next lines, which `__iter__` hands out again."""
        at = self.number
        while True:
            if at - self.number == len(self._ahead):
                following = next(self._source, None)
                if following is None:
                    return
                self._ahead.append(following)
            yield self._ahead[at - self.number][0]
            at += 1

    @staticmethod
    def _decoded(lines: Iterator[bytes], number: int, offset: int) -> Iterator[tuple[str, int]]:
        for line in lines:
            number += 1
            size = len(line)
            if offset == 0:
                line = line.removeprefix(BYTE_ORDER_MARK)
            if b"\0" in line:
                raise _zero_byte(line, number)
            try:
                text = line.decode()
            except UnicodeDecodeError as error:
                raise not_utf8(line, error, offset + size - len(line) + error.start, number) from None
            offset += size
            yield text, size


def _whole_lines(chunks: Iterator[bytes], number: int) -> Iterator[bytes]:
    tail = b""
    for chunk in chunks:
        block = tail + chunk
        # A CR at the very end may be the first half of CR LF.
        end = max(block.rfind(b"\n"), block.rfind(b"\r", 0, -1)) + 1
        tail = block[end:]
        for line in block[:end].splitlines(keepends=True):
            number += 1
            if len(line) > LONGEST_LINE:
                raise too_long(number)
            yield line
        if len(tail) > LONGEST_LINE:
            raise too_long(number + 1)
    yield from tail.splitlines(keepends=True)


def too_long(number: int) -> ListFileError:
    """A line, or a row over many lines, that is no row of a list."""
    return ListFileError(
        "line_too_long",
        f"Line {number} has more than {LONGEST_LINE // 2**20} MiB: it is no row of a list. "
        "Put each participant on a line of their own, and look for a quote that is never closed.",
    )


def not_utf8(data: bytes, error: UnicodeDecodeError, offset: int, line: int) -> ListFileError:
    """Says what the bytes look like. `offset` is the file's."""
    bad = data[error.start]
    if error.reason == "unexpected end of data":
        return ListFileError(
            "cut_off",
            f"The file ends in the middle of a character, in line {line}: it was cut off. Save it again.",
        )
    looks = (
        "It looks like Windows-1252 (Latin-1). " if bad not in _FROM_0X80_TO_0X9F or bad in _WINDOWS else ""
    )
    return ListFileError(
        "not_utf8",
        f"The file is not UTF-8: byte 0x{bad:02x} at offset {offset}, line {line}. {looks}Save it as CSV in UTF-8.",
    )


_WINDOWS = b"\x80\x85\x91\x92\x93\x94\x96\x97"
"""Euro sign, ellipsis, quotes and dashes of Windows-1252."""


def _zero_byte(line: bytes, number: int) -> ListFileError:
    if line.count(b"\0") * 3 > len(line):
        return ListFileError(
            "not_utf8",
            "The file looks like UTF-16 text without a byte order mark, not UTF-8. Save it as CSV in UTF-8.",
        )
    return ListFileError(
        "not_text", f"The file has a zero byte in line {number}: it is no text. Use CSV, XLSX or JSON."
    )
