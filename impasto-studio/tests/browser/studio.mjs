// The real program, on a free port, with a data folder that is gone afterwards.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  return port;
}

// A studio does not outlive its test, however that ends.
const running = new Set();
process.on("exit", () => { for (const { pid } of running) try { process.kill(-pid, "SIGKILL"); } catch { /* gone already */ } });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => process.exit(1));
const parent = process.ppid;
setInterval(() => { if (process.ppid !== parent) process.exit(1); }, 1000).unref();

export class Studio {
  static async start() {
    const studio = new Studio();
    studio.data = mkdtempSync(join(tmpdir(), "impasto-studio-"));
    studio.port = await freePort();
    await studio.begin();
    return studio;
  }

  get url() { return `http://127.0.0.1:${this.port}/`; }

  async begin() {
    this.said = "";
    // A group of its own, so that what the studio has started can be killed with it, as by a power cut.
    this.process = spawn(resolve(process.env.IMPASTO), ["studio", "--port", String(this.port), "--data", this.data], { stdio: ["ignore", "pipe", "pipe"], detached: true });
    const child = this.process;
    running.add(child);
    child.on("exit", () => running.delete(child));
    for (const stream of [this.process.stdout, this.process.stderr]) stream.on("data", (text) => { this.said += text; });
    for (let i = 0; i < 300; i++) {
      if (this.process.exitCode !== null) throw new Error(`the studio ended at once: ${this.said}`);
      const healthy = await fetch(`${this.url}api/health`).then((answer) => answer.ok, () => false);
      if (healthy) return;
      await sleep(100);
    }
    throw new Error(`the studio does not answer: ${this.said}`);
  }

  /** kill -9, for the server and its children. */
  async crash() {
    const gone = once(this.process, "exit");
    process.kill(-this.process.pid, "SIGKILL");
    await gone;
  }

  async stop() {
    if (this.process.exitCode === null && this.process.signalCode === null) await this.crash();
    rmSync(this.data, { recursive: true, force: true });
  }
}
