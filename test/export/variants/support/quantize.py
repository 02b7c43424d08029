"""quantize.py MODEL SAMPLES OUT: static int8 as Python's ONNX Runtime makes it; SAMPLES holds inputs of batch 1, one behind the other."""

import sys

import numpy as np
import onnx
from onnxruntime import InferenceSession
from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

model, samples, out = sys.argv[1:]
graph_input = InferenceSession(model).get_inputs()[0]
dtype = np.uint8 if "uint8" in graph_input.type else np.float32
rows = np.fromfile(samples, dtype).reshape(-1, 1, *graph_input.shape[1:])


class Rows(CalibrationDataReader):
    def __init__(self):
        self.rows = iter(rows)

    def get_next(self):
        row = next(self.rows, None)
        return None if row is None else {graph_input.name: row}


prepared = f"{out}.prepared.onnx"
quant_pre_process(model, prepared, skip_symbolic_shape=True)
network = ("Conv", "Relu", "MaxPool", "GlobalMaxPool")  # the spectrogram's products stay in float32: in int8 nothing is left of it
nodes = [node.name for node in onnx.load(prepared).graph.node if node.op_type in network]
kinds = {"activation_type": QuantType.QUInt8, "weight_type": QuantType.QInt8}
quantize_static(prepared, out, Rows(), per_channel=True, nodes_to_quantize=nodes, **kinds)
