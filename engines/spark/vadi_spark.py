#!/usr/bin/env python3
"""Runs a job of vadi on a Spark cluster.

    spark-submit vadi_spark.py [options] -- generate lsm --rows 10G --out /shared/data/lsm
    spark-submit vadi_spark.py [options] -- verify /shared/data/lsm
    spark-submit vadi_spark.py [options] -- landscape /shared/runs/mlp --batches all --out /shared/landscapes/mlp
    spark-submit vadi_spark.py [options] -- curvature /shared/runs/mlp --out /shared/curvature/mlp
    spark-submit vadi_spark.py [options] -- evaluate /shared/runs/mlp --dataset /shared/data/test

`vadi plan` divides the job into tasks on the driver, `vadi task` does them on the executors, and `vadi join` or
`vadi merge` puts the results together on the driver. All machines need vadi and see the same folders. Several
attempts of a task may run at once (speculation, retries), and processes may be killed at any moment: each attempt
writes under its own name, and one of each task counts. After the driver has died, the same command with --resume
does only the tasks that have no result yet.
"""

import argparse
import itertools
import json
import os
import re
import shlex
import subprocess
import sys
import time

JOBS = ("generate", "verify", "landscape", "evaluate", "curvature")
# What a task's process gets of the driver's environment: RDD.pipe gives it nothing else.
PASSED = re.compile(r"^(PATH|HOME|LANG|TMPDIR|(AWS|VADI|NODE)_.*)$")
# Those of two-layer-sigmoid data, in their order; other jobs have the last alone.
STAGES = ("first-maximum", "second-maximum", "shards")
MARKERS = {"generate": "manifest.json", "landscape": "landscape.json", "curvature": "curvature.json"}


def main() -> int:
    options = parse(sys.argv[1:])
    job, out = options.words[0], named(options.words, "--out")
    parts = options.parts or (f"{out}.parts" if out else None)
    if parts is None:
        fail("--parts must name a folder for the tasks' results that all machines see.")
    if out is not None and is_complete(options, job, out):
        if not options.resume:
            fail(f"{out} is there already.")
        print(f"{out} is complete.")
    else:
        if not options.resume and has_results(options, job, parts):
            fail(f"{parts} holds results of an earlier run: --resume continues it.")
        do_tasks(options, job, parts)
        status = put_together(options, job, parts, out)
        if status != 0:
            return status
    if not options.keep_parts:
        run(options, ["merge", parts, "--discard", "--quiet"])
    return 0


def is_complete(options, job, out):
    """Whether the dataset or landscape is there already."""
    if not is_remote(out):
        return os.path.exists(os.path.join(out, MARKERS[job]))
    return run(options, ["inspect", out, "--rows", "0", "--json"], stderr=subprocess.DEVNULL).returncode == 0


def has_results(options, job, parts):
    """Whether tasks of an earlier run have left results."""
    if not is_remote(parts):
        return os.path.isdir(parts) and bool(os.listdir(parts))
    found = [run(options, plan_words(options, job, parts, STAGES[0], more)) for more in ([], ["--resume"])]
    return found[1].returncode != 0 or found[0].stdout != found[1].stdout


def is_remote(folder):
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", folder) is not None


def parse(words):
    parser = argparse.ArgumentParser(
        prog="vadi_spark.py", description="Runs a job of vadi on a Spark cluster."
    )
    parser.add_argument("--vadi", default="vadi", help="command that starts vadi, on every machine")
    parser.add_argument("--tasks", type=int, default=100, help="how many tasks")
    parser.add_argument("--parts", help="folder for the tasks' results (default: OUT.parts)")
    parser.add_argument("--workers", type=int, default=1, help="threads a task: spark.task.cpus")
    parser.add_argument("--resume", action="store_true", help="continue after the driver has died")
    parser.add_argument("--keep-parts", action="store_true", help="do not remove the tasks' results")
    parser.add_argument("words", nargs="+", metavar="JOB …", help=f"{', '.join(JOBS)} and its options")
    options = parser.parse_args(words)
    if options.words[0] not in JOBS:
        parser.error(f"the job must be one of {', '.join(JOBS)}, not {options.words[0]}.")
    return options


