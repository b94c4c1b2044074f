"""A client of the control interface, written from docs/control-interface.md alone. Standard library only.

Each scenario prints a line for every step that came out as the page says, and ends with a traceback where one did not.
"""

import json
import os
import queue
import select
import socket
import sys
import threading
import urllib.request

PATIENCE = 60


class Refused(Exception):
    def __init__(self, error):
        super().__init__(error["message"])
        self.code, self.data = error["code"], error.get("data")


class Client:
    def __init__(self, greet=True):
        home = os.environ.get("CODEX_LAB_HOME") or os.path.expanduser("~/.codex-lab")
        with open(os.path.join(home, "runtime", "control.json")) as served:
            self.served = json.load(served)
        self.socket = connected(self.served["address"])
        self.answers, self.told, self.next_id = {}, queue.Queue(), 0
        self.arrived = threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()
        if greet:
            self.hello = self.ask("initialize", clientInfo={"name": "page", "version": "1"}, protocolVersion=1)
            self.send({"jsonrpc": "2.0", "method": "initialized"})

    def read(self):
        for line in self.socket.makefile("rb"):
            message = json.loads(line)
            assert message["jsonrpc"] == "2.0", message
            if "method" in message:
                self.told.put((message["method"], message["params"]))
                continue
            with self.arrived:
                self.answers.setdefault(message["id"], []).append(message)
                self.arrived.notify_all()

    def send(self, message):
        self.socket.sendall(json.dumps(message).encode() + b"\n")

    def answer(self, of):
        with self.arrived:
            assert self.arrived.wait_for(lambda: self.answers.get(of), PATIENCE), f"no answer to {of}"
            message = self.answers[of].pop(0)
        if "error" in message:
            raise Refused(message["error"])
        return message["result"]

    def ask(self, method, **params):
        self.next_id += 1
        self.send({"jsonrpc": "2.0", "id": self.next_id, "method": method, "params": params})
        return self.answer(self.next_id)

    def refused(self, method, **params):
        try:
            self.ask(method, **params)
        except Refused as refused:
            return refused
        raise AssertionError(f"{method} was not refused")

    def hear(self, method, fits=lambda params: True):
        while True:
            heard, params = self.told.get(timeout=PATIENCE)
            if heard == method and fits(params):
                return params


def connected(address):
    client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    client.connect(address)
    return client


def say(step):
    print(step, flush=True)


def story():
    """Signs in, switches, subscribes, and is told of a fallback."""
    client = Client()
    assert client.hello["protocolVersion"] == 1, client.hello
    for name in ["main", "backup"]:
        login = client.ask("account/login/start", type="chatgpt", name=name)
        # The user's browser; this one picks an account on the provider's page, and follows to where it ends.
        urllib.request.urlopen(f"{login['authUrl']}&sandbox_account={name}", timeout=PATIENCE).read()
        done = client.hear("account/login/completed")
        assert done["success"] and done["created"] and done["loginId"] == login["loginId"], done
        assert done["profile"]["name"] == name and done["notNamed"] is None, done
        say(f"signed in {name}")
    login = client.ask("account/login/start", type="chatgptDeviceCode")
    assert login["userCode"] and login["verificationUrl"], login
    assert client.refused("account/login/start", type="chatgpt").data["code"] == "sign_in_running"
    assert client.ask("account/login/cancel", loginId=login["loginId"]) == {"status": "canceled"}
    assert client.hear("account/login/completed")["failure"]["code"] == "cancelled"
    assert client.ask("account/login/cancel", loginId=login["loginId"]) == {"status": "notFound"}
    say("called off")

    assert [account["name"] for account in client.ask("account/list")["accounts"]] == ["main", "backup"]
    client.ask("account/switch", profile="main")
    assert client.hear("account/updated")["profile"]["name"] == "main"
    read = client.ask("account/read")
    assert read["account"]["email"] == "main@sandbox.example" and read["profile"]["active"], read
    assert client.ask("account/logout") == {}
    assert client.hear("account/updated")["authMode"] is None
    assert client.ask("account/read")["account"] is None
    client.ask("account/switch/undo")
    say("switched")

    before = client.ask("snapshot/subscribe")["snapshot"]["revision"]
    client.ask("settings/write", key="theme", value="dark")
    seen = client.hear("snapshot/updated", lambda params: params["snapshot"]["settings"]["theme"] == "dark")
    assert seen["snapshot"]["revision"] > before
    client.ask("snapshot/unsubscribe")
    say("subscribed")

    happened = client.hear("event/happened", lambda params: params["event"].get("news") == "fell_back")
    names, event = happened["names"], happened["event"]
    say(f"fell back from {names[event['from']]} to {names[event['to']]}")
    limits = client.ask("account/rateLimits/read", profile=event["to"])
    if limits["rateLimits"] is None:
        # Not seen yet: then it is still to be told.
        limits = client.hear("account/rateLimits/updated", lambda params: params["profile"]["id"] == event["to"])
    assert limits["rateLimits"]["primary"]["windowDurationMins"] == 300, limits
    session = client.ask("session/list")["recent"][0]
    assert session["profile"] == event["to"], session
    client.ask("session/pin", session=session["session"], profile=event["to"])
    assert client.ask("session/list")["pins"][0]["session"] == session["session"]
    client.ask("session/unpin", session=session["session"])
    assert client.ask("session/list")["pins"] == []
    say("pinned")


