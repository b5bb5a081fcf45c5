"""Reads vadi's shards by other programs, without options, and compares what they read.

    check.py FOLDER     FOLDER/expected.json says what there is

Prints one line for each reader and dataset; exits with 1 where one differs.
"""

import json
import os
import sys
from importlib.metadata import version
from pathlib import Path

import duckdb
import numpy
import polars
import pyarrow.ipc
import pyarrow.parquet

root = Path(sys.argv[1])
expected = json.loads((root / "expected.json").read_text())
features = expected["features"]
values = numpy.fromfile(root / "expected.bin", dtype="<f4").reshape(expected["rows"], features + 1)
names = [f"x{i}" for i in range(features)] + ["y"]
failed = False


def check(reader, what, run):
    global failed
    try:
        run()
        print(f"ok    {reader} {version(reader)}: {what}")
    except Exception as error:
        failed = True
        print(f"FAIL  {reader} {version(reader)}: {what}: {type(error).__name__}: {str(error)[:300]}")


def same(array):
    array = numpy.asarray(array)
    assert array.dtype == numpy.float32, f"values are {array.dtype}"
    assert array.shape == values.shape, f"{array.shape} values instead of {values.shape}"
    assert array.tobytes() == values.tobytes(), "values differ"


def explains(metadata, first_row):
    texts = {key.decode(): value.decode() for key, value in (metadata or {}).items()}
    for key, value in {**expected["metadata"], "vadi.firstRow": str(first_row)}.items():
        assert texts.get(key) == value, f"metadata {key} is {texts.get(key)}, not {value}"


def stacked(x, y):
    return numpy.column_stack([numpy.concatenate(x).reshape(-1, features), numpy.concatenate(y)])


def arrow_pyarrow(folder):
    x, y, first = [], [], 0
    for file in sorted(folder.glob("*.arrow")):
        with pyarrow.ipc.open_file(file) as reader:
            explains(reader.schema.metadata, first)
            table = reader.read_all()
        table.validate(full=True)
        x += [chunk.flatten().to_numpy() for chunk in table["x"].chunks]
        y.append(table["y"].to_numpy())
        first += table.num_rows
    same(stacked(x, y))


def arrow_polars(folder):
    frames = [polars.read_ipc(file) for file in sorted(folder.glob("*.arrow"))]
    x = [frame["x"].to_numpy().reshape(-1) for frame in frames]
    same(stacked(x, [frame["y"].to_numpy() for frame in frames]))


def parquet_pyarrow(folder):
    tables, first = [], 0
    for file in sorted(folder.glob("*.parquet")):
        opened = pyarrow.parquet.ParquetFile(file)
        explains(opened.metadata.metadata, first)
        table = opened.read()
        start = first
        for group in range(opened.metadata.num_row_groups):
            described = opened.metadata.row_group(group)
            part = values[start : start + described.num_rows]
            for column in range(described.num_columns):
                statistics = described.column(column).statistics
                assert statistics.has_min_max and statistics.null_count == 0, "no statistics"
                least, most = part[:, column].min(), part[:, column].max()
                assert statistics.min == least and statistics.max == most, "statistics differ"
            start += described.num_rows
        tables.append(table)
        first += table.num_rows
    table = pyarrow.concat_tables(tables)
    assert table.column_names == names, f"columns are {table.column_names}"
    same(numpy.column_stack([table[name].to_numpy() for name in names]))


def parquet_polars(folder):
    same(polars.read_parquet(folder / "*.parquet").select(names).to_numpy())


def parquet_duckdb(folder):
    columns = duckdb.sql(f"from '{folder}/*.parquet'").fetchnumpy()
    same(numpy.column_stack([columns[name] for name in names]))


def parquet_pyspark(folder):
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.log.level", "ERROR")
        .getOrCreate()
    )
    try:
        rows = []
        for file in sorted(folder.glob("*.parquet")):
            frame = session.read.parquet(str(file))
            assert frame.columns == names, f"columns are {frame.columns}"
            assert all(kind == "float" for _, kind in frame.dtypes), f"types are {frame.dtypes}"
            rows += [tuple(row) for row in frame.collect()]
        same(numpy.array(rows, dtype="f4"))
    finally:
        session.stop()


for name in expected["datasets"]:
    folder = root / name
    if name.startswith("arrow"):
        check("pyarrow", name, lambda: arrow_pyarrow(folder))
        check("polars", name, lambda: arrow_polars(folder))
    else:
        check("pyarrow", f"{name}, with statistics", lambda: parquet_pyarrow(folder))
        check("polars", name, lambda: parquet_polars(folder))
        check("duckdb", name, lambda: parquet_duckdb(folder))
        if os.environ.get("SKIP_SPARK") != "1":
            check("pyspark", name, lambda: parquet_pyspark(folder))
sys.exit(1 if failed else 0)
