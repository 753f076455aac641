// What the server tells as it happens. The stream is opened after the newest revision known, and again after every
// interruption, so that nothing is missed.

const PATIENCE = [500, 1000, 2000, 4000, 8000];

/** Listens from `after` on. `hear(kind, data)` gets `job`, `points` and `gone`; `here(bool)` whether the server can be heard. */
export function listen(after, hear, here) {
  let source;
  let tries = 0;
  let closed = false;
  let timer;
  const open = () => {
    source = new EventSource(`/api/events?after=${after}`);
    source.onopen = () => { tries = 0; here(true); };
    for (const kind of ["job", "points", "gone"]) {
      source.addEventListener(kind, (event) => {
        if (event.lastEventId) after = Math.max(after, Number(event.lastEventId) || 0);
        hear(kind, JSON.parse(event.data));
      });
    }
    source.onerror = () => {
      // The browser's own retries give up on some answers; ours do not.
      source.close();
      here(false);
      if (!closed) timer = setTimeout(open, PATIENCE[Math.min(tries++, PATIENCE.length - 1)]);
    };
  };
  open();
  return () => { closed = true; clearTimeout(timer); source.close(); };
}
