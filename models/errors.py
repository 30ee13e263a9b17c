"""What a model can do wrong, in one tree."""


class ModelError(Exception):
    """A model cannot be used; the message says which one and what to do."""


class BundleError(ModelError):
    """A bundle is incomplete, changed or damaged."""


class BackendUnavailable(ModelError):
    """The runtime is not installed or cannot run this model here."""


class PullError(ModelError):
    """A catalogue file could be fetched from none of its sources."""


class NotConvertible(ModelError):
    """A network needs what the converter does not cover; the runtime that made it can run it."""


class CalibrationError(ModelError):
    """Labelled frames cannot be read, or are not enough to calibrate with."""


class StoreError(ModelError):
    """The store of bundles on this device cannot do what was asked, or cannot be written."""
