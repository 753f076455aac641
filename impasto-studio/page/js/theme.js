// The colours of the page, set before anything is painted: the reader's choice, or what the system prefers.
(() => {
  const root = document.documentElement;
  const prefers = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => { try { return localStorage.getItem("impasto.theme"); } catch { return null; } };
  const show = () => {
    const theme = chosen() || (prefers.matches ? "dark" : "light");
    root.dataset.theme = theme;
    const button = document.getElementById("theme");
    if (button) {
      const other = theme === "dark" ? "light" : "dark";
      button.setAttribute("aria-label", `Change to ${other} colours`);
      button.title = `Change to ${other} colours`;
    }
  };
  show();
  prefers.addEventListener("change", show);
  document.addEventListener("DOMContentLoaded", () => {
    show();
    document.getElementById("theme").addEventListener("click", () => {
      try { localStorage.setItem("impasto.theme", root.dataset.theme === "dark" ? "light" : "dark"); } catch { /* private window: this page only */ }
      show();
    });
  });
})();
