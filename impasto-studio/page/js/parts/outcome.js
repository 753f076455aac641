// What a job makes, large, with how far it is, what to do with it and how to make it again.

import { button, h } from "../dom.js";
import * as api from "../api.js";
import * as jobs from "../jobs.js";
import * as words from "../words.js";
import { command } from "./command.js";
import { progress } from "./progress.js";
import { complain } from "./say.js";

/** `alt(job)` describes the picture; `shown(job, url)` is told when there is one; `more(job)` gives further buttons. */
export function outcome({ alt, shown, more, empty }) {
  const image = h("img", { alt: "", hidden: true });
  const nothing = h("p", { class: "soft nothing" }, empty);
  const bar = progress();
  const acts = h("div", { class: "row" });
  const how = command("");
  const frame = h("div", { class: "frame" }, image, nothing);
  const element = h("section", { class: "stack outcome", "aria-label": "Result" }, frame, bar.element, acts, how.element);
  bar.element.hidden = how.element.hidden = true;
  let unwatch = null;
  let last = "";

  function show(job) {
    if (job.gone) { element.classList.remove("doing"); return; }
    const file = jobs.newest(job);
    bar.element.hidden = job.state === "done";
    bar.show(job);
    element.classList.toggle("doing", jobs.busy(job));
    if (jobs.busy(job)) nothing.textContent = "A moment …";
    if (file && /\.(png|jpe?g|webp|gif)$/.test(file.name)) {
      const url = api.file(job.id, file.name);
      image.src = url;
      image.alt = alt(job);
      image.hidden = false;
      nothing.hidden = true;
      shown?.(job, url);
    }
    how.text = job.command;
    const key = `${job.id} ${job.state} ${file?.name}`;
    if (key === last) return;
    last = key;
    acts.replaceChildren(...[
      jobs.busy(job) && button("Cancel", () => jobs.tell(job.id, "cancel").catch(complain), "plain"),
      job.state === "done" && file && h("a", { class: "btn main", href: api.download(job.id, file.name), download: "" }, "Download"),
      ...(job.state === "done" && more ? more(job) : []),
    ].filter(Boolean));
    if (job.state === "failed") complain(words.trouble(job));
  }
  function follow(id) {
    unwatch?.();
    last = "";
    if (id) jobs.find(id).then((job) => { if (job) unwatch = jobs.watch(id, show); }).catch(complain);
  }
  return {
    element,
    frame,
    image,
    follow,
    /** Begins a job and shows what it makes; `begun` is told its id. */
    async start(verb, settings, begun) {
      try {
        const job = await jobs.start(verb, settings);
        begun(job.id);
        follow(job.id);
      } catch (trouble) {
        complain(trouble);
      }
    },
    /** Shows what a job will begin with. */
    before(url, text) {
      unwatch?.();
      last = "";
      acts.replaceChildren();
      bar.element.hidden = how.element.hidden = nothing.hidden = true;
      Object.assign(image, { src: url, alt: text, hidden: false });
    },
    leave() { unwatch?.(); },
  };
}
