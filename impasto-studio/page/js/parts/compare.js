// Two pictures on one another, and a line to drag between them. A range control lies over both, so that mouse, touch and
// keys do what they do to any slider.

import { h } from "../dom.js";

/** `show({ before, after })`: each `{ url, title }`; without `before` the one picture alone. */
export function compare() {
  const before = h("img", { class: "before", alt: "", draggable: "false" });
  const after = h("img", { class: "after", alt: "", draggable: "false" });
  const line = h("div", { class: "line", "aria-hidden": "true" }, h("i"));
  const input = h("input", { type: "range", min: 0, max: 100, step: 0.5, "aria-label": "Compare: how much of the left picture is shown" });
  const left = h("span", { class: "tag left" });
  const right = h("span", { class: "tag right" });
  const element = h("div", { class: "compare" }, after, before, input, line, left, right);
  const place = () => {
    element.style.setProperty("--cut", `${input.value}%`);
    input.setAttribute("aria-valuetext", `${Math.round(input.value)} per cent of ${left.textContent || "the left picture"}`);
    left.classList.toggle("gone", input.value < 12);
    right.classList.toggle("gone", input.value > 88);
  };
  input.value = 50;
  input.addEventListener("input", place);

  // A picture takes the place of another only when it has come, so nothing flickers.
  const put = (image, url) => {
    if (image.dataset.url === url) return;
    image.dataset.url = url;
    const coming = new Image();
    coming.src = url;
    const come = () => { if (image.dataset.url === url) { image.src = url; size(); } };
    coming.decode().then(come, come);
  };
  const size = () => {
    const image = after.naturalWidth ? after : before;
    if (image.naturalWidth) element.style.setProperty("--ratio", image.naturalWidth / image.naturalHeight);
  };
  after.addEventListener("load", size);

  return {
    element,
    input,
    /** Tells the shape before the pictures come. */
    shape(width, height) { if (width && height) element.style.setProperty("--ratio", width / height); },
    show({ before: a, after: b }) {
      const both = Boolean(a && a.url !== b.url);
      element.classList.toggle("one", !both);
      put(after, b.url);
      after.alt = b.title;
      right.textContent = b.title;
      if (both) { put(before, a.url); before.alt = a.title; }
      left.textContent = both ? a.title : "";
      input.hidden = !both;
      place();
    },
  };
}
