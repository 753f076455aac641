// Everything asked of the server. Failures are thrown as `Trouble`: what failed, what to do, and the status.

export class Trouble extends Error {
  constructor(message, hint = "", status = 0) {
    super(message);
    this.hint = hint;
    this.status = status;
  }
}

async function ask(method, path, body, type) {
  let answer;
  try {
    answer = await fetch(path, { method, body, headers: body === undefined ? {} : { "content-type": type } });
  } catch {
    throw new Trouble("The studio does not answer.", "Is the program still running? This page goes on by itself when it is.");
  }
  const json = (answer.headers.get("content-type") || "").includes("json") ? await answer.json().catch(() => null) : null;
  if (!answer.ok) {
    throw new Trouble(json?.error || `The studio answered ${answer.status} to ${path}.`, json?.hint || "", answer.status);
  }
  return json;
}

const get = (path) => ask("GET", path);
const post = (path, object = {}) => ask("POST", path, JSON.stringify(object), "application/json");

export const settings = () => get("/api/settings");
export const classes = () => get("/api/classes");
export const styles = () => get("/api/styles");
export const picture = (id) => get(`/api/pictures/${id}`);
export const jobs = (limit, before) => get(`/api/jobs?limit=${limit}${before ? `&before=${before}` : ""}`);
export const job = (id) => get(`/api/jobs/${id}`);
export const points = (id, after = 0) => get(`/api/jobs/${id}/points?after=${after}`);
export const forget = (id) => ask("DELETE", `/api/jobs/${id}`);
export const tell = (id, what) => post(`/api/jobs/${id}/${what}`);

/** Asks for a job; settings that are null or undefined are left out, so that the program's defaults hold. */
export function start(verb, settings, more = {}) {
  const kept = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== null && value !== undefined));
  return post("/api/jobs", { verb, settings: kept, ...more });
}

/** Changes whose turn comes first. */
export const prioritise = (id, priority) => post(`/api/jobs/${id}/priority`, { priority });

/** Makes what a job has made a picture, to begin with or for a style. */
export const keep = (job, file, name) =>
  ask("POST", `/api/pictures?name=${encodeURIComponent(name)}&job=${job}&file=${encodeURIComponent(file)}`, "", "application/octet-stream");

/** Uploads a file or blob and gives the picture it became. */
export const upload = (bytes, name) =>
  ask("POST", `/api/pictures?name=${encodeURIComponent(name || bytes.name || "picture")}`, bytes, "application/octet-stream");

export const original = (id) => `/api/pictures/${id}/original`;
export const preview = (id) => `/api/pictures/${id}/preview`;
export const thumbnail = (id) => `/api/pictures/${id}/thumbnail`;
export const file = (job, name) => `/api/jobs/${job}/files/${encodeURIComponent(name)}`;
export const small = (job, name) => `${file(job, name)}?thumbnail=1`;
export const download = (job, name) => `${file(job, name)}?download=1`;
