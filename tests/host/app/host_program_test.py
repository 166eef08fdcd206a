#!/usr/bin/env python3
"""davy-host as a whole: command line, start and stop, kill -9, users, HTTPS by an independent client.

Usage: host_program_test.py DAVY_HOST [unittest arguments]. No broker is needed: davy-host waits for one.
"""
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import unittest
import warnings

PROGRAM = sys.argv[1] if len(sys.argv) > 1 else ""
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
PATIENCE_S = 60


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Host:
    """One folder with a configuration, and the davy-host on it."""

    def __init__(self, folder, port=None):
        self.folder = folder
        self.port = port or free_port()
        self.config = os.path.join(folder, "host.textproto")
        os.makedirs(os.path.join(folder, "www"), exist_ok=True)
        with open(os.path.join(folder, "www", "index.html"), "w", encoding="utf-8") as f:
            f.write("<!doctype html><title>Davy</title>")
        self.write_config()
        self.process = None
        self.log = []

    def write_config(self, more=""):
        with open(self.config, "w", encoding="utf-8") as f:
            f.write('mine: "M1" data: "data"\n'
                    f'broker {{ host: "127.0.0.1" port: {free_port()} }}\n'
                    f'web {{ port: {self.port} pages: "www" }} {more}\n')

    def start(self, env=None):
        """Until it is ready; returns what it printed on standard output so far."""
        self.log = []
        out = open(os.path.join(self.folder, "stdout"), "w+", encoding="utf-8")
        self.process = subprocess.Popen([PROGRAM, "--config", self.config], stdout=out,
                                        stderr=subprocess.PIPE, text=True, env={**os.environ, **(env or {})})
        out.close()
        for line in self.process.stderr:
            self.log.append(line)
            if line.startswith("info ready"):
                break
        with open(os.path.join(self.folder, "stdout"), encoding="utf-8") as f:
            return f.read()

    def stop(self, how=signal.SIGTERM):
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.log += self.process.communicate(timeout=PATIENCE_S)[1].splitlines(keepends=True)
        code = self.process.returncode
        self.process = None
        return code

    def run(self, *arguments, stdin="", config=True):
        command = [PROGRAM, *arguments] + (["--config", self.config] if config else [])
        return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=PATIENCE_S,
                              check=False)

    def ask(self, method, path, body=None, cookie=None):
        certificate = os.path.join(self.folder, "data", "web-certificate.pem")
        context = ssl.create_default_context(cafile=certificate)
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=PATIENCE_S, context=context)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if cookie:
            headers["Cookie"] = cookie
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, content, answer

    def login(self, user, password):
        status, content, answer = self.ask("POST", "/api/v1/login", {"user": user, "password": password})
        cookie = (answer.getheader("Set-Cookie") or "").split(";")[0]
        return status, json.loads(content), cookie


class ProgramTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="davy-host-")
        self.host = Host(self.folder)

    def tearDown(self):
        self.host.stop(signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)


