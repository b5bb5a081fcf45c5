import { writeFile } from "node:fs/promises";
import path from "node:path";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import { inFolder } from "../../helpers/folder.js";
import { assert, test } from "../../helpers/test.js";
import { openFile } from "../../../src/storage/format/open-file.js";
import { openTableFile } from "../../../src/storage/reading/open-table-file.js";
import { runSql } from "../duck.js";

test(
  "columns are read alone: 10 of 500 cost 10",
  inFolder(async (folder) => {
    const columns = Array.from({ length: 500 }, (_, column) => `random()::float as c${column}`);
    const parquet = path.join(folder, "t.parquet");
    await runSql(
      `copy (select ${columns.join(", ")} from range(4000)) to '${parquet}' (compression uncompressed)`,
    );
    const arrow = path.join(folder, "t.arrow");
    const arrays = Array.from({ length: 500 }, (_, column) => [
      `c${column}`,
      new Float32Array(4000),
    ]);
    const table = tableFromArrays(Object.fromEntries(arrays) as Record<string, Float32Array>);
    await writeFile(arrow, tableToIPC(table, "file"));
    for (const [file, format] of [
      [parquet, "parquet"],
      [arrow, "arrow"],
    ] as const) {
      const opened = openFile(file);
      let bytes = 0;
      const counting = {
        ...opened,
        read(position: number, length: number) {
          bytes += length;
          return opened.read(position, length);
        },
      };
      const tableFile = await openTableFile(counting, format);
      const footer = bytes;
      const ten = Array.from({ length: 10 }, (_, index) => index * 37);
      await tableFile.select(ten).decode(counting, 0, 0, tableFile.groups[0]!);
      const values = 10 * tableFile.groups[0]! * 4;
      // 16 KiB are read for each page's header; a record batch's header describes all columns.
      assert.ok(bytes - footer >= values, `${format} ${bytes - footer}`);
      assert.ok(bytes - footer < values + 10 * 20_000 + 30_000, `${format} ${bytes - footer}`);
      opened.close();
    }
  }),
);

test.run();
