// Measures the servers that run.sh names, in interleaved rounds. Usage: node measure.mjs CONFIG.json
//
//   round 1   kestrel · windhover · node · …      each for `seconds`, the others idle
//   round 2   windhover · node · … · kestrel      each round begins one further
//
// Per turn: requests per second as wrk counts them, CPU of the server (utime + stime of /proc/PID/stat) per request, resident memory after it.
// Printed are the medians of the rounds, and their ratio to the first server of the group.
import { spawn, execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import http from 'node:http';

const run = promisify(execFile);
const config = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const ticksPerSecond = Number((await run('getconf', ['CLK_TCK'])).stdout);
const agent = new http.Agent({ keepAlive: false });

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function get(url) {
  return new Promise((resolve, reject) => {
    http.get(url, { agent }, (response) => {
      response.resume();
      response.on('end', () => (response.statusCode === 200 ? resolve() : reject(new Error(`${url} answers ${response.statusCode}`))));
      response.on('error', reject);
    }).on('error', reject);
  });
}

/** The process and its children: some peers serve from one. */
function family(pid) {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number));
  return [pid, ...children.flatMap(family)];
}

/** CPU time in µs and resident memory in MiB, children included. */
function usage(pid) {
  let cpu = 0, resident = 0;
  for (const one of family(pid)) {
    const fields = readFileSync(`/proc/${one}/stat`, 'utf8').split(') ')[1].split(' ');
    cpu += ((Number(fields[11]) + Number(fields[12])) * 1e6) / ticksPerSecond;
    resident += Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${one}/status`, 'utf8'))[1]) / 1024;
  }
  return { cpu, resident };
}

/** Starts a server; returns it with the milliseconds until its first response. */
async function start(server) {
  const began = performance.now();
  const child = spawn(server.command[0], server.command.slice(1), { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (data) => (errors = (errors + data).slice(-2000)));
  for (;;) {
    try {
      await get(server.url);
      return { child, ms: performance.now() - began };
    } catch (error) {
      if (child.exitCode !== null || performance.now() - began > 120_000) {
        child.kill('SIGKILL');
        throw new Error(`${server.name} does not serve: ${error.message}\n${errors}`);
      }
      await pause(2);
    }
  }
}

async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const others = family(child.pid).slice(1); // a child outlives its parent unless it is told too
  child.kill('SIGTERM');
  if (await Promise.race([ended, pause(5000).then(() => 'late')]) === 'late') child.kill('SIGKILL');
  for (const pid of others) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended with its parent.
    }
  }
}

async function load(server, seconds, connections) {
  const before = usage(server.pid);
  const { stdout } = await run('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', server.url], { maxBuffer: 1 << 20 });
  const after = usage(server.pid);
  const requests = Number(/(\d+) requests in/.exec(stdout)[1]);
  const failures = Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0);
  return {
    rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)[1]),
    cpu: (after.cpu - before.cpu) / Math.max(1, requests),
    resident: after.resident,
    failures,
  };
}

async function throughput(group) {
  for (const server of group.servers) {
    const { child } = await start(server);
    Object.assign(server, { child, pid: child.pid, turns: [] });
  }
  try {
    for (const server of group.servers) await load(server, config.warmup, group.connections);
    for (let round = 0; round < config.rounds; round++) {
      for (let i = 0; i < group.servers.length; i++) {
        const server = group.servers[(i + round) % group.servers.length];
        server.turns.push(await load(server, config.seconds, group.connections));
      }
    }
  } finally {
    for (const { child } of group.servers) if (child) await stop(child);
  }
  console.log(`\n### ${group.title}\n\n${config.rounds} rounds of ${config.seconds} s, ${group.connections} connections, one thread of wrk\n`);
  console.log('| server | req/s | ratio | CPU µs per request | ratio | RSS MiB | not 2xx |\n| --- | --- | --- | --- | --- | --- | --- |');
  const figure = (server, key) => median(server.turns.map((turn) => turn[key]));
  const [first] = group.servers;
  for (const server of group.servers) {
    const rate = figure(server, 'rate'), cpu = figure(server, 'cpu');
    const failures = server.turns.reduce((sum, turn) => sum + turn.failures, 0);
    console.log(`| ${server.name} | ${rate.toFixed(rate < 100 ? 1 : 0)} | ${(rate / figure(first, 'rate')).toFixed(2)} | ${cpu.toFixed(1)} | ${(cpu / figure(first, 'cpu')).toFixed(2)} | ${figure(server, 'resident').toFixed(0)} | ${failures} |`);
  }
}

/** Posts `bytes` from a file to both and counts what comes back. */
async function echo(group) {
  for (const server of group.servers) {
    const { child } = await start(server);
    Object.assign(server, { child, pid: child.pid });
  }
  console.log(`\n### ${group.title}\n\n| body | server | MB/s, median of ${group.rounds} | ratio | RSS before → after, MiB |\n| --- | --- | --- | --- | --- |`);
  try {
    for (const body of group.bodies) {
      for (const server of group.servers) Object.assign(server, { speeds: [], before: usage(server.pid).resident });
      for (let round = 0; round < group.rounds; round++) {
        for (const server of group.servers) {
          const { stdout } = await run('curl', ['-sS', '-X', 'POST', '-H', 'Expect:', '-H', 'Content-Type: application/octet-stream', '-T', body.file, '-o', '/dev/null', '-w', '%{size_download} %{time_total}', server.echo]);
          const [size, seconds] = stdout.split(' ').map(Number);
          if (size !== body.bytes) throw new Error(`${server.name} gave back ${size} of ${body.bytes} bytes`);
          server.speeds.push(size / seconds / 1e6);
        }
      }
      for (const server of group.servers) {
        const speed = median(server.speeds);
        console.log(`| ${body.name} | ${server.name} | ${speed.toFixed(0)} | ${(speed / median(group.servers[0].speeds)).toFixed(2)} | ${server.before.toFixed(0)} → ${usage(server.pid).resident.toFixed(0)} |`);
      }
    }
  } finally {
    for (const { child } of group.servers) if (child) await stop(child);
  }
}

/** Process start to first response; the compile cache is warm after the first, which is not counted. */
async function starts(group) {
  for (const server of group.servers) server.times = [];
  for (let round = 0; round <= group.rounds; round++) {
    for (const server of group.servers) {
      const { child, ms } = await start(server);
      await stop(child);
      if (round > 0) server.times.push(ms);
    }
  }
  console.log(`\n### ${group.title}\n\n| server | ms, median of ${group.rounds} | ratio |\n| --- | --- | --- |`);
  for (const server of group.servers) {
    console.log(`| ${server.name} | ${median(server.times).toFixed(0)} | ${(median(server.times) / median(group.servers[0].times)).toFixed(2)} |`);
  }
}

const kinds = { throughput, echo, starts };
for (const group of config.groups) {
  try {
    await kinds[group.kind](group);
  } catch (error) {
    console.log(`\n### ${group.title}\n\nnot measured: ${error.message}`);
    process.exitCode = 1;
  }
}
process.exit();
