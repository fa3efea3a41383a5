#!/usr/bin/env python3
"""Indexes one maildir with muckrake and with its peers and times the same searches.

    benches/peers.py WORK --mbox linux-man.mbox
    benches/peers.py WORK --maildir MAILDIR --rounds 3

Nothing is installed: of notmuch, mu (package maildir-utils) and mairix those that
are there take part. All files lie under WORK, the maildir made from an mbox too;
with --maildir, each hundredth file of it is moved to WORK/held, and a copy put back. The programs take
turns within each round; a figure is the median of all rounds. Writes a table in
Markdown to the standard output. Needs Linux, for the memory of processes.

Run it on an idle machine, with `nice -n -10` if it is not: then ratios hold,
seconds do not.
"""

import argparse
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time

# What each kind of query is in the language of each program. None: cannot be asked.
# Words are of the list linux-man; change them for other mail.
QUERIES = [
    # kind, muckrake, notmuch, mu, mairix
    ("a rare word", "mremap", "mremap", "mremap", ["mremap"]),
    ("a middling word", "memory", "memory", "memory", ["memory"]),
    ("a very common word", "the", "the", "the", ["the"]),
    ("two words", "memory barrier", "memory and barrier", "memory and barrier", ["memory", "barrier"]),
    ("a phrase", '"memory barrier"', '"memory barrier"', '"memory barrier"', None),
    ("words near one another", '"barrier memory"~3', "barrier NEAR/4 memory", None, None),
    ("a beginning", "memor*", "memor*", "memor*", ["^memor="]),
    ("a slip of the hand", "memroy~1", None, None, ["memroy=1"]),
    ("a regular expression", "subject:/mrem.p/", "subject:/mrem.p/", "subject:/mrem.p/", None),
    ("either of two", "mremap OR madvise", "mremap or madvise", "mremap or madvise", ["mremap/madvise"]),
    ("one without another", "memory -thread", "memory and not thread", "memory and not thread", ["memory", "~thread"]),
    ("a group", "(mremap OR madvise) flag", "(mremap or madvise) and flag", "(mremap or madvise) and flag",
     ["mremap/madvise", "flag"]),
    ("a subject", "subject:mremap", "subject:mremap", "subject:mremap", ["s:mremap"]),
    ("a common subject", "subject:patch", "subject:patch", "subject:patch", ["s:patch"]),
    ("a sender", "from:florian", "from:florian", "from:florian", ["f:florian"]),
    ("a sender's domain", "from:@gmail.com", "from:gmail.com", None, ["f:gmail.com"]),
    ("a recipient's address", "to:linux-man@vger.kernel.org", "to:linux-man@vger.kernel.org",
     "to:linux-man@vger.kernel.org", ["t:linux-man@vger.kernel.org"]),
    ("with attachments", "has:attachment", "tag:attachment", "flag:attach", None),
    ("a year", "date:2020", "date:2020-01-01..2020-12-31", "date:20200101..20201231", ["d:20200101-20201231"]),
    ("a word in two months", "memory date:2020-03..2020-04", "memory and date:2020-03-01..2020-04-30",
     "memory and date:20200301..20200430", ["memory", "d:20200301-20200430"]),
    ("a size", "size:>100k", None, "size:100k..1g", ["z:100k-1000m"]),
    ("the newest of all", "*", "*", "", None),
]


class Program:
    """One program with its index under the work folder."""

    name = ""
    binary = ""

    def __init__(self, work, maildir, binary=None):
        self.place = work / self.name
        self.maildir = maildir
        self.binary = binary or self.binary
        self.environment = dict(os.environ, LC_ALL="C.UTF-8", TZ="UTC")

    def fresh(self):
        shutil.rmtree(self.place, ignore_errors=True)
        self.place.mkdir(parents=True)

    def index_commands(self):
        raise NotImplementedError

    def search_command(self, kind, query):
        raise NotImplementedError

    def count(self, query):
        """How many match, so that readers see whether the programs mean the same."""
        raise NotImplementedError

    def run(self, command, sample=False):
        """Seconds, peak anonymous bytes, and the output of a command."""
        started = time.perf_counter()
        process = subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        memory = Memory(process.pid) if sample else None
        output, errors = process.communicate()
        seconds = time.perf_counter() - started
        # 3: done, but something was unread (muckrake). Of a search also 1: nothing found (mu: 2).
        if process.returncode not in ((0, 3) if sample else (0, 1, 2, 3)):
            raise RuntimeError(f"{command} ended with {process.returncode}: {errors.decode(errors='replace')[-500:]}")
        return seconds, memory.stop() if memory else 0, output

    def index(self):
        seconds = peak = 0
        for command in self.index_commands():
            took, bytes_, _ = self.run(command, sample=True)
            seconds, peak = seconds + took, max(peak, bytes_)
        return seconds, peak

    def size(self):
        return sum(path.stat().st_size for path in self.place.rglob("*") if path.is_file())


