// The versions of a picture, side by side: any two can be compared.

import { h } from "../dom.js";

/** `versions`: `{ id, url, title, note, doing }`; `left` and `right` are ids. */
export function strip({ pick, against, remove }) {
  const element = h("ul", { class: "strip", "aria-label": "Versions" });
  return {
    element,
    show(versions, left, right) {
      element.hidden = versions.length < 2;
      // Rebuilding would take the focus away from whoever moves through it with keys.
      const focus = document.activeElement?.dataset?.at;
      element.replaceChildren(...versions.map((version) => h("li", { class: [version.id === right && "right", version.id === left && "left", version.doing && "doing"].filter(Boolean).join(" ") },
        h("button", { type: "button", class: "pick", "data-at": `pick ${version.id}`, "aria-pressed": String(version.id === right), title: `Show ${version.title}`, onclick: () => pick(version.id) },
          version.url ? h("img", { src: version.url, alt: "", draggable: "false" }) : h("span", { class: "empty" }),
          h("span", { class: "label" }, version.title), version.note && h("span", { class: "note" }, version.note)),
        h("div", { class: "acts" },
          h("button", { type: "button", class: "with", "data-at": `with ${version.id}`, "aria-pressed": String(version.id === left), "aria-label": `${version.id === left ? "On the left" : "Put left"}: ${version.title}`, onclick: () => against(version.id) }, version.id === left ? "On the left" : "Put left"),
          !version.keep && h("button", { type: "button", class: "drop-it", "data-at": `drop ${version.id}`, "aria-label": `Take ${version.title} out of the row`, onclick: () => remove(version.id) }, "✕")))));
      if (focus) element.querySelector(`[data-at="${CSS.escape(focus)}"]`)?.focus();
    },
  };
}
