// Photographs to try, for those who have none at hand.

import { button, h } from "../dom.js";
import { take } from "./drop.js";

const SAMPLES = [["samples/cat.jpg", "Cat"], ["samples/astronaut.jpg", "Astronaut"]];

/** Fetches a sample as a file. */
export async function sample(url) {
  const bytes = await (await fetch(url)).blob();
  return new File([bytes], url.split("/").pop(), { type: "image/jpeg" });
}

/** Uploads a sample; the picture it became. */
export const anySample = async () => take(await sample(SAMPLES[0][0]));

/** Buttons that hand a sample photograph to `file`. */
export const samples = (file) => h("div", { class: "samples" }, h("span", { class: "soft" }, "Or try"),
  SAMPLES.map(([url, name]) => {
    const one = button("", async () => file(await sample(url)), "plain");
    one.append(h("img", { src: url, alt: "", width: 40, height: 40 }), name);
    return one;
  }));
