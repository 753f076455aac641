// The command line that makes a result, to copy.

import { button, h } from "../dom.js";
import { say } from "./say.js";

export function command(text, open = false) {
  const pre = h("pre", { tabindex: 0, "aria-label": "Command line" }, text);
  const copy = button("Copy", async () => {
    try {
      await navigator.clipboard.writeText(pre.textContent);
    } catch {
      const range = document.createRange();
      range.selectNodeContents(pre);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      document.execCommand("copy");
    }
    say("The command line is copied.");
  }, "small");
  const element = h("details", { class: "how", open }, h("summary", null, "How to make this on the command line"), h("div", { class: "command" }, pre, copy));
  return { element, set text(t) { if (pre.textContent !== t) pre.textContent = t; element.hidden = !t; } };
}
