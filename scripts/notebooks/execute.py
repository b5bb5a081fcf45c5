"""Runs all cells of a Jupyter notebook in its folder, one after the other, and writes it with their outputs.

    execute.py NOTEBOOK OUTPUT     JUPYTER_PATH leads to the kernel; exits with 1 where a cell fails

As JupyterLab does, it gives an output to the cell that it names. Deno sends some only after it has said that it is idle
again, so they are awaited for a little longer.
"""

import json
import queue
import sys
import time
from pathlib import Path

from jupyter_client.manager import start_new_kernel

source, output = map(Path, sys.argv[1:])
notebook = json.loads(source.read_text())
outputs = {}  # of each execution


def take(client, seconds):
    """The next message of the kernel; gives an output to its execution."""
    message = client.get_iopub_msg(timeout=seconds)
    kind, content = message["msg_type"], message["content"]
    if kind in ("stream", "execute_result", "display_data"):
        cell = outputs.get(message["parent_header"].get("msg_id"))
        if cell is not None:
            cell.append({"output_type": kind, **{key: content[key] for key in content if key != "transient"}})
    elif kind == "error":
        sys.exit(f"{source.name}: {content['ename']}: {content['evalue']}")
    return message


manager, client = start_new_kernel(
    kernel_name=notebook["metadata"]["kernelspec"]["name"], startup_timeout=120, cwd=str(source.parent)
)
try:
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        execution = client.execute("".join(cell["source"]))
        outputs[execution] = cell["outputs"] = []
        while True:
            message = take(client, 300)
            of = message["parent_header"].get("msg_id")
            if of == execution and message["content"].get("execution_state") == "idle":
                break
    end = time.monotonic() + 10
    while not all(outputs.values()) and time.monotonic() < end:
        try:
            take(client, 1)
        except queue.Empty:
            pass
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
output.write_text(json.dumps(notebook))
