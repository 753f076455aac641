// Work: what is being made, what waits, and what was made.

import { button, h } from "../dom.js";
import * as api from "../api.js";
import * as jobs from "../jobs.js";
import * as words from "../words.js";
import { command } from "../parts/command.js";
import { progress } from "../parts/progress.js";
import { complain } from "../parts/say.js";

const MORE = 40;

function picture(job) {
  const file = jobs.newest(job);
  if (file && /\.(png|jpe?g|webp|gif)$/.test(file.name)) return api.small(job.id, file.name);
  const id = job.settings.photo || job.settings.picture || job.settings.clip;
  return id && api.thumbnail(id);
}

function card(id) {
  const image = h("img", { alt: "", loading: "lazy" });
  const title = h("h3");
  const bar = progress();
  const hint = h("p", { class: "soft small" });
  const acts = h("div", { class: "row" });
  const how = command("");
  const element = h("li", { class: "card job" }, h("span", { class: "shot" }, image), h("div", { class: "stack tight" }, h("div", { class: "row between" }, title, h("span", { class: "soft small when" })), bar.element, hint, acts, how.element));
  let last = "";
  const ask = (what) => () => jobs.tell(id, what).catch(complain);
  return {
    element,
    show(job) {
      const url = picture(job);
      if (url && image.dataset.url !== url) { image.dataset.url = url; image.src = url; }
      image.hidden = !url;
      title.textContent = words.verb(job.verb);
      element.querySelector(".when").textContent = words.when(job.created);
      bar.show(job);
      bar.element.classList.toggle("over", jobs.over(job));
      hint.textContent = job.state === "failed" ? words.trouble(job).hint : job.priority > 0 && job.state === "queued" ? "First in line" : "";
      how.text = job.command;
      const key = `${job.state} ${jobs.newest(job)?.name}`;
      if (key === last) return;
      last = key;
      const file = jobs.result(job);
      acts.replaceChildren(...[
        job.state === "running" && ["paint", "video"].includes(job.verb) && job.lane === "long" && button("Pause", ask("pause"), "small"),
        job.state === "paused" && button("Continue", ask("continue"), "small main"),
        ["paint", "apply"].includes(job.verb) && jobs.newest(job) && h("a", { class: "btn small", href: `#paint/${id}` }, "Open"),
        job.verb === "atlas" && h("a", { class: "btn small", href: `#look/${job.settings.picture}` }, "Open"),
        job.state === "done" && file && job.verb !== "atlas" && h("a", { class: "btn small", href: api.download(id, file.name), download: "" }, "Download"),
        job.state === "done" && job.verb === "atlas" && job.files.filter(({ name }) => name.endsWith(".html")).map(({ name }) => h("a", { class: "btn small", href: api.download(id, name), download: "" }, "Download as a page"))[0],
        !jobs.over(job) && button("Cancel", ask("cancel"), "small plain"),
        job.state === "failed" && button("Try again", () => jobs.start(job.verb, job.settings, { parent: id }).catch(complain), "small"),
        jobs.over(job) && button("Delete", () => jobs.forget(id).catch(complain), "small plain"),
        job.state === "queued" && button("Do this first", async () => {
          try { jobs.learn(await api.prioritise(id, 10)); } catch (trouble) { complain(trouble); }
        }, "small"),
      ].filter(Boolean));
    },
  };
}

export function mount(root) {
  const cards = new Map();
  const now = h("ul", { class: "joblist", "aria-label": "At work and waiting" });
  const past = h("ul", { class: "joblist", "aria-label": "Made before" });
  const nothing = h("p", { class: "soft" }, "Nothing is being made.");
  const more = button("Show older work", older);
  const small = h("label", { class: "tick" }, h("input", { type: "checkbox", onchange: (event) => { root.classList.toggle("with-quick", event.target.checked); } }), "Also quick looks");
  root.append(h("div", { class: "head" }, h("h1", null, "Work"), h("p", null, "What is being made, what waits for its turn, and what was made before.")),
    h("section", { class: "stack" }, h("h2", null, "Now"), nothing, now),
    h("section", { class: "stack past" }, h("div", { class: "row between" }, h("h2", null, "Before"), small), past, h("div", { class: "row" }, more)));

  function place(job) {
    if (job.gone) { cards.get(job.id)?.element.remove(); cards.delete(job.id); count(); return; }
    if (!cards.has(job.id)) cards.set(job.id, card(job.id));
    const { element, show } = cards.get(job.id);
    show(job);
    element.dataset.lane = job.lane;
    element.dataset.number = job.number;
    const list = jobs.over(job) ? past : now;
    if (element.parentElement !== list) {
      const after = [...list.children].find((other) => Number(other.dataset.number) < job.number);
      list.insertBefore(element, after || null);
    }
    count();
  }
  const count = () => { nothing.hidden = now.children.length > 0; };
  async function older() {
    const oldest = jobs.all().pop()?.number;
    try {
      const { jobs: list } = await api.jobs(MORE, oldest);
      list.forEach((job) => place(jobs.learn(job)));
      more.hidden = list.length < MORE;
    } catch (trouble) {
      complain(trouble);
    }
  }
  jobs.all().forEach(place);
  count();
  return jobs.watchAll(place);
}
