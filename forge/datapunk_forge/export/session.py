"""Opening graphs where they are made: on one thread, as a training has one processor unless it asks for more."""

import onnxruntime


def open_session(graph: bytes) -> onnxruntime.InferenceSession:
    """Return a session of a graph. A pool of threads would spin on the processor that the training is bound to."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
