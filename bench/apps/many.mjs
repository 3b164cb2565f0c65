// 10,000 apps on one server, one route each, 10 of them hot: `node bench/apps/many.mjs [APPS]`. WINDHOVER names the program (./windhover).
//
//   start     from the process's start to "listening", compile cache warm
//   memory    resident beyond a server with the 10 hot apps only, for each idle app
//   cold      first response of apps that nobody asked before, one after the other on one connection, while 10 apps are hot; each has a component of its own, compiled before
//   asked     resident for each app that was asked once, still loaded
//   asleep    the same when it has been put to sleep; and its next response
//   routing   requests to the 10 hot apps, beside the same on a server that has only these, in turns. What the look-up itself costs, `ratios RouteBenchmarks` measures
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { app, get, guest, load, median, pause, percentile, resident, rounds, start, stop, us, work } from './lib.mjs';

const count = Number(process.argv[2] ?? 10000);
const hot = 10, distinct = 200, sleepAfter = 20, askedOnce = Math.min(2000, count);
const original = readFileSync(guest('c-http/c-http.wasm'));
mkdirSync(join(work, 'components'));

// The component with its number in a custom section: a digest of its own, so code of its own in the cache.
function variant(i) {
  const file = join(work, 'components', `web-${i}.wasm`);
  const text = Buffer.from(`\x04note${String(i).padStart(8, '0')}`);
  writeFileSync(file, Buffer.concat([original, Buffer.from([0, text.length]), text]));
  return file;
}

const files = Array.from({ length: Math.min(distinct, count) }, (_, i) => variant(i));
function many(folder, n) {
  for (let i = 0; i < n; i++) {
    const file = files[i % files.length];
    app(folder, `app-${i}`, `[component.web]\nsource = "${file.split('/').pop()}"\n[[http]]\nroute = "/"\nhost = "app-${i}.test"\n`, file);
  }
}

const few = join(work, 'few'), all = join(work, 'many');
many(few, hot);
many(all, count);
const first = await start(all, '--cache', join(work, 'cache'));
for (let i = 0; i < files.length; i++) await get(first, `app-${i}.test`);
await stop(first);
console.log('the cache is warm');

const small = await start(few, '--cache', join(work, 'cache'));
const large = await start(all, '--cache', join(work, 'cache'), '--sleep-after', `${sleepAfter}s`);
console.log(`start: ${large.seconds.toFixed(2)} s with ${count} apps, ${small.seconds.toFixed(2)} s with ${hot}`);

const pairs = Array.from({ length: hot }, (_, i) => [`app-${i}.test`, '/']);
const warm = { seconds: 3, connections: 8 };
await load(small, pairs, warm);
await load(large, pairs, warm);
await pause(2000);
const asked = askedOnce - hot;
const perApp = (bytes, n) => `${(bytes / n / 1024).toFixed(1)} KiB`;
const before = resident(large), base = resident(small);
console.log(`memory: ${perApp(before.all - base.all, count - hot)} for each idle app; in all ${(before.all / 2 ** 20).toFixed(0)} MiB against ${(base.all / 2 ** 20).toFixed(0)}`);

// The first one of a process also compiles the path of loading: it is said by itself.
const cold = [];
for (let i = hot; i < files.length; i++) cold.push((await get(large, `app-${i}.test`)).seconds * 1000);
console.log(`cold app's first response, the others idle: median ${median(cold).toFixed(2)} ms, 95 % ${percentile(cold, 0.95).toFixed(2)}, 99 % ${percentile(cold, 0.99).toFixed(2)}, the very first ${cold[0].toFixed(2)}`);
// Many, so that what does not grow with their number does not count: pages of the runtime, and of a young generation that is as large as it likes.
for (let i = files.length; i < askedOnce; i++) await get(large, `app-${i}.test`);
await pause(1000);
const after = resident(large);
console.log(`asked once: ${perApp(after.all - before.all, asked)} for each (${perApp(after.own - before.own, asked)} without mapped files)`);

// Until all but the hot ones sleep, which takes a quarter longer than the time, and what the collector has of them went back.
for (let i = 0; i < sleepAfter * 1.25 + 10; i++) {
  await pause(1000);
  for (let j = 0; j < hot; j++) await get(large, `app-${j}.test`);
}
const asleep = resident(large);
console.log(`asleep: ${perApp(asleep.all - before.all, asked)} for each (${perApp(asleep.own - before.own, asked)} without mapped files)`);
const woken = [];
for (let i = hot; i < files.length; i++) woken.push((await get(large, `app-${i}.test`)).seconds * 1000);
console.log(`woken app's first response: median ${median(woken).toFixed(2)} ms, 95 % ${percentile(woken, 0.95).toFixed(2)}`);

const busy = load(large, pairs, { seconds: 4, connections: 4 });
await pause(500);
const coldBusy = [];
for (let i = 0; i < 200 && askedOnce + i < count; i++) coldBusy.push((await get(large, `app-${askedOnce + i}.test`)).seconds * 1000);
await busy;
if (coldBusy.length)
  console.log(`cold app's first response, ${hot} apps under full load: median ${median(coldBusy).toFixed(2)} ms, 95 % ${percentile(coldBusy, 0.95).toFixed(2)}`);

const turns = await rounds(5, {
  few: () => load(small, pairs, { seconds: 2, connections: 1 }),
  many: () => load(large, pairs, { seconds: 2, connections: 1 }),
});
console.log(`routing over HTTP: ${us(turns.few.latency)} among ${hot} apps (${us(turns.few.cpu)} CPU), ${us(turns.many.latency)} among ${count} (${us(turns.many.cpu)} CPU)`);
await stop(small);
await stop(large);
