"""A log of scores as it was at one moment, so that all policies are shown the same frames."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from uploader.choosing.score_file import ScoreFile, score_files


@dataclass(frozen=True, slots=True)
class Log:
    """files: the oldest first. sizes: the mean JPEG of each camera of which one was kept, bytes."""

    files: Sequence[ScoreFile]
    sizes: Mapping[str, int]

    @property
    def frames(self) -> int:
        """How many there are."""
        return sum(len(file.rows) for file in self.files)


def open_log(folder: Path) -> Log:
    """The log in a folder, which may be written meanwhile. Raises ScoreLogError."""
    files = score_files(folder)
    return Log(files, _mean_sizes(files))


def _mean_sizes(files: Sequence[ScoreFile]) -> Mapping[str, int]:
    bytes_in, kept = Counter[str](), Counter[str]()
    for file in files:
        for index, camera in enumerate(file.header.cameras):
            sizes = file.rows["size"][file.rows["camera"] == index]
            bytes_in[camera] += int(sizes.sum(dtype=np.int64))
            kept[camera] += int(np.count_nonzero(sizes))
    return {camera: bytes_in[camera] // count for camera, count in kept.items() if count}
