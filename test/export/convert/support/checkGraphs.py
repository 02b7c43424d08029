"""Checks ONNX files as the onnx package and Python's ONNX Runtime do. Usage: checkGraphs.py FOLDER

Each FILE.onnx has its inputs and outputs beside it in FILE.json: lists of {name, type, shape, data}. Prints, as JSON, the versions,
how many files there are, the largest difference, and what is wrong by file.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

onnxruntime.set_default_logger_severity(4)
types = {"tensor(float)": np.float32, "tensor(int32)": np.int32, "tensor(bool)": np.bool_}
wrong = {}
largest = 0.0
files = sorted(Path(sys.argv[1]).glob("*.onnx"))
for path in files:
    try:
        model = onnx.load(path)
        onnx.checker.check_model(model, full_check=True)
        # Strict: fails where a shape that the file states is not the one that follows from its operators.
        onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        numbers = json.loads(path.with_suffix(".json").read_text())
        feeds = {
            entry.name: np.array(rows["data"], types[entry.type]).reshape(rows["shape"])
            for entry, rows in zip(session.get_inputs(), numbers["inputs"])
        }
        for got, rows in zip(session.run(None, feeds), numbers["outputs"]):
            expected = np.array(rows["data"]).reshape(rows["shape"])
            assert got.shape == expected.shape, f"{got.shape} is not {expected.shape}"
            largest = max(largest, float(np.max(np.abs(got - expected) / np.maximum(1, np.abs(expected)), initial=0)))
    except Exception as error:
        wrong[path.name] = str(error)[:500]
print(json.dumps({"onnx": onnx.__version__, "runtime": onnxruntime.__version__, "files": len(files), "largest": largest, "wrong": wrong}))
