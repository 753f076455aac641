// Video: a clip, painted so that its frames hold together.

import { button, h } from "../dom.js";
import * as api from "../api.js";
import * as jobs from "../jobs.js";
import * as words from "../words.js";
import { keep, recall } from "../memory.js";
import { choice } from "../parts/choice.js";
import { command } from "../parts/command.js";
import { drop, droppable, take } from "../parts/drop.js";
import { duo } from "../parts/duo.js";
import * as styles from "../parts/gallery.js";
import { latest } from "../parts/latest.js";
import { progress } from "../parts/progress.js";
import { range } from "../parts/range.js";
import { complain } from "../parts/say.js";
import { trimmer } from "./video-trim.js";

const START = { clip: null, style: null, from: 0, to: null, strength: 1, stability: 0.8, color: "style", size: 0, preview: null, job: null };

export function mount(root) {
  const state = recall("video", START);
  const remember = () => keep("video", state);
  const trim = trimmer({ moved(from, to) { state.from = from; state.to = to; remember(); } });
  const frames = h("figure", { class: "frames", hidden: true });
  const both = duo();
  const bar = progress("Painting the clip");
  const acts = h("div", { class: "row" });
  const how = command("");
  const work = h("section", { class: "card stack", hidden: true, "aria-label": "Painted clip" }, bar.element, both.element, acts, how.element);
  let unwatch = null;

  const picker = styles.gallery({ chosen: state.style, choose(style) { state.style = style.key; remember(); } });
  const wish = (name) => (value) => { state[name] = value; remember(); };
  const strength = range({ name: "Strength", value: state.strength, ends: ["the clip", "the painting"], words: (v) => `${Math.round(v * 100)} %`, oninput: wish("strength") });
  const stability = range({ name: "Holding together", value: state.stability, max: 0.95, words: (v) => (v === 0 ? "every frame for itself" : v < 0.5 ? "lively" : v < 0.85 ? "calm" : "very calm"), ends: ["flickers", "calm"], oninput: wish("stability") });
  const color = choice({ name: "Colours of", value: state.color, options: [["style", "Painting"], ["photo", "Clip"], ["luminance", "Clip, exact"]], onchange: wish("color") });
  const size = choice({ name: "Size", value: state.size, options: [[384, "Small"], [640, "Medium"], [0, "The clip's own"]], onchange: wish("size") });
  const look = button("Show me three frames", () => { frames.classList.add("doing"); follower.ask("video", { ...settings(), preview: 3 }); }, "big");
  const go = button("Paint the clip", render, "main big");
  const missing = h("p", { class: "card", hidden: true }, "Clips need the program ffmpeg, which is not on this computer. Install it from your system's packages, or paint an animated GIF, which needs none.");

  const invite = drop({ title: "Drop a clip here", text: "or click to choose one: MP4, MOV, WebM, GIF", label: "Choose a clip", clips: true, file: newClip });
  const left = h("div", { class: "stack" }, trim.element, frames, work, h("div", null, button("Another clip", () => another.querySelector("input").click(), "plain")));
  const another = drop({ title: "Another clip", kind: "tiny", clips: true, file: newClip });
  const wishes = h("div", { class: "side" }, h("div", { class: "stack" }, strength.element, stability.element, color.element, size.element), h("div", { class: "stack" }, look, go));
  root.append(h("div", { class: "head" }, h("h1", null, "A clip, painted"), h("p", null, "Strokes move with things instead of flickering. Sound stays as it is.")), missing,
    h("div", { class: "desk" }, h("section", { "aria-label": "Clip" }, invite, left), h("section", { class: "side", "aria-label": "Wishes" }, h("div", { class: "stack" }, h("h2", null, "In the manner of"), picker.element), wishes)));
  droppable(left, newClip);

  const follower = latest({
    wait: 0,
    doing: () => frames.classList.add("doing"),
    done(job) { state.preview = job.id; remember(); showFrames(job); },
    failed(trouble) { frames.classList.remove("doing"); complain(trouble.state ? words.trouble(trouble) : trouble); },
  });
  function showFrames(job) {
    frames.classList.remove("doing");
    const file = job.files.filter(({ name }) => /\.(png|jpe?g)$/.test(name)).pop();
    if (!file) return;
    frames.hidden = false;
    frames.replaceChildren(h("img", { src: api.file(job.id, file.name), alt: "Three frames of the clip, painted" }), h("figcaption", null, "Three frames, painted"));
  }

  function settings() {
    const { from, to } = trim.times();
    return { clip: state.clip.id, style: state.style, strength: state.strength, stability: state.stability, color: state.color === "style" ? null : state.color, size: state.size || null, from: from || null, to };
  }
  async function render() {
    go.disabled = true;
    try {
      const job = await jobs.start("video", settings());
      state.job = job.id;
      remember();
      follow();
    } catch (trouble) {
      complain(trouble);
    } finally {
      go.disabled = false;
    }
  }

  function rate(job) {
    if (job.state !== "running" || !job.progress) return "";
    const told = job.progress.rate ?? job.progress.per_second ?? job.progress.fps;
    if (told) return `${told.toPrecision(2)} frames a second`;
    const seconds = (Date.now() - new Date(job.started)) / 1000;
    return job.progress.done > 2 && seconds > 1 ? `${(job.progress.done / seconds).toPrecision(2)} frames a second` : "";
  }
  let last = "";
  function show(job) {
    work.hidden = Boolean(job.gone);
    if (job.gone) return;
    bar.show(job, rate(job));
    const file = jobs.result(job);
    const done = job.state === "done" && file && /\.(mp4|webm|mov|gif)$/.test(file.name);
    both.element.hidden = !done;
    if (done) both.show(api.original(job.settings.clip), api.file(job.id, file.name), job.settings.from || 0);
    how.text = job.command;
    const key = `${job.id} ${job.state}`;
    if (key === last) return;
    last = key;
    const ask = (what) => () => jobs.tell(job.id, what).catch(complain);
    acts.replaceChildren(...[
      job.state === "running" && button("Pause", ask("pause")),
      job.state === "paused" && button("Continue", ask("continue"), "main"),
      job.state === "running" && button("Stop here", ask("stop")),
      !jobs.over(job) && button("Cancel", ask("cancel"), "plain"),
      done && h("a", { class: "btn main", href: api.download(job.id, file.name), download: "" }, "Download"),
    ].filter(Boolean));
    if (job.state === "failed") complain(words.trouble(job));
  }
  async function follow() {
    unwatch?.();
    work.hidden = true;
    const job = state.job && await jobs.find(state.job).catch(() => null);
    if (job) unwatch = jobs.watch(job.id, show);
  }

  async function newClip(file) {
    const clip = await take(file);
    if (!clip) return;
    Object.assign(state, { clip, from: 0, to: null, preview: null, job: null });
    frames.hidden = true;
    remember();
    arrange(URL.createObjectURL(file));
    follow();
  }
  function arrange(url) {
    invite.hidden = Boolean(state.clip);
    left.hidden = wishes.hidden = !state.clip;
    if (state.clip) trim.show(url || api.original(state.clip.id), state.from, state.to, state.clip);
  }
  async function begin() {
    if (state.clip && !(await api.picture(state.clip.id).catch((trouble) => trouble.status !== 404))) Object.assign(state, { ...START });
    state.style ||= (await styles.all())[0]?.key;
    picker.select(state.style);
    arrange();
    follow();
    const old = state.preview && await jobs.find(state.preview).catch(() => null);
    if (old?.state === "done") showFrames(old);
    missing.hidden = (await api.settings()).ffmpeg !== false;
  }
  arrange();
  begin().catch(complain);
  return () => { unwatch?.(); follower.leave(); both.stop(); trim.leave(); };
}
