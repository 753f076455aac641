import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browser, page as open, picture } from "./browser.mjs";
import { Studio } from "./studio.mjs";

let studio;
let chromium;
before(async () => { studio = await Studio.start(); chromium = await browser(); });
after(async () => { await chromium?.close(); await studio?.stop(); });

const pairIsDone = () => document.querySelectorAll(".pane").length === 2 && !document.querySelector(".pane.doing");
const newest = (page, verb) => page.evaluate(async (verb) => (await (await fetch("/api/jobs?limit=20")).json()).jobs.find((job) => job.verb === verb), verb);

test("planes are looked at, switched off, tried and painted with", async () => {
  const page = await open(chromium);
  await page.goto(`${studio.url}#look`);
  const grain = page.getByRole("group", { name: "Grain", exact: true }).getByRole("button");
  await grain.nth(5).waitFor();
  await page.waitForFunction(pairIsDone);

  // Pointing at one shows it large; clicking switches it off.
  await grain.nth(1).hover();
  await page.getByRole("region", { name: "The feature you point at" }).getByText("moves it most").waitFor();
  const names = [];
  for (const i of [0, 2, 3]) {
    await grain.nth(i).click();
    assert.equal(await grain.nth(i).getAttribute("aria-pressed"), "false");
    names.push(`relu2_1:${/\d+$/.exec(await grain.nth(i).getAttribute("aria-label"))[0]}`);
  }
  await page.getByRole("button", { name: "None of Strokes" }).click();
  await page.getByText("Without 1 whole layer and 3 features.").waitFor();

  // The small painting follows by itself.
  await page.waitForFunction(async () => {
    const { jobs } = await (await fetch("/api/jobs?limit=20")).json();
    return jobs.some((job) => job.verb === "paint" && job.state === "done" && job.settings.mute?.length === 4);
  }, null, { polling: 500 });
  await page.waitForFunction(pairIsDone);
  const job = await newest(page, "paint");
  assert.equal(job.lane, "quick");
  assert.deepEqual([...job.settings.mute].sort(), [...names, "relu3_1"].sort());
  const [plain, mine] = await page.evaluate(() => [...document.querySelectorAll(".pane img")].map((image) => image.src));
  assert.notEqual(plain, mine);

  await page.waitForFunction(() => !document.querySelector(".wait"));
  await grain.nth(1).hover();
  await page.evaluate(() => scrollTo(0, 0));
  await picture(page, "look");

  // It survives a reload, without being computed again.
  await page.reload();
  await page.getByText("Without 1 whole layer and 3 features.").waitFor();
  await grain.nth(5).waitFor();
  assert.equal(await grain.nth(0).getAttribute("aria-pressed"), "false");

  // Keys do it, too.
  await grain.nth(0).focus();
  await page.keyboard.press("Space");
  await page.getByText("Without 1 whole layer and 2 features.").waitFor();

  await page.getByRole("button", { name: "Paint with these features" }).click();
  await page.getByText("as you chose on the page Look").waitFor();
  await page.getByLabel("Small", { exact: true }).check();
  await page.getByLabel("Short", { exact: true }).check();
  await page.getByRole("button", { name: "Refine" }).click();
  await page.getByRole("heading", { name: /emerges|Soon/ }).waitFor();
  const painting = await newest(page, "paint");
  assert.equal(painting.lane, "long");
  assert.equal(painting.settings.mute.length, 3);
  assert.match(painting.command, /--mute/);
  await page.getByRole("button", { name: "Give up" }).click();
  assert.deepEqual(page.troubles, []);
});

test("a painting is prepared: fewer colours, and without what was marked", async () => {
  const page = await open(chromium);
  await page.goto(`${studio.url}#look`);
  await page.getByLabel("Fewer colours").check();
  const colours = page.getByLabel("Colours", { exact: true });
  await colours.focus();
  await colours.press("Home");
  for (let i = 0; i < 4; i++) await colours.press("ArrowRight");
  await page.getByAltText("The painting as it will be painted with").waitFor();
  await page.waitForFunction(() => document.querySelectorAll(".swatches i").length === 6);

  await page.getByLabel("Take something out").check();
  const board = page.locator(".board canvas");
  await board.waitFor();
  const box = await board.boundingBox();
  await page.mouse.move(box.x + box.width * 0.4, box.y + box.height * 0.4);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.6, box.y + box.height * 0.5, { steps: 6 });
  await page.mouse.up();
  await page.getByText("Mark a rectangle by numbers").click();
  await page.getByRole("button", { name: "Add the rectangle" }).click();
  await picture(page, "erase");
  await page.getByRole("button", { name: "Take it out" }).click();
  await page.waitForFunction(async () => {
    const { jobs } = await (await fetch("/api/jobs?limit=20")).json();
    return jobs.some((job) => job.verb === "prepare" && job.state === "done" && job.settings.erase && job.settings.palette === 6);
  }, null, { polling: 500 });
  await page.getByRole("button", { name: "Put everything back" }).waitFor();
  assert.deepEqual(page.troubles, []);
});
