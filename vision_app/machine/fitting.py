"""Puts what fits the board in the places where the configuration says nothing."""

from devices.boards.profiles import Profile
from devices.camera import PLAYED
from vision_app.settings import CameraBlock, Settings

NOT_OF_THE_BOARD = PLAYED | {"stream"}
"""Kinds of cameras that are elsewhere, or none: a board says nothing of them."""


def fitted(settings: Settings, profile: Profile) -> Settings:
    """The settings with the profile's values for every key that nobody wrote."""
    masking = settings.masking
    new = {k: v for k, v in profile.of("masking").items() if k not in masking.model_fields_set}
    if not new and not profile.of("camera"):
        return settings
    cameras = tuple(_camera(camera, profile) for camera in settings.camera)
    return settings.model_copy(
        update={"camera": cameras, "masking": masking.model_copy(update=new)}
    )


def _camera(camera: CameraBlock, profile: Profile) -> CameraBlock:
    """Kind and source go together: a written one is nothing of the profile's camera."""
    if camera.kind in NOT_OF_THE_BOARD:
        return camera
    written = camera.model_fields_set
    if {"kind", "source"} & written:
        written = written | {"kind", "source"}
    new = {key: value for key, value in profile.of("camera").items() if key not in written}
    return camera.model_copy(update=new)
