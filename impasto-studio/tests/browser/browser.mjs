// Chromium, and what every test wants of a page: that nothing is logged as an error, nor refused by the content policy.

import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const root = join(dirname(fileURLToPath(import.meta.url)), "../../..");
export const asset = (name) => join(root, "assets", name);
/** Long enough for a slow machine; nothing is asserted about time. */
export const PATIENCE = 900_000;

export async function browser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

/** A page of its own; `page.troubles` are errors that the browser logged. */
export async function page(browser, { width = 1280, height = 860, dark = false } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? "dark" : "light", acceptDownloads: true, reducedMotion: "reduce" });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  page.troubles = [];
  page.on("console", (message) => { if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) page.troubles.push(message.text()); });
  page.on("pageerror", (error) => page.troubles.push(String(error.stack || error)));
  return page;
}

/** A picture of the page for the documentation, if such are wanted. */
export async function picture(page, name) {
  const folder = process.env.IMPASTO_SCREENSHOTS;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.jpg`), type: "jpeg", quality: 80, animations: "disabled" });
}

/** Files onto the page as if dropped on the element. */
export async function dropOn(page, selector, path, type) {
  const { readFileSync } = await import("node:fs");
  const bytes = readFileSync(path).toString("base64");
  const data = await page.evaluateHandle(([text, name, type]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name, { type }));
    return transfer;
  }, [bytes, path.split("/").pop(), type]);
  await page.dispatchEvent(selector, "drop", { dataTransfer: data });
}
