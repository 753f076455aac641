// How far a job is, in a bar and in words.

import { h } from "../dom.js";
import * as words from "../words.js";

/** What a job is doing right now, in a sentence. */
export function sentence(job) {
  const { progress } = job;
  if (job.wish && !["done", "failed", "cancelled"].includes(job.state)) return { pause: "Pausing …", stop: "Stopping …", cancel: "Giving up …" }[job.wish] || "Soon …";
  if (job.state === "queued") return "Waiting for its turn";
  if (job.state === "running") {
    const rest = words.left(progress?.left);
    if (!progress) return "Beginning …";
    return [progress.of ? `${progress.done} of ${progress.of}` : progress.text, rest].filter(Boolean).join(", ");
  }
  if (job.state === "paused") return `Paused${progress?.of ? ` after ${progress.done} of ${progress.of}` : ""}`;
  if (job.state === "failed") return words.trouble(job).text;
  const took = words.took(job);
  return job.state === "done" && took ? `${words.state(job)}, in ${took}` : words.state(job);
}

export function progress(name = "Progress") {
  const bar = h("div", { class: "bar", role: "progressbar", "aria-label": name, "aria-valuemin": 0, "aria-valuemax": 100 }, h("i"));
  const text = h("p", { class: "doing" });
  const element = h("div", { class: "progress" }, bar, text);
  return {
    element,
    show(job, more = "") {
      const share = job.progress?.of ? job.progress.done / job.progress.of : null;
      const waits = job.state === "running" && share === null;
      element.dataset.state = job.state;
      bar.classList.toggle("waits", waits);
      bar.firstChild.style.width = `${(job.state === "done" ? 1 : share || 0) * 100}%`;
      if (share === null) bar.removeAttribute("aria-valuenow");
      else bar.setAttribute("aria-valuenow", Math.round(share * 100));
      text.textContent = [sentence(job), more].filter(Boolean).join(" · ");
      bar.setAttribute("aria-valuetext", text.textContent);
    },
  };
}
