// What survives a reload: small objects under names, in this browser only.

/** The object kept under `name`, laid over `otherwise`. */
export function recall(name, otherwise = {}) {
  try {
    return { ...otherwise, ...JSON.parse(localStorage.getItem(`impasto.${name}`) || "{}") };
  } catch {
    return { ...otherwise };
  }
}

/** Keeps an object under `name`; a browser that refuses just forgets. */
export function keep(name, object) {
  try {
    localStorage.setItem(`impasto.${name}`, JSON.stringify(object));
  } catch { /* full or forbidden: the page works, and forgets on reload */ }
}
