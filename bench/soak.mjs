// The client of soak.sh. Usage: node soak.mjs PORT SERVER-PID REQUESTS MAX-SECONDS [GUEST…]
//
//   warm-up: the first fifth of the requests     then a sample every hundredth, and the verdict: median of the last ten samples
//                                                against the median of the first ten after the warm-up (maps: after half of it)
import http from 'node:http';
import net from 'node:net';
import { readFileSync } from 'node:fs';

const [port, pid, total, maxSeconds] = process.argv.slice(2, 6).map(Number);
const guests = process.argv.slice(6);
const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });
const body = Buffer.alloc(20_000, 'x');
const began = performance.now();
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// [share, method, path, expected status, expected body, host]
const kinds = [
  [50, 'GET', '/', 200], [10, 'GET', '/headers', 200], [8, 'POST', '/echo', 200, body], [8, 'POST', '/splice', 200, body],
  [4, 'GET', '/trap', 500], [2, 'GET', '/sleep/1', 200], [2, 'GET', '/memory/4', 200], [4, 'GET', '/status/404', 404],
  [4, 'GET', '/', 200, null, 'rust.localhost'], [2, 'GET', '/primes/100', 200, null, 'rust.localhost'], [2, 'POST', '/words', 200, null, 'rust.localhost'],
  [2, 'LEAVE', 'in the request'], [2, 'LEAVE', 'before the answer'],
];
if (guests.includes('js')) kinds.push([1, 'GET', '/json/x', 200, null, 'js.localhost']);
if (guests.includes('csharp')) kinds.push([1, 'GET', '/', 200, null, 'csharp.localhost']);
const shares = kinds.flatMap((kind) => Array(kind[0]).fill(kind));

const counts = new Map();
const wrong = [];
let sent = 0, answered = 0, left = 0;

function ask([, method, path, status, content, name]) {
  return new Promise((resolve) => {
    const request = http.request({ agent, port, host: '127.0.0.1', method, path, headers: { host: name ?? '127.0.0.1' }, timeout: 60_000 }, (response) => {
      let size = 0;
      response.on('data', (data) => (size += data.length));
      response.on('end', () => {
        answered++;
        if (response.statusCode !== status || (content && size !== content.length)) {
          wrong.push(`${path}: ${response.statusCode}, ${size} bytes`);
        }
        resolve();
      });
      response.on('error', fail);
    });
    const fail = (error) => {
      wrong.push(`${path}: ${error.message}`);
      resolve();
    };
    request.on('error', fail);
    request.on('timeout', () => request.destroy(new Error('no answer in 60 s')));
    request.end(method === 'POST' ? body : undefined);
  });
}

function leave([, , how]) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      left++;
      const whole = how === 'before the answer';
      socket.write(`POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: ${whole ? 5 : 100000}\r\n\r\nhello`, () => socket.destroy());
    });
    socket.on('error', () => {});
    socket.on('close', resolve);
  });
}

function sample() {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    resident: Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024,
    threads: Number(/Threads:\s+(\d+)/.exec(status)[1]),
    maps: readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n').length - 1,
  };
}

for (let i = 0; ; i++) {
  const up = await new Promise((resolve) => http.get({ port, host: '127.0.0.1', path: '/' }, (r) => r.resume().on('end', () => resolve(true))).on('error', () => resolve(false)));
  if (up) break;
  if (i > 600) throw new Error('the server does not answer');
  await pause(100);
}

const samples = [];
let next = total / 5;
async function worker() {
  while (sent < total && (performance.now() - began) / 1000 < maxSeconds) {
    const kind = shares[(sent++ * 7919) % shares.length];
    const label = (kind[5] ?? '') + kind[2];
    counts.set(label, (counts.get(label) ?? 0) + 1);
    await (kind[1] === 'LEAVE' ? leave(kind) : ask(kind));
    if (sent >= next) {
      samples.push({ sent, ...sample() });
      next += total / 100;
      const last = samples.at(-1);
      console.error(`${new Date().toISOString()} ${sent}: ${last.resident.toFixed(1)} MiB, ${last.maps} maps, ${last.threads} threads, ${wrong.length} wrong`);
    }
  }
}
await Promise.all(Array.from({ length: 32 }, worker));
agent.destroy();

const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const growth = (key, from = 0) => {
  const values = samples.slice(from).map((s) => s[key]);
  const ten = Math.min(10, Math.ceil(values.length / 2));
  return [median(values.slice(0, ten)), median(values.slice(-ten))];
};
console.log(`${sent} requests in ${((performance.now() - began) / 1000).toFixed(0)} s: ${[...counts].map(([path, n]) => `${path} ${n}`).join(', ')}`);
console.log('| requests | RSS MiB | maps | threads |\n| --- | --- | --- | --- |');
for (const s of samples.filter((_, i) => i % 10 === 0 || i === samples.length - 1)) console.log(`| ${s.sent} | ${s.resident.toFixed(1)} | ${s.maps} | ${s.threads} |`);

let failed = false;
function verdict(passed, text) {
  failed ||= !passed;
  console.log(`${passed ? 'PASS' : 'FAIL'}: ${text}`);
}
verdict(sent >= total, `${sent} of ${total} requests within ${maxSeconds} s`);
verdict(wrong.length === 0 && answered + left === sent, `no lost response: ${answered} answered, ${left} clients left, ${wrong.length} wrong ${wrong.slice(0, 3).join('; ')}`);
const [residentBefore, residentAfter] = growth('resident');
verdict(residentAfter <= residentBefore * 1.05, `MiB resident flat within 5 % after the warm-up: ${residentBefore.toFixed(1)} → ${residentAfter.toFixed(1)}`);
const [threadsBefore, threadsAfter] = growth('threads');
verdict(threadsAfter <= threadsBefore + 16, `threads within 16 of those after the warm-up: ${threadsBefore} → ${threadsAfter}`);

// A slot of the pool takes its maps when it is first used, which is when more guests than ever run at once: that may be late, and ends with the pool.
const [mapsBefore, mapsAfter] = growth('maps', samples.length >> 1);
verdict(mapsAfter <= mapsBefore * 1.05, `memory maps flat within 5 % in the second half: ${mapsBefore} → ${mapsAfter}`);
process.exit(failed ? 1 : 0);
