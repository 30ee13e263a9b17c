"""Pixels or numbers in, opinions out."""

import os

# numpy and OpenCV bring an OpenBLAS each, which starts a thread per core when it is imported and
# lets them spin for a while: 0.2 s of processor time on four cores, at every start. What is
# multiplied here is small. It is read once, so it is said before anything imports them.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
