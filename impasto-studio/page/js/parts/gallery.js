// Styles to choose from: those that came with the program, and one's own paintings.

import { h } from "../dom.js";
import * as api from "../api.js";
import * as words from "../words.js";
import { keep, recall } from "../memory.js";
import { drop, take } from "./drop.js";

let shipped;

/** All styles: `key` is what a job is given, `picture` the painting's id. */
export async function all() {
  shipped ||= api.styles().catch((trouble) => { shipped = null; throw trouble; });
  const own = recall("paintings", { list: [] }).list;
  return [
    ...(await shipped).map((style) => ({ key: style.network ? style.name : style.picture, picture: style.picture, title: style.title, network: style.network })),
    ...own.map(({ id, name }) => ({ key: id, picture: id, title: words.title(name), network: false, own: true })),
  ];
}

/** The style that a job names, by its key or its picture. */
export const find = async (key) => (await all()).find((style) => style.key === key || style.picture === key);

/** Remembers a picture as one of one's own paintings. */
export function remember(picture) {
  const own = recall("paintings", { list: [] });
  own.list = [...own.list.filter(({ id }) => id !== picture.id), { id: picture.id, name: picture.name }].slice(-24);
  keep("paintings", own);
}

function forget(id) {
  const own = recall("paintings", { list: [] });
  keep("paintings", { list: own.list.filter((one) => one.id !== id) });
}

/** The gallery; `choose` gets a style. With `pictures` only what has a picture can be chosen. */
export function gallery({ chosen, choose, pictures = false, name = "Style", adds = "Add a painting of your own" }) {
  const element = h("div", { class: "gallery", role: "group", "aria-label": name });
  const add = async (file) => {
    const picture = await take(file);
    if (!picture) return;
    remember(picture);
    const style = (await all()).find(({ picture: id }) => id === picture.id);
    select(style.key);
    await show();
    choose(style);
  };
  const select = (key) => {
    chosen = key;
    for (const tile of element.querySelectorAll("button.style")) tile.setAttribute("aria-pressed", String(tile.dataset.key === key || tile.dataset.picture === key));
  };
  async function show() {
    const styles = (await all()).filter((style) => style.picture || !pictures);
    element.replaceChildren(...styles.map((style) => {
      const image = style.picture && h("img", { src: api.thumbnail(style.picture), alt: "", loading: "lazy", draggable: "false" });
      const tile = h("button", {
        type: "button", class: "style", title: style.title, "data-key": style.key, "data-picture": style.picture,
        onclick: () => { select(style.key); choose(style); },
      }, image, h("span", null, words.short(style.title)));
      // A painting that the server has forgotten is forgotten here, too.
      if (style.own) image.addEventListener("error", () => api.picture(style.picture).catch((trouble) => { if (trouble.status === 404) { forget(style.picture); tile.remove(); } }));
      return tile;
    }), drop({ title: adds, kind: "tiny", file: add }));
    select(chosen);
  }
  show();
  return { element, select, show, add };
}
