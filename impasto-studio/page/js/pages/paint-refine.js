// Wishes for the slow road: how close, how large, how long.

import { button, h } from "../dom.js";
import { choice } from "../parts/choice.js";
import { range } from "../parts/range.js";
import * as styles from "../parts/gallery.js";
import { closenessWords, contentWeight } from "./paint-state.js";

/** `start(settings)` begins a painting; `state` is the page's. */
export function refine({ state, remember, start }) {
  const wishes = state.refine;
  const set = (name) => (value) => { wishes[name] = value; remember(); };
  const closeness = range({
    name: "Balance", value: wishes.closeness, min: -1, max: 1, step: 0.1, words: closenessWords,
    ends: ["closer to the photo", "closer to the painting"], oninput: set("closeness"),
  });
  const size = choice({ name: "Size", value: wishes.size, options: [[384, "Small"], [512, "Medium"], [768, "Large"], [1024, "Huge"]], onchange: set("size") });
  const long = choice({ name: "Patience", value: wishes.iterations, options: [[100, "Short"], [300, "Usual"], [600, "Long"]], onchange: set("iterations") });
  const carried = h("div", { class: "carried" });
  const go = button("Refine", async () => {
    go.disabled = true;
    try {
      const style = state.features?.style || (await styles.find(state.style))?.picture;
      await start({
        styles: [{ style, share: 1 }], size: wishes.size, iterations: wishes.iterations, content_weight: contentWeight(wishes.closeness),
        mute: state.features?.mute?.length ? state.features.mute : null, solo: state.features?.solo?.length ? state.features.solo : null,
      });
    } finally {
      go.disabled = false;
    }
  }, "main big");
  const element = h("div", { class: "card stack refine" },
    h("div", null, h("h2", null, "Refine"), h("p", { class: "soft" }, "Painted slowly, coarse to fine, until the network sees your photo and this painting's strokes. You can watch, stop and branch.")),
    carried, closeness.element, size.element, long.element, go);
  return {
    element,
    show() {
      const { features } = state;
      carried.hidden = !features;
      if (!features) return;
      carried.replaceChildren(
        h("p", null, h("strong", null, features.words), h("br"), h("span", { class: "soft" }, `of ${features.title}, as you chose on the page Look`)),
        h("div", { class: "row" },
          h("a", { class: "btn small", href: "#look" }, "Change"),
          button("Use all", () => { state.features = null; remember(); this.show(); }, "small")));
    },
  };
}
