// The atlas of a painting: its planes, layer by layer, as the program finds them.

import { button, h } from "../dom.js";
import * as api from "../api.js";
import * as jobs from "../jobs.js";
import * as words from "../words.js";
import { loupe } from "../parts/loupe.js";
import { progress } from "../parts/progress.js";
import { complain, tell } from "../parts/say.js";
import { tile } from "../parts/tile.js";
import { LAYERS, PLANES, picture, save, switched, takesPart, without } from "./look-state.js";

/** What a file shows, from its facts or its name. */
function read(file) {
  const { layer, plane, what } = file.facts || {};
  if (layer && plane !== undefined && what) return { layer, plane, kind: what };
  const found = /([a-z]+\d_\d)-(\d+)-(\w+)\.png$/.exec(file.name);
  return found && { layer: found[1], plane: Number(found[2]), kind: found[3] };
}

/** `chosen()` is told when planes were switched. */
export function atlas({ state, chosen }) {
  const bar = progress("Looking at the painting");
  const lens = loupe();
  const sections = new Map();
  let unwatch = null;
  let shown = null;
  let entries = new Map();
  let tiles = new Map();

  for (const name of LAYERS) {
    const { title, text } = words.layer(name);
    const grid = h("div", { class: "tiles", role: "group", "aria-label": title });
    const all = button("All", () => many(name, () => true), "small plain", { "aria-label": `All of ${title}` });
    const none = button("None", () => many(name, () => false), "small plain", { "aria-label": `None of ${title}` });
    const only = button("Only these", () => { for (const other of LAYERS) many(other, () => other === name, true); done(); }, "small plain", { "aria-label": `Only these: ${title}` });
    const section = h("section", { class: "layer" },
      h("div", { class: "row between" }, h("div", null, h("h2", null, title), h("p", { class: "soft small" }, text)), h("div", { class: "row" }, all, none, only)), grid);
    sections.set(name, { section, grid });
  }
  const element = h("div", { class: "atlas" }, bar.element, [...sections.values()].map(({ section }) => section));

  function done() { save(state); show(); chosen(); }

  function many(layer, on, quiet = false) {
    // A whole layer, the planes that the atlas does not show included, is named by its layer.
    state.planes = without(state.planes, layer);
    if (state.mode === "mute" ? !on() : on()) state.planes.push(layer);
    if (!quiet) done();
  }
  function flip(name) {
    state.planes = switched(state.planes, name);
    tell(takesPart(state, name) ? "On" : "Off");
    done();
  }

  function show() {
    for (const [name, one] of tiles) one.show(takesPart(state, name), state.view);
  }

  function learn(job) {
    if (job.gone) return;
    bar.show(job);
    bar.element.hidden = job.state === "done";
    if (job.state === "failed") complain(words.trouble(job));
    let fresh = false;
    for (const file of job.files) {
      const facts = file.kind === "tile" && read(file);
      if (!facts || !sections.has(facts.layer)) continue;
      const name = `${facts.layer}:${facts.plane}`;
      if (!entries.has(name)) entries.set(name, { layer: facts.layer, plane: facts.plane, seen: file.facts?.seen, urls: {} });
      // The plane is as large as the picture in which its strongest place is told.
      if (facts.kind === "plane") Object.assign(entries.get(name), { width: file.facts?.width, height: file.facts?.height });
      entries.get(name).urls[facts.kind] = api.file(job.id, file.name);
    }
    for (const [name, entry] of entries) {
      // A tile is laid out when everything that it shows is there.
      if (tiles.has(name) || !entry.urls.plane || (job.state === "running" && !(entry.urls.photo && entry.urls.guided))) continue;
      const { title } = words.layer(entry.layer);
      const near = () => lens.show({ ...entry, picture: shown, title });
      const one = tile({ ...entry, picture: shown, title, near, toggle: () => flip(name) });
      tiles.set(name, one);
      const { grid } = sections.get(entry.layer);
      grid.querySelector(".wait")?.remove();
      const waiting = grid.querySelector(".wait");
      if (waiting) waiting.before(one.element); else grid.append(one.element);
      fresh = true;
    }
    if (job.state === "done") for (const { grid } of sections.values()) grid.querySelectorAll(".wait").forEach((place) => place.remove());
    if (fresh) show();
  }

  return {
    element,
    lens,
    show,
    /** Looks at the painting of now, unless it has been looked at already. */
    async open() {
      const id = picture(state);
      if (!id || shown === id) return;
      const old = shown && jobs.peek(state.atlases[shown]);
      if (old && jobs.busy(old)) jobs.tell(old.id, "cancel").catch(() => {});
      shown = id;
      unwatch?.();
      entries = new Map();
      tiles = new Map();
      lens.start();
      for (const { grid } of sections.values()) grid.replaceChildren(...Array.from({ length: PLANES }, () => h("span", { class: "wait" })));
      try {
        let job = state.atlases[id] && await jobs.find(state.atlases[id]);
        if (!job || job.state === "failed" || job.state === "cancelled") job = await jobs.start("atlas", { picture: id, layers: LAYERS, planes: PLANES });
        state.atlases[id] = job.id;
        save(state);
        if (shown === id) unwatch = jobs.watch(job.id, learn);
      } catch (trouble) {
        complain(trouble);
      }
    },
    leave() { unwatch?.(); },
  };
}
