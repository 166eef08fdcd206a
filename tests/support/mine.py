"""A mine on this machine: certificates, a TLS broker, the rig, gateways and the host as real programs.

Used by the demo, the kill tests and the benchmarks. Everything lives in one folder and listens on loopback
only.
Standard library only.
"""

import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path

BROKER_CONF = """\
# Written by tests/support/mine.py. A gateway's certificate names its user, who may write below its own
# topics only.
per_listener_settings false
listener {port} 127.0.0.1
cafile {pki}/ca.crt
certfile {pki}/broker.crt
keyfile {pki}/broker.key
require_certificate true
use_identity_as_username true
allow_anonymous false
acl_file {acl}
persistence false
max_inflight_messages 1000
max_queued_messages 100000
log_type error
log_type warning
"""

BROKER_ACL = """\
user davy-host
topic read davy/#
topic write davy/+/+/ack
topic write davy/+/+/command

pattern write davy/{mine}/%u/birth
pattern write davy/{mine}/%u/state
pattern write davy/{mine}/%u/block
pattern write davy/{mine}/%u/reply
pattern read davy/{mine}/%u/ack
pattern read davy/{mine}/%u/command
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what, condition, seconds):
    """Polls until the condition is true; a failure tells what was awaited and the last error."""
    end = time.monotonic() + seconds
    last = None
    while time.monotonic() < end:
        try:
            result = condition()
            if result:
                return result
        except (OSError, AssertionError, KeyError, ValueError, http.client.HTTPException) as error:
            last = error
        time.sleep(0.05)
    raise TimeoutError(f"waited {seconds} s for {what}" + (f": {last}" if last else ""))


def openssl(*args):
    subprocess.run(
        ["openssl", *map(str, args)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def make_pki(folder, names):
    """A certificate authority for one mine and one certificate a name; keys readable by the owner only."""
    folder.mkdir(parents=True, exist_ok=True)
    old_mask = os.umask(0o077)
    try:
        key = ("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out")
        if not (folder / "ca.crt").exists():
            openssl(*key, folder / "ca.key")
            openssl(
                "req",
                "-x509",
                "-new",
                "-key",
                folder / "ca.key",
                "-days",
                30,
                "-subj",
                "/CN=Davy demo mine",
                "-out",
                folder / "ca.crt",
            )
        for name in names:
            if (folder / f"{name}.crt").exists():
                continue
            openssl(*key, folder / f"{name}.key")
            openssl(
                "req",
                "-new",
                "-key",
                folder / f"{name}.key",
                "-subj",
                f"/CN={name}",
                "-out",
                folder / f"{name}.csr",
            )
            extensions = folder / f"{name}.ext"
            extensions.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
            openssl(
                "x509",
                "-req",
                "-in",
                folder / f"{name}.csr",
                "-CA",
                folder / "ca.crt",
                "-CAkey",
                folder / "ca.key",
                "-CAcreateserial",
                "-days",
                30,
                "-extfile",
                extensions,
                "-out",
                folder / f"{name}.crt",
            )
    finally:
        os.umask(old_mask)


class Program:
    """One running program with its log in a file."""

    def __init__(self, name, command, log, env=None):
        self.name, self.command, self.log, self.env = name, [str(c) for c in command], log, env
        self.process = None

    def start(self):
        assert self.process is None or self.process.poll() is not None, f"{self.name} runs already"
        out = open(self.log, "ab")
        self.process = subprocess.Popen(
            self.command,
            stdout=out,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(self.env or {})},
            start_new_session=True,
        )
        out.close()
        return self

    def running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """kill -9: no chance to say good-bye."""
        if self.running():
            self.process.kill()
        if self.process:
            self.process.wait()

    def stop(self, seconds=5):
        if not self.process:
            return None
        if self.running():
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None

    def tail(self, lines=15):
        try:
            return "\n".join(Path(self.log).read_text(errors="replace").splitlines()[-lines:])
        except OSError:
            return "(no log)"


class Api:
    """The host's HTTP API as a person with a session."""

    def __init__(self, port, user=None, password=None):
        self.port, self.cookie = port, None
        self.context = ssl._create_unverified_context()
        if user:
            self.login(user, password)

    def request(self, method, path, body=None):
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=self.context, timeout=30)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if self.cookie:
            headers["Cookie"] = self.cookie
        try:
            connection.request(
                method, "/api/v1/" + path, None if body is None else json.dumps(body), headers
            )
            response = connection.getresponse()
            data = response.read()
            set_cookie = response.getheader("Set-Cookie")
            if set_cookie and response.status == 200:
                self.cookie = set_cookie.split(";")[0]
            kind = response.getheader("Content-Type") or ""
            return response.status, json.loads(data) if data and "json" in kind else data.decode()
        finally:
            connection.close()

    def login(self, user, password):
        status, body = self.request("POST", "login", {"user": user, "password": password})
        assert status == 200, f"login as {user}: {status} {body}"

    def get(self, path):
        status, body = self.request("GET", path)
        assert status == 200, f"GET {path}: {status} {body}"
        return body


