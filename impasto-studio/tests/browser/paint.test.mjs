import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { asset, browser, dropOn, page as open, picture } from "./browser.mjs";
import { Studio } from "./studio.mjs";

let studio;
let chromium;
before(async () => { studio = await Studio.start(); chromium = await browser(); });
after(async () => { await chromium?.close(); await studio?.stop(); });

test("a photograph is painted at once, refined, paused, branched and downloaded", async () => {
  const page = await open(chromium);
  await page.goto(studio.url);
  await dropOn(page, ".drop.tall", asset("photo.jpg"), "image/jpeg");

  // At once.
  const versions = page.getByRole("list", { name: "Versions" }).getByRole("listitem");
  await versions.nth(1).getByText("quick look").waitFor();
  await page.waitForFunction(() => document.querySelector(".compare .after").naturalWidth > 0);
  await picture(page, "paint");

  // The controls are followed, and what is outdated does not win.
  const strength = page.getByLabel("Strength");
  await strength.focus();
  for (let i = 0; i < 6; i++) await strength.press("ArrowLeft");
  await page.getByLabel("Photo, exact").check();
  await page.waitForFunction(async () => {
    const { jobs: [job] } = await (await fetch("/api/jobs?limit=1")).json();
    return job.state === "done" && Math.abs(job.settings.strength - 0.7) < 1e-6 && job.settings.color === "luminance";
  }, null, { polling: 500 });
  await page.locator(".hurry").waitFor({ state: "hidden" });
  assert.equal(await versions.count(), 2, "quick looks in one style replace one another");

  // The line is moved with keys.
  const line = page.getByLabel(/Compare/);
  await line.focus();
  await line.press("ArrowRight");
  assert.match(await line.getAttribute("aria-valuetext"), /per cent of Photo/);

  // The command line is shown.
  await page.getByText("How to make this on the command line").click();
  assert.match(await page.getByLabel("Command line", { exact: true }).textContent(), /impasto apply .*--style/);

  // Slowly.
  await page.getByRole("radio", { name: "Painting" }).check();
  await page.getByLabel("Small", { exact: true }).check();
  await page.getByLabel("Short", { exact: true }).check();
  await page.getByRole("button", { name: "Refine" }).click();
  await page.getByRole("heading", { name: "The picture emerges" }).waitFor();
  await page.getByLabel("How it came about").waitFor();
  await page.getByRole("img", { name: /^Loss/ }).waitFor();
  await picture(page, "refine");
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("heading", { name: "Paused" }).waitFor();

  // Another way from here.
  await page.getByRole("button", { name: "Branch from here" }).click();
  const balance = page.getByRole("region", { name: "Painting in progress" }).getByLabel("Balance");
  await balance.focus();
  for (let i = 0; i < 5; i++) await balance.press("ArrowRight");
  const further = page.getByLabel("Further steps");
  await further.focus();
  await further.press("Home");
  await page.getByRole("button", { name: "Branch", exact: true }).click();
  await page.getByRole("heading", { name: "Painted" }).waitFor();
  assert.equal(await versions.count(), 4);
  const branch = await page.evaluate(async () => (await (await fetch("/api/jobs?limit=5")).json()).jobs.find((job) => job.settings.from));
  assert.equal(branch.state, "done");
  assert.ok(branch.settings.content_weight < 2.5, "closer to the painting");

  const coming = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download", exact: true }).click();
  const bytes = readFileSync(await (await coming).path());
  assert.deepEqual([...bytes.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  assert.ok(bytes.includes("impasto"), "the recipe is inside");

  // Any two can be compared, and all of it survives a reload.
  await versions.nth(1).getByRole("button", { name: /^Put left/ }).click();
  await page.reload();
  await versions.nth(3).waitFor();
  assert.match(await versions.nth(1).getAttribute("class"), /left/);
  await page.getByRole("heading", { name: "Painted" }).waitFor();
  await page.evaluate(() => scrollTo(0, 0));
  await page.waitForFunction(() => [...document.querySelectorAll(".strip img, .compare img")].every((image) => image.complete));
  await picture(page, "branch");
  assert.deepEqual(page.troubles, []);
});

test("what cannot be read is said in words", async () => {
  const page = await open(chromium);
  await page.goto(studio.url);
  await page.getByLabel("Choose a photograph").setInputFiles({ name: "letter.jpg", mimeType: "image/jpeg", buffer: Buffer.from("not a picture at all") });
  const alert = page.getByRole("alert");
  await alert.waitFor();
  assert.ok((await alert.textContent()).length > 20);
  await alert.getByRole("button", { name: "Close this message" }).click();
  await alert.waitFor({ state: "detached" });
});
