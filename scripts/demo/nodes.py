"""The programs of the demo: `dataplane run` at gateways, forwarders and hosts, and what is asked of them over their sockets."""

import http.client
import json
import os
import shutil
import signal
import socket
import threading

from metrics import get
from shell import HERE, PROGRAM, RUN_DIR, DemoError, log_of, sh, start, wait_until

NODES = ("sg1", "sg2", "tor", "hv1", "hv2", "srv")
CONFIG = f"{RUN_DIR}/config"
processes = {}


def write_configurations():
    """Copies the configurations to where they may be changed while the demo runs."""
    shutil.copytree(f"{HERE}/config", CONFIG)
    for node in NODES:
        os.makedirs(f"{RUN_DIR}/state/{node}")


def launch(node):
    processes[node] = start(node, "dotnet", PROGRAM, "run", "--config", f"{CONFIG}/{node}.yaml", log=node)


def await_ready(node, seconds=60):
    def ready():
        if processes[node].poll() is not None:
            raise DemoError(f"{node} ended with exit code {processes[node].returncode}:\n{log_of(node)}")
        return get(node, "/readyz") is not None

    wait_until(lambda: f"{node} to be ready; it says:\n{log_of(node)}", ready, seconds)


def kill(node):
    """SIGKILL: no farewell. `ip netns exec` has become the program, so that it is the process we have."""
    processes[node].kill()
    processes[node].wait(10)


def reload(node):
    processes[node].send_signal(signal.SIGHUP)


def ended():
    """The nodes that have ended by themselves."""
    return [node for node, process in processes.items() if process.poll() is not None]


def edit(node, before, after):
    """Changes a node's configuration; it takes it on SIGHUP."""
    path = f"{CONFIG}/{node}.yaml"
    with open(path) as file:
        text = file.read()
    if before not in text:
        raise DemoError(f"{path} does not say: {before}")
    with open(path, "w") as file:
        file.write(text.replace(before, after))


class NotThere(DemoError):
    """A node knows nothing of what it was asked for."""


class Connection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=10)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def call(node, method, path, body=None):
    """A request to a node's management API, as hooks and plugins make it. Returns the answer; None when nobody answers."""
    try:
        connection = Connection(f"{RUN_DIR}/{node}.sock")
        connection.request(method, path, None if body is None else json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
    except OSError:
        return None
    if answer.status == 404:
        raise NotThere(f"{node}: {method} {path}: {text.decode(errors='replace')}")
    if answer.status >= 400:
        raise DemoError(f"{node}: {method} {path}: {answer.status} {text.decode(errors='replace')}")
    return json.loads(text) if text else {}


ASKING = threading.Semaphore(3)  # each command starts a runtime; more at a time only wait for each other


def ask(node, *words):
    """The same by the program's own command; returns what it prints."""
    with ASKING:
        return sh("dotnet", PROGRAM, *words, "--socket", f"{RUN_DIR}/{node}.sock", timeout=60).stdout
