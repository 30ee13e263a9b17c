"""What the configuration may say of masking, and what it then means."""

import pytest
from pydantic import ValidationError

from masking.settings import MaskingSettings
from models.faces import DETECTORS


@pytest.mark.parametrize("name", DETECTORS)
def test_each_detector_may_be_named_and_brings_its_own_threshold(name: str) -> None:
    settings = MaskingSettings.model_validate({"detector": name})
    assert settings.threshold == DETECTORS[settings.detector].threshold


def test_the_usual_detector_is_centerface_with_its_threshold() -> None:
    settings = MaskingSettings()
    assert (settings.detector, settings.threshold) == ("centerface", 0.2)


@pytest.mark.parametrize("name", DETECTORS)
def test_a_threshold_that_is_written_counts_for_every_detector(name: str) -> None:
    settings = MaskingSettings.model_validate({"threshold": 0.3, "detector": name})
    assert settings.threshold == 0.3


@pytest.mark.parametrize("given", [{"detector": "none"}, {"detector": None}, {"detector": []}])
def test_what_is_no_detector_is_refused_by_its_key_alone(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as refused:
        MaskingSettings.model_validate(given)
    [error] = refused.value.errors()
    assert error["loc"] == ("detector",)
    assert "centerface" in error["msg"]


@pytest.mark.parametrize("threshold", [0, 0.51, 1, None])
def test_a_threshold_that_would_mask_too_little_or_all_is_refused(threshold: float | None) -> None:
    with pytest.raises(ValidationError):
        MaskingSettings.model_validate({"threshold": threshold, "detector": "ulfg"})
