// 10,000 apps on one server, one route each, 10 of them hot: `node bench/apps/many.mjs [APPS]`. WINDHOVER names the program (./windhover).
//
//   start     from the process's start to "listening", compile cache warm
//   memory    resident beyond a server with the 10 hot apps only, for each idle app
//   cold      first response of apps that nobody asked before, one after the other on one connection, while 10 apps are hot; each has a component of its own, compiled before
//   asleep    resident for each app that was asked once and is idle since
//   routing   requests to the 10 hot apps, beside the same on a server that has only these, in turns. What the look-up itself costs, `ratios RouteBenchmarks` measures
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { app, get, guest, load, median, pause, percentile, resident, rounds, start, stop, us, work } from './lib.mjs';

const count = Number(process.argv[2] ?? 10000);
const hot = 10, distinct = 200;
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
const large = await start(all, '--cache', join(work, 'cache'));
console.log(`start: ${large.seconds.toFixed(2)} s with ${count} apps, ${small.seconds.toFixed(2)} s with ${hot}`);

const pairs = Array.from({ length: hot }, (_, i) => [`app-${i}.test`, '/']);
const warm = { seconds: 3, connections: 8 };
await load(small, pairs, warm);
await load(large, pairs, warm);
await pause(2000);
const perApp = (bytes, n) => `${(bytes / n / 1024).toFixed(1)} KiB`;
const before = resident(large), base = resident(small);
console.log(`memory: ${perApp(before.all - base.all, count - hot)} for each idle app; in all ${(before.all / 2 ** 20).toFixed(0)} MiB against ${(base.all / 2 ** 20).toFixed(0)}`);

// The first one of a process also compiles the path of loading: it is said by itself.
const cold = [];
for (let i = hot; i < files.length; i++) cold.push((await get(large, `app-${i}.test`)).seconds * 1000);
console.log(`cold app's first response, the others idle: median ${median(cold).toFixed(2)} ms, 95 % ${percentile(cold, 0.95).toFixed(2)}, 99 % ${percentile(cold, 0.99).toFixed(2)}, the very first ${cold[0].toFixed(2)}`);
await pause(2000);
const after = resident(large);
console.log(`asleep: ${perApp(after.all - before.all, files.length - hot)} for each app that was asked once (${perApp(after.own - before.own, files.length - hot)} without mapped files)`);

const busy = load(large, pairs, { seconds: 4, connections: 4 });
await pause(500);
const coldBusy = [];
for (let i = 0; i < 200 && files.length + i < count; i++) coldBusy.push((await get(large, `app-${files.length + i}.test`)).seconds * 1000);
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
