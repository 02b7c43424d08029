"""Reads a bundle's graphs as the onnx package and Python's ONNX Runtime do. Usage: checkBundle.py BUNDLE INPUTS

INPUTS holds `waveform.bin` (float32) and `image.bin` (uint8), one input after another.
Prints, as JSON, what each graph says of itself and what it gives for the inputs.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

bundle, inputs = map(Path, sys.argv[1:])
graphs = {}
for path in sorted(bundle.glob("*.onnx")):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    # Strict: fails where a shape that the file states is not the one that follows from its operators.
    onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    unnamed = [value.name for value in model.graph.value_info if not value.type.tensor_type.HasField("shape")]
    graphs[path.name] = {
        "irVersion": model.ir_version,
        "opset": model.opset_import[0].version,
        "producer": model.producer_name,
        "metadata": {entry.key: entry.value for entry in model.metadata_props},
        "operators": [node.op_type for node in model.graph.node],
        "nodes": [node.name for node in model.graph.node],
        "valuesWithoutShape": unnamed,
    }


def run(file, feeds):
    session = onnxruntime.InferenceSession(bundle / file, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, feeds)))


waveform = np.fromfile(inputs / "waveform.bin", np.float32).reshape(-1, 8000)
image = np.fromfile(inputs / "image.bin", np.uint8).reshape(-1, 28, 28, 3)
sound = run("audio.onnx", {"waveform": waveform})
picture = run("image.onnx", {"image": image})
embeddings = {"audio_embedding": sound["audio_embedding"], "image_embedding": picture["image_embedding"]}
match = run("match.onnx", embeddings)
outputs = {name: values.tolist() for name, values in {**embeddings, **match}.items()}
print(json.dumps({"graphs": graphs, "outputs": outputs}))
