"""The same network and step in PyTorch, eager or compiled, in float32 or by autocast in bfloat16: waveforms and uint8 pictures in memory → log-spectrogram → branches → loss → Adam.

Each line on stdin asks for a number of steps, each line on stdout says how long they took.
"""

import json
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

WINDOW, HOP, N_FFT = 480, 240, 512


def log_spectrogram(waveforms, window):
    """`[B, N]` → `[B, 1, 257, 1 + (N - 480) / 240]`: frames begin where the window does, not where its padding to 512 does."""
    side = (N_FFT - WINDOW) // 2
    spectrum = torch.stft(
        F.pad(waveforms, (side, side)),
        N_FFT,
        hop_length=HOP,
        win_length=WINDOW,
        window=window,
        center=False,
        return_complex=True,
    )
    return torch.log(torch.view_as_real(spectrum).square().sum(-1) + 1e-5).unsqueeze(1)


def branch(channels, stem_stride, inputs):
    layers = []
    for block, outputs in enumerate(channels):
        if block > 0:
            layers.append(nn.MaxPool2d(2))
        for stride in (stem_stride if block == 0 else 1, 1):
            layers += [
                nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False),
                nn.BatchNorm2d(outputs),
                nn.ReLU(inplace=True),
            ]
            inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveMaxPool2d(1), nn.Flatten())


class L3Net(nn.Module):
    def __init__(self, channels, stem_stride, head_units):
        super().__init__()
        self.audio = branch(channels, stem_stride, 1)
        self.image = branch(channels, stem_stride, 3)
        self.head = nn.Sequential(nn.Linear(2 * channels[-1], head_units), nn.ReLU(inplace=True), nn.Linear(head_units, 2))

    def forward(self, spectrograms, pictures, audio_rows, image_rows):
        audio, image = self.audio(spectrograms), self.image(pictures)
        return self.head(torch.cat([audio[audio_rows], image[image_rows]], dim=1))


class Trainer:
    def __init__(self, settings, device, memory_format):
        torch.manual_seed(0)
        self.memory_format = memory_format
        self.autocast = torch.autocast(device.type, torch.bfloat16, enabled=settings.get("precision") == "bf16")
        self.model = L3Net(settings["channels"], settings["stemStride"], settings["headUnits"])
        self.model.to(device, memory_format=memory_format).train()
        if settings.get("compile"):
            self.model = torch.compile(self.model)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=settings["learningRate"])
        batch, size = settings["batchSize"], settings["pictureSize"]
        self.waveforms = 0.1 * torch.randn(batch, settings["samples"])
        self.pictures = torch.randint(0, 256, (batch, size, size, 3), dtype=torch.uint8)
        self.device = device
        self.window = torch.hann_window(WINDOW, device=device)
        rows = torch.arange(batch)
        self.audio_rows = torch.cat([rows, rows]).to(device)
        self.image_rows = torch.cat([rows, rows.roll(1)]).to(device)
        self.corresponds = torch.cat([torch.ones_like(rows), torch.zeros_like(rows)]).to(device)

    def step(self):
        spectrograms = log_spectrogram(self.waveforms.to(self.device), self.window)
        pictures = self.pictures.to(self.device).permute(0, 3, 1, 2).float() / 127.5 - 1
        with self.autocast:
            logits = self.model(
                spectrograms.contiguous(memory_format=self.memory_format),
                pictures.contiguous(memory_format=self.memory_format),
                self.audio_rows,
                self.image_rows,
            )
        loss = F.cross_entropy(logits.float(), self.corresponds)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss

    def seconds(self, steps):
        start = time.perf_counter()
        for _ in range(steps):
            loss = self.step()
        loss.item()  # waits for a GPU
        return time.perf_counter() - start


def faster_format(settings, device):
    """By a short trial of both, in turns."""
    formats = {"channels_last": torch.channels_last, "default": torch.contiguous_format}
    seconds = dict.fromkeys(formats, float("inf"))
    trainers = {name: Trainer(settings, device, memory_format) for name, memory_format in formats.items()}
    for _ in range(3):
        for name, trainer in trainers.items():
            seconds[name] = min(seconds[name], trainer.seconds(2))
    return min(seconds, key=seconds.get)


def main():
    settings = json.loads(sys.argv[1])
    torch.set_num_threads(settings["cores"])
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if "format" not in settings:
        print(json.dumps({"format": faster_format(settings, device), "device": device.type}), flush=True)
        return
    formats = {"channels_last": torch.channels_last, "default": torch.contiguous_format}
    trainer = Trainer(settings, device, formats[settings["format"]])
    for line in sys.stdin:
        steps = json.loads(line)["steps"]
        print(json.dumps({"steps": steps, "seconds": trainer.seconds(steps)}), flush=True)


if __name__ == "__main__":
    main()
