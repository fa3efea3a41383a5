"""Time and memory of each form of export, for growing numbers of messages of one case: growth has to be linear."""

import argparse
import os
import resource
import subprocess
import sys
import time

from common import Program, remove

FORMS = ["mbox", "eml", "csv", "json", "html", "sqlite", "dat", "attachments"]


def size_of(path):
    if os.path.isfile(path):
        return os.path.getsize(path)
    return sum(os.path.getsize(os.path.join(above, name)) for above, _, names in os.walk(path) for name in names)


def timed(program, ids, to, form, more):
    """Seconds, processor seconds, MB at most; from a process of its own, so that its peak is its own."""
    remove(to)
    command = ["export", "--ids", ids, "--to", to, "--format", form, *more]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.time()
    script = (
        "import resource,subprocess,sys;"
        "code=subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL).returncode;"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss);sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", script, program.path, "--case", program.case, *command], capture_output=True)
    seconds, after = time.time() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 3):
        raise SystemExit(done.stderr.decode())
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, spent, int(done.stdout) / 1000


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--muckrake", required=True)
    parser.add_argument("--case", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--parts", type=float, nargs="*", default=[0.25, 0.5, 1])
    parser.add_argument("--forms", nargs="*", default=FORMS)
    parser.add_argument("--bag", action="store_true")
    arguments = parser.parse_args()
    work = os.path.abspath(arguments.work)
    os.makedirs(work, exist_ok=True)
    program = Program(arguments.muckrake, arguments.case)
    ids = [hit["id"] for hit in program.hits()]
    ids.sort()  # ids are hashes, so that a part of them is a fair sample
    print("form         messages  seconds  processor     MB  written, MB")
    for form in arguments.forms:
        for part in arguments.parts:
            chosen = ids[: int(len(ids) * part)]
            listed = os.path.join(work, "ids.txt")
            with open(listed, "w", encoding="ascii") as file:
                file.write("\n".join(chosen) + "\n")
            to = os.path.join(work, "measured")
            seconds, spent, memory = timed(program, listed, to, form, ["--bag"] if arguments.bag else [])
            print(f"{form:12} {len(chosen):8}  {seconds:7.2f}  {spent:9.2f}  {memory:5.0f}  {size_of(to) / 1e6:11.1f}", flush=True)
            remove(to)


if __name__ == "__main__":
    sys.exit(main())
