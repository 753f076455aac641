// What the Paint page remembers: the photograph, the wishes, the versions made so far.

import { keep, recall } from "../memory.js";
import * as gallery from "../parts/gallery.js";
import * as jobs from "../jobs.js";
import * as words from "../words.js";

const START = {
  photo: null, style: null, strength: 1, color: "style", size: 0,
  versions: [], kept: [], left: "photo", right: null, quick: null, easel: null, features: null,
  refine: { closeness: 0, size: 512, iterations: 300 },
};

export function load() {
  const state = recall("paint", START);
  state.refine = { ...START.refine, ...state.refine };
  return state;
}

export const save = (state) => keep("paint", state);

/** Hands a style, and the planes to paint with, from the Look page to the next painting. */
export function carry({ photo, style, features }) {
  const state = load();
  if (photo && photo.id !== state.photo?.id) Object.assign(state, { photo, versions: [], kept: [], left: "photo", right: null, easel: null, quick: null });
  Object.assign(state, { style, features });
  save(state);
}

/** The weight of the content for a place between −1, closer to the photo, and 1, closer to the painting; 0 is the recipe's. */
export const contentWeight = (closeness) => (closeness === 0 ? null : Number((2.5 * 8 ** -closeness).toPrecision(3)));

export function closenessWords(v) {
  if (v === 0) return "balanced";
  const much = Math.abs(v) > 0.6 ? "much " : Math.abs(v) < 0.3 ? "a little " : "";
  return v < 0 ? `${much}closer to the photo` : `${much}closer to the painting`;
}

/** The style of a job; of a branch that of what it began as. */
export async function styleOf(job) {
  const key = job.settings.style || job.settings.styles?.[0]?.style;
  if (key) return words.short((await gallery.find(key))?.title || "Your painting");
  const parent = job.settings.from && await jobs.find(job.settings.from);
  return parent ? styleOf(parent) : "Painting";
}

/** What kind of version a job made. */
export function noteOf(job) {
  if (job.verb === "apply") return job.settings.preview ? "quick look" : "full size";
  const chosen = job.settings.mute?.length || job.settings.solo?.length ? ", chosen features" : "";
  if (job.settings.from) return `branch${chosen}`;
  return `refined${chosen}`;
}

export const heading = (photo) => words.title(photo.name);
