// Paint: a photograph in the manner of a painting, at once, and then slowly and better.

import { button, h } from "../dom.js";
import * as api from "../api.js";
import * as jobs from "../jobs.js";
import * as words from "../words.js";
import { choice } from "../parts/choice.js";
import { command } from "../parts/command.js";
import { compare } from "../parts/compare.js";
import { droppable, drop, pastes, take } from "../parts/drop.js";
import * as styles from "../parts/gallery.js";
import { latest } from "../parts/latest.js";
import { range } from "../parts/range.js";
import { complain, say } from "../parts/say.js";
import { samples } from "../parts/samples.js";
import { strip } from "../parts/strip.js";
import { easel } from "./paint-easel.js";
import { refine } from "./paint-refine.js";
import { load, noteOf, save, styleOf } from "./paint-state.js";

const SIZES = [256, 384, 512, 768, 1024, 0];

export function mount(root, [open]) {
  const state = load();
  const titles = new Map();
  const remember = () => save(state);
  const leaving = [];

  // The picture, and the versions below it.
  const stage = compare();
  const hurry = h("div", { class: "hurry", hidden: true }, "Painting …");
  const frame = h("div", { class: "frame" }, stage.element, hurry);
  const versions = strip({
    pick(id) { state.right = id; remember(); show(); },
    against(id) { state.left = id; remember(); show(); },
    remove(id) {
      state.versions = state.versions.filter((one) => one !== id);
      if (state.left === id) state.left = "photo";
      if (state.right === id) state.right = state.versions[state.versions.length - 1] || null;
      remember();
      show();
    },
  });
  const how = command("");
  const facts = h("div", { class: "facts" });
  const acts = h("div", { class: "row acts" });
  const work = easel({ added: addJob, moment: (url, title) => stage.show({ before: side(state.left), after: { url, title } }) });

  // The wishes beside it.
  const picker = styles.gallery({
    chosen: state.style,
    choose(style) {
      if (state.features && state.features.style !== style.picture) state.features = null;
      state.style = style.key;
      remember();
      slow.show();
      quick();
    },
  });
  const wish = (name) => (value) => { state[name] = value; remember(); quick(); };
  const strength = range({ name: "Strength", value: state.strength, ends: ["the photo", "the painting"], words: (v) => `${Math.round(v * 100)} %`, oninput: wish("strength") });
  const color = choice({ name: "Colours of", value: state.color, options: [["style", "Painting"], ["photo", "Photo"], ["luminance", "Photo, exact"]], onchange: wish("color") });
  const size = range({
    name: "Strokes", value: state.size, stops: SIZES, ends: ["broad", "fine"],
    words: (v) => (v ? `painted at ${v} pixels` : "as fine as the photo"), oninput: wish("size"),
  });
  const slow = refine({ state, remember, start: startSlow });

  const easelSide = h("div", { class: "stack" }, frame, work.element, versions.element, h("div", { class: "under" }, facts, acts), how.element);
  const invitation = h("div", null,
    h("div", { class: "head" }, h("h1", null, "A photograph, painted"), h("p", null, "Choose a photograph. It is painted at once, here, on this computer; nothing leaves it.")),
    drop({ title: "Drop a photograph here", text: "or click to choose one, or paste it", label: "Choose a photograph", file: newPhoto }),
    samples(newPhoto));
  const wishes = h("div", { class: "side" }, h("div", { class: "stack" }, strength.element, color.element, size.element), slow.element);
  const desk = h("div", { class: "desk" },
    h("section", { "aria-label": "Picture" }, easelSide, invitation),
    h("section", { class: "side", "aria-label": "Wishes" }, h("div", { class: "stack" }, h("h2", null, "In the manner of"), picker.element), wishes));

  const follower = latest({
    doing: () => { hurry.hidden = false; },
    done(job) {
      hurry.hidden = true;
      const same = (id) => { const old = jobs.peek(id); return old?.verb === "apply" && old.settings.preview && old.settings.style === job.settings.style && !state.kept.includes(id); };
      const old = state.versions.find(same);
      if (old === job.id) { /* after a reload */ } else if (old) {
        state.versions[state.versions.indexOf(old)] = job.id;
        if (state.left === old) state.left = job.id;
      } else state.versions.push(job.id);
      state.right = job.id;
      state.quick = job.id;
      remember();
      watchVersion(job.id);
      show();
    },
    failed(trouble) { hurry.hidden = true; complain(trouble.state ? words.trouble(trouble) : trouble); },
  });

  function quick() {
    if (!state.photo || !state.style) return;
    hurry.hidden = false;
    follower.ask("apply", { photo: state.photo.id, style: state.style, strength: state.strength, color: state.color === "style" ? null : state.color, size: state.size || null, preview: true });
  }

  async function newPhoto(file) {
    const picture = await take(file);
    if (!picture) return;
    if (picture.kind === "clip") { say("That is a clip: it is painted on the page Video."); return; }
    Object.assign(state, { photo: picture, versions: [], kept: [], left: "photo", right: null, quick: null, easel: null });
    remember();
    arrange();
    quick();
  }

  async function addJob(job) {
    state.versions.push(job.id);
    Object.assign(state, { easel: job.id, right: job.id });
    remember();
    watchVersion(job.id);
    work.follow(job.id);
    show();
    if (frame.getBoundingClientRect().top < 0) scrollTo({ top: 0, behavior: "smooth" });
  }

  async function startSlow(settings) {
    await addJob(await jobs.start("paint", { photo: state.photo.id, color: state.color === "style" ? null : state.color, ...settings }));
  }

  async function full() {
    const shown = jobs.peek(state.right);
    const { photo, style, strength: much, color: whose } = shown?.verb === "apply" ? shown.settings : { photo: state.photo.id, style: state.style };
    const job = await jobs.start("apply", { photo, style, strength: much, color: whose, size: shown?.settings.size || 0 });
    state.versions.push(job.id);
    state.right = job.id;
    remember();
    watchVersion(job.id);
    show();
  }

  /** A version as the compare slider takes it. */
  function side(id) {
    if (id === "photo" || !id) return { url: api.preview(state.photo.id), title: "Photo" };
    const job = jobs.peek(id);
    const file = job && jobs.newest(job);
    return file ? { url: api.file(id, file.name), title: titles.get(id) || "" } : { url: api.preview(state.photo.id), title: "Photo" };
  }

  function show() {
    if (!state.photo) return;
    const list = [{ id: "photo", url: api.thumbnail(state.photo.id), title: "Photo", keep: true }];
    for (const id of state.versions) {
      const job = jobs.peek(id);
      if (!job) continue;
      const file = jobs.newest(job);
      list.push({ id, url: file && api.small(id, file.name), title: titles.get(id) || "…", note: jobs.busy(job) ? "at work" : job.state === "paused" ? "paused" : noteOf(job), doing: jobs.busy(job) });
    }
    versions.show(list, state.left, state.right || "photo");
    stage.show({ before: state.right ? side(state.left) : null, after: side(state.right) });
    showFacts();
  }

  function showFacts() {
    const job = jobs.peek(state.right);
    const file = job && jobs.newest(job);
    facts.replaceChildren(h("h1", null, job ? titles.get(job.id) || "…" : words.title(state.photo.name)),
      h("p", { class: "soft" }, job ? noteOf(job) : `${state.photo.width} × ${state.photo.height} pixels`));
    const quickLook = job?.verb === "apply" && job.settings.preview;
    acts.replaceChildren(...[
      quickLook && !state.kept.includes(job.id) && button("Keep", () => { state.kept.push(job.id); remember(); showFacts(); say("Kept: the next change makes a new version."); }, "", { title: "Keep this version while you try others" }),
      quickLook && button("Paint at full size", full),
      file && h("a", { class: "btn", href: api.download(job.id, file.name), download: "" }, "Download"),
      button("Another photo", () => another.querySelector("input").click(), "plain"),
    ].filter(Boolean));
    how.text = job?.command || "";
  }
  const another = drop({ title: "Another photo", kind: "tiny", file: newPhoto });

  const watched = new Set();
  function watchVersion(id) {
    if (watched.has(id)) return;
    watched.add(id);
    leaving.push(jobs.watch(id, async (job) => {
      if (job.gone) { state.versions = state.versions.filter((one) => one !== id); if (state.right === id) state.right = null; if (state.left === id) state.left = "photo"; remember(); show(); return; }
      if (!titles.has(id)) titles.set(id, await styleOf(job));
      if (job.state === "failed" && job.verb === "apply") complain(words.trouble(job));
      show();
    }));
  }

  function arrange() {
    for (const part of [easelSide, wishes]) part.hidden = !state.photo;
    invitation.hidden = Boolean(state.photo);
    if (state.photo) { stage.shape(state.photo.width, state.photo.height); work.follow(state.easel); slow.show(); show(); }
  }

  async function restore() {
    if (open) {
      const job = await jobs.find(open);
      const photo = job?.settings.photo && await api.picture(job.settings.photo).catch(() => null);
      if (photo && photo.id !== state.photo?.id) Object.assign(state, { photo, versions: [], kept: [], left: "photo", easel: null });
      if (job && state.photo) {
        if (!state.versions.includes(open)) state.versions.push(open);
        state.right = open;
        if (job.verb === "paint") state.easel = open;
      }
    }
    const found = await Promise.all(state.versions.map((id) => jobs.find(id).catch(() => null)));
    state.versions = state.versions.filter((id, i) => found[i]);
    if (state.right && !state.versions.includes(state.right)) state.right = state.versions[state.versions.length - 1] || null;
    if (state.photo && !(await api.picture(state.photo.id).catch((trouble) => trouble.status !== 404))) state.photo = null;
    remember();
    for (const id of state.versions) { const job = jobs.peek(id); titles.set(id, await styleOf(job)); watchVersion(id); }
    arrange();
    state.style ||= (await styles.all())[0]?.key;
    picker.select(state.style);
    if (state.photo && !state.versions.length) quick();
  }

  leaving.push(pastes(newPhoto));
  droppable(frame, newPhoto);
  root.append(desk);
  arrange();
  restore();
  return () => { follower.leave(); work.leave(); leaving.forEach((f) => f()); };
}
