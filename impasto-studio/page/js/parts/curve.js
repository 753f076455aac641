// The loss of a painting as it falls, on a logarithmic scale.

import { h, s } from "../dom.js";

const WIDTH = 600;
const HEIGHT = 88;
const PAD = 6;

/** Steps of which the curve keeps only so many as can be seen. */
function thin(points, most = 300) {
  const step = Math.ceil(points.length / most);
  return points.filter((point, i) => i % step === 0 || i === points.length - 1);
}

export function curve() {
  const path = s("path", { class: "fall", "vector-effect": "non-scaling-stroke" });
  const area = s("path", { class: "under" });
  const grid = s("g", { class: "grid" });
  const dot = h("i", { class: "now" });
  const svg = s("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" }, grid, area, path);
  const top = h("span", { class: "top-mark" });
  const low = h("span", { class: "low-mark" });
  const element = h("figure", { class: "curve" }, h("div", { class: "plot" }, svg, dot), top, low,
    h("figcaption", null, "How far the picture still is from what you asked for, on a logarithmic scale"));
  return {
    element,
    show(all, of) {
      const points = thin(all.filter(({ loss }) => loss > 0));
      element.hidden = points.length < 2;
      if (element.hidden) return;
      const logs = points.map(({ loss }) => Math.log10(loss));
      // The first few evaluations fall off a cliff that would flatten all the rest.
      const high = Math.max(...logs.slice(Math.min(2, logs.length - 2)));
      const bottom = Math.min(...logs);
      const span = Math.max(high - bottom, 0.02);
      const end = Math.max(of || 0, points[points.length - 1].done);
      const x = (point) => (point.done / end) * WIDTH;
      const y = (log) => PAD + (1 - (Math.min(log, high) - bottom) / span) * (HEIGHT - 2 * PAD);
      const line = points.map((point, i) => `${i ? "L" : "M"}${x(point).toFixed(1)} ${y(logs[i]).toFixed(1)}`).join("");
      const last = points[points.length - 1];
      path.setAttribute("d", line);
      area.setAttribute("d", `${line}L${x(last).toFixed(1)} ${HEIGHT}L${x(points[0]).toFixed(1)} ${HEIGHT}Z`);
      dot.style.left = `${(x(last) / WIDTH) * 100}%`;
      dot.style.top = `${y(logs[logs.length - 1])}px`;
      grid.replaceChildren(...[0.25, 0.5, 0.75].map((part) => s("line", { x1: 0, x2: WIDTH, y1: HEIGHT * part, y2: HEIGHT * part, "vector-effect": "non-scaling-stroke" })));
      top.textContent = (10 ** high).toPrecision(2);
      low.textContent = (10 ** bottom).toPrecision(2);
      svg.setAttribute("aria-label", `Loss ${last.loss.toPrecision(3)} after ${last.done} of ${end} steps, from ${points[0].loss.toPrecision(3)}`);
    },
  };
}
