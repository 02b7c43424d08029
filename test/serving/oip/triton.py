"""Asks a server with Triton's own clients, over HTTP and gRPC, and checks what they receive. usage: triton.py HTTP GRPC BUNDLE"""
import json
import sys
from pathlib import Path

import numpy as np
import tritonclient.grpc as grpcclient
import tritonclient.http as httpclient
from tritonclient.utils import InferenceServerException

http_url, grpc_url, bundle = sys.argv[1], sys.argv[2], Path(sys.argv[3])
manifest = json.loads((bundle / "manifest.json").read_text())
golden = json.loads((bundle / "golden.json").read_text())
checked = []


def expect(fact, is_so):
    assert is_so, fact
    checked.append(fact)


def fails(fact, work, words):
    try:
        work()
    except InferenceServerException as error:
        expect(f"{fact}: {error.message()}", any(word in str(error.message()) for word in words))
        return
    raise AssertionError(f"{fact}: nothing was raised")


rng = np.random.default_rng(0)
size = manifest["input"]["audio"]["samples"]
picture = manifest["input"]["image"]
waveform = rng.uniform(-0.5, 0.5, (3, size)).astype(np.float32)
image = rng.integers(0, 256, (3, picture["height"], picture["width"], 3), dtype=np.uint8)


def tensor(module, name, array, **how):
    dtype = {"float32": "FP32", "uint8": "UINT8", "float64": "FP64"}[str(array.dtype)]
    made = module.InferInput(name, array.shape, dtype)
    made.set_data_from_numpy(array, **how)
    return made


results = {}
for kind, module, client in [
    ("http", httpclient, httpclient.InferenceServerClient(http_url)),
    ("grpc", grpcclient, grpcclient.InferenceServerClient(grpc_url)),
]:
    expect(f"{kind}: live and ready", client.is_server_live() and client.is_server_ready())
    expect(f"{kind}: a model is ready", client.is_model_ready("digits.audio") and client.is_model_ready("digits.match", "fp32"))
    server = client.get_server_metadata()
    extensions = server["extensions"] if kind == "http" else list(server.extensions)
    expect(f"{kind}: server metadata", "binary_tensor_data" in extensions)
    metadata = client.get_model_metadata("digits.audio")
    inputs = metadata["inputs"] if kind == "http" else metadata.inputs
    shape = inputs[0]["shape"] if kind == "http" else list(inputs[0].shape)
    expect(f"{kind}: model metadata", shape == [-1, size])

    heard = client.infer("digits.audio", [tensor(module, "waveform", waveform)], request_id="a-1")
    response = heard.get_response()
    expect(f"{kind}: id echoed", (response["id"] if kind == "http" else response.id) == "a-1")
    embedding = heard.as_numpy("audio_embedding")
    expect(f"{kind}: embeddings", embedding.shape[0] == 3 and np.isfinite(embedding).all())
    outputs = [module.InferRequestedOutput("image_embedding")]
    seen = client.infer("digits.image", [tensor(module, "image", image)], outputs=outputs, model_version="fp32")
    expect(f"{kind}: only the requested outputs", seen.as_numpy("image_features") is None)
    pair = [
        tensor(module, "audio_embedding", embedding),
        tensor(module, "image_embedding", seen.as_numpy("image_embedding")),
    ]
    results[kind] = client.infer("digits.match", pair).as_numpy("probability")
    expect(f"{kind}: probabilities", ((results[kind] >= 0) & (results[kind] <= 1)).all())

    fails(f"{kind}: unknown model", lambda: client.infer("digits.nothing", pair), ["no model"])
    fails(f"{kind}: unknown version", lambda: client.get_model_metadata("digits.audio", "9"), ["no version"])
    fails(f"{kind}: missing input", lambda: client.infer("digits.match", pair[:1]), ["Expected the inputs"])
    wrong = [tensor(module, "waveform", waveform[:, :-1])]
    fails(f"{kind}: wrong shape", lambda: client.infer("digits.audio", wrong), ["of shape"])
    wrong = [tensor(module, "waveform", waveform.astype(np.float64))]
    fails(f"{kind}: wrong type", lambda: client.infer("digits.audio", wrong), ["FP32"])

    index = client.get_model_repository_index()
    names = [m["name"] for m in index] if kind == "http" else [m.name for m in index.models]
    expect(f"{kind}: repository index", "digits.match" in names)
    client.load_model("digits")
    expect(f"{kind}: loaded again", client.is_model_ready("digits.match"))
    statistics = client.get_inference_statistics("digits.audio")
    first = statistics["model_stats"][0] if kind == "http" else statistics.model_stats[0]
    count = first["inference_count"] if kind == "http" else first.inference_count
    expect(f"{kind}: statistics count rows", count >= 3)

json_client = httpclient.InferenceServerClient(http_url)
flat = json_client.infer(
    "digits.audio",
    [tensor(httpclient, "waveform", waveform, binary_data=False)],
    outputs=[httpclient.InferRequestedOutput("audio_embedding", binary_data=False)],
)
expect("http: JSON gives what binary data gives", np.allclose(flat.as_numpy("audio_embedding"), embedding, atol=1e-6))
expect("http and grpc agree", np.array_equal(results["http"], results["grpc"]))
print(json.dumps(checked))
