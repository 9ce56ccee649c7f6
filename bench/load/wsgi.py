"""The contract backend for gunicorn: each worker appends what it receives to a file of its own.

The files are in the folder RECEIVED; the process that ends them reads them. Nothing is kept in memory.
"""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../test/contract"))

import app as contract  # noqa: E402


class ReceivedFile:
    def __init__(self):
        path = os.path.join(os.environ["RECEIVED"], f"{os.getpid()}.jsonl")
        self.file = open(path, "a", buffering=1, encoding="utf-8")

    def append(self, text):
        self.file.write(json.dumps(text) + "\n")


contract.received = ReceivedFile()
application = contract.app
