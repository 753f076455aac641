// What the Look page remembers: the painting, what was changed of it, the planes chosen, and which jobs know the answers.

import { keep, recall } from "../memory.js";

/** Planes of the layers that make a style. */
const COUNTS = { relu1_1: 64, relu2_1: 128, relu3_1: 256, relu4_1: 512, relu5_1: 512 };
export const LAYERS = Object.keys(COUNTS);
/** How many of each are shown. */
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

// The list of planes has `relu3_1:12` for a plane, `relu3_1` for a whole layer, and `-relu3_1:12` for a plane of it that
// is an exception.
const layerOf = (name) => name.split(":")[0];
const listed = (planes, name) => (planes.includes(layerOf(name)) ? !planes.includes(`-${name}`) : planes.includes(name));

/** Whether a plane takes part in the painting. */
export const takesPart = ({ mode, planes }, name) => (mode === "mute" ? !listed(planes, name) : !planes.length || listed(planes, name));

/** The list with one plane switched. */
export function switched(planes, name) {
  const entry = planes.includes(layerOf(name)) ? `-${name}` : name;
  return planes.includes(entry) ? planes.filter((one) => one !== entry) : [...planes, entry];
}

/** The list without anything of a layer. */
export const without = (planes, layer) => planes.filter((one) => layerOf(one.replace("-", "")) !== layer);

/** A layer but for some of its planes, as ranges. */
function ranges(layer, except) {
  const ends = [-1, ...except.sort((a, b) => a - b), COUNTS[layer]];
  return ends.slice(1).map((end, i) => [ends[i] + 1, end - 1]).filter(([first, last]) => first <= last)
    .map(([first, last]) => `${layer}:${first === last ? first : `${first}-${last}`}`);
}

/** The planes as a job is given them. */
export function chosen({ mode, planes }) {
  const list = planes.filter((one) => !one.startsWith("-")).flatMap((one) => {
    const except = planes.filter((other) => other.startsWith(`-${one}:`)).map((other) => Number(other.split(":")[1]));
    return except.length ? ranges(one, except) : [one];
  });
  return { mute: mode === "mute" && list.length ? list : null, solo: mode === "solo" && list.length ? list : null };
}

/** What is chosen, in words. */
export function inWords({ mode, planes }) {
  const some = (n, one, many) => n > 0 && `${n} ${n === 1 ? one : many}`;
  const except = planes.filter((one) => one.startsWith("-")).length;
  const layers = planes.filter((one) => !one.includes(":")).length;
  const what = [some(layers, "whole layer", "whole layers"), some(planes.length - layers - except, "feature", "features")].filter(Boolean).join(" and ");
  if (!what) return "All features take part";
  return `${mode === "mute" ? "Without" : "With only"} ${what}${except ? `, ${except} excepted` : ""}`;
}
