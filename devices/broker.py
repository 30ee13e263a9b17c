"""Where an MQTT broker is and who we are to it, for those who listen and those who publish."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator


class BrokerSettings(BaseModel):
    """Where a broker is, and what it asks for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: Annotated[str, Field(min_length=1)]
    port: Annotated[int, Field(ge=1, le=65535)] = 1883
    client_id: Annotated[str, Field(min_length=1)] | None = None
    username: str | None = None
    password_file: Path | None = None
    """A file whose first line is the password; passwords never stand in the configuration."""
    ca: Path | None = None
    """Certificate authority; naming one switches TLS on."""
    cert: Path | None = None
    key: Path | None = None
    """Client certificate and key for mutual TLS (AWS IoT Core: port 8883)."""

    @model_validator(mode="after")
    def _complete_tls(self) -> "BrokerSettings":
        if (self.cert is None) != (self.key is None):
            raise ValueError("cert and key belong together: name both or neither")
        if self.cert is not None and self.ca is None:
            raise ValueError(
                "cert and key need ca, the authority that signed the broker's certificate"
            )
        return self
