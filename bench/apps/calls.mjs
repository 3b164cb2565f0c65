// Calls between apps and programs as services: `node bench/apps/calls.mjs [service] [process] [command]`. WINDHOVER names the program (./windhover).
//
//   service   rust-proxy answers by itself (502, no call) · makes the request and is refused (a host that it was not granted) · makes it and is answered by the host (508: it calls itself)
//             · calls c-http in-process · calls c-http over loopback HTTP on the same server. The cost of the call is the whole minus the third, which is all that the guest itself does
//             for a request and its answer; beside it, minus the others. CPU is the server's, which is on both ends
//   process   the same of a rust-proxy in a process of its own: answered by the server with 508 · calls c-http in the server · one in a process too · c-http over loopback HTTP on the same
//             server. CPU is that of all processes
//   command   sqlite3's shell (other people's C, unchanged; guests/fetch-programs.sh sqlite3) with a query on a database file, and c-cli; an instance for each request
import { existsSync, mkdirSync, copyFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { app, artifacts, get, guest, load, program, rounds, start, stop, us, work } from './lib.mjs';

const wanted = process.argv.length > 2 ? process.argv.slice(2) : ['service', 'process', 'command'];
const apps = join(work, 'apps');

if (wanted.includes('service') || wanted.includes('process')) {
  app(apps, 'hello', '[component.web]\nsource = "c-http.wasm"\n[[http]]\nroute = "/{**path}"\nhost = "127.0.0.1"\n', guest('c-http/c-http.wasm'));
  // An app for each: how often an app's guests wait decides on which threads they run.
  for (const name of ['none', 'answered', 'inside', 'loopback'])
    app(apps, name, `[component.web]\nsource = "rust-proxy.wasm"\nallow-hosts = ["http://hello.internal", "http://answered.internal", "http://127.0.0.1:*"]\n[[http]]\nroute = "/{**path}"\nhost = "${name}.test"\n`, guest('rust-proxy/rust-proxy.wasm'));
}

if (wanted.includes('process')) {
  app(apps, 'hello-apart', 'isolation = "process"\n[component.web]\nsource = "c-http.wasm"\n[[http]]\nroute = "/{**path}"\nhost = "hello-apart.test"\n', guest('c-http/c-http.wasm'));
  for (const name of ['within', 'apart'])
    app(apps, name, `${name === 'apart' ? 'isolation = "process"\n' : ''}[component.web]\nsource = "rust-proxy.wasm"\nallow-hosts = ["http://hello.internal", "http://hello-apart.internal", "http://${name}.internal", "http://127.0.0.1:*"]\n[[http]]\nroute = "/{**path}"\nhost = "${name}.test"\n`, guest('rust-proxy/rust-proxy.wasm'));
}

const sqlite = join(artifacts, 'programs/sqlite3.wasm');
if (wanted.includes('command')) {
  app(apps, 'tool', '[component.cli]\nsource = "c-cli.wasm"\n[[http]]\nroute = "/"\nhost = "tool.test"\nargs = ["args", "x"]\ncontent-type = "text/plain"\n', guest('c-cli/c-cli.wasm'));
  if (existsSync(sqlite)) {
    app(apps, 'sql', `[component.cli]
source = "sqlite3.wasm"
dirs = [{ host = "data", guest = "/data" }]
env = { HOME = "/data" }
[[http]]
route = "/stock/{id}"
host = "sql.test"
args = ["-json", "file:/data/shop.db?immutable=1", ".param set @id {id}", "select * from stock where id = @id"]
content-type = "application/json"
`, sqlite);
    mkdirSync(join(apps, 'sql', 'data'), { recursive: true });
    execFileSync(program, ['run', '--dir', `${join(apps, 'sql', 'data')}::/data`, sqlite, '/data/shop.db',
      "create table stock (id integer primary key, name text, price real); with recursive n(i) as (select 1 union all select i + 1 from n where i < 10000) insert into stock select i, 'article ' || i, i * 0.5 from n;"]);
  }
}

const server = await start(apps);
if (wanted.includes('service')) {
  const loopback = `/127.0.0.1:${server.port}/`;
  console.log(`answers: ${(await get(server, 'inside.test', '/hello.internal/')).body.trim()} | ${(await get(server, 'loopback.test', loopback)).body.trim()} | ${(await get(server, 'none.test', '/', 502)).body.trim()}`);
  for (const connections of [1, 8]) {
    const shape = { seconds: 1, connections };
    const kinds = {
      hello: () => load(server, [['127.0.0.1', '/']], shape),
      none: () => load(server, [['none.test', '/']], { ...shape, status: 502 }),
      refused: () => load(server, [['none.test', '/other.test/']], { ...shape, status: 502 }),
      answered: () => load(server, [['answered.test', '/answered.internal/']], { ...shape, status: 508 }),
      inside: () => load(server, [['inside.test', '/hello.internal/']], shape),
      loopback: () => load(server, [['loopback.test', loopback]], shape),
    };
    for (let warm = 0; warm < 5; warm++) for (const kind of Object.values(kinds)) await kind(); // tiers of the JIT
    const r = await rounds(5, kinds);
    console.log(`service, ${connections} connection${connections > 1 ? 's' : ''}: c-http alone ${us(r.hello.latency)} (${us(r.hello.cpu)} CPU), proxy without call ${us(r.none.latency)} (${us(r.none.cpu)} CPU), refused ${us(r.refused.latency)} (${us(r.refused.cpu)} CPU), answered by the host ${us(r.answered.latency)} (${us(r.answered.cpu)} CPU), in-process ${us(r.inside.latency)} (${us(r.inside.cpu)} CPU), loopback ${us(r.loopback.latency)} (${us(r.loopback.cpu)} CPU)`);
    for (const without of ['none', 'refused', 'answered']) {
      for (const what of ['latency', 'cpu']) {
        const inside = r.inside[what] - r[without][what], loopback = r.loopback[what] - r[without][what];
        console.log(`  cost of the call beyond ${without}, ${what}: in-process ${us(inside)}, loopback ${us(loopback)}: ${(inside / loopback).toFixed(3)}`);
      }
    }
  }
}

if (wanted.includes('process')) {
  const loopback = `/127.0.0.1:${server.port}/`;
  console.log(`answers: ${(await get(server, 'apart.test', '/hello.internal/')).body.trim()} | ${(await get(server, 'apart.test', '/hello-apart.internal/')).body.trim()} | ${(await get(server, 'apart.test', loopback)).body.trim()}`);
  for (const connections of [1, 8]) {
    const kinds = {};
    for (const name of ['within', 'apart']) {
      kinds[`${name}, answered by the server`] = () => load(server, [[`${name}.test`, `/${name}.internal/`]], { seconds: 1, connections, status: 508 });
      for (const [what, path] of [['hello', '/hello.internal/'], ['hello-apart', '/hello-apart.internal/'], ['loopback', loopback]])
        kinds[`${name}, ${what}`] = () => load(server, [[`${name}.test`, path]], { seconds: 1, connections });
    }

    for (let warm = 0; warm < 5; warm++) for (const kind of Object.values(kinds)) await kind();
    const r = await rounds(5, kinds);
    for (const [name, { latency, cpu }] of Object.entries(r))
      console.log(`process, ${connections} connection${connections > 1 ? 's' : ''}: ${name}: ${us(latency)} (${us(cpu)} CPU)`);
  }
}

if (wanted.includes('command')) {
  const kinds = { tool: () => load(server, [['tool.test', '/']]) };
  if (existsSync(sqlite)) {
    console.log(`answer: ${(await get(server, 'sql.test', '/stock/4711')).body.trim()}`);
    kinds.sql = () => load(server, Array.from({ length: 100 }, (_, i) => ['sql.test', `/stock/${i * 97 + 1}`]));
  }

  for (const kind of Object.values(kinds)) await kind();
  for (const [name, r] of Object.entries(await rounds(5, kinds)))
    console.log(`command ${name}: ${r.rate.toFixed(0)} requests/s, median ${(r.latency / 1000).toFixed(2)} ms, ${us(r.cpu)} CPU`);
}

await stop(server);
