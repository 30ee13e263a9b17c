"""The table of MXNet operators that can be converted: name → function."""

from collections.abc import Callable, Mapping

from models.convert import activations, arithmetic, heads, layers, pieces, pooling, shapes
from models.convert.call import Call
from models.convert.graph import Tensor

Operator = Callable[[Call], Tensor | tuple[Tensor, ...]]

LABELLED = frozenset({"SoftmaxOutput", "Softmax", "LogisticRegressionOutput"})
"""Operators whose further inputs are labels for training; nothing behind those is converted."""

OPERATORS: Mapping[str, Operator] = {
    "Convolution": layers.convolution,
    "Convolution_v1": layers.convolution,
    "FullyConnected": layers.fully_connected,
    "BatchNorm": layers.batch_norm,
    "_contrib_SyncBatchNorm": layers.batch_norm,
    "LRN": layers.local_response_norm,
    "L2Normalization": layers.l2_norm,
    #
    "Pooling": pooling.pooling,
    "_contrib_AdaptiveAvgPooling2D": pooling.adaptive_average,
    #
    "Activation": activations.activation,
    "LeakyReLU": activations.leaky_relu,
    "clip": activations.clip,
    "hard_sigmoid": activations.hard_sigmoid,
    "square": activations.square,
    "relu": activations.function("Relu"),
    "sigmoid": activations.function("Sigmoid"),
    "tanh": activations.function("Tanh"),
    "softsign": activations.function("Softsign"),
    "exp": activations.function("Exp"),
    "log": activations.function("Log"),
    "sqrt": activations.function("Sqrt"),
    "abs": activations.function("Abs"),
    "negative": activations.function("Neg"),
    #
    "add_n": arithmetic.sum_of_all,
    "ElementWiseSum": arithmetic.sum_of_all,
    "mean": arithmetic.reduction("ReduceMean"),
    "sum": arithmetic.reduction("ReduceSum"),
    "sum_axis": arithmetic.reduction("ReduceSum"),
    "max": arithmetic.reduction("ReduceMax"),
    "max_axis": arithmetic.reduction("ReduceMax"),
    "min": arithmetic.reduction("ReduceMin"),
    "min_axis": arithmetic.reduction("ReduceMin"),
    #
    "Flatten": shapes.flatten_all,
    "flatten": shapes.flatten_all,
    "Reshape": shapes.reshape,
    "reshape": shapes.reshape,
    "expand_dims": shapes.expand_dims,
    "squeeze": shapes.squeeze,
    "transpose": shapes.transpose,
    "SwapAxis": shapes.swap_axis,
    "swapaxes": shapes.swap_axis,
    "Dropout": shapes.dropout,
    "Cast": shapes.cast,
    "cast": shapes.cast,
    "amp_cast": shapes.cast,
    "amp_multicast": shapes.cast_together,
    "_copy": shapes.same,
    "identity": shapes.same,
    "_identity_with_attr_like_rhs": shapes.same,
    "BlockGrad": shapes.same,
    "stop_gradient": shapes.same,
    "make_loss": shapes.same,
    "MakeLoss": shapes.same,
    #
    "Concat": pieces.concat,
    "concat": pieces.concat,
    "SliceChannel": pieces.split,
    "split": pieces.split,
    "slice_axis": pieces.slice_axis,
    "slice": pieces.slice_axes,
    "Pad": pieces.pad,
    "pad": pieces.pad,
    #
    "SoftmaxOutput": heads.softmax_output,
    "Softmax": heads.softmax_output,
    "SoftmaxActivation": heads.softmax_activation,
    "softmax": heads.softmax,
    "log_softmax": heads.log_softmax,
    "LogisticRegressionOutput": heads.logistic_output,
    #
    **{
        name: arithmetic.of_equals(op)
        for op, names in {
            "Add": ("elemwise_add", "_add", "_plus", "_Plus", "_grad_add"),
            "Sub": ("elemwise_sub", "_sub", "_minus", "_Minus"),
            "Mul": ("elemwise_mul", "_mul", "_Mul"),
            "Div": ("elemwise_div", "_div", "_Div"),
            "Pow": ("_power", "_Power"),
            "Max": ("_maximum", "_Maximum"),
            "Min": ("_minimum", "_Minimum"),
        }.items()
        for name in names
    },
    **{
        name: arithmetic.broadcast(op)
        for op, names in {
            "Add": ("broadcast_add", "broadcast_plus"),
            "Sub": ("broadcast_sub", "broadcast_minus"),
            "Mul": ("broadcast_mul",),
            "Div": ("broadcast_div",),
            "Pow": ("broadcast_power",),
            "Max": ("broadcast_maximum",),
            "Min": ("broadcast_minimum",),
        }.items()
        for name in names
    },
    **{
        name: arithmetic.with_scalar(op)
        for op, names in {
            "Add": ("_plus_scalar", "_PlusScalar"),
            "Sub": ("_minus_scalar", "_MinusScalar"),
            "Mul": ("_mul_scalar", "_MulScalar"),
            "Div": ("_div_scalar", "_DivScalar"),
            "Pow": ("_power_scalar", "_PowerScalar"),
            "Max": ("_maximum_scalar", "_MaximumScalar"),
            "Min": ("_minimum_scalar", "_MinimumScalar"),
        }.items()
        for name in names
    },
    **{
        name: arithmetic.with_scalar(op, reverse=True)
        for op, names in {
            "Sub": ("_rminus_scalar", "_RMinusScalar"),
            "Div": ("_rdiv_scalar", "_RDivScalar"),
            "Pow": ("_rpower_scalar", "_RPowerScalar"),
        }.items()
        for name in names
    },
}
