// The jobs this browser knows of, kept current by the events. Whoever watches a job is told of every change.

import * as api from "./api.js";
import { listen } from "./events.js";

const known = new Map();
const curves = new Map();
const watchers = new Map();
const everyone = new Set();
let heard = true;
const onAway = new Set();

function tellWatchers(job) {
  for (const watcher of [...(watchers.get(job.id) || []), ...everyone]) watcher(job);
}

/** Takes in a job as the server told it; what is older than what is known is ignored. */
export function learn(job) {
  const old = known.get(job.id);
  if (old && old.revision >= job.revision) return old;
  known.set(job.id, job);
  tellWatchers(job);
  return job;
}

function drop(id) {
  if (!known.delete(id)) return;
  curves.delete(id);
  tellWatchers({ id, gone: true });
}

function learnPoints({ job, points }) {
  const curve = curves.get(job);
  if (!curve) return;
  const last = curve.length ? curve[curve.length - 1].done : -1;
  curve.push(...points.filter((point) => point.done > last));
  if (known.has(job)) tellWatchers(known.get(job));
}

/** Fetches the newest jobs and begins to listen. */
export async function begin() {
  const { revision, jobs } = await api.jobs(60);
  jobs.forEach(learn);
  const hear = { job: learn, points: learnPoints, gone: ({ id }) => drop(id) };
  listen(revision, (kind, data) => hear[kind](data), (here) => {
    if (here === heard) return;
    heard = here;
    for (const f of onAway) f(!here);
  });
}

export const all = () => [...known.values()].sort((a, b) => b.number - a.number);
export const peek = (id) => known.get(id);
export const whenAway = (f) => onAway.add(f);

/** A job by its id, from here or the server; null if it is forgotten. */
export async function find(id) {
  if (known.has(id)) return known.get(id);
  try {
    return learn(await api.job(id));
  } catch (trouble) {
    if (trouble.status === 404) return null;
    throw trouble;
  }
}

/** Calls `f` with the job now and after every change, until the function returned is called. */
export function watch(id, f) {
  if (!watchers.has(id)) watchers.set(id, new Set());
  watchers.get(id).add(f);
  if (known.has(id)) f(known.get(id));
  return () => watchers.get(id)?.delete(f);
}

export function watchAll(f) {
  everyone.add(f);
  return () => everyone.delete(f);
}

/** The points of a job's loss curve, fetched once and then kept current. */
export function curve(id) {
  if (!curves.has(id)) {
    curves.set(id, []);
    api.points(id).then(({ points: early }) => {
      const since = curves.get(id);
      const last = early.length ? early[early.length - 1].done : -1;
      curves.set(id, [...early, ...since.filter((point) => point.done > last)]);
      if (known.has(id)) tellWatchers(known.get(id));
    }).catch(() => curves.delete(id));
  }
  return curves.get(id) || [];
}

/** Asks for a job and learns it. */
export const start = async (verb, settings, more) => learn(await api.start(verb, settings, more));

/** Pause, continue, stop or cancel; a job that is over already is left as it is. */
export async function tell(id, what) {
  try {
    const job = await api.tell(id, what);
    if (job?.id) learn(job);
  } catch (trouble) {
    if (what !== "cancel" || trouble.status !== 409) throw trouble;
  }
}

export async function forget(id) {
  await api.forget(id);
  drop(id);
}

export const busy = (job) => job.state === "queued" || job.state === "running";
export const over = (job) => job.state === "done" || job.state === "failed" || job.state === "cancelled";
export const result = (job) => job.files.filter((file) => file.kind === "result").pop();
/** The newest picture of a job: its result, or the newest look at what is being made. */
export const newest = (job) => result(job) || job.files.filter((file) => file.kind === "snapshot").pop();
