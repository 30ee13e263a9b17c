"""Masks one picture file: read, mask, look again, encode, judge, write."""

import os
from hashlib import sha256
from pathlib import Path

from devices.files.photograph import PictureFormat, photograph, picture_format
from devices.pixels import Damaged
from masking.masked_frame import MaskedFrame
from models import durable
from uploader import encode
from uploader.errors import NotEncoded
from vision_app.mask.looks import Looks
from vision_app.mask.report import End, Report, Unmasked

MAX_BYTES = 1 << 30


def mask_picture(source: Path, target: Path, looks: Looks, quality: int) -> Report:
    """Writes the picture in source, every face covered, in its own format, to target.

    When this returns, a power cut does not harm what was written. Raises Unmasked: there is no
    output, nor a part of one.
    """
    try:
        data = _read(source)
        form, frame = picture_format(data), photograph(data, str(source))
        del data
        masked, body = looks.through(frame, lambda one: encode.picture(one, form, quality))
    except Damaged as error:
        raise Unmasked(End.BROKEN, str(error)) from None
    except MemoryError:
        raise Unmasked(End.BROKEN, "it needs more memory than is free") from None
    except NotEncoded as error:
        raise Unmasked(End.NOT_WRITTEN, str(error)) from None
    _write(target, body)
    return _report(masked, form, body)


def _read(source: Path) -> bytes:
    try:
        with source.open("rb") as file:
            if os.fstat(file.fileno()).st_size > MAX_BYTES:
                raise Unmasked(End.BROKEN, f"it is larger than {MAX_BYTES >> 30} GiB")
            return file.read()
    except OSError as error:
        raise Unmasked(End.BROKEN, f"it cannot be read: {error.strerror}") from None


def _write(target: Path, body: bytes) -> None:
    try:
        durable.make_folder(target.parent)
        durable.write(target, body)
    except OSError as error:
        raise Unmasked(End.NOT_WRITTEN, f"it cannot be written: {error.strerror}") from None


def _report(masked: MaskedFrame, form: PictureFormat, body: bytes) -> Report:
    receipt = masked.receipt
    return Report(
        format=form,
        width=masked.width,
        height=masked.height,
        sha256=sha256(body).hexdigest(),
        looks=receipt.looks,
        fill=receipt.fill,
        grow=receipt.grow,
        frames=(receipt.faces,),
        faces=len(receipt.faces),
    )