def do_tasks(options, job, parts):
    """Does all stages of a job that are not done yet."""
    from pyspark import SparkContext

    context = None
    for stage in stages(options, job):
        planned = run(options, plan_words(options, job, parts, stage, ["--resume"]))
        if planned.returncode != 0:
            sys.exit(planned.returncode)
        tasks = planned.stdout.splitlines()
        if not tasks and job == "curvature":
            break
        if not tasks:
            continue
        context = context or SparkContext(appName=f"vadi {job}")
        do_stage(context, options, stage if has_stages(options, job) else job, tasks)
    if context is not None:
        context.stop()


def stages(options, job):
    """The stages of a job. A curvature has one for each pass over the rows, until there are no tasks."""
    if job == "curvature":
        return itertools.repeat(STAGES[-1])
    return STAGES if has_stages(options, job) else STAGES[-1:]


def has_stages(options, job):
    return job == "generate" and "two-layer-sigmoid" in options.words


def plan_words(options, job, parts, stage, more):
    words = ["plan", *options.words, "--parts", parts, "--tasks", str(options.tasks), *more]
    return [*words, "--stage", stage] if has_stages(options, job) else words


def do_stage(context, options, name, tasks):
    started = time.monotonic()
    command = f"{options.vadi} task --workers {options.workers}"
    passed = {key: value for key, value in os.environ.items() if PASSED.match(key)}
    # A partition a task, so that Spark repeats and speculates on single tasks.
    lines = context.parallelize(tasks, len(tasks)).mapPartitions(with_attempt)
    results = lines.pipe(command, env=passed, checkCode=True).collect()
    report = {
        "stage": name,
        "tasks": len(results),
        "rows": sum(json.loads(result)["rows"] for result in results),
        "seconds": round(time.monotonic() - started, 3),
        "bytesThroughDriver": sum(map(len, tasks)) + sum(map(len, results)),
    }
    # spark-submit sends standard error of a driver to standard output: a line of JSON each, the result last.
    print(json.dumps(report), flush=True)


def with_attempt(lines):
    """Names the attempt in its task, for people who look at the folders."""
    from pyspark import TaskContext

    context = TaskContext.get()
    attempt = f"{context.stageId()}.{context.attemptNumber()}.{context.taskAttemptId()}"
    for line in lines:
        yield json.dumps({**json.loads(line), "attempt": attempt}, separators=(",", ":"))


def put_together(options, job, parts, out):
    """Returns vadi's exit code: that of a verification is 1 where files are damaged."""
    words = ["join" if job == "generate" else "merge", parts]
    if out is not None:
        words += ["--out", out]
    if job == "generate":
        # Each file was hashed as it was written; to read all of them again is work for tasks of `verify`.
        words += ["--check", "size"]
    if job in ("landscape", "curvature"):
        # A merge that the driver's death has interrupted starts again.
        words.append("--force")
    done = run(options, [*words, "--json"])
    if done.stdout:
        print(json.dumps(json.loads(done.stdout)), flush=True)
    return done.returncode


def run(options, words, stderr=None):
    command = [*shlex.split(options.vadi), *words]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=stderr, text=True, check=False)


def named(words, option):
    """The value of an option, as `--out DIR` or `--out=DIR`."""
    for at, word in enumerate(words):
        if word == option and at + 1 < len(words):
            return words[at + 1]
        if word.startswith(f"{option}="):
            return word[len(option) + 1 :]
    return None


def fail(sentence):
    print(f"vadi_spark.py: {sentence}", file=sys.stderr)
    sys.exit(2)


if __name__ == "__main__":
    sys.exit(main())