class Mine:
    def __init__(self, folder, build, source, mine="demo", gateways=()):
        self.folder, self.build, self.source = (
            Path(folder).resolve(),
            Path(build).resolve(),
            Path(source).resolve(),
        )
        self.name, self.gateways = mine, list(gateways)
        self.broker_port, self.web_port = free_port(), free_port()
        self.programs = {}
        for part in ("", "log", "spool", "pki"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        make_pki(self.folder / "pki", ["broker", "davy-host", *self.gateways])

    def program(self, name, command, **more):
        made = Program(name, command, self.folder / "log" / f"{name}.log", **more)
        self.programs[name] = made
        return made

    def broker(self):
        acl, conf = self.folder / "broker.acl", self.folder / "broker.conf"
        acl.write_text(BROKER_ACL.format(mine=self.name))
        os.chmod(acl, 0o600)
        conf.write_text(
            BROKER_CONF.format(port=self.broker_port, pki=self.folder / "pki", acl=acl)
            + ("user root\n" if os.geteuid() == 0 else "")
        )
        return self.program("broker", ["mosquitto", "-c", conf])

    def rig(self, config, *more):
        return self.program("rig", [self.build / "bin/davy-sim", "--config", config, *more])

    def tls(self, name):
        pki = self.folder / "pki"
        return f'tls {{ ca: "{pki}/ca.crt" certificate: "{pki}/{name}.crt" key: "{pki}/{name}.key" }}'

    def gateway(self, name, buses, more="", profiles=None):
        """`buses` is the configuration's text from `bus {` on; everything else is filled in here."""
        config = self.folder / f"{name}.textproto"
        config.write_text(
            f"""\
mine: "{self.name}"
gateway: "{name}"
spool {{ path: "{self.folder}/spool/{name}.db" }}
uplink {{ host: "127.0.0.1" port: {self.broker_port} {self.tls(name)} }}
{more}
{buses}"""
        )
        return self.program(
            name,
            [
                self.build / "bin/davy-gateway",
                "--config",
                config,
                "--profiles",
                profiles or self.source / "drivers/profiles",
            ],
        )

    def host(self, pages=None, more=""):
        config = self.folder / "host.textproto"
        page = f'pages: "{pages}"' if pages else ""
        config.write_text(
            f"""\
mine: "{self.name}"
data: "{self.folder}/host"
broker {{ host: "127.0.0.1" port: {self.broker_port} {self.tls("davy-host")} }}
web {{ address: "127.0.0.1" port: {self.web_port} {page} }}
{more}"""
        )
        return self.program("host", [self.build / "bin/davy-host", "--config", config])

    def add_user(self, user, password, role):
        command = [
            str(self.build / "bin/davy-host"),
            "--config",
            str(self.folder / "host.textproto"),
            "user",
            "add",
            user,
            "--role",
            role,
        ]
        done = subprocess.run(command, input=f"{password}\n{password}\n", text=True, capture_output=True)
        assert done.returncode == 0, f"user add: {done.stdout}{done.stderr}"

    def health(self):
        status, body = Api(self.web_port).request("GET", "health")
        assert status == 200, body
        return body

    def stop(self):
        """In the direction of the data, so that the last reading still travels; the broker last."""
        order = [n for n in self.programs if n not in ("rig", "host", "broker")]
        for name in ["rig", *order, "host", "broker"]:
            if name in self.programs:
                self.programs[name].stop()
