import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { asset, browser, page as open } from "./browser.mjs";
import { Studio } from "./studio.mjs";

let studio;
let chromium;
before(async () => { studio = await Studio.start(); chromium = await browser(); });
after(async () => { await chromium?.close(); await studio?.stop(); });

test("a power cut in the middle of a painting: the page waits, and the painting goes on", async () => {
  const page = await open(chromium);
  await page.goto(studio.url);
  await page.getByLabel("Choose a photograph").setInputFiles(asset("photo.jpg"));
  await page.getByText("quick look").first().waitFor();
  await page.getByLabel("Small", { exact: true }).check();
  await page.getByLabel("Short", { exact: true }).check();
  await page.getByRole("button", { name: "Refine" }).click();
  await page.getByLabel("How it came about").waitFor();

  await studio.crash();
  await page.getByText("The studio does not answer. This page goes on when it does.").waitFor();
  await studio.begin();
  await page.locator("#away").waitFor({ state: "hidden" });

  // Nothing was reloaded or pressed.
  await page.getByRole("heading", { name: "Painted" }).waitFor();
  const jobs = await page.evaluate(async () => (await (await fetch("/api/jobs?limit=9")).json()).jobs.filter((job) => job.verb === "paint"));
  assert.deepEqual(jobs.map(({ state }) => state), ["done"]);
  assert.deepEqual(page.troubles.filter((text) => !text.includes("ERR_")), []);
});
