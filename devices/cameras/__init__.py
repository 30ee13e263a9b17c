"""One file per kind of camera; `devices.camera.open_camera` imports the one that is asked for."""
