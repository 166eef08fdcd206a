"""A test with a mine of its own: a folder, programs that are stopped at its end, and eyes on their logs."""

import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import mine as mines

SOURCE = Path(__file__).resolve().parent.parent.parent


class MineTest(unittest.TestCase):
    build = None
    gateways = ("gw",)

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="davy-bad-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.mine = mines.Mine(self.folder, self.build, SOURCE, gateways=self.gateways)
        self.addCleanup(self.mine.stop)

    def wait_for_line(self, program, words, seconds=30, after=0):
        """A log line with all of the words, in this order; gives the log's size then."""
        pattern = re.compile(".*".join(re.escape(word) for word in words))

        def there():
            text = Path(program.log).read_text(errors="replace")
            found = pattern.search(text, after)
            return found and found.end()

        try:
            return mines.wait_for(f"{words} in the log of {program.name}", there, seconds)
        except TimeoutError as late:
            self.fail(f"{late}\n{program.tail()}")

    def to_its_end(self, program, seconds=30):
        """Runs a program that is expected to end by itself; exit code and what it wrote."""
        program.start()
        try:
            code = program.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.fail(f"{program.name} did not end:\n{program.tail()}")
        return code, Path(program.log).read_text()
