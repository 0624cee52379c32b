// Measures what depends on the machine, which has no budget: the table of docs/performance.md, in three minutes. Linux only.
//
//     make measure

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { cpus, release } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium } from '@playwright/test';
import { createDatabase } from './postgres.mjs';
import { start } from './server.mjs';
import { TodoSite } from './todo-site.mjs';

const PORT = 3111;
const ROUNDS = 3;
/** Of each load. */
const SECONDS = 3;
/** As in production, except for the limits. */
const SETTINGS = { RATE_LIMITS: 'off', RUST_LOG: 'info', MAX_TODOS: '10000000' };
const FORM = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin', accept: 'application/json' };
const SCRIPT = fileURLToPath(new URL('wrk.lua', import.meta.url));

const git = await run('git', ['describe', '--always', '--dirty']);
console.log(`Commit ${git}, ${new Date().toISOString().slice(0, 10)}, ${cpus().length} x ${cpus()[0].model}, Linux ${release()}\n`);
console.log('| | |\n|---|---|');
await measureLoads();
await measureFirstLoad();
await measureLongList();
await measureWrites('SQLite', {});
const database = process.env.TEST_POSTGRES_URL && (await createDatabase(process.env.TEST_POSTGRES_URL));
if (database) await measureWrites('Postgres', { DATABASE_URL: database.url });
else print('creates on Postgres', 'not measured: there is none');
await database?.drop();

/** Medians of rounds, each on a server and a database of its own. */
async function measureLoads() {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await withServer({}, measureRound));
  for (const name of rounds[0].loads.keys()) {
    const of = (value) => median(rounds.map(({ loads }) => loads.get(name)[value]));
    print(name, `${count(of('rate'))}/s, ${of('cpu').toFixed(3)} ms CPU, 99th percentile ${of('p99').toFixed(1)} ms`);
  }
  const of = (value) => median(rounds.map((round) => round[value]));
  print('memory, idle and after these loads', `${of('idle').toFixed(0)} and ${of('loaded').toFixed(0)} MiB`);
  print('start, until ready', `${of('startTime').toFixed(0)} ms`);
}

async function measureRound(server, startTime) {
  await sleep(2_000);
  const idle = await memory(server, 'VmRSS');
  const [reader, writer] = [await TodoSite.withTodos(server.origin, 100), await TodoSite.withTodos(server.origin, 0)];
  const cookie = (site) => ({ cookie: site.cookie });
  const token = await reader.token();
  const loads = new Map();
  for (const [name, path, options] of [
    // A first load, for pools and caches.
    ['', '/todos', { seconds: 1, headers: cookie(reader) }],
    ['W1 sign-in', '/bff/sign_in', { clients: 4, headers: FORM, body: new URLSearchParams(reader.account) }],
    ['W2 page of 100 todos', '/todos', { headers: cookie(reader) }],
    ['W2 with gzip', '/todos', { headers: { ...cookie(reader), 'accept-encoding': 'gzip' } }],
    ['W3 API list of 100', '/api/v1/todos', { tokens: [token] }],
    ['W4 create through the BFF', '/bff/add_todo', { headers: { ...FORM, ...cookie(writer) }, body: 'title=One+more+todo' }],
    ['W5 create by API', '/api/v1/todos', { tokens: [await writer.token()], body: '{"title":"One more todo"}' }],
    ['W6 401', '/api/v1/todos', { tokens: [`${token}x`], isRefused: true }],
    ['S1 sign-in page', '/sign-in', {}],
    ['S2 /livez', '/livez', {}],
  ]) {
    loads.set(name, await load(server, path, options));
  }
  loads.delete('');
  await sleep(2_000);
  return { startTime, idle, loads, loaded: await memory(server, 'VmRSS') };
}

/** Bytes of a first load, and when it works. */
async function measureFirstLoad() {
  await withServer({}, async (server) => {
    const site = await TodoSite.withTodos(server.origin, 100);
    const { bytes, awake, awakeSlow } = await firstLoad(site, 5);
    print('first load of 100 todos', `${kb(bytes)}; a click works after ${awake} ms, or ${awakeSlow} with a CPU four times slower`);
    print('input latency, 100 todos, CPU four times slower', await inputLatency(site));
  });
}

