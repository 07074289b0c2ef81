#!/usr/bin/env python3
"""A W&B server of one run for tests: says its port on standard output, and writes each request as a line of JSON.

  wandb_server.py LOG MODE      ok, unauthorized, failing_once (500, then ok), or hanging (accepts, never answers)
"""
import base64
import http.server
import json
import sys
import threading

LOG, MODE = sys.argv[1:]
BUCKET = {"id": "1", "name": "run", "historyLineCount": 0,
          "project": {"name": "project", "entity": {"name": "team"}}}
failures = {"failing_once": 1}.get(MODE, 0)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        global failures
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        user = base64.b64decode(self.headers.get("Authorization", "").removeprefix("Basic ")).decode()
        with open(LOG, "a", encoding="utf-8") as log:
            log.write(json.dumps({"path": self.path, "user": user, "body": json.loads(body)}) + "\n")
        if MODE == "hanging":
            threading.Event().wait()
        status = 401 if MODE == "unauthorized" else 500 if failures > 0 else 200
        failures -= 1
        answer = json.dumps({"data": {"upsertBucket": {"bucket": BUCKET}}} if self.path == "/graphql" else {})
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer.encode())

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print(server.server_address[1], flush=True)
server.serve_forever()
