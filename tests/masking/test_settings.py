"""What the configuration may say of masking, and what it then means."""

import pytest
from pydantic import ValidationError

from masking.settings import MaskingSettings
from models.faces import DETECTORS


@pytest.mark.parametrize("name", [*DETECTORS, "auto"])
def test_each_detector_may_be_named_and_has_its_own_threshold_unless_one_is_written(
    name: str,
) -> None:
    settings = MaskingSettings.model_validate({"detector": name})
    assert (settings.detector, settings.threshold) == (name, None)
    written = MaskingSettings.model_validate({"threshold": 0.3, "detector": name})
    assert written.threshold == 0.3


def test_no_frame_may_be_shown_before_a_look_at_it_or_at_a_later_one() -> None:
    MaskingSettings(detect_every=3, look_ahead=2)
    with pytest.raises(ValidationError, match="detect_every = 4 needs look_ahead = 3 or more"):
        MaskingSettings(detect_every=4, look_ahead=2)


@pytest.mark.parametrize("given", [{"detector": "none"}, {"detector": None}, {"detector": []}])
def test_what_is_no_detector_is_refused_by_its_key_alone(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as refused:
        MaskingSettings.model_validate(given)
    [error] = refused.value.errors()
    assert error["loc"] == ("detector",)
    assert "centerface" in error["msg"]


@pytest.mark.parametrize("threshold", [0, 0.51, 1])
def test_a_threshold_that_would_mask_too_little_or_all_is_refused(threshold: float) -> None:
    with pytest.raises(ValidationError):
        MaskingSettings.model_validate({"threshold": threshold, "detector": "ulfg"})
