// A slider with its name, its value in words, and words at both ends.

import { h, unique } from "../dom.js";

/** `stops`, if given, are the values that the slider may take, evenly spaced; otherwise min, max and step. */
export function range({ name, value, min = 0, max = 1, step = 0.05, stops, words = String, ends, note, oninput }) {
  const id = unique("range");
  const of = (input) => (stops ? stops[Number(input.value)] : Number(input.value));
  const place = (v) => (stops ? Math.max(0, stops.indexOf(v)) : v);
  const input = h("input", { type: "range", id, min: stops ? 0 : min, max: stops ? stops.length - 1 : max, step: stops ? 1 : step });
  const output = h("output", { for: id });
  const show = () => {
    const share = (input.value - input.min) / (input.max - input.min || 1);
    input.style.setProperty("--at", `${share * 100}%`);
    output.textContent = words(of(input));
    input.setAttribute("aria-valuetext", words(of(input)));
  };
  input.value = place(value);
  show();
  input.addEventListener("input", () => { show(); oninput?.(of(input)); });
  const element = h("div", { class: "field" },
    h("div", { class: "name" }, h("label", { for: id }, name), output),
    input,
    ends && h("div", { class: "ends", "aria-hidden": "true" }, h("span", null, ends[0]), h("span", null, ends[1])),
    note && h("div", { class: "note" }, note));
  return {
    element,
    input,
    get value() { return of(input); },
    set value(v) { input.value = place(v); show(); },
    set max(v) { input.max = v; show(); },
  };
}