class CommandLine(ProgramTest):
    def test_help_teaches(self):
        done = self.host.run("--help", config=False)
        self.assertEqual(done.returncode, 0)
        for word in ("--config", "--check", "--log-level", "--version", "user", "Examples:", "Exit codes:",
                     "78"):
            self.assertIn(word, done.stdout)
        done = self.host.run("user", "--help", config=False)
        self.assertEqual(done.returncode, 0)
        for word in ("add", "list", "password", "role", "remove", "audit", "Roles:"):
            self.assertIn(word, done.stdout)

    def test_version(self):
        done = self.host.run("--version", config=False)
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"^davy-host \d+\.\d+\.\d+")

    def test_wrong_use_is_64(self):
        for arguments in ([], ["--nonsense"], ["--config"], ["--config", "x", "extra"],
                          ["--config", "x", "user"], ["--config", "x", "--log-level", "loud"],
                          ["user", "add", "li", "--config", "x"],
                          ["user", "add", "li", "--role", "king", "--config", "x"]):
            with self.subTest(arguments):
                done = self.host.run(*arguments, config=False)
                self.assertEqual(done.returncode, 64)
                self.assertIn("--help", done.stderr)

    def test_example_is_good(self):
        example = os.path.join(ROOT, "host/app/example/host.textproto")
        done = self.host.run("--config", example, "--check", config=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("M1", done.stdout)

    def test_check_touches_nothing(self):
        done = self.host.run("--check")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"https://127.0.0.1:{self.host.port}/", done.stdout)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "data")))

    def test_mistakes_name_file_and_line(self):
        self.host.write_config('\ntimes { blind_after_ms: 5 }')
        done = self.host.run("--check")
        self.assertEqual(done.returncode, 78)
        self.assertRegex(done.stderr, r"host\.textproto:\d+:\d+: .*blind_after_ms")
        done = self.host.run("--check", "--config", "/nowhere/host.textproto", config=False)
        self.assertEqual(done.returncode, 78)
        self.assertIn("/nowhere/host.textproto", done.stderr)

    def test_a_certificate_that_is_none_is_named(self):
        self.host.write_config()
        with open(self.host.config, "a", encoding="utf-8") as f:
            f.write('web { certificate: "www/index.html" key: "www/index.html" }\n')
        with open(self.host.config, encoding="utf-8") as f:
            text = f.read()
        text = re.sub(r"web \{ port: (\d+) pages: \"www\" \}", "", text)
        with open(self.host.config, "w", encoding="utf-8") as f:
            f.write(text)
        done = self.host.run("--check")
        self.assertEqual(done.returncode, 78)
        self.assertIn("www/index.html", done.stderr)


