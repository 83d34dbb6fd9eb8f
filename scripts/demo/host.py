#!/usr/bin/python3
"""What runs on a tenant's host in the demo.

    host.py serve NAME              answers on TCP port 7000, IPv4 and IPv6: "who" with NAME, "put N" + N bytes with their SHA-256,
                                    "talk" and lines with the same lines
    host.py who ADDRESS             prints the name that the host at ADDRESS gives itself
    host.py put ADDRESS BYTES       sends random bytes; prints "same" or "differs" after comparing checksums, then Mbit/s
    host.py trickle ADDRESS RATE    sends RATE bytes a second until killed
    host.py talk ADDRESS            says a line and waits for it, ten times a second on one connection until SIGINT; prints how many came back
"""

import hashlib
import os
import signal
import socket
import sys
import threading
import time

PORT, CHUNK, PATIENCE_S = 7000, 65536, 15


def answer(connection, name):
    with connection, connection.makefile("rwb") as stream:
        words = stream.readline().decode().split()
        if words == ["who"]:
            stream.write(name.encode())
        elif words[:1] == ["put"]:
            digest, left = hashlib.sha256(), int(words[1])
            while left > 0:
                block = stream.read(min(left, CHUNK))
                if not block:
                    return
                digest.update(block)
                left -= len(block)
            stream.write(digest.hexdigest().encode())
        elif words == ["talk"]:
            for line in stream:
                stream.write(line)
                stream.flush()


def serve(name):
    with socket.create_server(("::", PORT), family=socket.AF_INET6, dualstack_ipv6=True) as listener:
        print("listening", flush=True)
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=answer, args=(connection, name), daemon=True).start()


def ask(address, request, blocks=()):
    with socket.create_connection((address, PORT), timeout=PATIENCE_S) as connection:
        connection.sendall(request.encode() + b"\n")
        for block in blocks:
            connection.sendall(block)
        connection.shutdown(socket.SHUT_WR)
        return connection.makefile("rb").read().decode()


def put(address, count):
    data = os.urandom(count)
    start = time.monotonic()
    theirs = ask(address, f"put {count}", [data])
    elapsed = time.monotonic() - start
    print("same" if theirs == hashlib.sha256(data).hexdigest() else "differs", round(count * 8 / elapsed / 1e6))


def trickle(address, rate):
    block = bytes(max(rate // 20, 1))
    while True:
        try:
            with socket.create_connection((address, PORT), timeout=PATIENCE_S) as connection:
                connection.sendall(b"put 1000000000000\n")
                while True:
                    connection.sendall(block)
                    time.sleep(0.05)
        except OSError:
            time.sleep(1)


def talk(address):
    ending, count = [], 0
    signal.signal(signal.SIGINT, lambda *_: ending.append(True))
    with socket.create_connection((address, PORT), timeout=PATIENCE_S) as connection, connection.makefile("rwb") as stream:
        stream.write(b"talk\n")
        while not ending:
            stream.write(f"{count}\n".encode())
            stream.flush()
            if stream.readline().decode() != f"{count}\n":
                print("broken after", count)
                return
            count += 1
            if count == 1:
                print("flowing", flush=True)
            time.sleep(0.1)
    print("unbroken", count, flush=True)


def main(arguments):
    commands = {("serve", 1): serve, ("who", 1): lambda a: print(ask(a, "who")),
                ("put", 2): lambda a, n: put(a, int(n)), ("trickle", 2): lambda a, n: trickle(a, int(n)), ("talk", 1): talk}
    command = commands.get((arguments[0] if arguments else "", len(arguments) - 1))
    if not command:
        sys.exit(__doc__)
    command(*arguments[1:])


if __name__ == "__main__":
    main(sys.argv[1:])
