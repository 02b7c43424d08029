"""A PyTorch DataLoader that does the loader's work, as its documentation has it: Pillow, torchvision's transforms, soundfile.

Each line on stdin asks for a number of pairs, each line on stdout says how long they took.
"""

import json
import math
import random
import sys
import time

import numpy as np
import soundfile
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset, RandomSampler
from torchvision import transforms


class Pairs(Dataset):
    """A picture, and the second of sound around it, of the files that stand one by one beside the shards."""

    def __init__(self, folder, samples, size):
        self.folder = folder
        self.samples = samples
        with open(f"{folder}/dataset.json") as file:
            self.rate = json.load(file)["sampleRate"]
        with open(f"{folder}/index.jsonl") as file:
            self.clips = [json.loads(line)["clip"] for line in file]
        self.augment = transforms.Compose(
            [
                transforms.RandomCrop(size),
                transforms.RandomHorizontalFlip(),
                transforms.ColorJitter(brightness=32 / 255, saturation=0.5),
            ]
        )

    def __len__(self):
        return len(self.clips)

    def __getitem__(self, i):
        clip = self.clips[i]
        picture = random.randrange(len(clip["pictures"]))
        moment = clip["pictures"][picture]["timeSeconds"] * self.rate
        last = round(clip["sound"]["seconds"] * self.rate) - self.samples
        start = random.randint(max(0, math.ceil(moment - self.samples)), min(last, math.floor(moment)))
        sound, _ = soundfile.read(f"{self.folder}/loose/{clip['key']}.wav", self.samples, start, dtype="float32")
        sound *= random.uniform(0.9, 1.1)
        image = Image.open(f"{self.folder}/loose/{clip['key']}.{picture}.jpg").convert("RGB")
        return torch.from_numpy(sound), torch.from_numpy(np.array(self.augment(image)))


def main():
    settings = json.loads(sys.argv[1])
    batch_size, workers, ahead = settings["batchSize"], settings["workers"], settings["ahead"]
    pairs = Pairs(settings["folder"], settings["samples"], settings["size"])
    batches = iter(
        DataLoader(
            pairs,
            batch_size=batch_size,
            sampler=RandomSampler(pairs, replacement=True, num_samples=10**9),
            num_workers=workers,
            prefetch_factor=ahead // workers,
        )
    )
    for line in sys.stdin:
        count = math.ceil(int(line) / batch_size)
        for _ in range(ahead + 1):  # those were ready before the clock started
            next(batches)
        start = time.perf_counter()
        for _ in range(count):
            next(batches)
        print(json.dumps({"pairs": count * batch_size, "seconds": time.perf_counter() - start}), flush=True)


if __name__ == "__main__":
    main()
