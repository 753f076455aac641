// Short messages: seen in the corner, and read out by screen readers.

import { h } from "../dom.js";

const corner = () => document.getElementById("says");

/** Says something to those who cannot see it change. */
export function tell(text) {
  document.getElementById("live").textContent = text;
}

/** A message that goes away by itself. */
export function say(text) {
  tell(text);
  const box = h("div", { class: "say" }, h("p", null, text));
  corner().append(box);
  setTimeout(() => box.remove(), 4000);
}

/** A failure, with what to do about it; it stays until it is closed. */
export function complain(trouble) {
  const text = trouble?.text || trouble?.message || String(trouble);
  if ([...corner().children].some((old) => old.dataset.text === text)) return;
  const box = h("div", { class: "say bad", role: "alert", "data-text": text },
    h("div", null, h("p", null, text), trouble?.hint && h("p", { class: "hint" }, trouble.hint)),
    h("button", { type: "button", "aria-label": "Close this message", onclick: () => box.remove() }, "✕"));
  corner().append(box);
  setTimeout(() => box.remove(), 30000);
}
