"""A device that logs and decides: two cameras, people who pass, sensors, another model later."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np

from masking.masker import Masker
from masking.settings import MaskingSettings
from models.prediction import Prediction
from tests.uploader.samples import MODEL, NOON, OneFace, frame
from uploader.choosing.budgets.budgets import Budgets
from uploader.choosing.choice import Choice
from uploader.choosing.chooser import Chooser
from uploader.choosing.looks.duplicates import Duplicates
from uploader.choosing.policies import Names, policies_of, reason_of
from uploader.choosing.score_log import ScoreLog
from uploader.choosing.settings import KeepSettings, ScoreLogSettings

LABELS, LATER = ("ripe", "green", "none"), ("none", "ripe", "green")
CAMERAS, SENSORS = ("bench", "door"), ("climate", "soil")
SIZES = {"bench": 20_000, "door": 50_000}
FRAMES = 400
BEGAN_S, STEP_S = 7200.0, 1.5


class Lived:
    """What it kept and refused, by why; and of what cameras."""

    def __init__(self, folder: Path, keep: KeepSettings, later: tuple[str, ...] = LABELS) -> None:
        self.kept, self.refused, self.cameras = Counter[str](), Counter[str](), Counter[str]()
        self._at_s = BEGAN_S
        limits = {reason_of(policy): policy for policy in policies_of(keep)}
        self._budgets = Budgets(keep.budget, limits, keep.max_per_minute, self._now)
        self._duplicates = Duplicates(keep.duplicates)
        self._log = ScoreLog(folder, ScoreLogSettings(enabled=True), CAMERAS, SENSORS, self._now)
        self._rng = np.random.default_rng(1)
        settings = MaskingSettings()
        self._maskers = Masker(None, settings, exempt="nobody"), Masker(OneFace(), settings)
        for begin, labels in ((0, LABELS), (FRAMES // 2, later)):
            if begin == 0 or labels != LABELS:
                names = Names(labels, SENSORS, CAMERAS)
                chooser = Chooser(keep, names, self._budgets, self._duplicates, self._now)
            for seq in range(begin, begin + FRAMES // 2):
                self._live(chooser, labels, seq)
        self._log.close()
        self._maskers[1].close()

    def _live(self, chooser: Chooser, labels: tuple[str, ...], seq: int) -> None:
        self._at_s += STEP_S
        rng = self._rng
        seen = frame(int(rng.integers(60)), NOON + timedelta(seconds=self._at_s))
        camera = CAMERAS[int(rng.integers(2))]
        masked = self._maskers[int(rng.random() < 0.1)].mask_alone(replace(seen, camera=camera))
        scores = tuple(map(float, rng.dirichlet((1, 1, 1))))
        opinion, alerts = Prediction(labels, scores, max(scores), MODEL), int(rng.integers(20))
        candidate, size = chooser.wanted(masked, opinion, alerts), 0
        weighed = chooser.weigh(candidate) if candidate else None
        if candidate and isinstance(weighed, Choice):
            size = SIZES[camera] + seq
            chooser.kept(candidate, weighed, size)
            self.kept[weighed.by] += 1
            self.cameras[camera] += 1
        elif weighed is not None:
            self.refused[str(weighed.value)] += 1
        self._log.add(masked, opinion, alerts, size)

    def _now(self) -> float:
        return self._at_s