class Muckrake(Program):
    name = "muckrake"
    binary = "muckrake"

    def index_commands(self):
        return [[self.binary, "--case", self.place / "case", "ingest", self.maildir, "--release", "bench"]]

    def search_command(self, kind, query):
        order = ["--sort", "-date"] if kind == "the newest of all" else []
        return [self.binary, "--case", self.place / "case", "search", "--limit", "20", *order, "--", query]

    def count(self, query):
        return int(self.run([self.binary, "--case", self.place / "case", "search", "--count", "--", query])[2])

    def version(self):
        return self.run([self.binary, "--version"])[2].decode().split()[-1]


class Notmuch(Program):
    name = binary = "notmuch"

    def fresh(self):
        super().fresh()
        (self.place / "config").write_text(
            f"[database]\npath={self.place / 'db'}\nmail_root={self.maildir}\n"
            "[user]\nname=Bench\nprimary_email=bench@sample.example\n"
            "[new]\ntags=\n[maildir]\nsynchronize_flags=false\n")
        (self.place / "db").mkdir()
        self.environment["NOTMUCH_CONFIG"] = str(self.place / "config")

    def index_commands(self):
        return [["notmuch", "new", "--quiet"]]

    def search_command(self, kind, query):
        return ["notmuch", "search", "--limit=20", query]

    def count(self, query):
        return int(self.run(["notmuch", "count", query])[2])

    def version(self):
        return self.run(["notmuch", "--version"])[2].decode().split()[-1]


class Mu(Program):
    name = binary = "mu"

    def index_commands(self):
        home = f"--muhome={self.place}"
        made = (self.place / "xapian").exists()
        return ([] if made else [["mu", "init", home, f"--maildir={self.maildir}", "--quiet"]]) + [
            ["mu", "index", home, "--quiet"]]

    def search_command(self, kind, query):
        order = ["--sortfield=date", "--reverse"] if kind == "the newest of all" else []
        return ["mu", "find", f"--muhome={self.place}", "--maxnum=20", *order, query]

    def count(self, query):
        return len(self.run(["mu", "find", f"--muhome={self.place}", "--fields=l", query])[2].splitlines())

    def version(self):
        return self.run(["mu", "--version"])[2].decode().splitlines()[0].split()[-1]


class Mairix(Program):
    name = binary = "mairix"

    def fresh(self):
        super().fresh()
        (self.place / "rc").write_text(
            f"base={self.maildir.parent}\nmaildir={self.maildir.name}\n"
            f"mfolder={self.place / 'found'}\nmformat=maildir\ndatabase={self.place / 'database'}\n")

    def index_commands(self):
        return [["mairix", "-f", self.place / "rc"]]

    def search_command(self, kind, query):
        # It has no limit: paths alone are the least that it can print.
        return ["mairix", "-f", self.place / "rc", "-r", *query]

    def count(self, query):
        return len(self.run(self.search_command("", query))[2].splitlines())

    def version(self):
        text = self.run(["dpkg-query", "-W", "-f", "${Version}", "mairix"])[2] if shutil.which("dpkg-query") else b""
        return text.decode() or "of unknown version"


class Memory:
    """The most anonymous memory that a process has had, looked at every 10 ms."""

    def __init__(self, pid):
        self.path = f"/proc/{pid}/status"
        self.peak = 0
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()

    def watch(self):
        while not self.ended.wait(0.01):
            try:
                text = pathlib.Path(self.path).read_text()
            except OSError:
                return
            found = re.search(r"RssAnon:\s+(\d+) kB", text)
            self.peak = max(self.peak, int(found[1]) * 1024 if found else 0)

    def stop(self):
        self.ended.set()
        self.thread.join()
        return self.peak


def make_maildir(mbox, maildir):
    """One file for each message of an mbox, its quoting of `From ` lines taken back."""
    if maildir.exists():
        return
    for name in ("cur", "new", "tmp"):
        (maildir / name).mkdir(parents=True)
    text = mbox.read_bytes()
    starts = [0] if text.startswith(b"From ") else []
    starts += [found.start() + 2 for found in re.finditer(rb"\n\nFrom ", text)]
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(text) + 1])):
        message = text[text.index(b"\n", start) + 1:end - 1]
        message = re.sub(rb"(?m)^>(>*From )", rb"\1", message)
        (maildir / "cur" / f"{1_600_000_000 + number}.{number}.bench:2,S").write_bytes(message)


def hold_back(maildir, held):
    """Takes each hundredth message out of the maildir, to be added later."""
    held.mkdir(parents=True, exist_ok=True)
    files = sorted(path for name in ("cur", "new") for path in (maildir / name).iterdir())
    for path in files[::100] if not any(held.iterdir()) else []:
        path.rename(held / path.name)


def measure_indexing(programs, maildir, held, rounds):
    """Seconds, memory and size of each program, for each of four steps."""
    measured = {program.name: {} for program in programs}

    def note(program, what, value):
        measured[program.name].setdefault(what, []).append(value)

    for round_ in range(rounds):
        for program in programs:
            say(f"round {round_ + 1}: {program.name}")
            program.fresh()
            seconds, memory = program.index()
            note(program, "first", seconds)
            note(program, "memory", memory)
            note(program, "size", program.size())
            note(program, "again", program.index()[0])
        for path in held.iterdir():
            shutil.copy2(path, maildir / "cur" / path.name)
        for program in programs:
            note(program, "added", program.index()[0])
        if round_ + 1 < rounds:
            take_out(maildir, held)
    return {name: {what: statistics.median(values) for what, values in steps.items()}
            for name, steps in measured.items()}


