import { request, type IncomingMessage } from "node:http";
import { assert, test } from "../helpers/test.js";
import { inFolder, vadi } from "./vadi.js";

interface Answer {
  status: number | undefined;
  body: string;
}

/** A request whose headers reach the server as they are. */
function open(url: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, resolve).on("error", reject).end();
  });
}

async function ask(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await open(url, headers);
  let body = "";
  for await (const piece of response.setEncoding("utf8")) body += String(piece);
  return { status: response.statusCode, body };
}

// The names and the data of the events that a page is told, as they come.
async function* eventsOf(url: string): AsyncGenerator<{ event: string; data: string }> {
  let text = "";
  for await (const piece of (await open(`${url}events`)).setEncoding("utf8")) {
    text += String(piece);
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const message = text.slice(0, end);
      text = text.slice(end + 2);
      const event = /^event: (.*)$/m.exec(message)?.[1];
      const data = /^data: (.*)$/m.exec(message)?.[1];
      if (event !== undefined && data !== undefined) yield { event, data };
    }
  }
}

test("vadi watch tells its address at once, serves until it is interrupted, and ends with 130", async () => {
  await inFolder(async (cwd) => {
    await vadi(["generate", "lsm", "--out", "data", "--rows", "2k"], { cwd });
    await vadi(["train", "data", "--out", "run", "--batch-size", "100"], { cwd });
    let body = "";
    let told = "";
    let visiting: Promise<void> | undefined;
    const { code, stdout, stderr } = await vadi(["watch", "run", "--json"], {
      cwd,
      onStart: (child) => {
        child.stdout?.on("data", (piece: Buffer) => {
          told += String(piece);
          if (!told.endsWith("}\n")) return;
          const { url } = JSON.parse(told) as { url: string };
          visiting = ask(url)
            .then((answer) => {
              body = answer.body;
              return undefined;
            })
            .finally(() => child.kill("SIGINT"));
        });
      },
    });
    await visiting;
    assert.is(code, 130, stderr);
    assert.match((JSON.parse(stdout) as { url: string }).url, /^http:\/\/127\.0\.0\.1:\d+\/$/);
    assert.match(body, "<title>run</title>");
  });
});

test("vadi train --watch serves its page and its events to itself alone, until the training has ended", async () => {
  await inFolder(async (cwd) => {
    await vadi(["generate", "lsm", "--out", "data", "--rows", "20k"], { cwd });
    const told: { event: string; data: string }[] = [];
    let url = "";
    let visiting: Promise<void> | undefined;

    /** Looks at the training while it runs, and then ends it. */
    async function visit(end: () => void): Promise<void> {
      try {
        const page = await ask(url);
        assert.is(page.status, 200);
        assert.match(page.body, "<title>run</title>");
        for (const place of ["", "events", "page.js"]) {
          const foreignHost = await ask(url + place, { host: "evil.example" });
          assert.is(foreignHost.status, 403, `Host, /${place}`);
          const foreignOrigin = await ask(url + place, { origin: "https://evil.example" });
          assert.is(foreignOrigin.status, 403, `Origin, /${place}`);
          assert.not.match(foreignHost.body + foreignOrigin.body, "<title>");
        }
        let isEnded = false;
        for await (const news of eventsOf(url)) {
          told.push(news);
          // Steps come while the training goes on: it would go on for days. A second signal would
          // end it at once.
          if (isEnded || news.event !== "history" || !/"rows":\[\{/.test(news.data)) continue;
          isEnded = true;
          end();
        }
      } catch (error) {
        end();
        throw error;
      }
    }

    let stderrSoFar = "";
    const words = ["train", "data", "--out", "run", "--watch", "--log-every", "10"];
    const { code, stderr } = await vadi([...words, "--batch-size", "100", "--epochs", "1M"], {
      cwd,
      onStart: (child) => {
        child.stderr?.on("data", (piece: Buffer) => {
          stderrSoFar += String(piece);
          const found = /Watch the training at (http:\/\/127\.0\.0\.1:\d+\/)/.exec(stderrSoFar);
          if (!found?.[1] || visiting) return;
          url = found[1];
          visiting = visit(() => child.kill("SIGINT"));
          // Told where it is waited for.
          visiting.catch(() => {});
        });
      },
    });
    await visiting;
    assert.is(code, 130, stderr);
    const runs = told
      .filter(({ event }) => event === "run")
      .map(({ data }) => (JSON.parse(data) as { status: string }).status);
    assert.ok(runs.includes("running"), runs.join(" "));
    assert.is(runs.at(-1), "stopped", "the end is told before the connection is");
    const refused = await ask(url).catch((error: NodeJS.ErrnoException) => error.code);
    assert.is(refused, "ECONNREFUSED", "nothing listens any more");
  });
});

test("vadi train --watch ends by itself when nobody looks", async () => {
  await inFolder(async (cwd) => {
    await vadi(["generate", "lsm", "--out", "data", "--rows", "2k"], { cwd });
    const words = ["train", "data", "--out", "run", "--watch", "--json"];
    const { code, stdout, stderr } = await vadi(words, { cwd });
    assert.is(code, 0, stderr);
    assert.match(stderr, "Watch the training at http://127.0.0.1:");
    assert.is((JSON.parse(stdout) as { status: string }).status, "done");
  });
});

test("vadi watch refuses what is no run", async () => {
  await inFolder(async (cwd) => {
    const { code, stderr } = await vadi(["watch", "nowhere"], { cwd });
    assert.is(code, 1);
    assert.match(stderr, "is not a run");
  });
});

test.run();
