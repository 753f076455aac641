// Many people at one studio: each uploads photographs, has them painted, watches by server-sent events and looks around.
//
//     node bench/studio-load.mjs target/release/impasto photo.jpg [clients, 50] [seconds, 120]
//
// A painting runs all the while. Every client has an address of its own on loopback (Linux), so the studio's limits hold for
// each. Prints how long answers took, what failed, which jobs were lost and the server's memory; fails if any did.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { another } from "./another.mjs";

const [program, photo, clients = "50", seconds = "120"] = process.argv.slice(2);
if (!photo) {
  console.error("usage: node bench/studio-load.mjs IMPASTO PHOTO.jpg [CLIENTS] [SECONDS]");
  process.exit(2);
}
const bytes = readFileSync(photo);
const folder = mkdtempSync(join(tmpdir(), "impasto-load-"));
const server = spawn(program, ["studio", "--port", "0", "--data", folder], { stdio: ["ignore", "pipe", "inherit"] });
const address = await new Promise((found) => server.stdout.once("data", (text) => found(new URL(String(text).trim()))));

const times = new Map();
const failures = [];
const asked = new Set();
const done = new Set();
let until = Infinity;

/** One request, timed as `kind`; its body. */
function ask(client, kind, method, path, body, type) {
  const began = performance.now();
  return new Promise((answered) => {
    const call = request({
      host: address.hostname, port: address.port, localAddress: client.from, agent: client.agent, method, path,
      headers: body ? { "content-type": type, "content-length": body.length } : {},
    }, (response) => {
      const pieces = [];
      response.on("data", (piece) => pieces.push(piece));
      response.on("end", () => {
        const took = performance.now() - began;
        if (!times.has(kind)) times.set(kind, []);
        times.get(kind).push(took);
        const text = Buffer.concat(pieces);
        if (response.statusCode >= 400) failures.push(`${method} ${path}: ${response.statusCode} ${text.subarray(0, 200)}`);
        answered(text);
      });
    });
    call.on("error", (error) => { failures.push(`${method} ${path}: ${error.message}`); answered(Buffer.from("null")); });
    call.end(body);
  });
}

const json = async (...request) => JSON.parse(await ask(...request));

/** Listens to the events; `heard(job)` is told of jobs. */
function listen(client, heard) {
  const call = request({ host: address.hostname, port: address.port, localAddress: client.from, path: "/api/events", agent: false }, (response) => {
    let rest = "";
    response.setEncoding("utf8");
    response.on("data", (text) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop();
      for (let i = 0; i < lines.length; i++) {
        if (lines[i] === "event: job") heard(JSON.parse(lines.slice(i).find((line) => line.startsWith("data: "))?.slice(6) || "null"));
      }
    });
    response.on("error", () => {});
  });
  call.on("error", (error) => { if (performance.now() < until) failures.push(`events: ${error.message}`); });
  call.end();
  return () => call.destroy();
}

async function person(number) {
  const client = { from: `127.0.1.${number + 1}`, agent: new Agent({ keepAlive: true, maxSockets: 6 }) };
  const waiting = new Map();
  const hush = listen(client, (job) => {
    if (job && ["done", "failed", "cancelled"].includes(job.state)) waiting.get(job.id)?.(job);
  });
  for (const path of ["/", "/js/main.js", "/css/base.css"]) await ask(client, "page", "GET", path);
  while (performance.now() < until) {
    const picture = await json(client, "upload", "POST", `/api/pictures?name=${number}.jpg`, another(bytes), "application/octet-stream");
    if (!picture?.id) { await sleep(1000); continue; }
    const settings = { photo: picture.id, style: "cafe-terrace", preview: true };
    const job = await json(client, "new job", "POST", "/api/jobs", Buffer.from(JSON.stringify({ verb: "apply", settings })), "application/json");
    if (!job?.id) { await sleep(1000); continue; }
    asked.add(job.id);
    const over = new Promise((heard) => waiting.set(job.id, heard));
    let ended;
    while (!ended) {
      ended = await Promise.race([over, sleep(700 + 600 * Math.random())]);
      await ask(client, "look", "GET", "/api/jobs?limit=20");
      await ask(client, "look", "GET", `/api/pictures/${picture.id}/thumbnail`);
      if (!ended && performance.now() > until + 120_000) break;
    }
    if (ended?.state !== "done") { failures.push(`job ${job.id}: ${ended?.state} ${JSON.stringify(ended?.error)}`); continue; }
    done.add(job.id);
    const result = ended.files.find((file) => file.kind === "result");
    await ask(client, "look", "GET", `/api/jobs/${job.id}/files/${result.name}?thumbnail=1`);
    await ask(client, "result", "GET", `/api/jobs/${job.id}/files/${result.name}`);
  }
  hush();
  client.agent.destroy();
}

const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"))[1]) / 1024;
const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];

const host = { from: "127.0.0.1" };
const first = await json(host, "upload", "POST", "/api/pictures?name=long.jpg", another(bytes), "application/octet-stream");
const long = { verb: "paint", settings: { photo: first.id, styles: [{ style: first.id }], size: 512, iterations: 10_000 } };
const painting = await json(host, "new job", "POST", "/api/jobs", Buffer.from(JSON.stringify(long)), "application/json");
times.clear();

until = performance.now() + 1000 * Number(seconds);
const sizes = [];
const watch = setInterval(() => sizes.push(memory()), 5000);
await Promise.all(Array.from({ length: Number(clients) }, (_, number) => person(number)));
clearInterval(watch);
const still = await json(host, "look", "GET", `/api/jobs/${painting.id}`);
if (still.state !== "running") failures.push(`the painting is ${still.state}`);

const answers = ["page", "look", "new job", "result"].flatMap((kind) => times.get(kind) || []);
for (const [kind, list] of [...times, ["all but uploads", answers]]) {
  const sorted = [...list].sort((a, b) => a - b);
  const ms = [0.5, 0.9, 0.99, 1].map((q) => quantile(sorted, q).toFixed(0).padStart(6));
  console.log(`${kind.padEnd(16)} ${String(sorted.length).padStart(6)} answers; half within ${ms[0]} ms, 90 % ${ms[1]}, 99 % ${ms[2]}, all ${ms[3]}`);
}
console.log(`jobs: ${asked.size} asked for, ${done.size} done; the painting is at ${still.progress?.done} iterations`);
console.log(`memory in MB, every 5 s: ${sizes.map((size) => size.toFixed(0)).join(" ")}`);
console.log(`failures: ${failures.length}`);
for (const failure of failures.slice(0, 10)) console.log(`  ${failure}`);
server.kill("SIGINT");
await new Promise((ended) => server.once("exit", ended));
rmSync(folder, { recursive: true, force: true });
process.exit(failures.length || asked.size !== done.size ? 1 : 0);
