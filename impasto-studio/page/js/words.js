// Numbers and names, in words for people who paint.

const few = (n, one, many) => `${n} ${n === 1 ? one : many}`;

/** Seconds as one would say them: "about 2 minutes left". */
export function left(seconds) {
  if (seconds === null || seconds === undefined || !isFinite(seconds)) return "";
  if (seconds < 4) return "almost done";
  if (seconds < 50) return `about ${Math.ceil(seconds / 5) * 5} seconds left`;
  if (seconds < 90) return "about a minute left";
  if (seconds < 3300) return `about ${few(Math.round(seconds / 60), "minute", "minutes")} left`;
  return `about ${few(Math.round(seconds / 360) / 10, "hour", "hours")} left`;
}

export const took = (job) => {
  if (!job.started || !job.finished) return "";
  const seconds = (new Date(job.finished) - new Date(job.started)) / 1000;
  return seconds < 1 ? "under a second" : seconds < 90 ? few(Math.round(seconds), "second", "seconds") : few(Math.round(seconds / 60), "minute", "minutes");
};

export const clock = (seconds) => `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(1).padStart(4, "0")}`;

export const when = (iso) => new Date(iso).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

const STATES = { queued: "Waiting", running: "At work", paused: "Paused", done: "Done", failed: "Did not work", cancelled: "Cancelled" };
export const state = (job) => (job.state === "done" && job.stopped ? "Stopped while beautiful" : STATES[job.state] || job.state);

const VERBS = { apply: "Quick painting", paint: "Painting", atlas: "Looking", prepare: "Prepared picture", video: "Video", class: "Imagined", dream: "Dream", texture: "Texture", upscale: "Enlarged" };
export const verb = (name) => VERBS[name] || name;

const LAYERS = [
  [/^relu1/, "Colours and edges", "patches of colour, single lines"],
  [/^relu2/, "Grain", "short strokes, corners, hatching"],
  [/^relu3/, "Strokes", "brush strokes, curls, patterns"],
  [/^relu4/, "Shapes", "parts of things: leaves, windows, folds"],
  [/^relu5/, "Figures", "large forms and how they lie together"],
];

/** What a layer answers to: a name and a few words. */
export function layer(name) {
  const found = LAYERS.find(([pattern]) => pattern.test(name));
  return found ? { title: found[1], text: found[2] } : { title: name, text: "" };
}

/** A painting's title without its painter and year, for where space is short. */
export const short = (title) => /^[^,]+, (.+), \d{4}$/.exec(title)?.[1] || title;

/** A file's name without its ending, as a title. */
export const title = (name) => (name || "").replace(/\.[a-z0-9]{2,5}$/i, "").replace(/[-_]+/g, " ").trim() || "Untitled";

/** An error that a job ended with, in words and with its hint. */
export function trouble(job) {
  const error = job.error;
  if (!error) return { text: "It did not work.", hint: "" };
  if (typeof error === "string") return { text: error, hint: job.hint || "" };
  return { text: [error.error || error.text || error.message, ...(error.causes || [])].filter(Boolean).join(": "), hint: error.hint || "" };
}
