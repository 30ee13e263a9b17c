"""Masks one file, whatever it is."""

from collections.abc import Callable

from devices.errors import ProgramMissing
from models import durable
from models.errors import ModelError
from vision_app.mask.crew import Crew
from vision_app.mask.kinds import Kind
from vision_app.mask.picture import mask_picture
from vision_app.mask.report import End, Report, Unmasked
from vision_app.mask.walk import Task

MaskVideo = Callable[[Task], Report]
"""Raises Unmasked, ProgramMissing, or ModelError where no detector for videos can be opened."""


class Work:
    """What `Job` does with each task. quality: of JPEG and WebP, 0..100."""

    def __init__(self, crew: Crew, quality: int, mask_video: MaskVideo) -> None:
        self._crew, self._quality, self._mask_video = crew, quality, mask_video

    def __call__(self, task: Task) -> Report:
        """Raises Unmasked."""
        if task.kind is Kind.PICTURE:
            with self._crew.one() as looks:
                return mask_picture(task.source, task.target, looks, self._quality)
        _make_folder(task)
        try:
            return self._mask_video(task)
        except (ProgramMissing, ModelError) as error:
            raise Unmasked(End.NOT_WRITTEN, str(error)) from None


def _make_folder(task: Task) -> None:
    try:
        durable.make_folder(task.target.parent)
    except OSError as error:
        raise Unmasked(End.NOT_WRITTEN, f"it cannot be written: {durable.reason(error)}") from None
