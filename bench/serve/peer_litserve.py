"""peer.py's question behind LitServe, whose workers must find the class in a module."""
import os
from pathlib import Path

import litserve
from peer import Matcher


class Api(litserve.LitAPI):
    def setup(self, device):
        self.matcher = Matcher(Path(os.environ["BENCH_BUNDLE"]), os.environ["BENCH_VARIANT"])

    def decode_request(self, request):
        return request["audio"].file.read(), request["image"].file.read()

    def predict(self, files):
        return self.matcher.answer(*files)

    def encode_response(self, answer):
        return answer


def serve_litserve(port: int, workers: int):
    server = litserve.LitServer(Api(api_path="/v1/correspondence"), accelerator="cpu", workers_per_device=workers)
    server.run(port=port, host="127.0.0.1", log_level="error", generate_client_file=False)
