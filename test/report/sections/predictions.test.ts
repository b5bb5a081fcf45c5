import { readFile } from "node:fs/promises";
import path from "node:path";
import { createDataset, generate, report, train } from "../../../src/index.js";
import { languageOf } from "../../../src/language/index.js";
import type { FactTable, LineFigure } from "../../../src/report/figures/figure.js";
import { sectionOfPredictions } from "../../../src/report/sections/predictions/index.js";
import { inFolder } from "../../helpers/folder.js";
import { assert, test } from "../../helpers/test.js";

const NAMES = ["area", "year", "<rooms>"];

interface House {
  x: number[];
  price: number;
}

const houses = Array.from({ length: 600 }, (_, row): House => {
  const [area, year, rooms] = [
    40 + ((row * 37) % 101),
    1900 + ((row * 53) % 97),
    1 + ((row * 11) % 5),
  ];
  return { x: [area, year, rooms], price: 5000 + 30 * area + 5 * year - 100 * rooms + (row % 700) };
});

/** Least squares with an intercept, in float64: the normal equations by Gaussian elimination, the intercept last. */
function leastSquares(): number[] {
  const means = NAMES.map((_, column) =>
    houses.reduce((sum, { x }) => sum + x[column]! / houses.length, 0),
  );
  const mean = houses.reduce((sum, { price }) => sum + price / houses.length, 0);
  const equations = NAMES.map((_, one) => [
    ...NAMES.map((__, other) =>
      houses.reduce((sum, { x }) => sum + (x[one]! - means[one]!) * (x[other]! - means[other]!), 0),
    ),
    houses.reduce((sum, { x, price }) => sum + (x[one]! - means[one]!) * (price - mean), 0),
  ]);
  for (let pivot = 0; pivot < 3; pivot++) {
    for (let row = 0; row < 3; row++) {
      if (row === pivot) continue;
      const factor = equations[row]![pivot]! / equations[pivot]![pivot]!;
      equations[row] = equations[row]!.map((value, at) => value - factor * equations[pivot]![at]!);
    }
  }
  const weights = equations.map((row, at) => row[3]! / row[at]!);
  return [...weights, mean - weights.reduce((sum, weight, at) => sum + weight * means[at]!, 0)];
}

function assertNear(found: unknown, wanted: number): void {
  assert.type(found, "number");
  assert.ok(
    Math.abs((found as number) - wanted) <= 1e-5 * Math.abs(wanted),
    `${found}, not ${wanted}`,
  );
}

test(
  "a linear model's weights are in the table's units, and its predictions are drawn against their targets",
  inFolder(async (folder) => {
    const rows = houses.map(({ x, price }) => ({ x, y: price }));
    const columns = { target: "price", features: NAMES };
    const dataset = await createDataset(rows, { out: path.join(folder, "houses"), ...columns });
    const out = path.join(folder, "run");
    const run = await train(dataset, { out, optimizer: "closed-form", standardize: true });
    const section = (await sectionOfPredictions(languageOf("en"), run))!;
    const [figure, quality, weights] = section.blocks as [LineFigure, FactTable, FactTable];

    const exact = leastSquares();
    assert.equal(
      weights.rows.map(([name]) => name),
      [...NAMES, "bias"],
    );
    weights.rows.forEach(([, weight], at) => assertNear(weight, exact[at]!));
    weights.rows.slice(0, 3).forEach(([, , effect], at) => {
      const all = houses.map(({ x }) => x[at]!);
      const mean = all.reduce((sum, value) => sum + value / all.length, 0);
      const variance = all.reduce((sum, value) => sum + (value - mean) ** 2 / (all.length - 1), 0);
      // Whichever of n and n − 1 the variance is divided by.
      assert.ok(Math.abs((effect as number) / (exact[at]! * Math.sqrt(variance)) - 1) < 1e-3);
    });

    const predicted = houses.map(({ x }) =>
      x.reduce((sum, value, at) => sum + exact[at]! * value, exact[3]!),
    );
    predicted.forEach((value, at) => {
      assertNear(figure.series[0]!.x[at], houses[at]!.price);
      assertNear(figure.series[0]!.y[at], value);
    });
    const errors = houses.map(({ price }, at) => predicted[at]! - price);
    const mean = houses.reduce((sum, { price }) => sum + price / houses.length, 0);
    const squares = errors.reduce((sum, error) => sum + error ** 2, 0);
    const rSquared = 1 - squares / houses.reduce((sum, { price }) => sum + (price - mean) ** 2, 0);
    const [[, shownRSquared], [, absolute], [, root]] = quality.rows as [
      unknown[],
      unknown[],
      unknown[],
    ];
    assertNear(shownRSquared, rSquared);
    assertNear(absolute, errors.reduce((sum, error) => sum + Math.abs(error), 0) / houses.length);
    assertNear(root, Math.sqrt(squares / houses.length));
    const percent = Math.floor(rSquared * 1000) / 10;
    assert.match(
      section.title,
      `explains ${percent}\u00a0% of the variance of price in rows that it was trained`,
    );

    const file = await report([out], { out: path.join(folder, "report.html") });
    const html = await readFile(file, "utf8");
    assert.match(html, "Weights in the table’s own units");
    assert.match(html, /&lt;rooms(?:>|&gt;)/);
    assert.not.match(html, "<rooms>");
    const turkish = (await sectionOfPredictions(languageOf("tr"), run))!;
    assert.match(
      turkish.title,
      /^Model, eğitildiği satırlarda price varyansının %\d+,\d kadarını açıklıyor$/,
    );
  }),
);

test(
  "validation rows show their quality; initial weights, and synthetic data without validation, are not judged",
  inFolder(async (folder) => {
    const rows = houses.map(({ x, price }) => ({ x, y: price }));
    const dataset = await createDataset(rows, { out: path.join(folder, "houses") });
    const options = { optimizer: "sgd", standardize: true, bias: true, batchSize: 50 } as const;
    const run = await train(dataset, {
      ...options,
      out: path.join(folder, "run"),
      learningRate: 0.1,
      epochs: 4,
      validation: 0.3,
    });
    const section = (await sectionOfPredictions(languageOf("en"), run))!;
    const quality = section.blocks[1] as FactTable;
    const { measures, rows: kept } = run.record.result!.validation!;
    assert.is(quality.rows[0]![1], measures[3]!.rSquared);
    assert.is(quality.rows[1]![1], measures[3]!.meanAbsoluteError);
    assert.match(String(quality.rows[3]![1]), `${kept} validation rows, after epoch 4`);
    assert.match(section.title, "in rows that it was not trained on");

    const initial = await train(dataset, {
      ...options,
      out: path.join(folder, "initial"),
      epochs: 0,
    });
    assert.is(await sectionOfPredictions(languageOf("en"), initial), undefined);
    const made = await generate({ kind: "lsm", out: path.join(folder, "lsm"), rows: 500 });
    const onLsm = await train(made, {
      out: path.join(folder, "lsm-run"),
      optimizer: "closed-form",
    });
    assert.is(await sectionOfPredictions(languageOf("en"), onLsm), undefined);
  }),
);

test.run();
