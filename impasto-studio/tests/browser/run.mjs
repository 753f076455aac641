// Runs all tests, one file after another: IMPASTO=path/to/impasto node run.mjs [part of a file's name …]

import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const wanted = process.argv.slice(2);
const files = readdirSync(here)
  .filter((name) => name.endsWith(".test.mjs") && (!wanted.length || wanted.some((part) => name.includes(part))))
  .map((name) => join(here, name));

if (!process.env.IMPASTO) {
  console.error("error: IMPASTO is not set\nhint: IMPASTO=target/release/impasto node run.mjs");
  process.exit(2);
}
run({ files, concurrency: 1 })
  .on("test:fail", () => { process.exitCode = 1; })
  .compose(spec)
  .pipe(process.stdout);
