// What the measurements of apps share: folders of apps, a server, load by wrk, and what the server used meanwhile.
import { spawn, execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync, linkSync, copyFileSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import http from 'node:http';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const artifacts = process.env.WINDHOVER_ARTIFACTS ?? join(root, 'artifacts');
export const program = process.env.WINDHOVER ?? join(root, 'windhover');
export const work = mkdtempSync(join(tmpdir(), 'windhover-bench-'));
export const guest = path => join(root, 'guests', path);
export const pause = ms => new Promise(done => setTimeout(done, ms));
export const percentile = (values, p) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * p))];
export const median = values => percentile(values, 0.5);
export const us = value => `${value.toFixed(1)} µs`;

const servers = new Set();
process.on('exit', () => {
  for (const server of servers) server.child.kill('SIGKILL');
  rmSync(work, { recursive: true, force: true });
});
process.on('SIGTERM', () => process.exit(1));
process.on('SIGINT', () => process.exit(1));

/** One app: a folder with its component (a link where the file system allows it) and its manifest. */
export function app(folder, name, manifest, ...files) {
  mkdirSync(join(folder, name), { recursive: true });
  for (const file of files) {
    const target = join(folder, name, file.split('/').pop());
    try { linkSync(file, target); } catch { copyFileSync(file, target); }
  }
  writeFileSync(join(folder, name, 'windhover.toml'), `name = "${name}"\n${manifest}`);
}

/** Starts `windhover up`; done when it listens. */
export async function start(folder, ...more) {
  const begin = performance.now();
  const child = spawn(program, ['up', folder, '--listen', '127.0.0.1:0', ...more], { stdio: ['ignore', 'ignore', 'pipe'] });
  const server = { child, port: 0, log: '', seconds: 0, agent: new http.Agent({ keepAlive: true, maxSockets: 1 }) };
  servers.add(server);
  child.on('exit', () => servers.delete(server));
  server.port = await new Promise((done, fail) => {
    child.stderr.on('data', data => {
      server.log = (server.log + data).slice(-20_000);
      const found = /listening on http:\/\/127\.0\.0\.1:(\d+)/.exec(server.log);
      if (found) done(Number(found[1]));
    });
    child.on('exit', code => fail(new Error(`ended with ${code}: ${server.log}`)));
  });
  server.seconds = (performance.now() - begin) / 1000;
  return server;
}

export const stop = server => new Promise(done => { server.child.on('exit', done); server.child.kill('SIGTERM'); });

/** One request; fails unless it is answered with `status`. Seconds are the client's, node's own work included. */
export function get(server, host, path = '/', status = 200) {
  const begin = performance.now();
  return new Promise((done, fail) => http.get({ port: server.port, host: '127.0.0.1', path, agent: server.agent, headers: { host } }, answer => {
    let body = '';
    answer.on('data', d => body += d);
    answer.on('end', () => answer.statusCode === status
      ? done({ body, seconds: (performance.now() - begin) / 1000 })
      : fail(new Error(`${host}${path} answered ${answer.statusCode}: ${body}\n${server.log.slice(-2000)}`)));
  }).on('error', fail));
}

const status = (server, name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))[1]) * 1024;

/** Bytes in memory, all and what is the process's alone (without mapped files). */
export const resident = server => ({ all: status(server, 'VmRSS'), own: status(server, 'RssAnon') });

const ticks = Number(execFileSync('getconf', ['CLK_TCK']));

const stat = pid => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ').map(Number);
const used = pid => ((stat(pid)[11] + stat(pid)[12]) * 1e6) / ticks;

/** Processes of isolated components. */
const workers = server => readdirSync('/proc').filter(pid => {
  try { return /^\d+$/.test(pid) && stat(pid)[1] === server.child.pid; } catch { return false; } // it ended meanwhile
});

/** CPU that the server used so far, its isolated components included, µs. */
export const cpu = server => [server.child.pid, ...workers(server)].reduce((sum, pid) => sum + used(pid), 0);

let scripts = 0;

/** Load by wrk on [host, path] pairs in turn. Gives requests/s, the median latency and the server's CPU for each request, µs. */
export async function load(server, pairs, { seconds = 2, connections = 8, status = 200 } = {}) {
  const script = join(work, `load-${scripts++}.lua`);
  writeFileSync(script, `local r, i, wrong = {}, 0, 0
function init() ${pairs.map(([host, path]) => `r[#r + 1] = wrk.format("GET", ${JSON.stringify(path)}, {["Host"] = ${JSON.stringify(host)}})`).join('\n')} end
function request() i = i % #r + 1; return r[i] end
function response(status) if status ~= ${status} then wrong = wrong + 1; if wrong == 1 then io.stderr:write("answered " .. status .. "\\n") end end end
function done(summary, latency) io.write(string.format("RESULT %d %d %f %f %d\\n", summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), summary.errors.connect + summary.errors.read + summary.errors.timeout)) end`);
  const before = cpu(server);
  const { stdout, stderr } = await promisify(execFile)('wrk', ['-t1', `-c${connections}`, `-d${Math.max(1, Math.round(seconds))}s`, '-s', script, `http://127.0.0.1:${server.port}/`]);
  const used = cpu(server) - before;
  const [requests, duration, p50, p99, errors] = /RESULT (.*)/.exec(stdout)[1].split(' ').map(Number);
  if (stderr || errors) throw new Error(`${pairs[0]}: ${errors} errors; ${stderr}\n${server.log.slice(-2000)}`);
  return { rate: requests / (duration / 1e6), latency: p50, p99, cpu: used / requests };
}

/** The medians of several rounds in which each of the named loads has its turn. */
export async function rounds(count, loads) {
  const all = Object.fromEntries(Object.keys(loads).map(name => [name, []]));
  const names = Object.keys(loads);
  for (let i = 0; i < count; i++)
    for (let j = 0; j < names.length; j++) {
      const name = names[(i + j) % names.length];
      all[name].push(await loads[name]());
    }
  return Object.fromEntries(names.map(name => [name, Object.fromEntries(Object.keys(all[name][0]).map(key => [key, median(all[name].map(r => r[key]))]))]));
}
