// A place for files: dropped, chosen, or pasted.

import { h, s } from "../dom.js";
import * as api from "../api.js";
import { complain, tell } from "./say.js";

const PICTURES = "image/png,image/jpeg,image/webp,image/tiff,image/bmp,image/gif,.png,.jpg,.jpeg,.webp,.tif,.tiff,.bmp,.gif";
const CLIPS = "video/*,.mp4,.mov,.mkv,.webm,.gif";

const frame = () => s("svg", { viewBox: "0 0 92 72", fill: "none", stroke: "currentColor", "stroke-width": "2.5", "stroke-linecap": "round", "aria-hidden": "true" },
  s("rect", { x: 3, y: 3, width: 86, height: 66, rx: 5 }), s("circle", { cx: 27, cy: 24, r: 7 }),
  s("path", { d: "M4 58c12-4 17-18 30-20s16 12 26 9 14-15 28-15" }));

/** Uploads a file and tells what became of it; null if the server did not want it. */
export async function take(file) {
  tell(`Adding ${file.name || "the picture"} …`);
  try {
    const picture = await api.upload(file, file.name);
    tell(`${picture.name} is here.`);
    return picture;
  } catch (trouble) {
    complain(trouble);
    return null;
  }
}

/** Makes `element` take files that are dropped on it. */
export function droppable(element, take) {
  let depth = 0;
  const over = (on) => element.classList.toggle("over", on);
  element.addEventListener("dragenter", (event) => { event.preventDefault(); depth++; over(true); });
  element.addEventListener("dragover", (event) => event.preventDefault());
  element.addEventListener("dragleave", () => { if (--depth <= 0) { depth = 0; over(false); } });
  element.addEventListener("drop", (event) => {
    event.preventDefault();
    depth = 0;
    over(false);
    if (event.dataTransfer.files.length) take(event.dataTransfer.files[0]);
  });
}

/** A large invitation (`tall`), or a small tile (`tiny`); `file` gets the file. */
export function drop({ title, text, label = title, kind = "tall", clips = false, file }) {
  const input = h("input", { type: "file", accept: clips ? CLIPS : PICTURES, "aria-label": label, title: label });
  input.addEventListener("change", () => { if (input.files.length) file(input.files[0]); input.value = ""; });
  const inside = kind === "tiny"
    ? h("span", { class: "plus", "aria-hidden": "true" }, "+")
    : h("div", null, frame(), h("h2", null, title), text && h("p", { class: "soft" }, text));
  const element = h("div", { class: `drop ${kind}` }, inside, input);
  droppable(element, file);
  return element;
}

/** Hands pasted pictures to `file` until the function returned is called. */
export function pastes(file) {
  const hear = (event) => {
    const found = [...(event.clipboardData?.files || [])].find((f) => f.type.startsWith("image/"));
    if (found) { event.preventDefault(); file(found); }
  };
  addEventListener("paste", hear);
  return () => removeEventListener("paste", hear);
}
