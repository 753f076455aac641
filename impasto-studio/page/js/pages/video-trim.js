// Where a clip begins and ends, seen in the clip itself.

import { button, h } from "../dom.js";
import { range } from "../parts/range.js";
import { clock } from "../words.js";

/** `moved(from, to)` is told the times in seconds. */
export function trimmer({ moved }) {
  const video = h("video", { playsinline: true, preload: "auto", "aria-label": "The clip", class: "clip" });
  video.muted = true;
  const still = h("img", { alt: "The clip", class: "clip", hidden: true });
  let length = 0;
  const move = (which) => (v) => {
    if (which === from && from.value > to.value - 0.1) to.value = Math.min(length, from.value + 0.1);
    if (which === to && to.value < from.value + 0.1) from.value = Math.max(0, to.value - 0.1);
    video.pause();
    video.currentTime = Math.min(v, length - 0.05);
    show();
    moved(from.value, to.value >= length - 0.05 ? null : to.value);
  };
  const from = range({ name: "From", value: 0, min: 0, max: 1, step: 0.1, words: clock, oninput: (v) => move(from)(v) });
  const to = range({ name: "To", value: 1, min: 0, max: 1, step: 0.1, words: clock, oninput: (v) => move(to)(v) });
  const play = button("Play this part", () => {
    if (!video.paused) { video.pause(); return; }
    video.currentTime = from.value;
    video.play().catch(() => {});
  }, "small");
  const long = h("span", { class: "soft" });
  const note = h("p", { class: "soft", hidden: true }, "This browser cannot show the clip, but Impasto may still paint it.");
  const times = h("div", { class: "trio" }, from.element, to.element, h("div", { class: "row" }, play, long));
  const element = h("div", { class: "trim stack" }, h("div", { class: "frame" }, video, still), note, times);
  const show = () => { long.textContent = `${clock(Math.max(0, to.value - from.value))} long`; };
  video.addEventListener("timeupdate", () => { if (!video.paused && video.currentTime >= to.value) video.pause(); });
  video.addEventListener("play", () => { play.textContent = "Pause"; });
  video.addEventListener("pause", () => { play.textContent = "Play this part"; });
  video.addEventListener("error", () => { note.hidden = false; });
  let wanted = [0, null];
  const measure = (seconds) => {
    if (!(seconds > 0) || !isFinite(seconds)) return;
    length = Math.round(seconds * 10) / 10;
    from.max = to.max = length;
    from.value = Math.min(wanted[0] || 0, length);
    to.value = wanted[1] ?? length;
    show();
  };
  video.addEventListener("loadedmetadata", () => { measure(video.duration); video.currentTime = Math.max(0.05, from.value); });
  return {
    element,
    times: () => ({ from: from.value, to: to.value >= length - 0.05 ? null : to.value }),
    show(url, begin, end, clip) {
      note.hidden = true;
      // A GIF is a picture to browsers; it is painted whole.
      const gif = clip.format === "gif";
      video.hidden = times.hidden = gif;
      still.hidden = !gif;
      if (gif) {
        wanted = [0, null];
        length = 0;
        from.value = to.value = 0;
        if (still.src !== url) still.src = url;
        video.removeAttribute("src");
        return;
      }
      wanted = [begin, end];
      measure(clip.seconds ?? clip.facts?.seconds);
      if (video.src !== url) video.src = url;
    },
    leave() { video.pause(); },
  };
}
