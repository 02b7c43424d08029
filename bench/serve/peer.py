"""The same bundle and question behind FastAPI or LitServe, as a team would write it: encoded sound and picture in, score out.

usage: peer.py fastapi|litserve BUNDLE VARIANT PORT WORKERS | peer.py ceiling BUNDLE VARIANT SECONDS PROCESSES
"""
import io
import json
import math
import os
import sys
from pathlib import Path

import numpy as np
import onnxruntime as ort
import soundfile
import soxr
from PIL import Image, ImageOps


class Matcher:
    """ONNX Runtime on one thread in each process, as the server that it is measured beside."""

    def __init__(self, bundle: Path, variant: str = "fp32"):
        manifest = json.loads((bundle / "manifest.json").read_text())
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        files = manifest["variants"][variant]["files"]
        load = lambda graph: ort.InferenceSession(bundle / files[graph]["file"], options, ["CPUExecutionProvider"])
        self.audio, self.image, self.match = load("audio"), load("image"), load("match")
        self.sound, self.picture = manifest["input"]["audio"], manifest["input"]["image"]
        self.discount = manifest.get("matching", {"windowDiscount": 0})["windowDiscount"]

    def answer(self, audio: bytes, image: bytes) -> dict:
        """The score of each window, and of the whole: the highest log-odds, less what luck gives the highest of many."""
        starts, windows = self.windows(audio)
        heard = self.audio.run(["audio_embedding"], {"waveform": windows})[0]
        seen = self.image.run(["image_embedding"], {"image": self.pixels(image)})[0]
        pairs = {"audio_embedding": heard, "image_embedding": np.repeat(seen, len(heard), 0)}
        logits = self.match.run(["logits"], pairs)[0]
        odds = logits[:, 1] - logits[:, 0]
        scores = [{"startSeconds": start, "score": probability(one)} for start, one in zip(starts, odds)]
        return {"score": probability(odds.max() - self.discount * math.log(len(odds))), "windows": scores}

    def windows(self, audio: bytes) -> tuple[list[float], np.ndarray]:
        """Every half window, and one that ends with the sound; those in which nothing is heard beside the rest are left out."""
        samples, rate = soundfile.read(io.BytesIO(audio), dtype="float32", always_2d=True)
        mono = samples.mean(1)
        if rate != self.sound["sampleRate"]:
            mono = soxr.resample(mono, rate, self.sound["sampleRate"], "HQ")
        size = self.sound["samples"]
        if len(mono) <= size:
            window = np.zeros(size, np.float32)
            start = (size - len(mono)) // 2
            window[start : start + len(mono)] = mono
            return [0.0], window[None]
        last = len(mono) - size
        starts = [*range(0, last, size // 2), last]
        windows = np.stack([mono[start : start + size] for start in starts])
        peaks = np.abs(windows).max(1)
        is_heard = peaks >= 0.03 * peaks.max()
        return [start / self.sound["sampleRate"] for start, heard in zip(starts, is_heard) if heard], windows[is_heard]

    def pixels(self, image: bytes) -> np.ndarray:
        picture = ImageOps.exif_transpose(Image.open(io.BytesIO(image))).convert("RGB")
        scale = self.picture["shortSide"] / min(picture.size)
        size = [max(self.picture["width"], round(picture.width * scale)), max(self.picture["height"], round(picture.height * scale))]
        if size != list(picture.size):
            picture = picture.resize(size, Image.LANCZOS, reducing_gap=2.0)
        left, top = (size[0] - self.picture["width"]) // 2, (size[1] - self.picture["height"]) // 2
        return np.asarray(picture)[None, top : top + self.picture["height"], left : left + self.picture["width"]]


def probability(odds: float) -> float:
    return 1 / (1 + math.exp(-float(odds)))


def fastapi_app():
    from fastapi import FastAPI, File

    app = FastAPI()
    matcher = Matcher(Path(os.environ["BENCH_BUNDLE"]), os.environ["BENCH_VARIANT"])

    @app.post("/v1/correspondence")
    def correspondence(audio: bytes = File(), image: bytes = File()):
        return matcher.answer(audio, image)

    return app


def serve_fastapi(port: int, workers: int):
    import uvicorn

    uvicorn.run("peer:fastapi_app", factory=True, port=port, workers=workers, log_level="error", access_log=False)


def ceiling(bundle: str, seconds: float, processes: int):
    """Pairs a second of ONNX Runtime alone, in as many processes as the servers have workers."""
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(processes) as pool:
        results = list(pool.map(count_pairs, [bundle] * processes, [seconds] * processes))
    print(json.dumps({"pairsPerSecond": sum(results)}))


def count_pairs(bundle: str, seconds: float) -> float:
    import time

    matcher = Matcher(Path(bundle), os.environ["BENCH_VARIANT"])
    waveform = np.zeros((1, matcher.sound["samples"]), np.float32)
    image = np.zeros((1, matcher.picture["height"], matcher.picture["width"], 3), np.uint8)

    def pair():
        heard = matcher.audio.run(["audio_embedding"], {"waveform": waveform})[0]
        seen = matcher.image.run(["image_embedding"], {"image": image})[0]
        matcher.match.run(["probability"], {"audio_embedding": heard, "image_embedding": seen})

    pair()
    start, pairs = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        pair()
        pairs += 1
    return pairs / (time.perf_counter() - start)


if __name__ == "__main__":
    kind, bundle, variant, *rest = sys.argv[1:]
    os.environ["BENCH_VARIANT"] = variant
    if kind == "ceiling":
        ceiling(bundle, float(rest[0]), int(rest[1]))
    else:
        os.environ["BENCH_BUNDLE"] = bundle
        os.environ["PYTHONPATH"] = str(Path(__file__).parent)  # of the workers
        sys.path.insert(0, os.environ["PYTHONPATH"])
        if kind == "litserve":
            from peer_litserve import serve_litserve as serve
        else:
            serve = serve_fastapi
        serve(int(rest[0]), int(rest[1]))
