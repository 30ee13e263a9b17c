"""Wall 8: each forbidden call is a type error; mypy reports the day one of them becomes legal.

`warn_unused_ignores` makes every `type: ignore` below a claim: this call does not type-check.
"""

from pathlib import Path

import pytest

from devices.frame import Frame
from masking.foreseen import Foreseen
from masking.judge import Judge
from masking.masked_frame import MaskedFrame, Receipt
from masking.masker import Masker
from masking.photograph import PhotographMasker
from masking.second_look import SecondLook
from models.classifier import Classifier
from models.prediction import ModelId, Prediction
from tests.masking.stand_ins import frame
from tests.uploader.samples import KEY, because
from uploader.choosing.chooser import Chooser
from uploader.encode import jpeg, picture
from uploader.errors import NotMasked
from uploader.settings import SpoolSettings
from uploader.spool import Spool
from uploader.video.pen import VideoPen
from uploader.vouched import vouched
from vision_app.cameras.latest import Latest
from vision_app.mask.looks import Looks
from vision_app.publish import Publisher, tell

PREDICTION = Prediction(("ripe",), (1.0,), 1.0, ModelId("m", "1", "0" * 64, "none"))


def test_the_spool_refuses_a_raw_frame_and_its_pixels_at_run_time_too(tmp_path: Path) -> None:
    raw = frame()
    with Spool(tmp_path, SpoolSettings(), "site", "device", 90, KEY) as spool:
        with pytest.raises(NotMasked):
            spool.put(raw, PREDICTION, because("masked"))  # type: ignore[arg-type]
        with pytest.raises(NotMasked):
            spool.put(raw.pixels, PREDICTION, because("masked"))  # type: ignore[arg-type]
        with pytest.raises(NotMasked):
            spool.put_object("records", b"\xff\xd8\xff\xe0", "image/jpeg", raw.captured_at)
        assert not any(spool.waiting)


def test_the_pen_refuses_a_raw_frame_and_its_pixels_at_run_time_too() -> None:
    raw = frame()
    with pytest.raises(NotMasked):
        jpeg(raw, 90)  # type: ignore[arg-type]
    with pytest.raises(NotMasked):
        jpeg(raw.pixels, 90)  # type: ignore[arg-type]


def test_a_likeness_of_a_masked_frame_is_refused_at_run_time() -> None:
    class Likeness(MaskedFrame):
        """Passes the type checker, as every subclass does, but skips the seal."""

        def __post_init__(self, seal: object) -> None:
            pass

    raw = frame()
    receipt = Receipt("masked", (), (), "solid", 1.6)
    likeness = Likeness(None, raw.pixels, "b", 1, raw.captured_at, 0.0, receipt)  # type: ignore[arg-type]
    with pytest.raises(NotMasked):
        jpeg(likeness, 90)


def forbidden_to_write(pen: VideoPen, spool: Spool, raw: Frame, masked: MaskedFrame) -> None:
    """Never run: of pixels that are not sealed, no file is made, nor shown to whom vouches."""
    picture(raw, "png", 90)  # type: ignore[arg-type]
    picture(masked.pixels, "png", 90)  # type: ignore[arg-type]
    pen.write(raw, 0.0)  # type: ignore[arg-type]
    pen.write(masked.pixels, 0.0)  # type: ignore[arg-type]
    vouched(raw, lambda one: b"", lambda one, stored: one)  # type: ignore[arg-type]
    vouched(masked, lambda one: b"", lambda one, stored: raw)  # type: ignore[arg-type, return-value]
    spool.put(masked, PREDICTION, because("masked"), lambda one, stored: raw)  # type: ignore[arg-type, return-value]
    spool.put(masked, PREDICTION, because("masked"), lambda one, stored: stored)  # type: ignore[arg-type, return-value]


def forbidden_to_spool(spool: Spool, raw: Frame, masked: MaskedFrame) -> None:
    """Never run: a batch is bytes that are finished, not pixels."""
    spool.put_object("records", raw.pixels, "", raw.captured_at)  # type: ignore[arg-type]
    spool.put_object("records", masked.pixels, "", raw.captured_at)  # type: ignore[arg-type]


def forbidden_to_publish(one: Publisher, raw: Frame, masked: MaskedFrame) -> None:
    """Never run: an event holds no pixels, neither raw nor masked."""
    one.publish(raw)  # type: ignore[arg-type]
    one.publish(masked)  # type: ignore[arg-type]
    one.publish(masked.pixels)  # type: ignore[arg-type]
    tell([one], raw)  # type: ignore[arg-type]
    tell([one], masked)  # type: ignore[arg-type]


def forbidden_to_pass_off(
    masker: Masker, look: SecondLook, chooser: Chooser, raw: Frame, done: MaskedFrame
) -> None:
    """Never run: what is raw does not pass for masked, nor the other way round."""
    look.look(raw)  # type: ignore[arg-type]
    look.vouch(raw, raw.pixels)  # type: ignore[arg-type]
    masker.mask(done)  # type: ignore[arg-type]
    masker.mask_alone(done)  # type: ignore[arg-type]
    masker.mask_alone(raw.pixels)  # type: ignore[arg-type]
    chooser.wanted(raw, PREDICTION, 0)  # type: ignore[arg-type]
    masked: MaskedFrame = raw  # type: ignore[assignment]
    again: Frame = done  # type: ignore[assignment]
    del masked, again


def forbidden_to_look(
    judge: Judge, looks: Looks, ahead: Foreseen, once: PhotographMasker, raw: Frame, m: MaskedFrame
) -> None:
    """Never run: who looks before is shown what is raw, who looks after what is masked."""
    judge.vouch(raw, raw.pixels)  # type: ignore[arg-type]
    judge.vouch(m, raw)  # type: ignore[arg-type]
    looks.through(m, lambda one: b"")  # type: ignore[arg-type]
    looks.through(raw, lambda one: jpeg(raw, 90))  # type: ignore[arg-type]
    ahead.foresee(m)  # type: ignore[arg-type]
    once.mask_alone(m)  # type: ignore[arg-type]


def forbidden_to_classify(classifier: Classifier, raw: Frame, latest: Latest) -> None:
    """Never run: a classifier is given pixels by the pipeline, and no queue mixes the two kinds."""
    classifier.classify(raw)  # type: ignore[arg-type]
    latest.put(raw.pixels)  # type: ignore[arg-type]


def forbidden_to_change(raw: Frame, masked: MaskedFrame) -> None:
    """Never run: neither kind of frame is changed after it was made."""
    raw.pixels = masked.pixels  # type: ignore[misc]
    masked.pixels = raw.pixels  # type: ignore[misc]
    masked.receipt = Receipt("exempt", (), (), "solid", 1.6)  # type: ignore[misc]
    print(masked.seal)  # type: ignore[attr-defined]
