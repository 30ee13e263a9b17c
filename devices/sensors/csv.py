"""A sensor that is a CSV file, played or followed."""

from devices.readings.csv_form import CsvForm
from devices.readings.player import Player
from devices.readings.rows import Rows
from devices.sensor_settings import CsvSettings


def open_csv(settings: CsvSettings) -> Player:
    """Opens the file. Raises DeviceUnavailable with a sentence that says what to do."""
    s = settings
    form = CsvForm(s.source, s.time_column, s.separator, s.signal)
    return Player(s, Rows(s.source, form, s.follow))
