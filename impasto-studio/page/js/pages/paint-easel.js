// A painting on its way: the picture emerges, and one may pause it, stop it while it is beautiful, or branch from it.

import { button, h } from "../dom.js";
import * as api from "../api.js";
import * as jobs from "../jobs.js";
import * as words from "../words.js";
import { curve } from "../parts/curve.js";
import { progress } from "../parts/progress.js";
import { range } from "../parts/range.js";
import { complain, say, tell } from "../parts/say.js";
import { closenessWords, contentWeight } from "./paint-state.js";

/** `added(job)` gets a branch; `moment(url, title)` shows an earlier state of the picture. */
export function easel({ added, moment }) {
  const bar = progress("Painting");
  const falls = curve();
  const acts = h("div", { class: "row" });
  const film = h("div", { class: "film" });
  const branch = branching(added);
  const title = h("h2", null, "Painting");
  const element = h("section", { class: "card stack easel", hidden: true, "aria-label": "Painting in progress" },
    h("div", { class: "easel-top" }, h("div", { class: "stack" }, h("div", null, title, bar.element), acts), falls.element), film, branch.element);
  let unwatch = null;
  let last = "";
  let shots = 0;

  const ask = (id, what) => jobs.tell(id, what).catch(complain);
  function buttons(job) {
    const { id, state } = job;
    const has = job.files.some((file) => file.kind === "state");
    const can = {
      pause: state === "running" && button("Pause", () => ask(id, "pause")),
      continue: state === "paused" && button("Continue", () => ask(id, "continue"), "main"),
      stop: (state === "running" || state === "paused") && button("Stop here, it is beautiful", () => ask(id, "stop"), state === "running" ? "main" : ""),
      branch: (state === "paused" || state === "done") && has && button("Branch from here", () => branch.open(job), "", { "aria-expanded": "false" }),
      again: state === "failed" && button("Try again", async () => added(await jobs.start(job.verb, job.settings, { parent: id }))),
      cancel: (state === "queued" || state === "running" || state === "paused") && button("Give up", () => ask(id, "cancel"), "plain"),
    };
    const all = Object.values(can).filter(Boolean);
    // What was asked for is on its way.
    if (job.wish) for (const one of all) one.disabled = true;
    return all;
  }

  function shotsOf(job) {
    const all = job.files.filter((file) => file.kind === "snapshot");
    if (all.length === shots) return;
    shots = all.length;
    film.replaceChildren();
    if (shots < 2) return;
    const control = range({
      name: "How it came about", value: shots - 1, min: 0, max: shots - 1, step: 1,
      words: (i) => (all[i]?.facts?.evaluation ? `step ${all[i].facts.evaluation}` : `${i + 1} of ${shots}`),
      oninput(i) {
        moment(api.file(job.id, all[i].name), `Step ${all[i].facts?.evaluation ?? i + 1}`);
        link.href = api.download(job.id, all[i].name);
        link.hidden = false;
      },
    });
    const link = h("a", { class: "btn small", hidden: true, download: "" }, "Download this moment");
    film.append(control.element, link);
  }

  function show(job) {
    if (job.gone) { element.hidden = true; return; }
    element.hidden = false;
    element.dataset.state = job.state;
    title.textContent = { running: "The picture emerges", paused: "Paused", queued: "Soon", done: job.stopped ? "Stopped while beautiful" : "Painted", failed: "It did not work", cancelled: "Given up" }[job.state] || "Painting";
    bar.show(job);
    falls.show(jobs.curve(job.id), job.progress?.of);
    shotsOf(job);
    const key = `${job.id} ${job.state} ${job.wish} ${job.files.some((file) => file.kind === "state")}`;
    if (key === last) return;
    if (last.startsWith(`${job.id} `)) tell(`Painting: ${words.state(job)}`);
    last = key;
    acts.replaceChildren(...buttons(job));
    if (job.state === "failed") { const { hint } = words.trouble(job); if (hint) acts.prepend(h("p", { class: "soft" }, hint)); }
    if (job.state === "done" && !job.stopped && document.hidden) say("The painting is done.");
  }

  return {
    element,
    follow(id) {
      unwatch?.();
      branch.close();
      shots = 0;
      film.replaceChildren();
      last = "";
      element.hidden = true;
      if (!id) return;
      jobs.find(id).then((job) => { if (job) unwatch = jobs.watch(id, show); }).catch(complain);
    },
    leave() { unwatch?.(); },
  };
}

/** Goes on from where a painting is, with other weights, as a painting of its own. */
function branching(added) {
  let from = null;
  let weight = 0;
  let pull = 0;
  const balance = range({ name: "Balance", value: 0, min: -1, max: 1, step: 0.1, words: closenessWords, ends: ["closer to the photo", "closer to the painting"], oninput: (v) => { weight = v; } });
  const style = range({ name: "Pull of the painting", value: 0, min: -1, max: 1, step: 0.1, words: (v) => (v === 0 ? "as before" : v < 0 ? "gentler" : "stronger"), ends: ["softer strokes", "bolder strokes"], oninput: (v) => { pull = v; } });
  const more = range({ name: "Further steps", value: 100, min: 20, max: 400, step: 20, words: String });
  const element = h("div", { class: "branch stack", hidden: true },
    h("h3", null, "Branch from here"), h("p", { class: "soft" }, "A new version goes on from this very picture; the one you have stays as it is."),
    h("div", { class: "trio" }, balance.element, style.element, more.element),
    h("div", { class: "row" }, button("Branch", go, "main"), button("Close", () => { element.hidden = true; }, "plain")));
  async function go() {
    const settings = { from: from.id, content_weight: contentWeight(weight), style_weight: pull === 0 ? null : Number((4 ** pull).toPrecision(3)), iterations: (from.progress?.done || 0) + more.value };
    try {
      added(await jobs.start("paint", settings, { parent: from.id }));
      element.hidden = true;
    } catch (trouble) {
      complain(trouble);
    }
  }
  return {
    element,
    open(job) { from = job; element.hidden = false; balance.input.focus(); },
    close() { element.hidden = true; },
  };
}
