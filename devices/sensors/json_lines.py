"""A sensor that is a file with a JSON object in each line, played or followed."""

from devices.readings.json_form import JsonForm
from devices.readings.player import Player
from devices.readings.rows import Rows
from devices.sensor_settings import JsonLinesSettings


def open_json_lines(settings: JsonLinesSettings) -> Player:
    """Opens the file. Raises DeviceUnavailable with a sentence that says what to do."""
    form = JsonForm(settings.time_key, settings.signal)
    return Player(settings, Rows(settings.source, form, settings.follow))
