// A clip and its painting, side by side, in step.

import { button, h } from "../dom.js";
import { clock } from "../words.js";

/** `from` is where in the clip the painting begins, in seconds. */
export function duo() {
  const left = h("video", { muted: true, playsinline: true, preload: "metadata", "aria-label": "The clip" });
  const right = h("video", { playsinline: true, preload: "metadata", "aria-label": "The painting" });
  left.muted = true;
  // An animated GIF is a picture to browsers, and plays by itself.
  const stills = [h("img", { alt: "The clip", hidden: true }), h("img", { alt: "The painting", hidden: true })];
  const play = button("Play", () => (right.paused ? start() : stop()), "main");
  const seek = h("input", { type: "range", min: 0, max: 1, step: 0.01, "aria-label": "Place in the clip" });
  const time = h("span", { class: "soft small clock" });
  let from = 0;
  let frame = 0;

  const follow = () => {
    // The clip follows the painting; small differences are left alone, for seeking stutters.
    if (Math.abs(left.currentTime - from - right.currentTime) > 0.12) left.currentTime = from + right.currentTime;
    show();
    frame = right.paused ? 0 : requestAnimationFrame(follow);
  };
  const show = () => {
    seek.max = right.duration || 1;
    seek.value = right.currentTime;
    seek.style.setProperty("--at", `${(right.currentTime / (right.duration || 1)) * 100}%`);
    seek.setAttribute("aria-valuetext", clock(right.currentTime));
    time.textContent = `${clock(right.currentTime)} of ${clock(right.duration || 0)}`;
  };
  const start = () => Promise.all([left.play(), right.play()]).catch(() => {});
  const stop = () => { left.pause(); right.pause(); };
  right.addEventListener("play", () => { play.textContent = "Pause"; frame ||= requestAnimationFrame(follow); });
  right.addEventListener("pause", () => { play.textContent = "Play"; left.pause(); });
  right.addEventListener("ended", () => { right.currentTime = 0; left.currentTime = from; left.pause(); });
  right.addEventListener("loadedmetadata", show);
  left.addEventListener("loadedmetadata", () => { left.currentTime = from + right.currentTime; });
  seek.addEventListener("input", () => { right.currentTime = Number(seek.value); left.currentTime = from + right.currentTime; show(); });
  const transport = h("div", { class: "row transport" }, play, seek, time);
  return {
    element: h("div", { class: "duo stack" }, h("div", { class: "two" }, h("figure", null, left, stills[0], h("figcaption", null, "The clip")), h("figure", null, right, stills[1], h("figcaption", null, "The painting"))), transport),
    show(clip, painting, begin) {
      const gif = painting.endsWith(".gif");
      for (const part of [left, right, transport]) part.hidden = gif;
      for (const still of stills) still.hidden = !gif;
      if (gif) {
        stop();
        if (!stills[1].src.endsWith(painting)) { stills[0].src = clip; stills[1].src = painting; }
        return;
      }
      from = begin;
      if (left.dataset.url !== clip) { left.dataset.url = clip; left.src = clip; }
      if (right.dataset.url !== painting) { right.dataset.url = painting; right.src = painting; }
    },
    stop() { stop(); cancelAnimationFrame(frame); },
  };
}
