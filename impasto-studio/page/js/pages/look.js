// Look: what the network sees in a painting, and painting with just that.

import { button, h } from "../dom.js";
import * as api from "../api.js";
import * as words from "../words.js";
import { choice } from "../parts/choice.js";
import * as styles from "../parts/gallery.js";
import { pastes } from "../parts/drop.js";
import { complain } from "../parts/say.js";
import { atlas } from "./look-atlas.js";
import { prepare } from "./look-prepare.js";
import { chosen, inWords, load, picture, save } from "./look-state.js";
import { trial } from "./look-trial.js";
import { carry, load as loadPaint } from "./paint-state.js";

export function mount(root, [open]) {
  const state = load();
  state.photo ||= loadPaint().photo && { id: loadPaint().photo.id, name: loadPaint().photo.name };
  const summary = h("p", { class: "sum", role: "status" });
  const attempt = trial({ state, summary });
  const planes = atlas({ state, chosen: changed });
  const change = prepare({ state, changed: look });

  const picker = styles.gallery({ chosen: state.style, choose: choose, pictures: true, name: "Painting to look at" });
  const tabs = choice({
    name: "What to look at", hidden: true, value: state.tab, options: [["features", "Its features"], ["colours", "Fewer colours"], ["erase", "Take something out"]],
    onchange(tab) { state.tab = tab; save(state); arrange(); },
  });
  const view = choice({
    name: "Show", hidden: true, value: state.view, options: [["where", "Where"], ["part", "Which part"], ["what", "What it sees"]],
    onchange(how) { state.view = how; save(state); planes.show(); },
  });
  const mode = choice({
    name: "A click on a feature", value: state.mode, options: [["mute", "leaves it out"], ["solo", "keeps only it"]],
    onchange(how) { state.mode = how; state.planes = []; save(state); planes.show(); changed(); },
  });
  const again = button("Start over", () => { state.planes = []; save(state); planes.show(); changed(); }, "plain small");
  const go = button("Paint with these features", paint, "main big");
  const first = h("div", { class: "head" }, h("h1", null, "Look, then paint with what you see"),
    h("p", null, "The network finds patterns in a painting: patches of colour, grain, strokes, shapes. Switch off what you do not want, or keep only what you love, and see at once what becomes of a picture."));
  const features = h("div", { class: "stack" }, h("div", { class: "row between shows" }, h("p", { class: "soft" }, "Each tile is one pattern that the network knows: the painting, lit where that pattern is."), view.element), planes.element);
  const side = h("aside", { class: "side", "aria-label": "Your painting" },
    h("section", { class: "card stack try" }, attempt.element, mode.element, go, again), planes.lens.element);

  root.append(first, h("div", { class: "look" },
    h("div", { class: "stack" }, picker.element, h("div", { class: "tabs" }, tabs.element), features, change.element), side));

  function arrange() {
    features.hidden = state.tab !== "features";
    planes.lens.element.hidden = state.tab !== "features";
    change.show();
  }

  function changed() {
    summary.textContent = `${inWords(state)}.`;
    again.hidden = !state.planes.length;
    attempt.show();
  }

  function look() {
    planes.open();
    changed();
  }

  function choose(style) {
    if (style.picture === state.style) return;
    Object.assign(state, { style: style.picture, title: words.short(style.title), key: style.key, prepared: null, palette: 0, mask: null, planes: [] });
    save(state);
    arrange();
    look();
  }

  function paint() {
    const id = picture(state);
    const title = state.prepared ? `${state.title}, prepared` : state.title;
    if (state.prepared) styles.remember({ id, name: `${title}.png` });
    const { mute, solo } = chosen(state);
    api.picture(state.photo.id).then((photo) => {
      carry({ photo, style: state.prepared || state.key, features: { style: id, title, mute, solo, words: inWords(state) } });
      location.hash = "#paint";
    }).catch(complain);
  }

  async function begin() {
    const asked = open && open !== state.style && await styles.find(open);
    if (asked) { picker.select(asked.key); choose(asked); return; }
    if (state.style) {
      // What the server has forgotten is begun anew.
      const there = await api.picture(state.style).catch(() => null);
      if (!there) Object.assign(state, { style: null, prepared: null, mask: null, planes: [], atlases: {}, trials: {} });
      if (state.photo && !(await api.picture(state.photo.id).catch(() => null))) state.photo = null;
    }
    if (!state.style) {
      const style = (await styles.all()).find(({ picture: id }) => id);
      if (style) { picker.select(style.key); choose(style); }
    } else {
      arrange();
      look();
    }
  }
  const unpaste = pastes((file) => picker.add(file));
  arrange();
  begin().catch(complain);
  return () => { planes.leave(); attempt.leave(); change.leave(); unpaste(); };
}