async function measureLongList() {
  await withServer({}, async (server) => {
    print('memory of the tab, 1,000 todos', await tabMemory(await TodoSite.withTodos(server.origin, 1_000)));
    const site = await TodoSite.withTodos(server.origin, 10_000);
    print('memory of the tab, 10,000 todos', await tabMemory(site));
    const before = await memory(server, 'VmHWM');
    const { bytes, awake, awakeSlow } = await firstLoad(site, 3);
    print('first load of 10,000 todos', `${kb(bytes)}; a click works after ${awake} ms, or ${awakeSlow} with a CPU four times slower`);
    print('input latency, 10,000 todos, CPU four times slower', await inputLatency(site));
    const { rate } = await load(server, '/todos', { clients: 16, headers: { cookie: site.cookie } });
    const peak = await memory(server, 'VmHWM');
    print('16 such pages at once', `${count(rate)}/s, peak memory ${before.toFixed(0)} MiB before and ${peak.toFixed(0)} after`);
  });
}

/** Each client with its own account, because Postgres serialises the writes of one. */
async function measureWrites(name, settings) {
  await withServer(settings, async (server) => {
    const tokens = [];
    for (let n = 0; n < 64; n += 1) tokens.push(await (await TodoSite.withTodos(server.origin, 0)).token());
    const cells = [];
    for (const clients of [1, 8, 64]) {
      const options = { clients, seconds: 2, tokens: tokens.slice(0, clients), body: '{"title":"x"}' };
      const { rate, p99 } = await load(server, '/api/v1/todos', options);
      cells.push(`${count(rate)} (${p99.toFixed(1)} ms)`);
    }
    print(`creates a second on ${name} by 1, 8 and 64 clients (99th percentile)`, cells.join(', '));
  });
}

async function withServer(settings, work) {
  const begun = performance.now();
  const server = await start(PORT, { ...SETTINGS, ...settings }, true);
  try {
    return await work(server, performance.now() - begun);
  } finally {
    await server.stop();
  }
}

/** Requests a second, the server's CPU for one, and the latency, in milliseconds. */
async function load(server, path, { clients = 32, seconds = SECONDS, headers = {}, tokens = [], body, isRefused = false }) {
  const lines = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const env = { ...process.env, TOKENS: tokens.join(' '), METHOD: body ? 'POST' : 'GET', ...(body && { BODY: `${body}` }) };
  const before = await cpu(server);
  const options = ['-t', `${Math.min(2, clients)}`, '-c', `${clients}`, '-d', `${seconds}s`, '--timeout', '10s', '-s', SCRIPT];
  const output = await run('wrk', [...options, ...lines, server.origin + path], { env });
  const spent = (await cpu(server)) - before;
  const { requests, duration, p99, refused, broken } = JSON.parse(output.split('\n').at(-1));
  if (broken > 0 || refused !== (isRefused ? requests : 0)) throw new Error(`${path}: ${refused} refused and ${broken} broken of ${requests}`);
  return { rate: requests / duration, cpu: (spent / requests) * 1000, p99 };
}

