import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { browser, page as open, picture } from "./browser.mjs";
import { Studio } from "./studio.mjs";

const folder = mkdtempSync(join(tmpdir(), "impasto-clip-"));
const clip = process.env.IMPASTO_CLIP || join(folder, "clip.mp4");
const made = process.env.IMPASTO_CLIP || spawnSync("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=192x108:rate=12:duration=2", "-pix_fmt", "yuv420p", clip]).status === 0;
let studio;
let chromium;
before(async () => { studio = await Studio.start(); chromium = await browser(); });
after(async () => { await chromium?.close(); await studio?.stop(); rmSync(folder, { recursive: true, force: true }); });

test("a clip is trimmed, looked at, painted and played beside its painting", { skip: !made && "ffmpeg is missing" }, async () => {
  const page = await open(chromium);
  await page.goto(`${studio.url}#video`);
  await page.getByLabel("Choose a clip").setInputFiles(clip);
  const to = page.getByLabel("To", { exact: true });
  await to.waitFor();
  await page.waitForFunction(() => document.querySelector("video.clip").readyState >= 2);
  await to.focus();
  for (let i = 0; i < 5; i++) await to.press("ArrowLeft");

  await page.getByRole("button", { name: "Show me three frames" }).click();
  await page.getByAltText("Three frames of the clip, painted").waitFor();

  await page.getByRole("button", { name: "Paint the clip" }).click();
  await page.getByRole("link", { name: "Download" }).waitFor();
  const job = await page.evaluate(async () => (await (await fetch("/api/jobs?limit=9")).json()).jobs.find((job) => job.verb === "video" && !job.settings.preview));
  assert.equal(job.state, "done");
  assert.ok(job.settings.to > 0);

  // Both play in step.
  await page.waitForFunction(() => [...document.querySelectorAll(".duo video")].every((video) => video.readyState >= 2));
  await page.getByLabel("Place in the clip").fill("0.5");
  await page.waitForFunction(() => [...document.querySelectorAll(".duo video")].every((video) => !video.seeking && Math.abs(video.currentTime - 0.5) < 0.1));
  // What is played is seen.
  await page.waitForFunction(() => [...document.querySelectorAll(".duo video")].every((video) => {
    const canvas = Object.assign(document.createElement("canvas"), { width: 16, height: 9 });
    const room = canvas.getContext("2d");
    room.drawImage(video, 0, 0, 16, 9);
    return room.getImageData(0, 0, 16, 9).data.filter((_, i) => i % 4 !== 3).some((value) => value > 60);
  }));
  await page.locator(".duo").scrollIntoViewIfNeeded();
  await picture(page, "video");
  assert.deepEqual(page.troubles, []);
});

test("an animated GIF is a clip, too", { skip: !made && "ffmpeg is missing" }, async () => {
  const gif = join(folder, "short.gif");
  spawnSync("ffmpeg", ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=96x64:rate=5:duration=1", gif]);
  const page = await open(chromium);
  await page.goto(`${studio.url}#video`);
  await page.getByLabel("Choose a clip").setInputFiles(gif);
  await page.getByRole("button", { name: "Show me three frames" }).click();
  await page.getByAltText("Three frames of the clip, painted").waitFor();
  await page.getByRole("button", { name: "Paint the clip" }).click();
  await page.getByRole("link", { name: "Download" }).waitFor();
  await page.waitForFunction(() => [...document.querySelectorAll(".duo img")].filter((image) => image.naturalWidth === 96).length === 2);
  assert.deepEqual(page.troubles, []);
});