def take_out(maildir, held):
    for path in held.iterdir():
        (maildir / "cur" / path.name).unlink(missing_ok=True)


def measure_searches(programs, runs):
    """For each kind the seconds and the number of matches of each program that can answer it."""
    rows = []
    for kind, *queries in QUERIES:
        asked = dict(zip(("muckrake", "notmuch", "mu", "mairix"), queries))
        able = [program for program in programs if asked[program.name] is not None]
        times = {program.name: [] for program in able}
        counts = {program.name: program.count(asked[program.name]) for program in able}
        for _ in range(runs):
            for program in able:
                command = program.search_command(kind, asked[program.name])
                times[program.name].append(program.run(command)[0])
        rows.append((kind, asked["muckrake"], {name: statistics.median(taken) for name, taken in times.items()}, counts))
    return rows


def say(text):
    print(text, file=sys.stderr, flush=True)


def report(programs, files, raw, indexing, searches, arguments):
    names = [program.name for program in programs]
    print(f"{files} files, {raw / 1e6:.1f} MB; {machine()}; "
          + ", ".join(f"{program.name} {program.version()}" for program in programs)
          + f"; load {os.getloadavg()[0]:.1f} at the end. `{' '.join(arguments)}`\n")
    print("| indexing | " + " | ".join(names) + " |")
    print("|---|" + "---:|" * len(names))
    ours = indexing["muckrake"]

    def row(title, what, show):
        print(f"| {title} | " + " | ".join(show(indexing[name][what], ours[what]) for name in names) + " |")

    def ratio(value, own):
        return f"{value:.2f} s ({value / own:.1f})"

    row("first, seconds (times ours)", "first", ratio)
    row("messages a second", "first", lambda value, _: f"{files / value:.0f}")
    row("nothing changed", "again", ratio)
    row("1 % added", "added", ratio)
    row("peak anonymous memory, MB", "memory", lambda value, _: f"{value / 1e6:.0f}")
    row("index against raw mail", "size", lambda value, _: f"{value / raw:.2f}")
    print("\nWhole processes, 20 results, milliseconds (matches):\n")
    print("| search | query | " + " | ".join(names) + " | ours against the fastest peer |")
    print("|---|---|" + "---:|" * (len(names) + 1))
    slower = 0
    for kind, query, times, counts in searches:
        cells = [f"{times[name] * 1e3:.1f} ({counts[name]})" if name in times else "-" for name in names]
        # Who finds nothing where we find something has not answered.
        peers = [times[name] for name in times if name != "muckrake" and (counts[name] or not counts["muckrake"])]
        against = times["muckrake"] / min(peers) if peers else None
        slower += against is not None and against > 1
        shown = "-" if against is None else f"{against:.2f}"
        print(f"| {kind} | `{query.replace('|', chr(92) + '|')}` | " + " | ".join(cells) + f" | {shown} |")
    print(f"\n{len(searches)} kinds, {slower} of them slower than the fastest peer that found anything. "
          "`-`: cannot be asked there. mairix prints paths only, and all of them.")


def machine():
    model = re.search(r"model name\s*:\s*(.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return (f"{len(os.sched_getaffinity(0))} cores {model[1] if model else platform.machine()}, "
            f"{memory / 2**30:.0f} GiB, Linux {platform.release().split('-')[0]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("work", type=pathlib.Path, help="folder for everything that is made")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--mbox", type=pathlib.Path, help="make the maildir from this mbox")
    source.add_argument("--maildir", type=pathlib.Path)
    parser.add_argument("--muckrake", default="muckrake", help="path of the program")
    parser.add_argument("--rounds", type=int, default=3, help="times that everything is indexed anew")
    parser.add_argument("--runs", type=int, default=9, help="times that each search is run")
    parser.add_argument("--without", action="append", default=[], help="leave out a peer")
    options = parser.parse_args()

    work = options.work.resolve()
    maildir = (options.maildir or work / "mail" / "box").resolve()
    if options.mbox:
        make_maildir(options.mbox, maildir)
    held = work / "held"
    hold_back(maildir, held)
    # An earlier run leaves them in.
    take_out(maildir, held)
    files = [path for name in ("cur", "new") for path in (maildir / name).iterdir()]
    raw = sum(path.stat().st_size for path in files)
    programs = [Muckrake(work, maildir, options.muckrake)]
    for kind in (Notmuch, Mu, Mairix):
        if kind.name in options.without or not shutil.which(kind.binary):
            say(f"{kind.name}: left out")
        else:
            programs.append(kind(work, maildir))
    indexing = measure_indexing(programs, maildir, held, options.rounds)
    searches = measure_searches(programs, options.runs)
    arguments = [os.path.basename(sys.argv[0]), *sys.argv[1:]]
    report(programs, len(files), raw, indexing, searches, arguments)


if __name__ == "__main__":
    main()
