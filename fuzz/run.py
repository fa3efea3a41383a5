"""Runs fuzz targets for so many minutes each, some at a time, and prints a row of a table for each.

    cargo fuzz build -s none --fuzz-dir .
    python3 run.py --minutes 30 --jobs 4 [TARGET...]

Minutes say little on a machine that has other work to do: the processor time and the executions are told too. A finding ends its target's
run and lies in fuzz/artifacts.
"""

import argparse
import glob
import os
import re
import shutil
import subprocess
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
# Longest input, in bytes, where it is not 8192. A byte of a folded target stands for a word.
LONGEST = {
    "mailbox": 16384, "container": 16384, "query": 2048, "officials": 2048, "people_and_dates": 1024,
    "mailbox_folded": 1024, "message_folded": 1024, "query_folded": 512,
}
# Without seeds, libFuzzer would stay with inputs of a few bytes for the first hundred thousand executions.
SEEDLESS = ("mailbox_folded", "message_folded", "query_folded", "print_out_folded", "load_file_folded", "officials")


def program(target, folder):
    """A copy, so that a build meanwhile does not change what runs."""
    target_folder = os.environ.get("CARGO_TARGET_DIR", os.path.join(HERE, "target"))
    built = glob.glob(os.path.join(target_folder, "*", "release", target))
    if not built:
        raise SystemExit(f"{target} is not built: cargo fuzz build -s none --fuzz-dir .")
    return shutil.copy(built[0], os.path.join(folder, target))


def run(target, minutes, folder):
    """Runs one target; gives minutes, seconds of the processor, executions and the exit code."""
    corpus, artifacts = os.path.join(HERE, "corpus", target), os.path.join(HERE, "artifacts", target, "")
    for needed in (corpus, artifacts):
        os.makedirs(needed, exist_ok=True)
    arguments = [
        program(target, folder), corpus, f"-artifact_prefix={artifacts}", f"-max_total_time={round(minutes * 60)}", "-timeout=120",
        "-rss_limit_mb=2048", f"-max_len={LONGEST.get(target, 8192)}", "-print_final_stats=1", *(["-len_control=1"] if target in SEEDLESS else []),
    ]
    log = os.path.join(folder, target + ".log")
    began = time.monotonic()
    with open(log, "wb") as output:
        child = subprocess.Popen(arguments, stdout=output, stderr=output, env=dict(os.environ, RAYON_NUM_THREADS="1"))
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    with open(log, encoding="utf-8", errors="replace") as file:
        executions = re.findall(r"stat::number_of_executed_units:\s+(\d+)", file.read())
    return (time.monotonic() - began) / 60, usage.ru_utime + usage.ru_stime, int(executions[-1]) if executions else 0, child.returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=31)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--logs", default=os.path.join(HERE, "target", "runs"), help="folder for what libFuzzer says")
    parser.add_argument("targets", nargs="*")
    arguments = parser.parse_args()
    every = sorted(name.removesuffix(".rs") for name in os.listdir(os.path.join(HERE, "targets")))
    todo = list(reversed(arguments.targets or every))
    os.makedirs(arguments.logs, exist_ok=True)
    print("| target | minutes | processor, s | executions | ended |\n|---|---|---|---|---|", flush=True)

    def work():
        while todo:
            target = todo.pop()
            minutes, processor, executions, code = run(target, arguments.minutes, arguments.logs)
            ended = "in time" if code == 0 else f"with {code}: see its log and artifacts"
            print(f"| `{target}` | {minutes:.0f} | {processor:.0f} | {executions:,} | {ended} |", flush=True)

    workers = [threading.Thread(target=work) for _ in range(arguments.jobs)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


if __name__ == "__main__":
    main()
