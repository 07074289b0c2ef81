#!/usr/bin/env python3
"""A TCP gate before an API server that can break or hold the line: gate.py PORT TO[,TO...] [N | hold:N].

Of several servers each line goes to the first that is there. TLS passes through unread. Requests are counted as the bursts from the client that come after data of the server
(the first burst is the TLS hello, the second ends the handshake and carries request 1). With N the gate resets the
line when request N comes and accepts no other; with hold:N it prints "held" at request N and waits for SIGUSR1.
"""
import select
import signal
import socket
import struct
import sys
import threading

port, servers = int(sys.argv[1]), [int(to) for to in sys.argv[2].split(",")]
plan = sys.argv[3] if len(sys.argv) > 3 else ""
hold = plan.startswith("hold:")
limit = int(plan.removeprefix("hold:") or 0)
released = threading.Event()
signal.signal(signal.SIGUSR1, lambda *_: released.set())
broken = threading.Event()
count = 0


def reset(line):
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()


def connect():
    for to in servers[:-1]:
        try:
            return socket.create_connection(("127.0.0.1", to))
        except OSError:
            continue
    return socket.create_connection(("127.0.0.1", servers[-1]))


def carry(client):
    global count
    try:
        server = connect()
    except OSError:
        return reset(client)
    bursts, answered = 0, True
    while True:
        ready, _, _ = select.select([client, server], [], [])
        for source in ready:
            try:
                data = source.recv(1 << 16)
            except OSError:
                data = b""
            if not data:
                client.close()
                server.close()
                return
            if source is server:
                answered = True
                client.sendall(data)
                continue
            if answered:
                bursts += 1
                answered = False
                if bursts > 1:
                    count += 1
                    if limit and count == limit and hold:
                        print("held", flush=True)
                        released.wait(30)
                    elif limit and not hold and count >= limit:
                        broken.set()
                        server.close()
                        reset(client)
                        return
            server.sendall(data)


gate = socket.create_server(("127.0.0.1", port))
print("ready", flush=True)
while True:
    line, _ = gate.accept()
    if broken.is_set():
        reset(line)
        continue
    threading.Thread(target=carry, args=(line,), daemon=True).start()
