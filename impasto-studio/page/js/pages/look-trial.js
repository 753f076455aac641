// Two small paintings side by side: with all that the network sees, and with what was chosen. They follow the choice by themselves.

import { h } from "../dom.js";
import * as api from "../api.js";
import * as jobs from "../jobs.js";
import * as words from "../words.js";
import { drop, take } from "../parts/drop.js";
import { latest } from "../parts/latest.js";
import { complain } from "../parts/say.js";
import { anySample } from "../parts/samples.js";
import { chosen, picture, save } from "./look-state.js";

const SIZE = 224;
const STEPS = 50;

/** `summary` says what is chosen, beside the photo that it is tried on. */
export function trial({ state, summary }) {
  const plain = pane("Everything", "painted with all features");
  const mine = pane("Your choice", "painted with the features that are on", "Switch features off, and your painting shows here by itself");
  const photo = h("img", { alt: "", class: "of" });
  const other = drop({ title: "Try it on another photo", kind: "tiny", file: async (file) => { const id = await take(file); if (id) { state.photo = { id: id.id, name: id.name }; save(state); show(); } } });
  const hint = h("p", { class: "soft small" });
  const element = h("div", { class: "trial" }, h("div", { class: "pair" }, plain.element, mine.element), h("div", { class: "row tried" }, h("span", { class: "pick-photo" }, photo, other), h("div", null, summary, hint)));

  function pane(title, what, invitation) {
    const image = h("img", { alt: `A small painting, ${what}` });
    const text = h("figcaption", null, title);
    const figure = h("figure", { class: "pane" }, h("span", { class: "shot" }, image, invitation && h("p", null, invitation)), text);
    let unanswered = null;
    const done = (job) => {
      figure.classList.remove("doing");
      const file = jobs.newest(job);
      if (file) image.src = api.file(job.id, file.name);
      if (unanswered) { state.trials[unanswered] = job.id; save(state); }
    };
    const follower = latest({
      wait: 350,
      doing: (job) => { figure.classList.add("doing"); const file = jobs.newest(job); if (file) image.src = api.file(job.id, file.name); },
      done,
      failed(trouble) { figure.classList.remove("doing"); complain(trouble.state ? words.trouble(trouble) : trouble); },
    });
    return {
      element: figure,
      follower,
      async ask(settings) {
        const key = JSON.stringify([settings.photo, settings.styles[0].style, settings.mute, settings.solo]);
        if (key === unanswered) return;
        unanswered = key;
        const known = state.trials[key] && await jobs.find(state.trials[key]);
        if (key !== unanswered) return;
        if (known && known.state === "done") { follower.stop(); done(known); return; }
        figure.classList.add("doing");
        follower.ask("paint", settings);
      },
      rest() { follower.stop(); unanswered = null; figure.classList.remove("doing"); },
    };
  }

  async function show() {
    const style = picture(state);
    if (!style) return;
    if (!state.photo) {
      const sample = await anySample();
      if (!sample) return;
      state.photo ||= { id: sample.id, name: sample.name };
      save(state);
    }
    photo.src = api.thumbnail(state.photo.id);
    const settings = { photo: state.photo.id, styles: [{ style, share: 1 }], size: SIZE, iterations: STEPS, preview: true };
    plain.ask(settings);
    const some = state.planes.length > 0;
    mine.element.classList.toggle("none", !some);
    hint.textContent = "Tried on this photo; click it to try another.";
    if (some) mine.ask({ ...settings, ...chosen(state) });
    else mine.rest();
  }

  return { element, show, leave() { plain.follower.leave(); mine.follower.leave(); } };
}
