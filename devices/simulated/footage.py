"""Twenty seconds of a camera that looks at tomatoes, over and over, the same for the same seed."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from devices.simulated.greenhouse import render
from devices.simulated.passer_by import PasserBy

CYCLE_S = 20.0
SCENES = (
    ("ripe", 0.0),
    ("green", 0.0),
    ("turning", 0.1),
    ("ripe", 0.2),
    ("empty", 0.0),
    ("green", 0.2),
    ("rotten", 0.0),
    ("turning", 1.0),
    ("ripe", 0.9),
    ("rotten", 1.0),
    ("empty", 0.5),
    ("green", 1.0),
)
"""What one cycle shows, as (class, difficulty), each for the same time."""
WALK_S = (5.0, 10.0)
"""From when to when in the cycle a person passes."""
MARGIN = 0.06
"""How much larger a scene is than the frame, on each side, for the camera to move in."""
MAX_SCENE_SIDE = 720
"""Scenes of larger frames are rendered at this size, pixels, and enlarged."""
GRAIN = 2.0
"""Deviation of the sensor's noise, in steps of 255."""
GRAIN_ROOM = 32


class Footage:
    """Pictures by number: each scene is rendered once, and a window moves in it."""

    def __init__(
        self, width: int, height: int, fps: float, seed: int, portrait: Path | None = None
    ) -> None:
        """Renders all scenes, a second or two. Raises DeviceUnavailable for a bad portrait."""
        self._size = width, height
        self._fps = fps
        self._cycle = max(1, round(CYCLE_S * fps))
        self._passer_by = PasserBy(portrait, width, height) if portrait else None
        self._scale = min(1.0, MAX_SCENE_SIDE / max(width, height))
        self._scenes = tuple(self._scene(seed, number) for number in range(len(SCENES)))
        rng = np.random.default_rng([seed, len(SCENES)])
        shape = height + GRAIN_ROOM, width + GRAIN_ROOM, 3
        self._grain = np.round(GRAIN * rng.standard_normal(shape, np.float32)).astype(np.int8)

    def picture(self, number: int) -> NDArray[np.uint8]:
        """The picture of that number from 0: uint8, (height, width, 3), BGR, the caller's own."""
        time_s = self._time_s(number)
        scene, share = _scene_at(time_s)
        picture = self._window(self._scenes[scene], time_s, share)
        walked = (time_s - WALK_S[0]) / (WALK_S[1] - WALK_S[0])
        if self._passer_by and 0 <= walked <= 1:
            self._passer_by.walk(picture, walked)
        return self._noisy(picture, number % self._cycle)

    def label(self, number: int) -> str:
        """The class that the picture of that number shows."""
        scene, _ = _scene_at(self._time_s(number))
        return SCENES[scene][0]

    def _time_s(self, number: int) -> float:
        return min(number % self._cycle / self._fps, CYCLE_S)

    def _scene(self, seed: int, number: int) -> NDArray[np.uint8]:
        label, difficulty = SCENES[number]
        width, height = (max(16, round(s * self._scale * (1 + 2 * MARGIN))) for s in self._size)
        rng = np.random.default_rng([seed, number])
        return render(rng, label, width, height, difficulty, grain=False)

    def _window(self, scene: NDArray[np.uint8], time_s: float, share: float) -> NDArray[np.uint8]:
        """Where the camera looks: it pans once over the scene, zooms a little, and all sways."""
        width, height = self._size
        scale = scene.shape[1] / (width * (1 + 2 * MARGIN))
        zoom = scale * (1 - 0.02 * share)
        sway = 0.012 * np.sin(2 * np.pi * 0.55 * time_s) * scale
        x = scene.shape[1] / 2 + (share - 0.5) * MARGIN * width * scale
        y = scene.shape[0] / 2 + 0.3 * MARGIN * height * scale * np.sin(2 * np.pi * 0.3 * time_s)
        matrix = np.array(((zoom, sway, x), (0, zoom, y)))
        matrix[:, 2] -= matrix[:, :2] @ np.array((width / 2, height / 2))
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        moved = cv2.warpAffine(
            scene, matrix, self._size, flags=flags, borderMode=cv2.BORDER_REFLECT
        )
        return np.asarray(moved, np.uint8)

    def _noisy(self, picture: NDArray[np.uint8], number: int) -> NDArray[np.uint8]:
        width, height = self._size
        x, y = number * 7 % GRAIN_ROOM, number * 13 % GRAIN_ROOM
        grain = self._grain[y : y + height, x : x + width]
        return np.asarray(cv2.add(picture, grain, dtype=cv2.CV_8U), np.uint8)


def _scene_at(time_s: float) -> tuple[int, float]:
    """The scene at that second of the cycle, and how much of it has passed, 0-1."""
    place = time_s / CYCLE_S * len(SCENES)
    scene = min(int(place), len(SCENES) - 1)
    return scene, place - scene
