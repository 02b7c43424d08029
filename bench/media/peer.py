"""Decodes sounds and pictures as a short Python service does: soundfile, soxr and Pillow. Makes the files that both sides decode.

peer.py make FOLDER; peer.py run FOLDER reads {"task", "repeats"} line by line and answers {"milliseconds"} of processor time for one.
"""

import io
import json
import sys
import time
from pathlib import Path

import numpy as np
import soundfile
import soxr
from PIL import Image


def make(folder: Path) -> None:
    random = np.random.default_rng(0)
    for seconds, length in [("10s", 10), ("half", 0.5)]:
        rate = 44100
        n = int(length * rate)
        tone = 0.2 * np.sin(2 * np.pi * np.cumsum(np.linspace(200, 4000, n)) / rate)
        sound = np.stack([tone, np.roll(tone, 40)], 1) + 0.05 * random.standard_normal((n, 2))
        for name, samples in [("stereo", sound), ("mono", sound.mean(1))]:
            for ending, options in formats.items():
                at = 48000 if ending == "opus" else rate
                data = samples if at == rate else soxr.resample(samples, rate, at)
                soundfile.write(folder / f"{name}-{seconds}.{ending}", data, at, **options)
    # As photographs are: smooth, with edges and some noise.
    y, x = np.mgrid[:3000, :4000]
    photo = np.stack([np.sin(x / 97 + np.sin(y / 61)), np.sin(y / 83 + x / 301), np.sign(np.sin(x / 401) * np.sin(y / 307))], 2)
    photo = (127 + 90 * photo + 6 * random.standard_normal(photo.shape)).clip(0, 255).astype(np.uint8)
    large = Image.fromarray(photo)
    large.save(folder / "4000x3000.jpg", quality=90)
    large.resize((455, 256), Image.Resampling.LANCZOS).save(folder / "455x256.jpg", quality=90)
    large.resize((28, 28), Image.Resampling.LANCZOS).convert("L").save(folder / "28x28.png")


formats = {
    "wav": {"subtype": "PCM_16"},
    "flac": {"subtype": "PCM_16"},
    "ogg": {"format": "OGG", "subtype": "VORBIS"},
    "opus": {"format": "OGG", "subtype": "OPUS"},
    "mp3": {},
}


def hear(file: bytes, rate: int) -> np.ndarray:
    samples, from_rate = soundfile.read(io.BytesIO(file), dtype="float32", always_2d=True)
    mono = samples[:, 0] if samples.shape[1] == 1 else samples.mean(axis=1)
    return soxr.resample(mono, from_rate, rate)


def see(file: bytes, side: int) -> np.ndarray:
    picture = Image.open(io.BytesIO(file)).convert("RGB")
    scale = side / min(picture.size)
    width, height = (max(side, round(edge * scale)) for edge in picture.size)
    resized = picture.resize((width, height), Image.Resampling.LANCZOS)
    left, top = (width - side) // 2, (height - side) // 2
    return np.asarray(resized.crop((left, top, left + side, top + side)))


def run(folder: Path) -> None:
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    for line in sys.stdin:
        question = json.loads(line)
        start = time.process_time()
        for _ in range(question["repeats"]):
            for part in question["parts"]:
                if "rate" in part:
                    hear(files[part["file"]], part["rate"])
                else:
                    see(files[part["file"]], part["side"])
        print(json.dumps({"milliseconds": 1000 * (time.process_time() - start) / question["repeats"]}), flush=True)


{"make": make, "run": run}[sys.argv[1]](Path(sys.argv[2]))
