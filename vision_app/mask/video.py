"""A video in, the same video with every face covered out."""

import hashlib
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path

from devices.errors import VideoBroken
from devices.files.video import frames
from devices.files.video_facts import VideoFacts, video_facts
from devices.frame import Frame
from masking.foreseen import Foreseen
from masking.masked_frame import MaskedFrame
from masking.masker import Masker
from masking.settings import MaskingSettings
from models.durable import new_file, reason
from models.faces import FaceDetector
from uploader.errors import VideoNotWritten
from uploader.video.containers import CONTAINERS, Container
from uploader.video.form import Sound, VideoForm
from uploader.video.pen import VideoPen
from vision_app.mask.ahead import ahead
from vision_app.mask.report import End, Report, Unmasked
from vision_app.mask.video_tally import VideoTally

SPARE = 2
"""Frames that wait between two threads, beyond those that detectors look at."""
PATIENT = {"timeout_s": 60.0, "hold": 10, "look_ahead": 10}
"""Of what the settings leave open: nobody waits for the next frame of a file. Against what a camera
has, it leaves a sixth as many faces bare (python -m benchmarks.privacy --part pan)."""
PIECE_BYTES = 1 << 20

Progress = Callable[[int, int | None], None]


def mask_video(
    source: Path,
    target: Path,
    settings: MaskingSettings,
    detectors: Sequence[FaceDetector],
    audio: bool = False,
    progress: Progress = lambda done, total: None,
) -> Report:
    """Writes source to target: same size upright, same times, as many frames, faces covered.

    target: one of CONTAINERS by its ending; it appears when it is whole, and not before. What has
    that name is replaced. detectors: for the first look, one for each frame that may be looked at
    at once. audio: whether the sound is copied; else nothing of the source but pictures is.
    progress: is told after each frame how many are done, and about how many there are.

    A frame of which nobody knows where the faces are is covered whole, and counted in the report.
    Raises Unmasked, and ProgramMissing where there is no ffmpeg.
    """
    container = CONTAINERS.get(target.suffix.lower())
    if container is None:
        raise Unmasked(End.NOT_WRITTEN, f"videos are written as {' '.join(CONTAINERS)}")
    try:
        facts = video_facts(source)
        with closing(_masked(source, facts, settings, detectors)) as masked:
            return _write(masked, target, container, facts, source if audio else None, progress)
    except VideoBroken as error:
        raise Unmasked(End.BROKEN, str(error)) from error
    except VideoNotWritten as error:
        raise Unmasked(End.NOT_WRITTEN, str(error)) from error
    except OSError as error:
        raise Unmasked(End.NOT_WRITTEN, reason(error)) from error


def _masked(
    source: Path, facts: VideoFacts, settings: MaskingSettings, detectors: Sequence[FaceDetector]
) -> Generator[MaskedFrame, None, None]:
    """Frames are decoded in one thread, looked at in several, and masked in order in another."""
    count = len(detectors) + SPARE
    with (
        closing(Foreseen(detectors, count + SPARE)) as detector,
        closing(Masker(detector, _patient(settings))) as masker,
        closing(_foreseen(frames(source, facts), detector, settings)) as foreseen,
        closing(ahead(foreseen, count)) as raw,
        closing(_in_order(raw, masker)) as in_order,
        closing(ahead(in_order, SPARE)) as masked,
    ):
        yield from masked


def _patient(settings: MaskingSettings) -> MaskingSettings:
    left_open = {key: PATIENT[key] for key in PATIENT.keys() - settings.model_fields_set}
    return settings.model_copy(update=left_open)


def _foreseen(
    raw: Generator[Frame, None, None], detector: Foreseen, settings: MaskingSettings
) -> Generator[Frame, None, None]:
    every = settings.detect_every or 1
    with closing(raw):
        for frame in raw:
            if frame.seq % every == 0:
                detector.foresee(frame)
            yield frame


def _in_order(raw: Iterator[Frame], masker: Masker) -> Generator[MaskedFrame, None, None]:
    for frame in raw:
        yield from masker.mask(frame)
    yield from masker.flush()


def _write(
    masked: Iterator[MaskedFrame],
    target: Path,
    container: Container,
    facts: VideoFacts,
    sound: Path | None,
    progress: Progress,
) -> Report:
    tally = VideoTally()
    with new_file(target) as file:
        temp, first = Path(file.name), next(masked)
        with VideoPen(temp, _form(container, first, facts), _sound(sound, facts, first)) as pen:
            for frame in chain((first,), masked):
                pen.write(frame, frame.captured_s - first.captured_s)
                tally.add(frame.receipt)
                progress(tally.frames, facts.frames)
            pen.finish()
        return tally.report(container.muxer, first, facts.average, _sha256(temp))


def _form(container: Container, first: MaskedFrame, facts: VideoFacts) -> VideoForm:
    return VideoForm(
        container,
        first.width,
        first.height,
        facts.rate,
        facts.pixel_shape,
        facts.matrix,
        facts.primaries,
        facts.transfer,
    )


def _sound(source: Path | None, facts: VideoFacts, first: MaskedFrame) -> Sound | None:
    return Sound(source, first.captured_s) if source and facts.audio else None


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            digest.update(piece)
    return digest.hexdigest()
