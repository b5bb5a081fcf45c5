import { describeError, runCommandLine } from "./run.js";

/** Runs the process's own command line, and ends the process. */
export async function start(): Promise<never> {
  // stdout is for results: what a dependency prints by console.log goes to stderr.
  console.log = console.error;

  // An error in a thread or a stream is printed like any other.
  process.on("uncaughtException", (error) => {
    console.error(describeError(error, process.argv.includes("--debug")));
    process.exit(1);
  });

  const exitCode = await runCommandLine(
    process.argv.slice(2),
    {
      columns: process.stdout.columns,
      environment: process.env,
    },
    process,
    (code) => process.exit(code),
  );
  // Worker threads and backends may still be there; the work is done and its results are written.
  process.exit(exitCode);
}
