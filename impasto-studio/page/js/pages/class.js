// Imagine: what the network thinks a thing looks like.

import { button, h } from "../dom.js";
import * as api from "../api.js";
import * as jobs from "../jobs.js";
import { keep, recall } from "../memory.js";
import { choice } from "../parts/choice.js";
import { outcome } from "../parts/outcome.js";

const IDEAS = ["goldfish", "flamingo", "peacock", "zebra", "tabby", "dalmatian", "tree frog", "jellyfish", "daisy", "strawberry", "lemon", "pineapple", "castle", "volcano", "sailboat", "teapot"];

export function mount(root) {
  const state = recall("class", { name: "", size: 256, seed: 0, job: null });
  const remember = () => keep("class", state);
  const result = outcome({
    empty: "Choose a thing, and watch the network imagine it.",
    alt: (job) => `What the network imagines as ${job.settings.class}`,
    more: () => [button("Imagine another", () => { state.seed++; start(); })],
  });
  const input = h("input", { type: "text", id: "class-name", value: state.name, autocomplete: "off", spellcheck: "false", placeholder: "goldfish", list: "class-names", oninput: () => { state.name = input.value; remember(); } });
  const names = h("datalist", { id: "class-names" });
  api.classes().then((all) => names.replaceChildren(...all.map((value) => h("option", { value })))).catch(() => {});
  const pick = (name) => () => { input.value = state.name = name; remember(); start(); };
  const size = choice({ name: "Size", value: state.size, options: [[224, "Small"], [256, "Medium"], [384, "Large"]], onchange(v) { state.size = v; remember(); } });
  const go = button("Imagine it", () => start(), "main big");
  const form = h("form", { class: "stack", onsubmit: (event) => { event.preventDefault(); start(); } },
    h("div", { class: "field" }, h("label", { class: "name", for: "class-name" }, "A thing, in English"), input, names, h("p", { class: "note" }, "The network knows a thousand: animals, plants, tools, food, buildings.")),
    h("div", { class: "ideas", role: "group", "aria-label": "Ideas" }, IDEAS.map((name) => button(name, pick(name), "small"))), size.element, go);
  root.append(h("div", { class: "head" }, h("h1", null, "Imagine"), h("p", null, "From coloured noise, the picture is changed until the network is certain of what it sees. Here is what it thinks the thing looks like.")),
    h("div", { class: "desk" }, result.element, h("section", { class: "side", "aria-label": "Wishes" }, form)));

  function begun(id) { state.job = id; remember(); }
  function start() {
    const name = (state.name || input.placeholder).trim();
    if (state.job && jobs.busy(jobs.peek(state.job) || {})) jobs.tell(state.job, "cancel").catch(() => {});
    return result.start("class", { class: /^\d+$/.test(name) ? Number(name) : name, size: state.size, seed: state.seed }, begun);
  }
  result.follow(state.job);
  return () => result.leave();
}
