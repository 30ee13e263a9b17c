"""One file per kind of sensor; `devices.sensor.open_sensor` imports the one that is asked for."""
