"""What stands at the end of a classifier: softmax for one class of many, sigmoid for several."""

from models.convert.call import Call, axis_of
from models.convert.graph import Tensor, written
from models.errors import NotConvertible

TRAINING_ONLY = (
    "grad_scale", "ignore_label", "use_ignore", "normalization", "out_grad", "smooth_alpha",
)  # fmt: skip


def softmax_output(call: Call) -> Tensor:
    """SoftmaxOutput; its label, where there still is one, is not read."""
    options, data = call.options, call.inputs[0]
    options.ignore(*TRAINING_ONLY)
    last = options.flag("preserve_shape", False)
    if options.flag("multi_output", False):
        return _softmax(call, data, 1)
    if len(data.shape) > 2 and not last:
        raise _ambiguous(data)
    return _softmax(call, data, len(data.shape) - 1)


def softmax_activation(call: Call) -> Tensor:
    """SoftmaxActivation, over the channels or everything of a picture."""
    data = call.only()
    if call.options.word("mode", "instance") == "channel":
        return _softmax(call, data, 1)
    if len(data.shape) > 2:
        raise _ambiguous(data)
    return _softmax(call, data, 1)


def softmax(call: Call) -> Tensor:
    """Probabilities along an axis."""
    return _softmax(call, *_scored(call))


def log_softmax(call: Call) -> Tensor:
    """Logarithms of probabilities, which are logits too."""
    data, axis = _scored(call)
    return call.add("LogSoftmax", data, shape=data.shape, axis=axis)


def logistic_output(call: Call) -> Tensor:
    """LogisticRegressionOutput: each class for itself; the label is not read."""
    call.options.ignore("grad_scale")
    data = call.inputs[0]
    return call.add("Sigmoid", data, shape=data.shape, kind="multi-label-probabilities")


def _scored(call: Call) -> tuple[Tensor, int]:
    options, data = call.options, call.only()
    options.ignore("dtype")
    if options.flag("use_length", False):
        raise NotConvertible("it is masked by length")
    axis = axis_of(options.integer("axis", -1), len(data.shape))
    temperature = options.word("temperature", "None")
    if temperature == "None":
        return data, axis
    warmth = call.scalar(options.number("temperature"), "temperature")
    return call.add("Div", data, warmth, shape=data.shape), axis


def _softmax(call: Call, data: Tensor, axis: int) -> Tensor:
    return call.add("Softmax", data, shape=data.shape, kind="probabilities", axis=axis)


def _ambiguous(data: Tensor) -> NotConvertible:
    return NotConvertible(
        f"it does not say along which axis of {written(data.shape)} its answers add up to 1, "
        "and builds of mxnet differ"
    )
