// A plane of a layer as a tile to switch on and off: the painting, lit where the plane answers.

import { h } from "../dom.js";
import * as api from "../api.js";

/** The painting darkened but for the places where a plane answers. */
export function lit(picture, plane, large = false) {
  return h("span", { class: "lit" },
    h("img", { src: large ? api.preview(picture) : api.thumbnail(picture), alt: "", draggable: "false" }),
    h("img", { class: "plane", src: plane, alt: "", draggable: "false" }));
}

/** `urls` by kind: `plane`, `photo`, `guided`. `near` is told when the tile is pointed at or focused. */
export function tile({ picture, layer, plane, urls, title, toggle, near }) {
  const face = h("span", { class: "face" });
  const part = urls.photo && h("img", { class: "part", src: urls.photo, alt: "", draggable: "false" });
  const element = h("button", { type: "button", class: "tile", onclick: toggle, onpointerenter: near, onfocus: near }, face, part, h("span", { class: "mark", "aria-hidden": "true" }));
  return {
    element,
    name: `${layer}:${plane}`,
    show(on, view) {
      element.setAttribute("aria-pressed", String(on));
      element.setAttribute("aria-label", `${title}, feature ${plane}`);
      if (element.dataset.view === view) return;
      element.dataset.view = view;
      const url = { what: urls.guided, part: urls.photo }[view];
      face.replaceChildren(url ? h("img", { class: "whole", src: url, alt: "", draggable: "false" }) : lit(picture, urls.plane));
    },
  };
}
