"""Where each signal usually is, for people who are told that it is not there."""

from dataclasses import dataclass

from models.anomaly.bundle import AnomalyBundle


@dataclass(frozen=True, slots=True)
class Usual:
    """Of one signal in training, in its unit: its mean, and how far means over a window lie from it
    (a standard deviation)."""

    mean: float
    deviation: float

    def off(self, value: float) -> float:
        """By how many of those deviations a value lies above the mean, or below (negative)."""
        return (value - self.mean) / self.deviation


def usual_of(bundle: AnomalyBundle) -> dict[str, Usual]:
    """By signal; one whose level wanders is nowhere usually, and has none."""
    manifest, standard = bundle.manifest, bundle.standard
    pairs = zip(manifest.signals, standard.mean.tolist(), standard.scale.tolist(), strict=False)
    return {n: Usual(mean, scale) for n, mean, scale in pairs if n not in manifest.wandering}
