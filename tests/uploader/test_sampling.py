import pytest

from masking.masked_frame import MaskedFrame
from tests.uploader.samples import masked, prediction, redacted, with_a_face
from uploader.choosing.settings import KeepSettings
from uploader.sampling import decide

RANGE = KeepSettings(below=0.4, above=0.9)


@pytest.mark.parametrize(
    ("confidence", "reasons"),
    [
        (0.39, ("low_confidence",)),
        (0.4, ()),
        (0.9, ()),
        (0.91, ("high_confidence",)),
    ],
)
def test_a_confidence_outside_the_range_is_a_reason(
    confidence: float, reasons: tuple[str, ...]
) -> None:
    decision = decide(prediction(confidence), masked(), RANGE)
    assert decision.reasons == reasons
    assert decision.keep == bool(reasons)


def test_a_masked_face_is_a_reason_unless_switched_off() -> None:
    without = KeepSettings(below=0.4, above=0.9, masked=False)
    assert decide(prediction(0.5), with_a_face(), RANGE).reasons == ("masked",)
    assert decide(prediction(0.5), with_a_face(), without).reasons == ()


def test_every_reason_that_applies_is_named() -> None:
    assert decide(prediction(0.1), with_a_face(), RANGE).reasons == ("low_confidence", "masked")


@pytest.mark.parametrize("confidence", [0.0, 0.1, 0.99])
def test_a_redacted_frame_is_never_kept(confidence: float) -> None:
    nothing: MaskedFrame = redacted()
    assert not decide(prediction(confidence), nothing, RANGE).keep


def test_by_default_nothing_is_above() -> None:
    assert not decide(prediction(1.0), masked(), KeepSettings()).keep
