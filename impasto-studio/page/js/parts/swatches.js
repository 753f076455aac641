// The colours that a picture of few colours has.

import { h } from "../dom.js";

const SIDE = 96;

function count(image, most) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIDE;
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.imageSmoothingEnabled = false;
  pen.drawImage(image, 0, 0, SIDE, SIDE);
  const { data } = pen.getImageData(0, 0, SIDE, SIDE);
  const found = new Map();
  for (let i = 0; i < data.length; i += 4) {
    const rgb = [...data.subarray(i, i + 3)];
    const one = found.get(`${rgb}`) || { n: 0, rgb };
    one.n++;
    found.set(`${rgb}`, one);
  }
  return [...found.values()].sort((a, b) => b.n - a.n).slice(0, most);
}

const lightness = ({ rgb: [r, g, b] }) => 0.3 * r + 0.59 * g + 0.11 * b;

export function swatches() {
  const element = h("div", { class: "swatches", "aria-hidden": "true" });
  return {
    element,
    show(url, n) {
      element.replaceChildren();
      if (!url) return;
      const image = new Image();
      image.src = url;
      image.decode().then(() => {
        element.replaceChildren(...count(image, n).sort((a, b) => lightness(a) - lightness(b)).map(({ n: share, rgb }) => {
          const one = h("i");
          one.style.background = `rgb(${rgb.join(" ")})`;
          one.style.flexGrow = share;
          return one;
        }));
      }).catch(() => {});
    },
  };
}
