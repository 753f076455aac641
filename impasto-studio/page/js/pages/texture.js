// Texture: a picture's strokes and colours without its things.

import { button, h } from "../dom.js";
import { keep, recall } from "../memory.js";
import { choice } from "../parts/choice.js";
import { pastes } from "../parts/drop.js";
import * as styles from "../parts/gallery.js";
import { outcome } from "../parts/outcome.js";

export function mount(root) {
  const state = recall("texture", { from: "picture", picture: null, size: 512, seed: 0, job: null, tiled: false });
  const remember = () => keep("texture", state);
  const tiles = h("div", { class: "tiled", role: "img", "aria-label": "The texture, laid side by side", hidden: true });
  const result = outcome({
    empty: "Choose a picture: its strokes and colours remain, its things are gone.",
    alt: () => "The texture",
    shown(job, url) { tiles.style.backgroundImage = `url("${url}")`; arrange(); },
    more: () => [button("Another like it", () => { state.seed++; start(); }), button("Lay it side by side", () => { state.tiled = !state.tiled; remember(); arrange(); })],
  });
  result.frame.append(tiles);
  const picker = styles.gallery({ chosen: state.picture, pictures: true, name: "Picture", adds: "Add a picture of your own", choose(style) { state.picture = style.picture; remember(); ready(); } });
  const from = choice({ name: "Made", value: state.from, options: [["picture", "Like a picture"], ["bricks", "Bricks, at once"]], onchange(v) { state.from = v; remember(); ready(); } });
  const size = choice({ name: "Size", value: state.size, options: [[256, "Small"], [512, "Medium"], [1024, "Large"]], onchange(v) { state.size = v; remember(); } });
  const note = h("p", { class: "soft small" });
  const go = button("Make a texture", () => start(), "main big");
  root.append(h("div", { class: "head" }, h("h1", null, "Texture"), h("p", null, "What remains of a picture when places are forgotten.")),
    h("div", { class: "desk" }, result.element, h("section", { class: "side", "aria-label": "Wishes" }, from.element, note, picker.element, size.element, go)));

  function arrange() { tiles.hidden = !state.tiled; result.image.hidden = state.tiled; }
  function ready() {
    picker.element.hidden = state.from !== "picture";
    go.disabled = state.from === "picture" && !state.picture;
    note.textContent = state.from === "picture" ? "It is painted slowly, from noise: minutes." : "A network that has learnt bricks makes a wall that continues itself on all sides.";
  }
  function begun(id) { state.job = id; remember(); }
  function start() {
    const what = state.from === "picture" ? { picture: state.picture } : { generator: "built-in", tileable: true };
    return result.start("texture", { ...what, size: state.size, seed: state.seed }, begun);
  }
  ready();
  result.follow(state.job);
  const unpaste = pastes((file) => picker.add(file));
  return () => { result.leave(); unpaste(); };
}
