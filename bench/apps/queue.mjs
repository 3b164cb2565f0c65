// Queues: `node bench/apps/queue.mjs kill|rate redis|postgres [MESSAGES]`. WINDHOVER names the program (./windhover).
//
//   kill   producers POST numbered messages to a server's topic and send each again until it was acknowledged; a guest hands each batch to a recorder over HTTP. Meanwhile server
//          and backend are killed (SIGKILL, the backend with all its processes) in turns, after random times, and started again. In the end each acknowledged message must have been
//          recorded; how often one was recorded more than once is counted. Redis with appendonly and appendfsync always, PostgreSQL as it comes (fsync on)
//   rate   messages lie ready; from the first that is taken to the last that is completed, through c-http /echo, which reads each batch and answers with it
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import http from 'node:http';
import net from 'node:net';
import { app, guest, pause, start, work } from './lib.mjs';

const [mode, backend, given] = process.argv.slice(2);
const count = Number(given ?? 100000);
if (!['kill', 'rate'].includes(mode) || !['redis', 'postgres'].includes(backend)) {
  console.error('node bench/apps/queue.mjs kill|rate redis|postgres [MESSAGES]');
  process.exit(2);
}

const freePort = () => new Promise(done => {
  const server = net.createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => done(port));
  });
});

// ---- backends: each in a process group of its own, so that all of it can be killed

