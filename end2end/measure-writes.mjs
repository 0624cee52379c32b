// Measures the todos created per second by 1, 8 and 64 clients, which send one after another, on SQLite and, if available, on
// Postgres on the same disk. Prints a table.
//
//     make measure

import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { createDatabase } from './postgres.mjs';
import { start } from './server.mjs';
import { TodoSite } from './todo-site.mjs';

const CLIENTS = [1, 8, 64];
const SECONDS = 5;

console.log(`created per second by ${CLIENTS.join(', ')} clients, with the 99th percentile of the latency`);
await measure('SQLite', {});
if (process.env.TEST_POSTGRES_URL) {
  const database = await createDatabase(process.env.TEST_POSTGRES_URL);
  await measure('Postgres', { DATABASE_URL: database.url });
  await database.drop();
} else {
  console.log('Postgres: NOT MEASURED, it is not available');
}

async function measure(name, settings) {
  const server = await start(3112, { RATE_LIMITS: 'off', ...settings });
  try {
    const cells = [];
    for (const clients of CLIENTS) {
      const sites = [];
      for (let client = 0; client < clients; client += 1) sites.push(await TodoSite.withTodos(server.origin, 0));
      const tokens = await Promise.all(sites.map((site) => site.token()));
      const agent = new Agent({ keepAlive: true, maxSockets: clients });
      const end = performance.now() + SECONDS * 1000;
      const times = (await Promise.all(tokens.map((token) => createUntil(end, server.origin, token, agent)))).flat().sort((a, b) => a - b);
      agent.destroy();
      cells.push(`${Math.round(times.length / SECONDS)} (${times[Math.floor(times.length * 0.99)].toFixed(1)} ms)`);
    }
    console.log(`${name}: ${cells.join(', ')}`);
  } finally {
    await server.stop();
  }
}

/** The latency of each in milliseconds. */
async function createUntil(end, origin, token, agent) {
  const times = [];
  while (performance.now() < end) {
    const begun = performance.now();
    await create(origin, token, agent);
    times.push(performance.now() - begun);
  }
  return times;
}

function create(origin, token, agent) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'if-none-match': '*' };
  return new Promise((resolve, reject) => {
    request(`${origin}/api/v1/todos/${randomUUID()}`, { method: 'PUT', agent, headers }, (answer) => {
      answer.resume().on('end', () => (answer.statusCode === 201 ? resolve() : reject(new Error(`PUT answered ${answer.statusCode}`))));
    }).on('error', reject).end('{"title":"measured"}');
  });
}
