import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { asset, browser, page as open, picture } from "./browser.mjs";
import { Studio } from "./studio.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PAGES = ["paint", "look", "video", "class", "dream", "texture", "jobs"];
let studio;
let chromium;
before(async () => { studio = await Studio.start(); chromium = await browser(); });
after(async () => { await chromium?.close(); await studio?.stop(); });

async function check(page, where) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  const bad = violations.filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${where}: ${id}: ${nodes.map((node) => `${node.target} ${node.any[0]?.message || ""}`).slice(0, 4).join("; ")}`);
  assert.deepEqual(bad, []);
}
async function goTo(page, name) {
  await page.goto(`${studio.url}#${name}`);
  await page.waitForFunction((name) => document.querySelector("main").className.includes(`page-${name}`), name);
  await page.waitForFunction(() => [...document.images].every((image) => image.complete || image.loading === "lazy"));
}
/** A photograph with a quick look and a finished painting, for pages that show what there is. */
async function furnish(page) {
  await goTo(page, "paint");
  await page.getByLabel("Choose a photograph").setInputFiles(asset("photo.jpg"));
  await page.getByText("quick look").first().waitFor();
}

for (const dark of [false, true]) {
  test(`no serious violation of WCAG by axe, ${dark ? "dark" : "light"}`, async () => {
    const page = await open(chromium, { dark });
    for (const name of PAGES) {
      await goTo(page, name);
      await check(page, `${name}, empty`);
    }
    await furnish(page);
    await check(page, "paint");
    await goTo(page, "look");
    await page.getByRole("group", { name: "Grain", exact: true }).getByRole("button").nth(1).waitFor();
    await page.getByRole("group", { name: "Grain", exact: true }).getByRole("button").first().click();
    await check(page, "look");
    for (const tab of ["Fewer colours", "Take something out"]) {
      await page.getByLabel(tab).check();
      await check(page, `look, ${tab}`);
    }
    await goTo(page, "jobs");
    await page.getByLabel("Also quick looks").check();
    await check(page, "jobs");
    await picture(page, dark ? "work-dark" : "work");
    await goTo(page, "paint");
    await page.getByText("quick look").first().waitFor();
    if (dark) await picture(page, "paint-dark");
    assert.deepEqual(page.troubles, []);
  });
}

test("a phone's width is enough, without scrolling sideways", async () => {
  const page = await open(chromium, { width: 360, height: 740 });
  const fits = async (name) => assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), name);
  for (const name of PAGES) {
    await goTo(page, name);
    await fits(name);
  }
  await furnish(page);
  await fits("paint with a photograph");
  await page.evaluate(() => scrollTo(0, 0));
  await picture(page, "phone");
});

test("colours are changed by the switch, and remembered", async () => {
  const page = await open(chromium);
  await goTo(page, "paint");
  await page.getByRole("button", { name: "Change to dark colours" }).click();
  await page.reload();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
});

test("the page is light: under 300 kB without pictures", async (t) => {
  const page = await open(chromium);
  await page.goto(studio.url);
  await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length);
  const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0].startTime);
  const files = new Map();
  page.on("response", async (answer) => {
    const type = answer.headers()["content-type"] || "";
    if (!type.startsWith("image/") && !answer.url().includes("/api/")) files.set(answer.url(), (await answer.body().catch(() => Buffer.alloc(0))).length);
  });
  await page.reload();
  for (const name of PAGES) { await page.evaluate((name) => { location.hash = name; }, name); await page.waitForFunction((name) => document.querySelector("main").className.includes(`page-${name}`), name); }
  const bytes = [...files.values()].reduce((sum, n) => sum + n, 0);
  t.diagnostic(`all pages together: ${files.size} files, ${(bytes / 1000).toFixed(0)} kB uncompressed; first paint after ${paint.toFixed(0)} ms`);
  assert.ok(bytes > 20_000 && bytes < 300_000, `${bytes} bytes`);
});