def stranger(address, uid):
    """A program of another user."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(int(uid))
        os.setuid(int(uid))
        try:
            client = connected(address)
            client.sendall(b'{"id":1,"method":"initialize","params":{"clientInfo":{"name":"stranger"}}}\n')
            said = client.recv(1024)
            result = f"connected, and told {len(said)} bytes"
        except PermissionError:
            result = "permission denied"
        except (BrokenPipeError, ConnectionResetError):
            result = "connected, and told 0 bytes"
        os.write(writer, result.encode())
        os._exit(0)
    os.waitpid(child, 0)
    say(os.read(reader, 1024).decode())


def oversized():
    """Lines without end, and lines that are no requests."""
    client = Client(greet=False)
    client.send({"id": 1, "method": "account/list"})
    try:
        client.answer(1)
        raise AssertionError("not initialized")
    except Refused as refused:
        assert refused.code == -32600
    client.ask("initialize", clientInfo={"name": "page", "version": "1"})
    assert client.refused("initialize", clientInfo={"name": "page"}).code == -32600
    for line, code in [
        (b"x" * (1 << 20) + b"x\n", -32600),
        (b'{"id":1,"method":"account/import/text","params":{"text":"' + b"y" * (64 << 20) + b'"}}\n', -32600),
        (b"{\n", -32700),
        (b'[{"id":5,"method":"account/list"}]\n', -32600),
        (b'{"id":null,"method":"account/list"}\n', -32600),
        (b"\xff\n", -32700),
    ]:
        client.socket.sendall(line)
        try:
            client.answer(None)
            raise AssertionError(line[:80])
        except Refused as refused:
            assert refused.code == code, (line[:80], refused.code)
    # Nobody could be told what came of it.
    client.send({"jsonrpc": "2.0", "method": "settings/write", "params": {"key": "theme", "value": "light"}})
    assert client.refused("account/nothing").code == -32601
    assert client.refused("account/rename", profile="main", name="x", more=1).code == -32602
    assert client.refused("account/rename", profile="nobody", name="x").data["code"] == "not_found"
    theme = [row for row in client.ask("settings/read")["rows"] if row["key"] == "theme"]
    assert theme[0]["value"] != "light", theme
    say("refused what it must")


def memory(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


def flood():
    """Ten thousand requests at once: first read while they are written, then not read at all."""
    count = 10_000
    lines = b"".join(b'{"jsonrpc":"2.0","id":"n%d","method":"account/list"}\n' % number for number in range(count))
    client, other = Client(), Client()
    before = memory(client.served["pid"])
    client.socket.sendall(lines)
    other.ask("account/read")
    for number in range(count):
        client.answer(f"n{number}")
    assert client.ask("account/list")["accounts"], "it goes on"
    say("answered all")

    deaf = connected(client.served["address"])
    deaf.sendall(b'{"id":0,"method":"initialize","params":{"clientInfo":{"name":"deaf"}}}\n')
    deaf.setblocking(False)
    left = memoryview(lines)
    while left and select.select([], [deaf], [], 2)[1]:
        left = left[deaf.send(left):]
    assert left, "somebody took ten thousand requests whose answers nobody reads"
    other.ask("account/read")
    say("held back")
    # Whoever reads after all gets every answer.
    deaf.setblocking(True)
    writing = threading.Thread(target=deaf.sendall, args=(bytes(left),))
    writing.start()
    heard = 0
    for line in deaf.makefile("rb"):
        heard += "method" not in json.loads(line)
        if heard == count + 1:
            break
    writing.join()
    more = memory(client.served["pid"]) - before
    assert more < 64 << 10, f"{more} KiB more than before"
    say("answered all after all")


if __name__ == "__main__":
    {"story": story, "stranger": stranger, "oversized": oversized, "flood": flood}[sys.argv[1]](*sys.argv[2:])
