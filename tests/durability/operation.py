"""What is done to a case under faults, and how the case is judged afterwards."""

import os
import shutil

from case import QUERIES, Program, Wrong, copy_case, difference, make_releases


def make_mail(work):
    """The releases, and a second place of one of them."""
    os.makedirs(work, exist_ok=True)
    make_releases(work)
    shutil.copytree(os.path.join(work, "harbour"), os.path.join(work, "moved", "harbour"), dirs_exist_ok=True)


def operations(work):
    """Name, commands that make the beginning, the command tried, more variables."""
    harbour, city, plans, moved = (os.path.join(work, name) for name in ("harbour", "city", "plans", "moved"))
    first = ["ingest", harbour, "--release", "harbour", "--agency", "Harbour Authority"]
    second = ["ingest", city, "--release", "city"]
    stream = ["ingest", plans, "--release", "plans"]
    mark, key = ["tag", "+seen", "bollard7"], ["tag", "+key", "pier"]
    return [
        ("first ingest", [], first, {}),
        ("second ingest", [first], second, {}),
        ("checkpoints", [second], first, {"FAULT_CLOCK": 2000}),
        ("rebuild", [first, second, mark], ["rebuild"], {}),
        ("stream", [], stream, {}),
        ("rebuild of a stream", [stream], ["rebuild"], {}),
        ("forget a stream", [stream, second], ["releases", "forget", "plans"], {}),
        ("forget", [first, second], ["releases", "forget", "harbour"], {}),
        ("relocate", [first], ["relocate", harbour, os.path.join(moved, "harbour")], {}),
        ("tag", [first, mark], key, {}),
        ("set", [first], ["releases", "set", "harbour", "--promised", "99"], {}),
    ]


def part(text):
    """`2/6`: the second of six parts of the steps, for as many scripts side by side, each with a folder of its own."""
    number, parts = map(int, text.split("/"))
    return number - 1, parts


class Operation:
    """One command on one beginning."""

    def __init__(self, muckrake, work, shim, name, before, command, variables):
        self.name, self.command, self.variables, self.tried = name, command, variables, 0
        self.beginning = os.path.join(work, "beginning")
        self.case = os.path.join(work, "case")
        shutil.rmtree(self.beginning, ignore_errors=True)
        start = Program(muckrake, self.beginning)
        for earlier in before:
            start.good(*earlier)
        self.program = Program(muckrake, self.case, shim)
        copy_case(self.beginning, self.case)
        self.program.good(*command)
        self.wanted = self.program.state()
        copy_case(self.beginning, self.case)
        count = os.path.join(work, "count")
        done = self.program.run(*command, faults=variables | {"FAULT_COUNT": count})
        if done.returncode:
            raise SystemExit(f"{name}: {done.stderr.decode()}")
        with open(count, encoding="ascii") as file:
            self.steps = int(file.read())
        if difference(self.wanted, self.program.state()):
            raise SystemExit(f"{name}: two runs differ")

    def begin(self):
        """Makes the beginning again."""
        copy_case(self.beginning, self.case)

    def difference(self):
        """Where the case is another than the wanted one. A third of the queries is asked each time: many disks and faults ask all of them."""
        self.tried += 1
        return difference(self.wanted, self.program.state(QUERIES[self.tried % 3::3]))

    def look(self):
        """A reader sees a consistent case, or one that was never made."""
        if os.path.exists(os.path.join(self.case, "ledger.sqlite")):
            try:
                self.program.expect_consistent()
            except Wrong as wrong:
                # A case that was being made is none yet.
                if "is not a muckrake case" not in str(wrong):
                    raise

    def expect_done(self):
        """All that the command was to do is there."""
        told = self.difference()
        if told:
            raise Wrong(f"said to be done, and is not: {told}")

    def finish(self):
        """The command again; then the case is the one that was never interrupted."""
        if self.command[:2] == ["releases", "forget"] or self.command[0] == "relocate":
            again = self.program.run(*self.command)
            if again.returncode not in (0, 1, 2):
                raise Wrong(f"again: exit {again.returncode}: {again.stderr.decode(errors='replace')}")
            if self.command[0] == "releases":
                # What a command that is done left to do is done by the next ingest, also of nothing new.
                self.program.good("ingest", os.path.join(os.path.dirname(self.case), "city"), "--release", "city")
        else:
            self.program.good(*self.command)
        told = self.difference()
        if told:
            raise Wrong(f"the case differs: {told}")
        self.program.good("verify")