class Backend {
  async start() {
    for (;;) {
      this.child = spawn(...this.command(), { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
      let log = '';
      const ended = new Promise(done => this.child.on('exit', () => done('ended')));
      const ready = new Promise(done => {
        for (const stream of [this.child.stdout, this.child.stderr])
          stream.on('data', data => { log = (log + data).slice(-5000); if (log.includes(this.ready)) done('ready'); });
      });
      if (await Promise.race([ready, ended]) === 'ready') return this;
      if (!this.isBusy(log)) throw new Error(`${this.constructor.name} did not start: ${log}`);
      await pause(100);
    }
  }

  kill() {
    const ended = new Promise(done => this.child.on('exit', done));
    process.kill(-this.child.pid, 'SIGKILL');
    return ended;
  }
}

class Redis extends Backend {
  ready = 'Ready to accept connections';
  constructor(port, folder) { super(); Object.assign(this, { port, folder }); }
  command() { return ['redis-server', ['--port', this.port, '--bind', '127.0.0.1', '--dir', this.folder, '--save', '', '--appendonly', 'yes', '--appendfsync', mode === 'kill' ? 'always' : 'everysec']]; }
  isBusy() { return false; }
  options = () => `url = "redis://127.0.0.1:${this.port}"`;

  cli(...args) { return spawnSync('redis-cli', ['-p', this.port, ...args.map(String)], { encoding: 'utf8', maxBuffer: 1 << 28 }).stdout.trim(); }
  left() { return Number(this.cli('XLEN', 'numbers')) + Number(this.cli('ZCARD', 'numbers:later')); }
  dead() { return Number(this.cli('XLEN', 'numbers.dead')); }
  fill() {
    const line = parts => `*${parts.length}\r\n${parts.map(p => `$${Buffer.byteLength(p)}\r\n${p}\r\n`).join('')}`;
    const text = Array.from({ length: count }, (_, i) => line(['XADD', 'numbers', '*', 'b', body(i), 'h', '', 'a', '1'])).join('');
    spawnSync('redis-cli', ['-p', this.port, '--pipe'], { input: text });
  }
}

class Postgres extends Backend {
  ready = 'database system is ready to accept connections';
  bin = spawnSync('sh', ['-c', 'dirname "$(ls /usr/lib/postgresql/*/bin/postgres | tail -1)"'], { encoding: 'utf8' }).stdout.trim();
  // PostgreSQL refuses to run as root.
  as = process.getuid() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] : [];
  constructor(port, folder) {
    super();
    Object.assign(this, { port, folder });
    chmodSync(work, 0o755);
    if (this.as.length) spawnSync('chown', ['postgres:postgres', folder]);
    chmodSync(folder, 0o700);
    const made = this.run(join(this.bin, 'initdb'), '-D', folder, '-A', 'trust', '-U', 'bench', '-E', 'UTF8');
    if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`);
  }
  run(program, ...args) { const [first, ...rest] = [...this.as, program, ...args]; return spawnSync(first, rest, { encoding: 'utf8', cwd: '/', maxBuffer: 1 << 28 }); }
  command() { const [first, ...rest] = [...this.as, join(this.bin, 'postgres'), '-D', this.folder, '-p', String(this.port), '-h', '127.0.0.1', '-k', this.folder]; return [first, rest]; }
  isBusy(log) { return /shared memory block|lock file/.test(log); }
  options = () => `url = "postgres://bench@127.0.0.1:${this.port}/postgres"`;

  sql(text) { return spawnSync('psql', ['-h', '127.0.0.1', '-p', String(this.port), '-U', 'bench', 'postgres', '-AtqX'], { input: text, encoding: 'utf8' }).stdout.trim(); }
  left() { return Number(this.sql("select count(*) from windhover_messages where topic = 'numbers'")); }
  dead() { return Number(this.sql("select count(*) from windhover_messages where topic = 'numbers.dead'")); }
  fill() {
    this.sql(`insert into windhover_messages (topic, body, headers) select 'numbers', convert_to('{"n": ' || i || ', "text": "${text}"}', 'utf8'), '' from generate_series(0, ${count - 1}) i`);
  }
}

const text = 'x'.repeat(80);
const body = i => `{"n": ${i}, "text": "${text}"}`;

const folder = join(work, 'backend');
mkdirSync(folder);
const store = await new (backend === 'redis' ? Redis : Postgres)(await freePort(), folder).start();
process.on('exit', () => { try { process.kill(-store.child.pid, 'SIGKILL'); } catch { /* gone */ } });

const apps = join(work, 'apps');
const manifest = (component, more) => `[component.worker]
${component}
[messaging.numbers]
backend = "${backend}"
${store.options()}
visibility = 5
[[queue]]
topic = "numbers"
${more}
`;

async function rate() {
  for (const [batch, concurrency] of [[100, 4], [10, 8], [1, 16]]) {
    app(apps, 'worker', manifest('source = "c-http.wasm"', `path = "/echo"\nbatch = ${batch}\nconcurrency = ${concurrency}`), guest('c-http/c-http.wasm'));
    const warm = await start(apps, '--cache', join(work, 'cache')); // makes table and group, compiles
    await pause(1500);
    const stopped = new Promise(done => warm.child.on('exit', done));
    warm.child.kill('SIGTERM');
    await stopped;
    store.fill();
    const all = store.left();
    const server = await start(apps, '--cache', join(work, 'cache'));
    let begin, left = all;
    while ((left = store.left()) > 0) {
      if (!begin && left < all) begin = { time: performance.now(), left };
      await pause(20);
    }
    const seconds = (performance.now() - begin.time) / 1000;
    console.log(`${backend}, batch ${batch}, concurrency ${concurrency}: ${Math.round(begin.left / seconds)} messages/s (${begin.left} in ${seconds.toFixed(2)} s), ${store.dead()} dead letters`);
    const end = new Promise(done => server.child.on('exit', done));
    server.child.kill('SIGTERM');
    await end;
  }
}

async function kill() {
  // The witness: outlives all, counts each number.
  const recorded = new Uint16Array(count);
  const recorder = http.createServer((request, response) => {
    let text = '';
    request.on('data', d => text += d);
    request.on('end', () => {
      for (const message of JSON.parse(text).messages) recorded[JSON.parse(message.body).n]++;
      response.end('ok');
    });
  });
  await new Promise(done => recorder.listen(0, '127.0.0.1', done));
  const witness = `127.0.0.1:${recorder.address().port}`;
  app(apps, 'worker', manifest(`source = "rust-proxy.wasm"\nallow-hosts = ["http://127.0.0.1:*"]`, `path = "/${witness}/record"\nbatch = 50\nconcurrency = 4\nattempts = 1000\nbackoff = "100ms"\nmax-backoff = "1s"`), guest('rust-proxy/rust-proxy.wasm'));

  let server = await start(apps, '--cache', join(work, 'cache'));
  let acknowledged = 0, again = 0, next = 0, sending = true;
  const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });
  const post = i => new Promise(done => {
    const request = http.request({ port: server.port, host: '127.0.0.1', method: 'POST', path: '/_windhover/api/topics/numbers', agent, headers: { 'windhover-admin': '1' }, timeout: 10000 }, answer => {
      answer.resume();
      answer.on('end', () => done(answer.statusCode >= 200 && answer.statusCode < 300));
      answer.on('error', () => done(false));
    });
    request.on('error', () => done(false));
    request.on('timeout', () => request.destroy());
    request.end(body(i));
  });
  const producers = Array.from({ length: 32 }, async () => {
    while (next < count) {
      const i = next++;
      while (!await post(i)) {
        again++;
        await pause(50);
      }
      acknowledged++;
    }
  });
  const sent = Promise.all(producers).then(() => { sending = false; });

  const kills = { server: 0, backend: 0 };
  const killer = (async () => {
    for (let turn = 0; sending || turn < 12; turn++) {
      await pause(500 + Math.random() * 2500);
      if (turn % 2 === 0) {
        const ended = new Promise(done => server.child.on('exit', done));
        server.child.kill('SIGKILL');
        await ended;
        kills.server++;
        await pause(Math.random() * 500);
        server = await start(apps, '--cache', join(work, 'cache'));
      } else {
        await store.kill();
        kills.backend++;
        await pause(Math.random() * 1000);
        await store.start();
      }
    }
  })();
  await sent;
  console.log(`${acknowledged} messages acknowledged, ${again} sends failed and were made again`);
  await killer;
  for (let waited = 0; store.left() > 0; waited++) {
    if (waited > 600) throw new Error(`${store.left()} messages are left after a minute: ${server.log.slice(-3000)}`);
    await pause(100);
  }
  const lost = recorded.reduce((sum, n) => sum + (n === 0), 0);
  const twice = recorded.reduce((sum, n) => sum + Math.max(0, n - 1), 0);
  console.log(`${backend}: ${kills.server} kills of the server, ${kills.backend} of the backend; ${count - lost} of ${count} recorded, ${lost} lost, ${twice} recorded again, ${store.dead()} dead letters`);
  process.exitCode = lost === 0 ? 0 : 1;
}

await (mode === 'kill' ? kill() : rate());
process.exit(); // what still listens ends with it
