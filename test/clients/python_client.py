"""Drives a server with Python's http.client and prints what came of each step as one JSON object."""

import http.client
import io
import json
import socket
import sys

port = int(sys.argv[1])
said = {}


class KeptReader(io.BufferedReader):
    """One buffer for all answers of a connection: an answer must not close it behind itself."""

    def close(self):
        pass


class Kept:
    """What HTTPResponse takes for a socket."""

    def __init__(self, sock):
        self.reader = KeptReader(socket.SocketIO(sock, "r"))

    def makefile(self, *_):
        return self.reader


def ask(connection, method, target, **given):
    connection.request(method, target, **given)
    answer = connection.getresponse()
    content = answer.read().decode()
    return answer, content


connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
ports = set()
for _ in range(5):
    answer, content = ask(connection, "GET", "/test.html")
    ports.add(connection.sock.getsockname()[1])
said["kept"] = [answer.status, len(content), len(ports)]

answer, content = ask(connection, "HEAD", "/test.html")
said["head"] = [answer.status, answer.getheader("Content-Length"), content]
answer, content = ask(connection, "GET", "/test.html")
said["after head"] = [answer.status, len(content)]


def pieces():
    yield b"<h1>"
    yield b""
    yield "é".encode() * 10000
    yield b"</h1>"


answer, content = ask(connection, "POST", "/chunked.html", body=pieces(), encode_chunked=True)
said["chunked"] = [answer.status, len(content)]
answer, content = ask(connection, "DELETE", "/chunked.html")
said["delete"] = [answer.status, content]
answer, content = ask(connection, "GET", "/chunked.html")
said["deleted"] = [answer.status, answer.getheader("Content-Type")]
said["one connection"] = connection.sock.getsockname()[1] in ports
connection.close()

sock = socket.create_connection(("127.0.0.1", port), timeout=10)
steps = [("GET", "/test.html"), ("HEAD", "/test.html"), ("GET", "/missing.html"),
         ("OPTIONS", "*"), ("GET", "/test.html")]
lines = [f"{method} {target} HTTP/1.1\r\nHost: localhost\r\n\r\n" for method, target in steps]
sock.sendall("".join(lines).encode())
kept = Kept(sock)
said["pipelined"] = []
for method, _ in steps:
    answer = http.client.HTTPResponse(kept, method=method)
    answer.begin()
    content = answer.read()
    said["pipelined"].append([answer.status, len(content) if answer.status == 200 else None])
sock.close()

print(json.dumps(said))
