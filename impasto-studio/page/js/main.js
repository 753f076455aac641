// Begins: the pages, the events, the bar on top.

import * as jobs from "./jobs.js";
import { route } from "./router.js";
import { say, complain } from "./parts/say.js";

const pages = {
  paint: () => import("./pages/paint.js"),
  look: () => import("./pages/look.js"),
  video: () => import("./pages/video.js"),
  class: () => import("./pages/class.js"),
  dream: () => import("./pages/dream.js"),
  texture: () => import("./pages/texture.js"),
  jobs: () => import("./pages/jobs.js"),
};
const names = { paint: "Paint", look: "Look", video: "Video", class: "Imagine", dream: "Dream", texture: "Texture", jobs: "Work" };

function shown(page) {
  document.title = `${names[page]} · Impasto`;
  for (const link of document.querySelectorAll(".nav a")) {
    if (link.hash === `#${page}`) {
      link.setAttribute("aria-current", "page");
      link.scrollIntoView({ block: "nearest", inline: "nearest" });
    } else link.removeAttribute("aria-current");
  }
}

function countBusy() {
  const n = jobs.all().filter((job) => jobs.busy(job) && job.lane === "long").length;
  const badge = document.getElementById("busy");
  badge.hidden = n === 0;
  badge.textContent = n;
  badge.title = `${n} at work or waiting`;
}

addEventListener("unhandledrejection", (event) => { event.preventDefault(); complain(event.reason); });
document.getElementById("skip").addEventListener("click", (event) => { event.preventDefault(); document.getElementById("content").focus(); });
jobs.watchAll(countBusy);
jobs.whenAway((away) => {
  const bar = document.getElementById("away");
  bar.hidden = !away;
  bar.textContent = away ? "The studio does not answer. This page goes on when it does." : "";
  if (!away) say("The studio is back.");
});

async function begin(wait = 500) {
  try {
    await jobs.begin();
  } catch {
    setTimeout(() => begin(Math.min(wait * 2, 8000)), wait);
  }
}
begin();
route(pages, "paint", document.getElementById("content"), shown);
