// Changing the painting before it is looked at: fewer colours, or without something in it.

import { button, h, later } from "../dom.js";
import * as api from "../api.js";
import * as jobs from "../jobs.js";
import * as words from "../words.js";
import { brush } from "../parts/brush.js";
import { latest } from "../parts/latest.js";
import { range } from "../parts/range.js";
import { complain, say } from "../parts/say.js";
import { swatches } from "../parts/swatches.js";
import { save } from "./look-state.js";

const COUNTS = [2, 3, 4, 5, 6, 8, 10, 12, 16, 24, 32, 0];

/** `changed()` is told when the painting has become another. */
export function prepare({ state, changed }) {
  const colors = swatches();
  const palette = range({
    name: "Colours", value: state.palette, stops: COUNTS, ends: ["few", "all"], words: (n) => (n ? `${n} colours` : "all of them"),
    oninput: (n) => { state.palette = n; save(state); ask(); },
  });
  const before = h("img", { alt: "The painting as it was" });
  const after = h("img", { alt: "The painting as it will be painted with" });
  const both = h("div", { class: "two" }, h("figure", null, before, h("figcaption", null, "As it was")), h("figure", { class: "after" }, after, h("figcaption", null, "As it will be painted with")));
    const out = button("Take it out", takeOut, "main", { disabled: true });
  const putBack = button("Put everything back", () => { state.mask = null; save(state); ask(); }, "");
  const marks = brush({ changed() { out.disabled = marks.empty; }, acts: h("div", { class: "row" }, out, putBack) });
  const colourPart = h("div", { class: "stack" }, h("p", { class: "soft" }, "A painting with few colours makes a picture with few colours."), palette.element, colors.element);
  const erasePart = h("div", { class: "stack" },
    h("p", { class: "soft" }, "Paint over what shall not be there, generously. Its place is filled with the painting's own strokes."), marks.element);
  const element = h("div", { class: "prepare stack" }, colourPart, erasePart, both);

  const follower = latest({
    doing: () => both.classList.add("doing"),
    async done(job) {
      try {
        const made = await api.keep(job.id, jobs.result(job).name, `${state.title}, prepared.png`);
        both.classList.remove("doing");
        state.prepared = made.id;
        save(state);
        show();
        changed();
      } catch (trouble) {
        complain(trouble);
      }
    },
    failed(trouble) { both.classList.remove("doing"); complain(trouble.state ? words.trouble(trouble) : trouble); },
  });
  const ask = later(250, () => {
    if (!state.palette && !state.mask) { follower.stop(); state.prepared = null; save(state); show(); changed(); return; }
    follower.ask("prepare", { picture: state.style, palette: state.palette || null, erase: state.mask });
  });

  async function takeOut() {
    out.disabled = true;
    try {
      const mask = await api.upload(await marks.mask(), "mask.png");
      state.mask = mask.id;
      save(state);
      ask();
      say("It is taken out: a moment.");
    } catch (trouble) {
      out.disabled = false;
      complain(trouble);
    }
  }

  function show() {
    if (!state.style) return;
    before.src = marks.url = api.preview(state.style);
    after.src = api.preview(state.prepared || state.style);
    putBack.disabled = !state.mask;
    colors.show(state.palette && state.prepared ? api.original(state.prepared) : null, state.palette);
    palette.value = state.palette;
    both.hidden = !state.prepared;
    colourPart.hidden = state.tab !== "colours";
    erasePart.hidden = state.tab !== "erase";
    element.hidden = state.tab === "features";
  }
  return { element, show, leave() { follower.leave(); ask.stop(); } };
}
