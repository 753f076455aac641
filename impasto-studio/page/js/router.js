// Pages by hash: #paint, #look …; what follows a slash is handed to the page.

let leave = null;
let turn = 0;

/** Shows the page that the hash names, now and whenever it changes. */
export function route(pages, first, root, shown) {
  const go = async () => {
    const [name, ...rest] = location.hash.slice(1).split("/");
    if (name === "content") return;
    const page = pages[name] ? name : first;
    const mine = ++turn;
    leave?.();
    leave = null;
    const { mount } = await pages[page]();
    if (mine !== turn) return;
    root.replaceChildren();
    root.className = `page-${page}`;
    shown(page);
    leave = mount(root, rest.map(decodeURIComponent)) || null;
  };
  addEventListener("hashchange", () => go().then(() => { scrollTo(0, 0); root.focus({ preventScroll: true }); }));
  return go();
}
