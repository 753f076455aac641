// A brush to mark what shall be taken out of a picture; rectangles by numbers do the same for those who use keys.

import { button, h } from "../dom.js";
import { range } from "./range.js";

const SIDE = 1024;

/** `changed()` is told after every stroke; `acts` stands below the brush. */
export function brush({ changed, acts }) {
  const image = h("img", { alt: "The painting to mark", draggable: "false" });
  const canvas = h("canvas", { "aria-hidden": "true" });
  const board = h("div", { class: "board" }, image, canvas);
  const pen = canvas.getContext("2d");
  let strokes = [];
  let stroke = null;
  let width = 0.07;

  const draw = () => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.fillStyle = pen.strokeStyle = "#fff";
    pen.lineCap = pen.lineJoin = "round";
    for (const one of strokes) {
      if (one.rect) { pen.fillRect(...one.rect.map((share, i) => share * (i % 2 ? canvas.height : canvas.width))); continue; }
      pen.lineWidth = one.width * canvas.width;
      pen.beginPath();
      one.points.forEach(([x, y], i) => (i ? pen.lineTo(x, y) : pen.moveTo(x, y)));
      if (one.points.length === 1) pen.lineTo(one.points[0][0] + 0.1, one.points[0][1]);
      pen.stroke();
    }
    back.disabled = clear.disabled = !strokes.length;
  };
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * canvas.width, ((event.clientY - box.top) / box.height) * canvas.height];
  };
  canvas.addEventListener("pointerdown", (event) => { canvas.setPointerCapture(event.pointerId); stroke = { width, points: [at(event)] }; strokes.push(stroke); draw(); event.preventDefault(); });
  canvas.addEventListener("pointermove", (event) => { if (stroke) { stroke.points.push(at(event)); draw(); } });
  const lift = () => { if (stroke) { stroke = null; changed(); } };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  image.addEventListener("load", () => {
    const scale = SIDE / Math.max(image.naturalWidth, image.naturalHeight);
    canvas.width = Math.round(image.naturalWidth * scale);
    canvas.height = Math.round(image.naturalHeight * scale);
    draw();
  });

  const size = range({ name: "Brush", value: width, min: 0.02, max: 0.25, step: 0.01, words: (v) => (v < 0.06 ? "fine" : v < 0.14 ? "medium" : "broad"), oninput: (v) => { width = v; } });
  const back = button("Undo", () => { strokes.pop(); draw(); changed(); }, "small");
  const clear = button("Clear", () => { strokes = []; draw(); changed(); }, "small");
  const numbers = [["Left", 35], ["Top", 35], ["Width", 30], ["Height", 30]].map(([name, value]) => {
    const input = h("input", { type: "number", min: 0, max: 100, value });
    return { input, label: h("label", { class: "field" }, h("span", { class: "small" }, `${name}, %`), input) };
  });
  const byNumbers = h("details", null, h("summary", null, "Mark a rectangle by numbers"),
    h("div", { class: "numbers" }, numbers.map(({ label }) => label)),
    button("Add the rectangle", () => { strokes.push({ rect: numbers.map(({ input }) => Math.min(100, Math.max(0, Number(input.value))) / 100) }); draw(); changed(); }, "small"));
  draw();

  return {
    element: h("div", { class: "marking" }, board, h("div", { class: "stack" }, size.element, h("div", { class: "row" }, back, clear), byNumbers, acts)),
    get empty() { return !strokes.length; },
    set url(url) { if (image.dataset.url !== url) { image.dataset.url = url; image.src = url; strokes = []; } },
    clear() { strokes = []; draw(); },
    /** The mask: white where it was marked, black elsewhere. */
    mask() {
      const whole = document.createElement("canvas");
      whole.width = canvas.width;
      whole.height = canvas.height;
      const paint = whole.getContext("2d");
      paint.fillRect(0, 0, whole.width, whole.height);
      paint.drawImage(canvas, 0, 0);
      return new Promise((done) => { whole.toBlob(done, "image/png"); });
    },
  };
}
