/*
 * The programs of the pages as modules.
 */

/**
 * A program of a page as a module of its own, with the variables that it takes as given.
 *
 * @param declares only declares them, for a check of types
 */
export function programOf(block: string, declares = false): string {
  const imports = block.match(/^import .*$/gm) ?? [];
  const body = block.replaceAll(/^import .*$/gm, "");
  const variables = variablesOf(block).map(([name, { type, value }]) =>
    declares ? `declare const ${name}: ${type};` : `const ${name} = await ${value};`,
  );
  return [...imports, ...variables, `{\n${body}\n}`, "export {};", ""].join("\n");
}

interface Variable {
  type: string;
  value: string;
}

/** What programs of the pages take as given: variables, their types and how a test makes them. */
const VARIABLES: Readonly<Record<string, Variable>> = {
  dataset: {
    type: 'import("vadi").Dataset',
    value: '(await import("vadi")).openDataset("data/lsm")',
  },
  model: {
    type: 'import("@tensorflow/tfjs-layers").LayersModel',
    value: `import("@tensorflow/tfjs-layers").then(async (tf) => {
  await import("@tensorflow/tfjs-backend-cpu");
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] });
  model.compile({ optimizer: "sgd", loss: "meanSquaredError" });
  return model;
})`,
  },
  cursor: {
    type: "AsyncIterable<Record<string, number>>",
    value: `(async function* () {
  for (let i = 0; i < 2000; i++) yield { km: i / 1000, minutes: (i % 7) / 7, fare: i / 500 };
})()`,
  },
  client: {
    type: "{ query(sql: string): AsyncIterable<Record<string, number>> }",
    value: `({
  async *query(sql) {
    for (let i = Number(/OFFSET (\\d+)/.exec(sql)[1]); i < 2000; i++) yield { km: i, fare: 2 * i };
  },
})`,
  },
};

/** The variables that a program uses and does not declare. */
function variablesOf(program: string): [string, Variable][] {
  return Object.entries(VARIABLES).filter(
    ([name]) =>
      new RegExp(`\\b${name}\\b`).test(program) &&
      !new RegExp(`\\b(?:const|import) ${name}\\b`).test(program),
  );
}