/** Seconds of CPU used by the server (proc(5): utime and stime, in ticks of 10 ms). */
async function cpu({ pid }) {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** In MiB: VmRSS, or VmHWM, its peak. */
async function memory({ pid }, name) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${name}:\\s*(\\d+)`).exec(status)[1]) / 1024;
}

/** The median of so many loads with an empty cache, at full speed and with a CPU four times slower. */
async function firstLoad(site, loads) {
  const awake = { 1: [], 4: [] };
  let bytes;
  for (const rate of [1, 4]) {
    for (let n = 0; n < loads; n += 1) {
      await withPage(site, rate, async (page, devtools) => {
        bytes = 0;
        await devtools.send('Network.enable');
        devtools.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
        await page.addInitScript(clickUntilItWorks);
        await page.goto('/todos');
        await page.waitForFunction(() => globalThis.awake);
        awake[rate].push(await page.evaluate(() => globalThis.awake));
        await page.waitForLoadState('networkidle');
      });
    }
  }
  return { bytes, awake: median(awake[1]).toFixed(0), awakeSlow: median(awake[4]).toFixed(0) };
}

/** Runs in the browser: the time when a click on the first todo has its effect. */
function clickUntilItWorks() {
  const item = () => document.querySelector('.todo-list li');
  const click = () => {
    const before = item()?.className;
    item()?.querySelector('.toggle')?.click();
    setTimeout(() => {
      if (before !== undefined && item().className !== before) globalThis.awake = performance.now();
      else click();
    }, 1);
  };
  click();
}

/** After hydration and a garbage collection. */
async function tabMemory(site) {
  return withPage(site, 1, async (page, devtools) => {
    await page.addInitScript(() => {
      const { instantiateStreaming } = WebAssembly;
      WebAssembly.instantiateStreaming = async (...source) => {
        const made = await instantiateStreaming.apply(WebAssembly, source);
        globalThis.wasm = made.instance;
        return made;
      };
    });
    await page.goto('/todos');
    await page.locator('html[data-hydrated]').waitFor();
    await devtools.send('HeapProfiler.collectGarbage');
    const { usedSize } = await devtools.send('Runtime.getHeapUsage');
    const { nodes } = await devtools.send('Memory.getDOMCounters');
    const wasm = await page.evaluate(() => globalThis.wasm.exports.memory.buffer.byteLength);
    return `WASM ${kb(wasm)}, JavaScript ${kb(usedSize)}, ${count(nodes)} DOM nodes`;
  });
}

/** From a key to the frame after the one that shows its effect. */
async function inputLatency(site) {
  return withPage(site, 4, async (page) => {
    await page.goto('/todos');
    await page.locator('html[data-hydrated]').waitFor();
    await page.evaluate(() => {
      globalThis.measured = [];
      addEventListener('keydown', (key) => {
        const begun = key.timeStamp;
        requestAnimationFrame(() => setTimeout(() => globalThis.measured.push(performance.now() - begun)));
      }, true);
    });
    const take = async (what) => {
      await page.waitForTimeout(500);
      const all = await page.evaluate(() => globalThis.measured.splice(0));
      return `${what} ${median(all).toFixed(0)} ms, ${Math.max(...all).toFixed(0)} at most`;
    };
    for (let round = 0; round < 9; round += 1) {
      await page.locator('.new-todo').fill(`Added ${round}`);
      await page.locator('.new-todo').press('Enter');
      await page.waitForTimeout(300);
    }
    const adding = await take('adding one');
    await page.locator('.todo-list label').first().dblclick();
    await page.locator('.edit').pressSequentially(' typed in the middle of it all', { delay: 30 });
    return `${adding}; ${await take('a key in an edit box')}`;
  });
}

/** Calls `work` with a page of a new browser whose CPU is so many times slower. */
async function withPage(site, rate, work) {
  const executablePath = process.env.CHROMIUM_PATH ?? ['/usr/bin/chromium'].find(existsSync);
  const browser = await chromium.launch({ ...(executablePath && { executablePath }), args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const context = await browser.newContext({ baseURL: site.origin });
    const [name, value] = site.cookie.split(/=(.*)/s);
    await context.addCookies([{ name, value, domain: '127.0.0.1', path: '/', httpOnly: true, secure: true, sameSite: 'Strict' }]);
    const page = await context.newPage();
    page.setDefaultTimeout(120_000);
    const devtools = await context.newCDPSession(page);
    await devtools.send('Emulation.setCPUThrottlingRate', { rate });
    return await work(page, devtools);
  } finally {
    await browser.close();
  }
}

/** The standard output of a program. */
async function run(program, args, options) {
  return (await promisify(execFile)(program, args, options)).stdout.trim();
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function print(name, value) {
  console.log(`| ${name} | ${value} |`);
}

function count(number) {
  return Math.round(number).toLocaleString('en');
}

function kb(bytes) {
  return `${(bytes / 1000).toFixed(1)} KB`;
}
