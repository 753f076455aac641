// One of a few, side by side.

import { h, unique } from "../dom.js";

/** `options` are [value, text] pairs. */
export function choice({ name, options, value, onchange, hidden = false }) {
  const group = unique("choice");
  const inputs = options.map(([option, text]) => {
    const input = h("input", { type: "radio", name: group, checked: option === value, onchange: () => onchange?.(option) });
    return { option, input, label: h("label", null, input, h("span", null, text)) };
  });
  const element = h("fieldset", { class: "field choice" },
    h("legend", { class: hidden ? "sr" : "name" }, name),
    h("div", { class: "of" }, inputs.map(({ label }) => label)));
  return {
    element,
    set value(v) { for (const { option, input } of inputs) input.checked = option === v; },
  };
}
