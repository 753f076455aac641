// Dream: a photograph, changed until the network sees more of what it believes to see.

import { button, h } from "../dom.js";
import * as api from "../api.js";
import * as jobs from "../jobs.js";
import { keep, recall } from "../memory.js";
import { choice } from "../parts/choice.js";
import { pastes } from "../parts/drop.js";
import { outcome } from "../parts/outcome.js";
import { photo } from "../parts/photo.js";
import { range } from "../parts/range.js";
import { complain } from "../parts/say.js";

const DEPTHS = [["relu2_2", "grain"], ["relu3_3", "strokes and ripples"], ["relu4_1", "eyes and feathers"], ["relu4_3", "parts of animals"], ["relu5_1", "whole creatures"]];

export function mount(root) {
  const state = recall("dream", { photo: null, layer: "relu5_1", size: 512, iterations: 10, job: null });
  const remember = () => keep("dream", state);
  const result = outcome({
    empty: "A photograph, and then the dream.",
    alt: () => "The dreamt photograph",
    more: (job) => [button("Dream on in this", async () => {
      try {
        const picture = await api.keep(job.id, jobs.result(job).name, "dream.png");
        state.photo = { id: picture.id, name: picture.name };
        source.show(state.photo);
        start();
      } catch (trouble) { complain(trouble); }
    })],
  });
  const source = photo({ picture: state.photo, chosen(picture) { state.photo = { id: picture.id, name: picture.name }; state.job = null; remember(); result.before(api.preview(picture.id), "The photograph to dream of"); ready(); } });
  const depth = range({ name: "Dream of", value: state.layer, stops: DEPTHS.map(([layer]) => layer), words: (layer) => DEPTHS.find(([name]) => name === layer)?.[1] || layer, ends: ["what is small", "what is large"], oninput(v) { state.layer = v; remember(); } });
  const deep = range({ name: "How deep", value: state.iterations, min: 3, max: 40, step: 1, words: (n) => (n < 8 ? "a nap" : n < 16 ? "a dream" : n < 28 ? "a deep dream" : "a fever"), ends: ["hint", "everything"], oninput(v) { state.iterations = v; remember(); } });
  const size = choice({ name: "Size", value: state.size, options: [[384, "Small"], [512, "Medium"], [1024, "Large"]], onchange(v) { state.size = v; remember(); } });
  const go = button("Dream", () => start(), "main big");
  const ready = () => { go.disabled = !state.photo; };
  root.append(h("div", { class: "head" }, h("h1", null, "Dream"), h("p", null, "Whatever the network believes to see in a photograph, it may have more of it.")),
    h("div", { class: "desk" }, result.element, h("section", { class: "side", "aria-label": "Wishes" }, source.element, depth.element, deep.element, size.element, go)));

  function begun(id) { state.job = id; remember(); }
  function start() {
    return result.start("dream", { photo: state.photo.id, layer: state.layer, size: state.size, iterations: state.iterations }, begun);
  }
  ready();
  if (state.job) result.follow(state.job);
  else if (state.photo) result.before(api.preview(state.photo.id), "The photograph to dream of");
  const unpaste = pastes(source.put);
  return () => { result.leave(); unpaste(); };
}
