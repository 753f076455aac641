// Making elements: h("button", { class: "btn", onclick: f, "aria-label": "…" }, "text", child, …).

const SVG = "http://www.w3.org/2000/svg";

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "selected") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An HTML element; properties that are null, undefined or false are left out. */
export function h(tag, properties, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/** An SVG element. */
export function s(tag, properties, ...children) {
  return fill(document.createElementNS(SVG, tag), properties, children);
}

/** A button that does something. */
export function button(text, onclick, kind = "", properties = {}) {
  return h("button", { type: "button", class: `btn ${kind}`, onclick, ...properties }, text);
}

let names = 0;
/** A name for an element that no other has. */
export const unique = (stem) => `${stem}-${++names}`;

/** Calls `f` once it has not been asked to for `ms` milliseconds. */
export function later(ms, f) {
  let timer;
  const asked = (...args) => { clearTimeout(timer); timer = setTimeout(() => f(...args), ms); };
  asked.stop = () => clearTimeout(timer);
  return asked;
}
