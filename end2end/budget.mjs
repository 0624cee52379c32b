// Counts the bytes of each page as a first visitor gets them, with everything that it loads, and fails when they are more
// than the budget. KB are 1000 bytes, of bodies as sent, that is: compressed.

import { get } from 'node:http';
import { brotliDecompressSync } from 'node:zlib';
import { start } from './server.mjs';
import { TodoSite } from './todo-site.mjs';

const PAGES = [
  { path: '/sign-in', budget: 12_000, scripts: false },
  { path: '/sign-up', budget: 12_000, scripts: false },
  { path: '/todos', budget: 130_000, aim: 100_000, scripts: true, of: 'todos', row: /class="destroy[ "]/g },
  { path: '/trash', budget: 12_000, scripts: false, of: 'trash', row: /aria-label="Restore: /g },
  { path: '/trash/empty', budget: 12_000, scripts: false, of: 'trash' },
];
/** HTML and CSS of any page: what it takes until there is something to read. */
const FIRST_VIEW = 20_000;
const COLUMNS = ['HTML', 'CSS', 'JS', 'WASM', 'other'];
const TODOS = 20;

const faults = [];
let server;
try {
  server = await start(3108);
  // Somebody with todos, and somebody who has deleted as many.
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

/** The bytes of a page by kind, and whatever is wrong with it. */
async function measure({ path, scripts, budget, row }, headers) {
  const page = await load(path, headers);
  const bytes = Object.fromEntries(COLUMNS.map((column) => [column, 0]));
  bytes.HTML = page.body.length;
  const html = brotliDecompressSync(page.body).toString();
  const assets = assetsOf(html);
  for (const asset of assets) {
    const { body, caching } = await load(asset, {});
    bytes[kindOf(asset)] += body.length;
    if (asset.startsWith('/pkg/') && !caching.includes('immutable')) faults.push(`${asset} is not cached for good: ${caching || 'no Cache-Control'}.`);
  }
  const total = COLUMNS.reduce((sum, column) => sum + bytes[column], 0);

  if (total > budget) faults.push(`${path} has ${kb(total)} KB, ${kb(total - budget)} KB over its budget of ${kb(budget)} KB.`);
  const first = bytes.HTML + bytes.CSS;
  if (first > FIRST_VIEW) faults.push(`${path} has ${kb(first)} KB of HTML and CSS, ${kb(first - FIRST_VIEW)} KB over the ${kb(FIRST_VIEW)} KB of a first view.`);
  if (bytes.CSS < 100) faults.push(`${path} has no style.`);
  if (scripts && !(bytes.JS && bytes.WASM)) faults.push(`${path} names no script or no WASM: this script no longer finds them.`);
  if (!scripts && (bytes.JS || bytes.WASM)) faults.push(`${path} loads a script or WASM, and should not.`);
  if (row && html.match(row)?.length !== TODOS) faults.push(`${path} does not show ${TODOS} todos.`);
  return { bytes, total };
}

/** What a browser fetches for this HTML; none of it has another server's name. */
function assetsOf(html) {
  const tags = html.match(/<(?:link|script)\b[^>]*>/g) ?? [];
  const urls = tags.map((tag) => /\b(?:href|src)="([^"]+)"/.exec(tag)?.[1]).filter((url) => url !== undefined);
  return [...new Set(urls)];
}

function kindOf(asset) {
  const ending = asset.slice(asset.lastIndexOf('.') + 1);
  return { css: 'CSS', js: 'JS', wasm: 'WASM' }[ending] ?? 'other';
}

/** Not by fetch, which decompresses. */
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
  const rows = pages.map(({ path, bytes, total, budget, aim }) => [
    path,
    ...COLUMNS.map((column) => kb(bytes[column])),
    kb(total),
    kb(budget),
    aim ? `(aim ${kb(aim)})` : '',
  ]);
  console.log('KB, compressed');
  for (const [page, ...cells] of [['page', ...COLUMNS, 'total', 'budget'], ...rows]) {
    console.log(page.padEnd(12) + cells.map((cell) => ` ${cell}`.padStart(8)).join(''));
  }
}

function kb(bytes) {
  return (bytes / 1000).toFixed(1);
}
