"""What real mxnet answers: a program for the legacy environment.

For every folder below the one that is named: loads the checkpoint `case` in it, runs it on all of
`pictures.npy`, and writes `answer.npy` beside it.
"""

import sys
from pathlib import Path

import mxnet as mx
import numpy as np


def answer(folder: Path, pictures: "np.ndarray") -> "np.ndarray":
    """Binds the graph by hand, with the label among its weights."""
    symbol, args, aux = mx.model.load_checkpoint(str(folder / "case"), 0)
    named = {name: args[name] for name in symbol.list_arguments() if name != "data"}
    states = {name: aux[name] for name in symbol.list_auxiliary_states()}
    data = mx.nd.array(pictures)
    bound = symbol.bind(mx.cpu(), {"data": data, **named}, grad_req="null", aux_states=states)
    return np.asarray(bound.forward(is_train=False)[0].asnumpy())


root = Path(sys.argv[1])
shown = np.load(root / "pictures.npy")
for place in sorted(path.parent for path in root.glob("*/case-symbol.json")):
    np.save(place / "answer.npy", answer(place, shown))
