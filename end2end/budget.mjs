// Checks the size of each page with all its assets, on a first visit, against a budget. KB are 1000 bytes of compressed bodies.
// Also checks that no asset contains server code or paths of the build machine.

import { get } from 'node:http';
import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { start } from './server.mjs';
import { TodoSite } from './todo-site.mjs';

const PAGES = [
  { path: '/sign-in', budget: 8_700, island: false },
  { path: '/sign-up', budget: 8_700, island: false },
  // 3.6 KB are the names of the time zones.
  { path: '/account', budget: 13_600, island: false, of: 'todos' },
  { path: '/account/delete', budget: 9_000, island: false, of: 'todos' },
  { path: '/todos', budget: 100_200, island: true, of: 'todos', row: /class="destroy[ "]/g },
  { path: '/todos/several', budget: 8_400, island: false, of: 'todos' },
  { path: '/trash', budget: 11_100, island: false, of: 'trash', row: /aria-label="Restore: /g },
  { path: '/trash/empty', budget: 8_400, island: false, of: 'trash' },
];
/** HTML and CSS of any page, which block the first paint. */
const FIRST_VIEW = 17_000;
/** Script of a page without an island: the button that shows a password. */
const SMALL_SCRIPT = 1_000;
const COLUMNS = ['HTML', 'CSS', 'JS', 'WASM', 'other'];
const TODOS = 100;
/** Strings of the server's code, and home folders. */
const INSIDE = ['argon2', 'sqlx', 'jsonwebtoken', 'password_hash', 'token_epoch', 'JWT_SECRET', 'DATABASE_URL', 'select id', '/home/', '/Users/'];
const HERE = [`${homedir()}/`, fileURLToPath(new URL('..', import.meta.url)), process.env.CARGO_HOME].filter((path) => path?.length > 1);

const faults = [];
let server;
try {
  server = await start(3108);
  // One user with todos, and one with as many in the trash.
  const [todos, trash] = [await TodoSite.withTodos(server.origin, TODOS), await TodoSite.withTodos(server.origin, TODOS)];
  for (const form of ['complete_todos', 'clear_completed']) await trash.post(`/bff/${form}`, {});
  const headers = { todos: { cookie: todos.cookie }, trash: { cookie: trash.cookie } };
  const measured = [];
  for (const page of PAGES) measured.push({ ...page, ...(await measure(page, headers[page.of] ?? {})) });
  print(measured);
} catch (error) {
  faults.push(`${error.message}.`);
} finally {
  await server?.stop();
}
for (const fault of faults) console.error(`budget: ${fault}`);
process.exitCode = faults.length > 0 ? 1 : 0;

/** The bytes of a page by type; records faults. */
async function measure({ path, island, budget, row }, headers) {
  const page = await load(path, headers);
  const bytes = Object.fromEntries(COLUMNS.map((column) => [column, 0]));
  bytes.HTML = page.body.length;
  const html = brotliDecompressSync(page.body).toString();
  const assets = assetsOf(html);
  for (const asset of assets) {
    const { body, caching } = await load(asset, {});
    bytes[kindOf(asset)] += body.length;
    const content = brotliDecompressSync(body).toString('latin1');
    for (const inside of [...INSIDE, ...HERE]) if (content.includes(inside)) faults.push(`${asset} has "${inside}" in it.`);
    if (asset.startsWith('/pkg/') && !caching.includes('immutable')) faults.push(`${asset} is not cached for good: ${caching || 'no Cache-Control'}.`);
  }
  const total = COLUMNS.reduce((sum, column) => sum + bytes[column], 0);

  if (total > budget) faults.push(`${path} has ${kb(total)} KB, ${kb(total - budget)} KB over its budget of ${kb(budget)} KB.`);
  const first = bytes.HTML + bytes.CSS;
  if (first > FIRST_VIEW) faults.push(`${path} has ${kb(first)} KB of HTML and CSS, ${kb(first - FIRST_VIEW)} KB over the ${kb(FIRST_VIEW)} KB of a first view.`);
  if (bytes.CSS < 100) faults.push(`${path} has no style.`);
  if (island && !(bytes.JS && bytes.WASM)) faults.push(`${path} references no script or no WASM that this check can find.`);
  if (!island && bytes.WASM) faults.push(`${path} loads WASM, and should not.`);
  if (!island && bytes.JS > SMALL_SCRIPT) faults.push(`${path} loads ${kb(bytes.JS)} KB of script, more than ${kb(SMALL_SCRIPT)} KB.`);
  if (row && html.match(row)?.length !== TODOS) faults.push(`${path} does not show ${TODOS} todos.`);
  return { bytes, total };
}

/** The URLs that a browser loads for this HTML, all of them on this server. */
function assetsOf(html) {
  const tags = html.match(/<(?:link|script)\b[^>]*>/g) ?? [];
  const urls = tags.map((tag) => /\b(?:href|src)="([^"]+)"/.exec(tag)?.[1]).filter((url) => url !== undefined);
  return [...new Set(urls)];
}

function kindOf(asset) {
  const ending = asset.slice(asset.lastIndexOf('.') + 1);
  return { css: 'CSS', js: 'JS', wasm: 'WASM' }[ending] ?? 'other';
}

/** Avoids fetch, which decompresses. */
async function load(path, headers) {
  const answer = await new Promise((resolve, reject) => {
    get(server.origin + path, { agent: false, headers: { 'accept-encoding': 'br', ...headers } }, resolve).on('error', reject);
  });
  const body = Buffer.concat(await answer.toArray());
  if (answer.statusCode !== 200) throw new Error(`${path} answered ${answer.statusCode}`);
  if (answer.headers['content-encoding'] !== 'br') throw new Error(`${path} is not compressed with brotli`);
  return { body, caching: answer.headers['cache-control'] ?? '' };
}

function print(pages) {
  const rows = pages.map(({ path, bytes, total, budget }) => [
    path,
    ...COLUMNS.map((column) => kb(bytes[column])),
    kb(total),
    kb(budget),
  ]);
  console.log('KB, compressed');
  for (const [page, ...cells] of [['page', ...COLUMNS, 'total', 'budget'], ...rows]) {
    console.log(page.padEnd(16) + cells.map((cell) => ` ${cell}`.padStart(8)).join(''));
  }
}

function kb(bytes) {
  return (bytes / 1000).toFixed(1);
}
