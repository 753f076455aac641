// JPEG files that differ in their bytes, so that a studio does not know them from before.

import { randomBytes } from "node:crypto";

/** The JPEG file with a comment behind its first marker. */
export function another(jpeg) {
  const note = randomBytes(16);
  return Buffer.concat([jpeg.subarray(0, 2), Buffer.from([0xff, 0xfe, 0, 2 + note.length]), note, jpeg.subarray(2)]);
}
