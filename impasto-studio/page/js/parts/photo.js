// The photograph that a page works on: shown small, to be exchanged by dropping, choosing or pasting another.

import { h } from "../dom.js";
import * as api from "../api.js";
import { drop, take } from "./drop.js";
import { samples } from "./samples.js";

/** `chosen(picture)` gets the picture; `picture` is the one to begin with, `{ id, name }`. */
export function photo({ picture, chosen, title = "Photograph" }) {
  const image = h("img", { alt: "" });
  const put = async (file) => {
    const taken = await take(file);
    if (taken) { show(taken); chosen(taken); }
  };
  const invite = drop({ title: `Drop a ${title.toLowerCase()}`, text: "or click, or paste", kind: "small", file: put });
  const some = samples(put);
  const change = drop({ title: "Choose another", kind: "tiny", file: put });
  const there = h("div", { class: "photo-there" }, image, h("span", { class: "soft small" }, "Click or drop to change"), change);
  const element = h("div", { class: "field photo-pick" }, h("div", { class: "name" }, title), invite, some, there);
  function show(one) {
    invite.hidden = some.hidden = Boolean(one);
    there.hidden = !one;
    if (one) { image.src = api.thumbnail(one.id); image.alt = one.name; }
  }
  show(picture);
  return { element, show, put };
}
