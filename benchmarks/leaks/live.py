"""The live path as it is by default on this machine."""

from benchmarks.leaks.row import DATA
from masking.settings import MaskingSettings
from models.faces import OpenedDetector
from models.settings import CatalogueSettings
from vision_app.config import data_folder
from vision_app.faces.live_detector import Live, open_live
from vision_app.weights import Weights


def default_live(settings: MaskingSettings) -> tuple[Live, OpenedDetector]:
    """What `auto` takes here, of weights that were pulled or lie in `DATA`."""
    cache = CatalogueSettings(cache=data_folder() / "models", mirror=str(DATA / "models"))
    return open_live(settings, Weights(cache, print))
