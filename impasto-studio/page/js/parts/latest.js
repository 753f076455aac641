// A result that follows the controls: when settings change, what is outdated is cancelled and only the newest is shown.

import { later } from "../dom.js";
import * as jobs from "../jobs.js";

/** `done(job)` gets the newest result, `doing(job)` its progress, `failed(trouble)` what went wrong. */
export function latest({ wait = 180, done, doing, failed }) {
  let turn = 0;
  let current = null;
  let unwatch = null;

  const dropOld = () => {
    turn++;
    unwatch?.();
    unwatch = null;
    if (current && !jobs.over(jobs.peek(current) || { state: "done" })) jobs.tell(current, "cancel").catch(() => {});
    current = null;
  };

  const follow = (id, mine) => {
    current = id;
    unwatch = jobs.watch(id, (job) => {
      if (mine !== turn) return;
      if (job.state === "done") done(job);
      else if (job.state === "failed") failed?.(job);
      else doing?.(job);
      if (jobs.over(job)) { queueMicrotask(() => unwatch?.()); current = null; }
    });
  };

  const begin = later(wait, async (verb, settings, more) => {
    dropOld();
    const mine = turn;
    let job;
    try {
      job = await jobs.start(verb, settings, more);
    } catch (trouble) {
      if (mine === turn) failed?.(trouble);
      return;
    }
    if (mine !== turn) jobs.tell(job.id, "cancel").catch(() => {});
    else follow(job.id, mine);
  });

  return {
    ask: begin,
    /** Goes on with a job from before a reload. */
    resume(id) { dropOld(); follow(id, turn); },
    stop() { begin.stop(); dropOld(); },
    /** Stops listening, and lets the job go on. */
    leave() { begin.stop(); turn++; unwatch?.(); },
    get job() { return current; },
  };
}
