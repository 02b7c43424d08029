"""TensorFlow.js layers models → ONNX by way of Keras and tf2onnx: `python convert.py jobs.json`.

The second, independent route beside export/convert/: it shares no code with it. What each job holds is said in jobs.ts.
"""

import json
import os
import re
import sys
from pathlib import Path

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="-1")

import numpy as np
import onnx
import tensorflow as tf
import tf2onnx

OPSET = 17


def read_model(path):
    """The Keras model of model.json, its weights set by their names: `layer/weight`."""
    folder = path.parent
    saved = json.loads(path.read_text())
    topology = saved["modelTopology"].get("model_config", saved["modelTopology"])
    model = tf.keras.models.model_from_json(json.dumps(topology))
    weights = {}
    for group in saved["weightsManifest"]:
        data = b"".join((folder / path).read_bytes() for path in group["paths"])
        offset = 0
        for spec in group["weights"]:
            quantized = spec.get("quantization", {})
            values = np.frombuffer(data, quantized.get("dtype", spec["dtype"]), int(np.prod(spec["shape"])), offset)
            offset += values.nbytes
            if "scale" in quantized:
                values = values * quantized["scale"] + quantized["min"]
            weights[spec["name"]] = values.astype(spec["dtype"]).reshape(spec["shape"])
    by_layer = {without_cell(name): values for name, values in weights.items()}
    for variable in model.weights:
        name = variable.name.split(":")[0]
        values = weights.get(name, by_layer.get(without_cell(name)))
        if values is None:
            raise ValueError(f"no weight is called {name}; there are {', '.join(weights)}")
        variable.assign(values)
    return model


def without_cell(name):
    """lstm/lstm_cell_3/kernel → lstm/kernel: Keras numbers cells as they are made, and some versions do not name them."""
    return re.sub(r"/(lstm|gru|simple_rnn)_cell(_\d+)?/", "/", name)


def log_spectrogram(waveform, options):
    """[B, N] → [B, F, T, 1]. tf.signal.stft exports without a word and gives other numbers: the transform is a convolution."""
    window, bins = options["windowLength"], options["nFft"] // 2 + 1
    n, k = np.arange(window), np.arange(bins)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * n / window)
    angle = 2 * np.pi * (np.outer(n, k) % options["nFft"]) / options["nFft"]
    basis = np.concatenate([hann[:, None] * np.cos(angle), -hann[:, None] * np.sin(angle)], axis=1)
    parts = tf.nn.conv1d(waveform[:, :, None], basis[:, None, :].astype("float32"), options["hopLength"], "VALID")
    power = tf.square(parts[:, :, :bins]) + tf.square(parts[:, :, bins:])
    if options["melFilters"] is not None:
        power = tf.matmul(power, np.array(options["melFilters"], "float32").reshape(bins, -1))
    return tf.transpose(tf.math.log(power + options["logOffset"]), [0, 2, 1])[..., None]


def function_of(model, job):
    """The model with what stands before and behind it in a graph of the bundle."""
    before, head = job.get("before"), job.get("head")
    if head:
        last = model.layers[-1]
        assert last.activation is tf.keras.activations.softmax, "expected a head that ends with softmax"
        last.activation = tf.keras.activations.linear

    def call(*inputs):
        if before and before["kind"] == "spectrogram":
            inputs = [log_spectrogram(inputs[0], before)]
        elif before:
            inputs = [tf.cast(inputs[0], tf.float32) * before["scale"] + before["offset"]]
        result = model(list(inputs) if len(inputs) > 1 else inputs[0], training=False)
        if not head:
            return result
        probabilities = tf.nn.softmax(result)
        return [probabilities[:, 1] if head == "match" else probabilities, result]

    if not before and not head:
        specs = [tf.TensorSpec(x.shape, x.dtype, name=name) for x, name in zip(model.inputs, model.input_names)]
    else:
        specs = [tf.TensorSpec([None, *x["shape"][1:]], x["dtype"], name=x["name"]) for x in job["inputs"]]
    return tf.function(call), specs


def canonical(model, job):
    """The same names in every run: what a run makes up is replaced by the graph's name and a number."""
    graph = model.graph
    inputs = [x["name"] for x in job["inputs"]] if job.get("inputs") else [x.name.split(":")[0] for x in graph.input]
    outputs = job.get("outputs") or [f"output_{i}" if i else "output" for i in range(len(graph.output))]
    names = dict(zip([x.name for x in graph.input], inputs)) | dict(zip([x.name for x in graph.output], outputs))
    for i, tensor in enumerate(graph.initializer):
        names[tensor.name] = f"{job['name']}/weight_{i}"
        tensor.name = names[tensor.name]
    for i, node in enumerate(graph.node):
        node.name = f"{job['name']}/{node.op_type.lower()}_{i}"
        for j, name in enumerate(node.output):
            names.setdefault(name, f"{node.name}/{j}" if j else node.name)
    rename_reads(graph, names)
    for node in graph.node:
        node.output[:] = [names.get(name, name) for name in node.output]
    for value in [*graph.input, *graph.output]:
        value.name = names[value.name]
        for axis, size in enumerate(value.type.tensor_type.shape.dim):
            if size.dim_param or not size.dim_value:
                size.dim_param = "batch" if axis == 0 else f"{value.name}_{axis}"
    del graph.value_info[:]
    graph.name = job["name"]
    return model


def rename_reads(graph, names):
    """What nodes read, in the bodies of loops too: those read values of the graph around them."""
    for node in graph.node:
        node.input[:] = [names.get(name, name) for name in node.input]
        for body in (attribute.g for attribute in node.attribute if attribute.HasField("g")):
            rename_reads(body, names)
            for value in body.output:
                value.name = names.get(value.name, value.name)


for job in json.loads(Path(sys.argv[1]).read_text()):
    tf.keras.backend.clear_session()
    model = read_model(Path(job["model"]))
    function, specs = function_of(model, job)
    converted, _ = tf2onnx.convert.from_function(function, input_signature=specs, opset=OPSET)
    converted.ir_version = 8
    onnx.checker.check_model(canonical(converted, job), full_check=True)
    onnx.save(converted, job["out"])
    print(job["name"], flush=True)
