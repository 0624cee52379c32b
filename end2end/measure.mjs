// Measures machine-dependent values, which have no budget: the server's CPU for a page, and the input latency with many todos on a
// slow device. Prints a table.
//
//     make measure

import { readFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { brotliCompressSync } from 'node:zlib';
import { chromium } from '@playwright/test';
import { start } from './server.mjs';
import { TodoSite } from './todo-site.mjs';

const server = await start(3111, { RATE_LIMITS: 'off' });
try {
  for (const todos of [0, 100]) await measurePages(todos, 2_000);
  for (const todos of [10, 1_000]) await measureBrowser(todos);
} finally {
  await server.stop();
}

/** The server's CPU for one page, and for the API response within it; the difference is mainly rendering. */
async function measurePages(todos, requests) {
  const site = await TodoSite.withTodos(server.origin, todos);
  const page = await cpuOf(requests, '/todos', { cookie: site.cookie });
  const list = await cpuOf(requests, '/api/v1/todos?limit=200', { authorization: `Bearer ${await site.token()}` });
  console.log(`with ${todos} todos: ${page.toFixed(2)} ms of CPU for a page, ${list.toFixed(2)} for the API's list of them`);
}

/** Milliseconds of CPU per request, in sequence over one connection, without compression. */
async function cpuOf(requests, path, headers) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const load = () => new Promise((resolve, reject) => {
    get(server.origin + path, { agent, headers }, (answer) => {
      answer.resume().on('end', () => (answer.statusCode === 200 ? resolve() : reject(new Error(`${path} answered ${answer.statusCode}`))));
    }).on('error', reject);
  });
  for (let warm = 0; warm < requests / 10; warm += 1) await load();
  const before = await cpu();
  for (let request = 0; request < requests; request += 1) await load();
  const spent = (await cpu()) - before;
  agent.destroy();
  return (spent / requests) * 1000;
}

/** Seconds of CPU used by the server (proc(5): utime and stime, in ticks of 10 ms). */
async function cpu() {
  const stat = await readFile(`/proc/${server.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function measureBrowser(todos) {
  const site = await TodoSite.withTodos(server.origin, todos);
  const html = Buffer.from(await (await fetch(`${server.origin}/todos`, { headers: { cookie: site.cookie } })).arrayBuffer());
  console.log(`/todos with ${todos} todos: HTML ${(html.length / 1000).toFixed(0)} KB, ${(brotliCompressSync(html).length / 1000).toFixed(1)} KB compressed`);

  const executablePath = process.env.CHROMIUM_PATH ?? ['/usr/bin/chromium'].find(existsSync);
  const browser = await chromium.launch({ ...(executablePath && { executablePath }), args: ['--no-sandbox', '--disable-gpu'] });
  try {
    const context = await browser.newContext({ baseURL: server.origin });
    const [name, value] = site.cookie.split(/=(.*)/s);
    await context.addCookies([{ name, value, domain: '127.0.0.1', path: '/', httpOnly: true, secure: true, sameSite: 'Strict' }]);
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
    await page.goto('/todos');
    await page.locator('html[data-hydrated]').waitFor();
    await page.evaluate(() => {
      // From the key to the frame after the one that shows its effect.
      globalThis.measured = [];
      addEventListener('keydown', (key) => {
        const begun = key.timeStamp;
        requestAnimationFrame(() => setTimeout(() => globalThis.measured.push(performance.now() - begun)));
      }, true);
    });
    const take = async (what) => {
      await page.waitForTimeout(500);
      const all = await page.evaluate(() => globalThis.measured.splice(0));
      const [median, slowest] = [all.sort((a, b) => a - b)[Math.floor(all.length / 2)], all.at(-1)];
      console.log(`${what} with ${todos} todos, CPU 4 times slower: median ${median.toFixed(0)} ms, slowest ${slowest.toFixed(0)} ms of ${all.length}`);
    };
    for (let round = 0; round < 9; round += 1) {
      await page.locator('.new-todo').fill(`Added ${round}`);
      await page.locator('.new-todo').press('Enter');
      await page.waitForTimeout(300);
    }
    await take('adding one');
    await page.locator('.todo-list label').first().dblclick();
    await page.locator('.edit').pressSequentially(' typed in the middle of it all', { delay: 30 });
    await take('a key in an edit box');
  } finally {
    await browser.close();
  }
}
