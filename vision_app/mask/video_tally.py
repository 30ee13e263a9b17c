"""What was done to each frame of a video, kept in little memory until its report is written."""

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from masking.masked_frame import Look, MaskedFrame, Receipt
from models.box import Box
from vision_app.mask.report import Report

NUMBERS = 5


class VideoBoxes:
    """The boxes of every frame; may be walked as often as wanted.

    40 bytes for each box and 4 for each frame.
    """

    def __init__(self) -> None:
        self._counts = array("I")
        self._numbers = array("d")

    def add(self, boxes: Sequence[Box]) -> None:
        """Those of the next frame."""
        self._counts.append(len(boxes))
        for box in boxes:
            self._numbers.extend((box.x1, box.y1, box.x2, box.y2, box.score))

    def __iter__(self) -> Iterator[Sequence[Box]]:
        at = 0
        for count in self._counts:
            end = at + count * NUMBERS
            yield [
                Box(*self._numbers[place : place + NUMBERS]) for place in range(at, end, NUMBERS)
            ]
            at = end


class VideoTally:
    """Receipts of frames in order, summed up."""

    def __init__(self) -> None:
        self.frames = 0
        self._boxes = VideoBoxes()
        self._faces = self._carried = self._redacted = 0
        self._found: Counter[Look] = Counter()

    def add(self, receipt: Receipt) -> None:
        """That of the next frame."""
        self.frames += 1
        self._boxes.add(receipt.faces)
        self._faces += len(receipt.faces)
        self._carried += receipt.carried
        self._redacted += receipt.treatment == "redacted"
        for look in receipt.looks:
            self._found[replace(look, found=0)] += look.found

    def report(self, muxer: str, first: MaskedFrame, rate: Fraction, sha256: str) -> Report:
        """Of all frames so far; first: any of them."""
        return Report(
            format=muxer,
            width=first.width,
            height=first.height,
            sha256=sha256,
            looks=tuple(replace(look, found=found) for look, found in self._found.items()),
            fill=first.receipt.fill,
            grow=first.receipt.grow,
            frames=self._boxes,
            faces=self._faces,
            fps=float(rate),
            carried=self._carried,
            redacted=self._redacted,
        )
