// How long a page of the studio takes to come up, and from a photograph dropped on it to the first painting of it.
//
//     (cd impasto-studio/tests/browser && npm ci)
//     IMPASTO=target/release/impasto node bench/studio-page.mjs photo.jpg [rounds, 5]
//
// Rounds differ by the photograph's bytes, so that nothing is known from before.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { browser, dropOn, page as open } from "../impasto-studio/tests/browser/browser.mjs";
import { Studio } from "../impasto-studio/tests/browser/studio.mjs";
import { another } from "./another.mjs";

const [photo, rounds = "5"] = process.argv.slice(2);
if (!photo || !process.env.IMPASTO) {
  console.error("usage: IMPASTO=PROGRAM node bench/studio-page.mjs PHOTO.jpg [ROUNDS]");
  process.exit(2);
}
const bytes = readFileSync(photo);
const folder = mkdtempSync(join(tmpdir(), "impasto-page-"));
const studio = await Studio.start();
const chromium = await browser();
for (let round = 1; round <= Number(rounds); round++) {
  const path = join(folder, `${round}.jpg`);
  writeFileSync(path, another(bytes));
  const page = await open(chromium);
  await page.goto(studio.url);
  const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
  const weight = await page.evaluate(() => performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation"))
    .filter((entry) => !/thumbnail|preview|samples/.test(entry.name)).reduce((sum, entry) => sum + entry.encodedBodySize, 0));
  // The clock starts in the page, when the drop is heard.
  await page.evaluate(() => {
    addEventListener("drop", () => { window.dropped = performance.now(); }, { capture: true, once: true });
    const look = () => {
      const image = [...document.querySelectorAll("img")].find((image) => /\/api\/jobs\/[^/]+\/files\/result\.[a-z]+$/.test(image.src) && image.complete && image.naturalWidth);
      if (image) window.painted = performance.now();
      else requestAnimationFrame(look);
    };
    look();
  });
  await dropOn(page, ".drop.tall", path, "image/jpeg");
  await page.waitForFunction(() => window.painted);
  const took = await page.evaluate(() => window.painted - window.dropped);
  console.log(`round ${round}: first paint ${paint?.toFixed(0)} ms, page ${(weight / 1000).toFixed(0)} kB, drop to painting ${(took / 1000).toFixed(2)} s`);
  await page.context().close();
}
await chromium.close();
await studio.stop();
rmSync(folder, { recursive: true, force: true });
process.exit(0);
