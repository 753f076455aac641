import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { asset, browser, page as open, picture } from "./browser.mjs";
import { Studio } from "./studio.mjs";

let studio;
let chromium;
before(async () => { studio = await Studio.start(); chromium = await browser(); });
after(async () => { await chromium?.close(); await studio?.stop(); });

const done = async (page) => {
  await page.getByRole("link", { name: "Download", exact: true }).waitFor();
  await page.waitForFunction(() => document.querySelector(".outcome img").naturalWidth > 0);
};

test("a thing is imagined, by one of the names that the network knows", async () => {
  const page = await open(chromium);
  await page.goto(`${studio.url}#class`);
  const name = page.getByLabel("A thing, in English");
  await page.waitForFunction(() => document.querySelector("input[list]")?.list?.options.length === 1000);
  await name.fill("flamingo");
  await page.getByLabel("Small", { exact: true }).check();
  await page.getByRole("button", { name: "Imagine it" }).click();
  await done(page);
  await picture(page, "imagine");
  assert.deepEqual(page.troubles, []);
});

test("a photograph is dreamt, and dreamt on in its dream", async () => {
  const page = await open(chromium);
  await page.goto(`${studio.url}#dream`);
  await page.getByLabel("Drop a photograph").setInputFiles(asset("photo.jpg"));
  await page.getByLabel("Small", { exact: true }).check();
  const deep = page.getByLabel("How deep");
  await deep.focus();
  await deep.press("Home");
  await page.getByRole("button", { name: "Dream", exact: true }).click();
  await done(page);
  await picture(page, "dream");
  await page.getByRole("button", { name: "Dream on in this" }).click();
  await page.waitForFunction(async () => {
    const { jobs } = await (await fetch("/api/jobs?limit=9")).json();
    return jobs.filter((job) => job.verb === "dream" && job.state === "done").length === 2;
  }, null, { polling: 500 });
  const photos = await page.evaluate(async () => (await (await fetch("/api/jobs?limit=9")).json()).jobs.map((job) => job.settings.photo));
  assert.notEqual(photos[0], photos[1], "the second begins with what the first has made");
  assert.deepEqual(page.troubles, []);
});

test("a texture continues itself on all sides", async () => {
  const page = await open(chromium);
  await page.goto(`${studio.url}#texture`);
  await page.getByLabel("Bricks, at once").check();
  await page.getByLabel("Small", { exact: true }).check();
  await page.getByRole("button", { name: "Make a texture" }).click();
  await done(page);
  await page.getByRole("button", { name: "Lay it side by side" }).click();
  await page.getByRole("img", { name: "The texture, laid side by side" }).waitFor();
  await picture(page, "texture");
  assert.deepEqual(page.troubles, []);
});

test("what waits can be put first", async () => {
  const page = await open(chromium);
  await page.goto(`${studio.url}#jobs`);
  const ids = await page.evaluate(async () => {
    const [style] = await (await fetch("/api/styles")).json();
    const settings = { photo: style.picture, styles: [{ style: style.picture }], size: 512, iterations: 500 };
    const ask = async () => (await fetch("/api/jobs", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ verb: "paint", settings }) })).json();
    return [(await ask()).id, (await ask()).id];
  });
  await page.getByRole("button", { name: "Do this first" }).last().click();
  await page.getByText("First in line").waitFor();
  for (const id of ids) await page.evaluate((id) => fetch(`/api/jobs/${id}/cancel`, { method: "POST", headers: { "content-type": "application/json" }, body: "{}" }), id);
  assert.deepEqual(page.troubles, []);
});