class Running(ProgramTest):
    def first_start(self):
        printed = self.host.start()
        self.assertIsNone(self.host.process.poll(), "".join(self.host.log))
        found = re.search(r"one-time password (\S+)", printed)
        self.assertIsNotNone(found, printed)
        return found.group(1)

    def test_first_start_makes_an_admin_with_a_password_shown_once(self):
        password = self.first_start()
        self.assertNotIn(password, "".join(self.host.log))
        status, body, cookie = self.host.login("admin", password)
        self.assertEqual(status, 200)
        self.assertTrue(body["must_change_password"])
        status, _, _ = self.host.ask("POST", "/api/v1/password",
                                     {"old": password, "new": "a better password"}, cookie)
        self.assertEqual(status, 204)
        self.assertEqual(self.host.stop(), 0)
        self.assertEqual(self.host.start(), "")
        self.assertEqual(self.host.login("admin", "a better password")[0], 200)
        self.assertEqual(self.host.ask("GET", "/api/v1/points", cookie=cookie)[0], 200)  # the session went on

    def test_health_and_page(self):
        self.first_start()
        status, content, _ = self.host.ask("GET", "/api/v1/health")
        health = json.loads(content)
        self.assertEqual((status, health["broker"], health["status"]), (200, "down", "degraded"))
        self.assertTrue(health["reasons"])
        status, content, _ = self.host.ask("GET", "/alarms")
        self.assertEqual(status, 200)
        self.assertIn(b"<title>Davy</title>", content)

    def test_a_log_line_names_page_and_fingerprint(self):
        self.first_start()
        ready = self.host.log[-1]
        self.assertIn(f"page=https://127.0.0.1:{self.host.port}/", ready)
        fingerprint = re.search(r"sha256=([0-9A-F:]{95})", ready).group(1)
        with socket.create_connection(("127.0.0.1", self.host.port)) as s:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            with context.wrap_socket(s) as tls:
                self.assertIn(tls.version(), ("TLSv1.2", "TLSv1.3"))
                shown = __import__("hashlib").sha256(tls.getpeercert(binary_form=True)).hexdigest().upper()
        self.assertEqual(fingerprint.replace(":", ""), shown)

    def test_old_tls_is_refused(self):
        self.first_start()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        with warnings.catch_warnings():  # old on purpose
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
        with socket.create_connection(("127.0.0.1", self.host.port)) as s:
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                context.wrap_socket(s)

    def test_signals_end_it(self):
        self.first_start()
        for how in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            with self.subTest(how.name):
                self.assertEqual(self.host.stop(how), 0)
                self.assertIn("info stopped\n", self.host.log)
                self.host.start()

    def test_kill_9_and_again(self):
        self.first_start()
        for _ in range(3):
            self.host.stop(signal.SIGKILL)
            self.assertEqual(self.host.start(), "")
            self.assertEqual(self.host.ask("GET", "/api/v1/health")[0], 200)

    def test_a_second_one_on_the_same_data(self):
        self.first_start()
        second = Host(self.folder, free_port())
        done = second.run()
        self.assertEqual(done.returncode, 73, done.stderr)
        self.assertIn("another davy-host", done.stderr)

    def test_a_port_in_use(self):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            s.listen()
            other = Host(self.folder, s.getsockname()[1])
            done = other.run()
        self.assertEqual(done.returncode, 69, done.stderr)
        self.assertIn("in use", done.stderr)

    def test_data_that_cannot_be_used(self):
        with open(os.path.join(self.folder, "data"), "w", encoding="utf-8") as f:
            f.write("a file")
        done = self.host.run()
        self.assertEqual(done.returncode, 73)
        os.remove(os.path.join(self.folder, "data"))
        os.mkdir(os.path.join(self.folder, "data"), 0o700)
        with open(os.path.join(self.folder, "data", "history.db"), "wb") as f:
            f.write(b"x" * 8192)
        done = self.host.run()
        self.assertEqual(done.returncode, 73)
        self.assertIn("history.db", done.stderr)

    def test_the_service_manager_hears(self):
        path = os.path.join(self.folder, "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.bind(path)
            s.settimeout(PATIENCE_S)
            self.host.start({"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "2000000"})
            self.assertEqual(s.recv(100), b"READY=1")
            self.assertEqual([s.recv(100) for _ in range(3)], [b"WATCHDOG=1"] * 3)
            self.assertEqual(self.host.stop(), 0)
            heard = b""
            while heard != b"STOPPING=1":
                heard = s.recv(100)


class Users(ProgramTest):
    def test_made_changed_removed_and_on_record(self):
        self.host.start()
        done = self.host.run("user", "add", "wang", "--role", "operator", "--temporary",
                             stdin="first password\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("first password", done.stdout)
        status, body, _ = self.host.login("wang", "first password")
        self.assertEqual((status, body["role"], body["must_change_password"]), (200, "operator", True))
        done = self.host.run("user", "password", "wang", stdin="second password\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertFalse(self.host.login("wang", "second password")[1]["must_change_password"])
        done = self.host.run("user", "password", "wang", "--generate")
        self.assertEqual(done.returncode, 0, done.stderr)
        password = re.search(r"password: (\S+)", done.stdout).group(1)
        status, body, _ = self.host.login("wang", password)
        self.assertEqual((status, body["must_change_password"]), (200, True))
        self.assertEqual(self.host.run("user", "role", "wang", "admin").returncode, 0)
        self.assertRegex(self.host.run("user", "list").stdout, r"wang +admin")
        self.assertEqual(self.host.run("user", "remove", "wang").returncode, 0)
        self.assertEqual(self.host.login("wang", password)[0], 401)
        audit = self.host.run("user", "audit")
        self.assertEqual(audit.returncode, 0, audit.stderr)
        for action in ("user_add", "user_password", "user_role", "user_remove", "login_failed"):
            self.assertIn(action, audit.stdout)
        self.assertIn("none changed or missing", audit.stdout)

    def test_refusals_say_why(self):
        self.host.start()
        for arguments, stdin, words in (
                (("add", "li", "--role", "viewer"), "short\n", "at least 10"),
                (("add", "li", "--role", "viewer"), "", "no password"),
                (("add", "l i", "--role", "viewer"), "long enough\n", "without blanks"),
                (("add", "admin", "--role", "viewer"), "long enough\n", "already"),
                (("remove", "nobody"), "", "no user"),
                (("remove", "admin"), "", "last admin"),
                (("role", "admin", "viewer"), "", "last admin")):
            with self.subTest(arguments):
                done = self.host.run("user", *arguments, stdin=stdin)
                self.assertEqual(done.returncode, 65)
                self.assertIn(words, done.stderr)

    def test_before_the_first_start(self):
        done = self.host.run("user", "add", "li", "--role", "admin", stdin="long enough\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.host.start(), "")  # there is an admin already
        self.assertEqual(self.host.login("li", "long enough")[0], 200)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]] + sys.argv[2:], verbosity=2)
