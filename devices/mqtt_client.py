"""An MQTT client that knows its password and certificates."""

import ssl

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from devices.broker import BrokerSettings
from devices.errors import DeviceUnavailable
from devices.secret import password_in


def client_for(settings: BrokerSettings, id: str, whose: str, clean: bool = True) -> Client:
    """A client that is not connected yet. whose: for the sentence.

    clean: the broker forgets us when we go. Raises DeviceUnavailable when a password, certificate
    or key cannot be used.
    """
    client = Client(CallbackAPIVersion.VERSION2, client_id=id, clean_session=clean)
    if settings.username is not None:
        file = settings.password_file
        client.username_pw_set(settings.username, password_in(file, whose) if file else None)
    if settings.ca is not None:
        try:
            client.tls_set(
                ca_certs=str(settings.ca),
                certfile=str(settings.cert) if settings.cert else None,
                keyfile=str(settings.key) if settings.key else None,
            )
        except (OSError, ssl.SSLError) as error:
            raise DeviceUnavailable(
                f"{whose}: a certificate or key (ca, cert, key) cannot be used: {error}"
            ) from error
    return client
