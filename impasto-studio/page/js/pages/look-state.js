// What the Look page remembers: the painting, what was changed of it, the planes chosen, and which jobs know the answers.

import { keep, recall } from "../memory.js";

export const LAYERS = ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"];
export const PLANES = 12;

const START = {
  style: null, title: "", key: null, prepared: null, palette: 0, mask: null,
  photo: null, mode: "mute", planes: [], atlases: {}, trials: {}, view: "where", tab: "features",
};

export const load = () => recall("look", START);

export function save(state) {
  // Only the newest answers are kept.
  state.trials = Object.fromEntries(Object.entries(state.trials).slice(-40));
  state.atlases = Object.fromEntries(Object.entries(state.atlases).slice(-12));
  keep("look", state);
}

/** The painting as it is looked at and painted with. */
export const picture = (state) => state.prepared || state.style;

/** The planes as a job is given them. */
export function chosen({ mode, planes }) {
  return { mute: mode === "mute" && planes.length ? planes : null, solo: mode === "solo" && planes.length ? planes : null };
}

/** Whether a plane takes part in the painting. */
export const takesPart = ({ mode, planes }, name) => (mode === "mute" ? !planes.includes(name) : !planes.length || planes.includes(name));
