"""Builds what decides which frames are kept, and says what it will keep."""

from collections.abc import Iterator
from dataclasses import dataclass

from uploader.choosing.alerts import Alerts
from uploader.choosing.budgets.budgets import Budgets
from uploader.choosing.chooser import Chooser
from uploader.choosing.looks.duplicates import Duplicates
from uploader.choosing.own import Own, rules
from uploader.choosing.policies import Names, matcher, policies_of, reason_of
from uploader.choosing.score_log import FOLDER, ScoreLog
from uploader.queue.entries import CHOOSING
from uploader.steady import SteadyClock
from vision_app.preflight import Faults
from vision_app.settings import Settings


@dataclass(frozen=True, slots=True)
class Choosing:
    """Who decides, what decides along, and the clock by which it ages."""

    chooser: Chooser
    alerts: Alerts
    budgets: Budgets
    duplicates: Duplicates
    clock: SteadyClock
    score_log: ScoreLog | None

    @property
    def problem(self) -> str:
        """What is forgotten at a restart, as sentences; empty where nothing is."""
        logged = self.score_log.problem if self.score_log else ""
        known = (self.clock.problem, self.budgets.problem, self.duplicates.problem, logged)
        return "; ".join(filter(None, known))

    def close(self) -> None:
        """Writes down what the next start goes on with."""
        if self.score_log:
            self.score_log.close()
        self.duplicates.close()
        self.budgets.close()
        self.clock.close()


def names_in(s: Settings, labels: tuple[str, ...]) -> Names:
    """What policies may speak of; a sensor alerts by its model only."""
    sensors = tuple(sensor.name for sensor in s.sensor if sensor.model is not None)
    return Names(labels, sensors, tuple(camera.name for camera in s.camera))


def check_policies(s: Settings, names: Names, faults: Faults) -> None:
    """Every policy must speak of what there is."""
    with faults.at("sensor"):
        Alerts(names.sensors)
    for index, policy in enumerate(s.keep.policy):
        with faults.at(f"keep.policy[{index}]"):
            matcher(policy, names)
    for number, camera in enumerate(s.camera):
        for index, policy in enumerate(camera.keep.policy if camera.keep else ()):
            with faults.at(f"camera[{number}].keep.policy[{index}]"):
                matcher(policy, names)


def open_choosing(s: Settings, names: Names, clock: SteadyClock) -> Choosing:
    """Takes up what an earlier run left; raises PolicyError like `check_policies`.

    clock: of the spool, so that what is kept and what waits grow old alike.
    """
    assert s.spool.folder is not None, "completed by config.complete"
    folder = s.spool.folder / CHOOSING
    limits = {reason_of(policy): policy for policy in policies_of(s.keep)}
    owns, now_s, per_minute = s.owns, clock.now_s, s.keep.max_per_minute
    budgets = Budgets(s.keep.budget, limits, per_minute, now_s, folder, owns)
    duplicates = Duplicates(s.keep.duplicates, folder, owns)
    chooser = Chooser(s.keep, names, budgets, duplicates, now_s, owns=owns)
    cameras = {name: rules.cameras for name, rules in s.alert_rules.items()}
    hold_s = {name: rules.sampling_s for name, rules in s.alert_rules.items()}
    alerts, log = Alerts(names.sensors, cameras, hold_s), _score_log(s, names, clock)
    return Choosing(chooser, alerts, budgets, duplicates, clock, log)


def _score_log(s: Settings, names: Names, clock: SteadyClock) -> ScoreLog | None:
    if not s.keep.score_log.enabled:
        return None
    assert s.device.data is not None, "completed by config.complete"
    settings = s.keep.score_log
    return ScoreLog(s.device.data / FOLDER, settings, names.cameras, names.sensors, clock.now_s)


def widened(s: Settings) -> Iterator[str]:
    """What leaves the device though nothing is special about it, a sentence for each policy."""
    cameras = [camera.name for camera in s.camera]
    for rule in rules(s.keep, s.owns, cameras):
        if rule.policy.kind == "audit":
            where = f" of {', '.join(sorted(rule.cameras))}" if rule.cameras else ""
            yield (
                f"{rule.reason} keeps {rule.policy.share * 100:g}% of all frames{where} by "
                "chance: also those that no other policy asks for leave this device"
            )


def own_rules(its: Own) -> str:
    """What a camera keeps that has rules of its own, in a clause."""
    keep, budget = its.keep, its.budget.model_dump(exclude_none=True)
    reasons = ", ".join(map(reason_of, policies_of(keep))) or "nothing"
    limits = {"max_per_minute": keep.max_per_minute, "gap_s": f"{keep.gap_s:g}"} | budget
    told = ", ".join(f"{name} {limit}" for name, limit in limits.items())
    return f"for {reasons}; {told}" + "; also near-duplicates" * (not keep.duplicates.enabled)
