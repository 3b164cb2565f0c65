// Many apps on one server: `node bench/apps/measure.mjs [APPS] [PROGRAM]`, PROGRAM the built windhover (default: ./windhover). Prints what docs/apps.md says.
//
//   start      from the process's start to "listening", with a warm compile cache, against the same with 10 apps
//   memory     resident beyond the server with 10 apps, for each idle app
//   cold       first response of apps that nobody asked before, one after the other on one connection
//   routing    requests in turns of 1 s to a server with 10 apps and to this one, one connection each: the difference of the medians
//   service    a call to another app in-process against the same call over loopback HTTP, in turns
//   command    an unchanged C program (guests/c-cli, and sqlite3 if guests/fetch-programs.sh brought it), a fresh instance for each request
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync, linkSync, copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import http from 'node:http';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const count = Number(process.argv[2] ?? 10000);
const program = process.argv[3] ?? join(root, 'windhover');
const work = mkdtempSync(join(tmpdir(), 'windhover-bench-'));
const guest = path => join(root, 'guests', path);
const median = values => [...values].sort((a, b) => a - b)[values.length >> 1];
const percentile = (values, p) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * p))];
const us = seconds => `${(seconds * 1e6).toFixed(1)} µs`;

function app(folder, name, manifest, file) {
  mkdirSync(join(folder, name), { recursive: true });
  const target = join(folder, name, file.split('/').pop());
  try { linkSync(file, target); } catch { copyFileSync(file, target); }
  writeFileSync(join(folder, name, 'windhover.toml'), `name = "${name}"\n${manifest}`);
}

function many(folder, n) {
  for (let i = 0; i < n; i++)
    app(folder, `app-${i}`, `[component.web]\nsource = "c-http.wasm"\n[[http]]\nroute = "/"\nhost = "app-${i}.test"\n`, guest('c-http/c-http.wasm'));
}

async function start(folder) {
  const begin = performance.now();
  const child = spawn(program, ['up', folder, '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  const port = await new Promise((done, fail) => {
    child.stderr.on('data', data => {
      text += data;
      const found = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(text);
      if (found) done(Number(found[1]));
    });
    child.on('exit', code => fail(new Error(`ended with ${code}: ${text}`)));
  });
  return { child, port, seconds: (performance.now() - begin) / 1000, agent: new http.Agent({ keepAlive: true, maxSockets: 1 }) };
}

function get(server, host, path = '/', agent = server.agent) {
  const begin = performance.now();
  return new Promise((done, fail) => http.get({ port: server.port, host: '127.0.0.1', path, agent, headers: { host } }, answer => {
    let body = '';
    answer.on('data', d => body += d);
    answer.on('end', () => done({ status: answer.statusCode, body, seconds: (performance.now() - begin) / 1000 }));
  }).on('error', fail));
}

const resident = server => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))[1]) * 1024;
const stop = server => new Promise(done => { server.child.on('exit', done); server.child.kill('SIGTERM'); });

async function turns(seconds, ...calls) {
  const times = calls.map(() => []);
  for (let turn = 0; turn < 6; turn++) {
    for (const [i, call] of calls.entries()) {
      const end = performance.now() + seconds * 1000 / 6;
      while (performance.now() < end) {
        const answer = await call();
        if (answer.status !== 200) throw new Error(`answered ${answer.status}: ${answer.body}`);
        times[i].push(answer.seconds);
      }
    }
  }
  return times.map(median);
}

async function throughput(server, host, path, seconds, connections = 16) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  const end = performance.now() + seconds * 1000;
  let done = 0;
  await Promise.all(Array.from({ length: connections }, async () => {
    while (performance.now() < end) {
      const answer = await get(server, host, path, agent);
      if (answer.status !== 200) throw new Error(`answered ${answer.status}: ${answer.body}`);
      done++;
    }
  }));
  return done / seconds;
}

try {
  const few = join(work, 'few'), all = join(work, 'many'), calls = join(work, 'calls');
  many(few, 10);
  many(all, count);
  await stop(await start(few)); // the cache is warm, the files are read
  const small = await start(few);
  const large = await start(all);
  console.log(`start: ${large.seconds.toFixed(2)} s with ${count} apps, ${small.seconds.toFixed(2)} s with 10`);
  await get(small, 'app-0.test');
  await get(large, 'app-0.test');
  console.log(`memory: ${((resident(large) - resident(small)) / (count - 10) / 1024).toFixed(1)} KiB for each idle app (${(resident(large) / 2 ** 20).toFixed(0)} MiB in all)`);
  const cold = [];
  for (let i = 100; i < 200; i++) cold.push((await get(large, `app-${i}.test`)).seconds);
  console.log(`cold app's first response: median ${(median(cold) * 1000).toFixed(2)} ms, 95 % ${(percentile(cold, 0.95) * 1000).toFixed(2)} ms`);
  const [a, b] = await turns(6, () => get(small, 'app-0.test'), () => get(large, 'app-0.test'));
  console.log(`routing: ${us(a)} among 10 apps, ${us(b)} among ${count}: ${us(b - a)} more`);
  await stop(small);
  await stop(large);

  app(calls, 'hello', '[component.web]\nsource = "c-http.wasm"\n[[http]]\nroute = "/{**path}"\nhost = "hello.test"\n', guest('c-http/c-http.wasm'));
  app(calls, 'proxy', '[component.web]\nsource = "rust-proxy.wasm"\nallow-hosts = ["http://hello.internal", "http://127.0.0.1:*", "http://localhost:*"]\n[[http]]\nroute = "/{**path}"\nhost = "proxy.test"\n', guest('rust-proxy/rust-proxy.wasm'));
  app(calls, 'loop', '[component.web]\nsource = "c-http.wasm"\n[[http]]\nroute = "/{**path}"\nhost = "127.0.0.1"\n', guest('c-http/c-http.wasm'));
  app(calls, 'tool', '[component.cli]\nsource = "c-cli.wasm"\n[[http]]\nroute = "/"\nhost = "tool.test"\nargs = ["args", "x"]\ncontent-type = "text/plain"\n', guest('c-cli/c-cli.wasm'));
  const sqlite = join(root, 'artifacts/programs/sqlite3.wasm');
  if (existsSync(sqlite))
    app(calls, 'sql', '[component.cli]\nsource = "sqlite3.wasm"\n[[http]]\nroute = "/"\nhost = "sql.test"\nargs = [":memory:", "select 1"]\ncontent-type = "text/plain"\n', sqlite);
  const server = await start(calls);
  await get(server, 'hello.test');
  const [alone, inside, loopback] = await turns(9, () => get(server, 'hello.test'), () => get(server, 'proxy.test', '/hello.internal/'), () => get(server, 'proxy.test', `/127.0.0.1:${server.port}/`));
  console.log(`service call: a request ${us(alone)}, through another app in-process ${us(inside)}, over loopback HTTP ${us(loopback)}`);
  console.log(`command (c-cli, 48 KB): ${(await throughput(server, 'tool.test', '/', 4)).toFixed(0)} requests/s`);
  if (existsSync(sqlite)) console.log(`command (sqlite3 shell, 1.5 MB): ${(await throughput(server, 'sql.test', '/', 4)).toFixed(0)} requests/s`);
  await stop(server);
} finally {
  rmSync(work, { recursive: true, force: true });
}
