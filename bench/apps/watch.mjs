// `up --watch` under load: `node bench/apps/watch.mjs [SECONDS] [PROGRAM]`, PROGRAM the built windhover (default: ./windhover).
//
// A component is saved again and again, each time with another text in it; four connections ask without a pause, one more asks until the new text comes.
//
//   served    from the save (the file is closed) to the first answer of the new version: median, 95 of 100, worst
//   failed    answers other than 200, and connections that broke, of how many; answers of an older version after a newer one
//   restart   the same with a server that is stopped and started again for each save: what --watch replaces
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const seconds = Number(process.argv[2] ?? 20);
const program = process.argv[3] ?? join(root, 'windhover');
const artifacts = process.env.WINDHOVER_ARTIFACTS ?? join(root, 'artifacts');
const clients = 4;
const guests = [
  ['C, 16 KB', join(root, 'guests/c-http/c-http.wasm'), 'Hello from C'],
  ['Rust, 90 KB', join(root, 'guests/rust-http/rust-http.wasm'), 'Hello from Rust'],
  ['JavaScript, 14 MB', join(artifacts, 'guests/js-http.wasm'), 'Hello from JavaScript'],
].filter(([, file]) => existsSync(file));

const at = (values, p) => values.length ? [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * p))] : NaN;
const ms = value => `${value.toFixed(0)} ms`;
const now = () => performance.now();

function start(folder, port, watch) {
  const child = spawn(program, ['up', folder, '--listen', `127.0.0.1:${port}`, ...(watch ? ['--watch'] : [])], { stdio: ['ignore', 'ignore', 'pipe'] });
  return new Promise((done, fail) => {
    let text = '';
    child.stderr.on('data', data => {
      text += data;
      const found = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(text);
      if (found) done({ child, port: Number(found[1]) });
    });
    child.on('exit', code => fail(new Error(`ended with ${code}: ${text}`)));
  });
}

const stop = child => new Promise(done => { child.removeAllListeners('exit'); child.on('exit', done); child.kill('SIGTERM'); });

function get(port, agent) {
  return new Promise((done, fail) => http.get({ port, host: '127.0.0.1', path: '/', agent }, answer => {
    let body = '';
    answer.setEncoding('latin1').on('data', d => body += d).on('end', () => done({ status: answer.statusCode, body }));
    answer.on('error', fail);
  }).on('error', fail));
}

// The text with a number in its place, of the same length.
function versions(file, text) {
  const bytes = readFileSync(file), places = [];
  for (let i = bytes.indexOf(text, 0, 'latin1'); i >= 0; i = bytes.indexOf(text, i + 1, 'latin1')) places.push(i);
  return number => {
    const made = Buffer.from(bytes), label = `v${String(number).padStart(text.length - 1, '0')}`;
    for (const place of places) made.write(label, place, 'latin1');
    return { made, label };
  };
}

async function run(name, file, text, watch) {
  const folder = mkdtempSync(join(tmpdir(), 'windhover-watch-')), app = join(folder, 'hello');
  mkdirSync(app);
  const source = join(app, 'hello.wasm'), make = versions(file, text);
  writeFileSync(source, make(0).made);
  writeFileSync(join(app, 'windhover.toml'), 'name = "hello"\n[component.web]\nsource = "hello.wasm"\n[[http]]\nroute = "/{**path}"\n');
  let server = await start(folder, 0, watch);
  const { port } = server, probe = new http.Agent({ keepAlive: true, maxSockets: 1 });
  await get(port, probe);

  let running = true, asked = 0, failed = 0, back = 0;
  const load = async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    for (let last = 0; running; asked++) {
      try {
        const answer = await get(port, agent), number = Number(/v(\d+)/.exec(answer.body)?.[1] ?? NaN);
        if (answer.status !== 200) failed++;
        if (number < last) back++;
        last = number;
      } catch {
        failed++;
        await new Promise(r => setTimeout(r, 1));
      }
    }
    agent.destroy();
  };
  const loads = Array.from({ length: clients }, load), served = [];
  for (let number = 1, end = now() + seconds * 1000; now() < end; number++) {
    const { made, label } = make(number);
    if (number % 2) writeFileSync(source, made); // as compilers write
    else { writeFileSync(source + '.new', made); renameSync(source + '.new', source); } // as editors do
    const begin = now();
    if (!watch) {
      await stop(server.child);
      server = await start(folder, port, false);
    }
    for (let seen = ''; !seen.startsWith(label);) seen = await get(port, probe).then(a => a.body, () => '');
    served.push(now() - begin);
    await new Promise(r => setTimeout(r, 200));
  }
  running = false;
  await Promise.all(loads);
  probe.destroy();
  await stop(server.child);
  rmSync(folder, { recursive: true });
  console.log(`| ${name} | ${watch ? '`--watch`' : 'restart'} | ${served.length} | ${ms(at(served, .5))} | ${ms(at(served, .95))} | ${ms(at(served, 1))} | ${failed} of ${asked}${back ? `, ${back} went back` : ''} |`);
}

console.log(`${cpus().length} cores, load ${loadavg()[0].toFixed(1)} at the beginning\n`);
console.log('| component | way | saves | served, median | 95 of 100 | worst | failed |\n| --- | --- | --- | --- | --- | --- | --- |');
for (const [name, file, text] of guests)
  for (const watch of [true, false])
    await run(name, file, text, watch);
process.exit(0);
