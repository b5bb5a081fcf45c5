"""R² on new rows of scikit-learn's pipelines with the steps that vadi's options name, for each shape of table."""

import json
import os
import sys

import duckdb
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

folder = sys.argv[1]


def path(name):
    return os.path.join(folder, name)


def categories():
    return OneHotEncoder(max_categories=21, handle_unknown="infrequent_if_exist", sparse_output=False)


def filled(strategy):
    return SimpleImputer(strategy=strategy, add_indicator=True)


def log():
    return FunctionTransformer(np.log1p)


class Clip(FunctionTransformer):
    """Cuts at the quantiles 0.001 and 0.999 of the rows that were fitted."""

    def fit(self, x, y=None):
        self.low, self.high = np.quantile(x, [0.001, 0.999], axis=0)
        return self

    def transform(self, x):
        return np.clip(x, self.low, self.high)


class Dates(FunctionTransformer):
    """Year, month, day of the week, hour, and seconds since the first."""

    def fit(self, x, y=None):
        self.first = x.iloc[:, 0].min()
        return self

    def transform(self, x):
        day = x.iloc[:, 0].dt
        seconds = (x.iloc[:, 0] - self.first).dt.total_seconds()
        return np.column_stack([day.year, day.month, day.dayofweek + 1, day.hour, seconds])


def taxi(part):
    frame = pd.read_parquet(path(f"taxi-{part}.parquet"))
    frame = frame[frame.fare > 0]
    frame["card"] = (frame.payment == "card").astype(float)
    frame["hour"] = frame.pickup.dt.hour
    return frame[["km", "card", "hour", "fare"]]


def events(part):
    frame = pd.read_json(path(f"events-{part}.ndjson"), lines=True)
    frame["age"] = [user["age"] for user in frame.user]
    return frame[["age", "kind", "ok", "milliseconds"]].astype({"ok": float})


def shop(part):
    with duckdb.connect(path(f"shop-{part}.duckdb"), read_only=True) as database:
        frame = database.sql("SELECT * REPLACE (price::double AS price) FROM sales").df()
    return frame.astype({"day": "datetime64[ns]"})


def csv(name, **options):
    return lambda part: pd.read_csv(path(name.format(part)), **options)


# name: how it is read, target, steps of columns; all other columns stay as they are.
SHAPES = {
    "taxi": (taxi, "fare", []),
    "flights": (
        csv("flights-{}.csv.gz", parse_dates=["scheduled"]),
        "arrival_delay",
        [
            (categories(), ["carrier"]),
            (Dates(), ["scheduled"]),
            (filled("median"), ["departure_delay"]),
        ],
    ),
    "houses": (
        csv("houses-{}.csv"),
        "price",
        [(log(), ["area"]), (categories(), ["heating"]), (filled("mean"), ["garage"])],
    ),
    "sensors": (
        csv("sensors-{}.csv", parse_dates=["time"]),
        "reading",
        [(Dates(), ["time"]), (filled("median"), ["temperature", "humidity"])],
    ),
    "credit": (
        csv("credit-{}.csv"),
        "defaulted",
        [
            (categories(), ["education"]),
            (Clip(), ["credit_limit", "age", "months_late", "bill"]),
        ],
    ),
    "events": (events, "milliseconds", [(categories(), ["kind"])]),
    "energy": (
        csv(
            "energy-{}.csv",
            sep=";",
            decimal=",",
            thousands=".",
            usecols=["temperatur", "einwohner", "verbrauch"],
        ),
        "verbrauch",
        [],
    ),
    "measurements": (csv("measurements-{}.tsv.gz", sep="\t"), "y", []),
    "wide": (lambda part: pd.read_parquet(path(f"wide-{part}.parquet")).astype(float), "y", []),
    "shop": (shop, "revenue", [(categories(), ["region"]), (Dates(), ["day"])]),
}


def score(read, target, steps):
    known, new = read("known"), read("new")
    columns = ColumnTransformer(
        [(str(at), step, names) for at, (step, names) in enumerate(steps)], remainder="passthrough"
    )
    model = make_pipeline(columns, StandardScaler(), LinearRegression())
    model.fit(known.drop(columns=target), known[target].astype(float))
    return model.score(new.drop(columns=target), new[target].astype(float))


print(json.dumps({name: score(*shape) for name, shape in SHAPES.items()}))
