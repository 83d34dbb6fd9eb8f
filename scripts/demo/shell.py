"""Commands and processes in the demo's namespaces, and the end of them all.

Every namespace is called dpdemo-…; nothing outside of them is touched, and whatever is called so is ours to remove.
"""

import os
import signal
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PROGRAM = os.path.join(ROOT, "src/Dataplane.Host/bin/Release/net10.0/dataplane.dll")
TOOLS = os.path.join(ROOT, "artifacts/tools")
PREFIX = "dpdemo-"
RUN_DIR = "/run/dpdemo"


class DemoError(Exception):
    """Something the demo needs did not come about; the text tells the user what."""


def sh(*command, check=True, timeout=30, **options):
    """Runs a command and returns it completed, output captured as text. Ctrl-C is for us, not for our children."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout,
                          start_new_session=True, **options)
    if check and done.returncode:
        raise DemoError(f"{' '.join(command)}: {(done.stderr or done.stdout).strip()}")
    return done


def inside(namespace, *command):
    """The command line that runs a command in one of our namespaces."""
    return ("ip", "netns", "exec", PREFIX + namespace, *command)


def start(namespace, *command, log=None, **options):
    """Starts a process in a namespace. Output goes to RUN_DIR/log.log, or nowhere."""
    output = open(f"{RUN_DIR}/{log}.log", "wb") if log else subprocess.DEVNULL
    try:
        return subprocess.Popen(inside(namespace, *command), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                start_new_session=True, **options)
    finally:
        if log:
            output.close()


def log_of(name, most=3000):
    """The end of a log in RUN_DIR."""
    try:
        with open(f"{RUN_DIR}/{name}.log", errors="replace") as log:
            return log.read()[-most:]
    except FileNotFoundError:
        return ""


def wait_until(what, condition, seconds):
    """Looks often at first, then less so. what: a text, or a function that makes one when the wait was in vain."""
    deadline, pause = time.monotonic() + seconds, 0.05
    while not condition():
        if time.monotonic() > deadline:
            raise DemoError(f"waited {seconds} s in vain for {what() if callable(what) else what}")
        time.sleep(pause)
        pause = min(pause * 1.3, 0.5)


def run_batch(namespace, lines):
    """Runs `ip -batch` lines in a namespace."""
    sh("ip", "-n", PREFIX + namespace, "-batch", "-", input="\n".join(lines) + "\n")


def namespaces():
    return [name.split()[0] for name in sh("ip", "netns", "list").stdout.splitlines() if name.startswith(PREFIX)]


def demolish():
    """Ends every process in our namespaces (politely, then not) and removes the namespaces. Safe to repeat."""
    def processes():
        found = set()
        for namespace in namespaces():
            found |= {int(p) for p in sh("ip", "netns", "pids", namespace, check=False).stdout.split()}
        return found - {os.getpid()}

    for how, patience in [(signal.SIGTERM, 5), (signal.SIGKILL, 5)]:
        for process in processes():
            try:
                os.kill(process, how)
            except ProcessLookupError:
                pass
        deadline = time.monotonic() + patience
        while processes() and time.monotonic() < deadline:
            time.sleep(0.05)
    for namespace in namespaces():
        sh("ip", "netns", "delete", namespace, check=False)
