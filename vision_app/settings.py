"""The whole configuration as one frozen value: every package's settings and the conductor's."""

from collections import Counter
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from devices.broker import BrokerSettings
from devices.sensor_settings import SensorSettings
from devices.settings import CameraSettings, Name
from masking.settings import MaskingSettings
from models.settings import CatalogueSettings, ModelSettings
from uploader.choosing.own import CameraKeepSettings, Own, own
from uploader.choosing.settings import KeepSettings
from uploader.settings import BulkSettings, SpoolSettings, StoreSettings
from vision_app.alerting.rules import AlertSettings, RulesOfAlerts, rules_for

FROZEN = ConfigDict(frozen=True, extra="forbid")


class DeviceSettings(BaseModel):
    """The `[device]` block: who we are, and where on this machine we may write."""

    model_config = FROZEN

    site: Name = "home"
    name: Name = "camera-1"
    data: Path | None = None
    """Folder for the spool, sensor journals and pulled models. Default: the XDG data folder."""


class MqttSettings(BrokerSettings):
    """The `[publish.mqtt]` block. client_id: vision-<site>-<device> by default."""

    max_queued: Annotated[int, Field(ge=1, le=100_000)] = 1000
    """Events that wait in memory while the broker is away; more are refused and counted."""


class JsonLinesSettings(BaseModel):
    """The `[publish.jsonl]` block: every event as one line of a file."""

    model_config = FROZEN

    path: Path
    max_bytes: Annotated[int, Field(ge=1 << 16)] = 64 << 20
    """At this size the file becomes <path>.1, replacing the one before."""


class PublishSettings(BaseModel):
    """The `[publish]` block: who is told; several may be."""

    model_config = FROZEN

    mqtt: MqttSettings | None = None
    jsonl: JsonLinesSettings | None = None
    terminal: bool = False
    """A line on standard output when something changes."""


class HealthSettings(BaseModel):
    """The `[health]` block."""

    model_config = FROZEN

    every_s: Annotated[float, Field(ge=0.5, le=3600)] = 5.0


class CameraBlock(CameraSettings):
    """One `[[camera]]` block: the camera, and what it keeps otherwise than the others."""

    keep: CameraKeepSettings | None = None


class Settings(BaseModel):
    """Everything that a configuration file can say; an empty one is valid."""

    model_config = FROZEN

    device: DeviceSettings = DeviceSettings()
    camera: tuple[CameraBlock, ...] = ()
    masking: MaskingSettings = MaskingSettings()
    model: ModelSettings = ModelSettings()
    catalogue: CatalogueSettings = CatalogueSettings()
    keep: KeepSettings = KeepSettings()
    spool: SpoolSettings = SpoolSettings()
    store: StoreSettings | None = None
    """Without a store nothing is uploaded; what is kept waits in the spool."""
    publish: PublishSettings = PublishSettings()
    sensor: tuple[SensorSettings, ...] = ()
    alert: AlertSettings = AlertSettings()
    bulk: BulkSettings = BulkSettings()
    health: HealthSettings = HealthSettings()

    @model_validator(mode="after")
    def _names_differ(self) -> "Settings":
        for kind, blocks in (("camera", self.camera), ("sensor", self.sensor)):
            counts = Counter(block.name for block in blocks)
            twice = [name for name, count in counts.items() if count > 1]
            if twice:
                raise ValueError(f"two [[{kind}]] blocks are named {twice[0]!r}; names must differ")
        return self

    @model_validator(mode="after")
    def _own_rules_fit(self) -> "Settings":
        for camera in self.camera:
            try:
                own(self.keep, camera.keep or CameraKeepSettings())
            except ValueError as error:
                raise ValueError(f"[camera.keep] of {camera.name} with [keep]: {error}") from error
        return self

    @model_validator(mode="after")
    def _alerts_are_for_cameras_that_are_there(self) -> "Settings":
        there = {camera.name for camera in self.camera}
        for where, rules in (("", self.alert), *self.alert_rules.items()):
            lacks = [name for name in rules.cameras if name not in there]
            if lacks:
                block = f"[sensor.alert] of {where}" if where else "[alert]"
                raise ValueError(f"{block}: there is no [[camera]] that is named {lacks[0]!r}")
        if self.alert.ack_by_mqtt and self.publish.mqtt is None:
            raise ValueError("[alert] ack_by_mqtt needs [publish.mqtt], over which one would")
        return self

    @property
    def alert_rules(self) -> dict[str, RulesOfAlerts]:
        """The rules of each sensor that may alert, which needs a model."""
        judged = (sensor for sensor in self.sensor if sensor.model is not None)
        return {sensor.name: rules_for(self.alert, sensor.alert) for sensor in judged}

    @property
    def owns(self) -> dict[str, Own]:
        """The rules of each camera that has some of its own."""
        return {c.name: own(self.keep, c.keep) for c in self.camera if c.keep is not None}
