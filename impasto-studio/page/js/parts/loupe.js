// What a plane sees, large: where it answers, the part that moves it most, and what of that part it is.

import { h } from "../dom.js";
import { lit } from "./tile.js";

export function loupe() {
  const element = h("section", { class: "card loupe", "aria-label": "The feature you point at" });
  const start = () => element.replaceChildren(h("p", { class: "soft" }, "Point at a feature to see where in the painting it lives, what moves it most, and what it makes of that."));
  start();
  return {
    element,
    start,
    show({ picture, title, plane, urls, seen, width, height }) {
      const where = lit(picture, urls.plane, true);
      if (seen && width && height) {
        const box = h("i", { class: "seen" });
        Object.assign(box.style, {
          left: `${(seen.left / width) * 100}%`, top: `${(seen.top / height) * 100}%`,
          width: `${((seen.right - seen.left) / width) * 100}%`, height: `${((seen.bottom - seen.top) / height) * 100}%`,
        });
        where.append(box);
      }
      const closer = [[urls.photo, "moves it most"], [urls.guided, "what it sees in that"]].filter(([url]) => url);
      element.replaceChildren(
        h("h3", null, `${title} `, h("span", { class: "soft small" }, `feature ${plane}`)),
        h("div", { class: "lens" }, where, h("div", { class: "closer" }, closer.map(([url, text]) => h("figure", null, h("img", { src: url, alt: "" }), h("figcaption", null, text))))));
    },
  };
}
