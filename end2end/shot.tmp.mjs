import { chromium } from '@playwright/test';
import { start } from './server.mjs';
import { TodoSite } from './todo-site.mjs';
const out = process.argv[2] ?? '/tmp/shots';
const only = process.argv[3];
import { mkdirSync } from 'node:fs';
mkdirSync(out, { recursive: true });
const server = await start(3190);
try {
  const email = `dana${Date.now()}@example.org`, password = 'correct horse battery staple';
  const form = (o) => new URLSearchParams(o);
  const site = await TodoSite.withTodos(server.origin, 0);
  const cookie = site.cookie;
  const day = (n) => new Date(Date.now() + n * 86400000).toISOString().slice(0, 10);
  const todos = [
    ['Renew passport', { due: day(-2), important: true }],
    ['Call the dentist about the crown', { due: day(0), notes: 'Ask for a morning.' }],
    ['Pay the electricity bill, 84.20 € #home', { due: day(1), important: true, notes: 'Customer number 4471-20.\nThe old meter read 18 204. See https://example.org/bills/2026/november?x=1' }],
    ['Read https://www.theguardian.com/technology/2026/nov/20/self-hosted-apps-are-back before Monday', {}],
    ['Fix the leaking tap in the bathroom #home', { notes: 'x' }],
    ['Draft the Q4 roadmap e-mail to the whole team: mention the migration, the offsite in March, and ask Priya whether the audit can be shared #work', { due: day(4), notes: 'y' }],
    ['לקנות חלב, לחם וביצים', {}],
    ['Plant the tulip bulbs #garden', { due: day(9) }],
    ['Book the night train to Lisbon #lisbon', { due: '2027-01-15' }],
    ['Order a cake for Noor 🎂', { done: true }],
    ['Return the library books', { done: true, due: day(0) }],
  ];
  const ids = {};
  for (const [title, f] of todos) {
    const id = crypto.randomUUID();
    ids[title] = id;
    await site.post('/bff/add_todo', { id, title });
    const edit = { id };
    if (f.notes) Object.assign(edit, { notes: f.notes, seen_notes: (0xcbf29ce484222325n).toString() });
    if (f.due) Object.assign(edit, { due_on: f.due, seen_due_on: '' });
    if (f.important) edit.important = 'true';
    if (f.done) edit.completed = 'true';
    if (Object.keys(edit).length > 1) await site.post('/bff/edit_todo', edit);
  }
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
  let state;
  async function page(width, height, scheme, js = true, touch = false) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, javaScriptEnabled: js, hasTouch: touch, isMobile: touch, deviceScaleFactor: width < 500 ? 2 : 1 });
    const page = await context.newPage();
    if (state) await context.addCookies(state.cookies); else { await page.request.post(server.origin + '/bff/sign_in', { form: site.account, headers: { accept: 'text/html', 'sec-fetch-site': 'same-origin' }, maxRedirects: 0 }); state = await context.storageState(); }
    page.on('console', (m) => m.type() === 'error' && console.log('console', m.text()));
    page.on('pageerror', (e) => console.log('pageerror', e.message));
    return page;
  }
  const ready = (p) => p.waitForSelector('html[data-hydrated]', { state: 'attached' });
  const shots = {
    async list() { for (const [w, h, s, t] of [[1280, 800, 'light'], [1280, 800, 'dark'], [360, 740, 'light', true], [360, 740, 'dark', true], [320, 640, 'light', true]]) { const p = await page(w, h, s, true, t); await p.goto(server.origin + '/todos'); await ready(p); await p.screenshot({ path: `${out}/list-${w}-${s}.png` }); } },
    async hover() { const p = await page(1280, 800, 'light'); await p.goto(server.origin + '/todos'); await ready(p); await p.hover('text=Renew passport'); await p.screenshot({ path: `${out}/hover-1280.png`, clip: { x: 240, y: 50, width: 800, height: 420 } }); await p.hover('text=Draft the Q4'); await p.screenshot({ path: `${out}/hover2-1280.png`, clip: { x: 240, y: 250, width: 800, height: 420 } }); },
    async editor() { for (const [w, h, s, t] of [[1280, 900, 'light'], [1280, 900, 'dark'], [360, 900, 'light', true], [360, 900, 'dark', true], [320, 900, 'light', true]]) { const p = await page(w, h, s, true, t); await p.goto(server.origin + '/todos'); await ready(p); if (t) await p.tap('li:has-text("electricity") .edit-link'); else await p.dblclick('li:has-text("electricity") label'); await p.waitForSelector('.notes:enabled'); await p.waitForTimeout(300); await p.screenshot({ path: `${out}/editor-${w}-${s}.png` }); } },
    async conflict() { for (const [w, h, s, t] of [[1280, 900, 'light'], [360, 900, 'dark', true]]) { const p = await page(w, h, s, true, t); await p.goto(server.origin + '/todos'); await ready(p); if (t) await p.tap('li:has-text("tulip") .edit-link'); else await p.dblclick('li:has-text("tulip") label'); await p.fill('.edit', 'Plant the tulip bulbs, 40 of them #garden ' + w); const before = await p.inputValue('[name=seen_title]'); await site.post('/bff/edit_todo', { id: ids['Plant the tulip bulbs #garden'], title: 'Plant the daffodils #garden ' + w, seen_title: before }); await p.keyboard.press('Enter'); await p.waitForSelector('.conflict'); await p.waitForTimeout(300); await p.screenshot({ path: `${out}/conflict-${w}-${s}.png` }); } },
    async nojs() { for (const [w, h, s] of [[1280, 900, 'light'], [360, 900, 'dark']]) { const p = await page(w, h, s, false); await p.goto(server.origin + '/todos?edit=' + ids['Pay the electricity bill, 84.20 € #home']); await p.screenshot({ path: `${out}/nojs-${w}-${s}.png` }); } },
    async toast() { const p = await page(360, 740, 'light', true, true); await p.goto(server.origin + '/todos'); await ready(p); await p.locator('.toggle').nth(3).tap(); await p.waitForTimeout(400); await p.screenshot({ path: `${out}/toast-360.png` }); await p.click('.undo'); },
    async account() { for (const [w, h, s] of [[1280, 1000, 'light'], [360, 1000, 'dark'], [1920, 1000, 'dark']]) { const p = await page(w, h, s); await p.goto(server.origin + '/account'); await p.screenshot({ path: `${out}/account-${w}-${s}.png`, fullPage: true }); } },
    async several() { for (const [w, h, s] of [[1280, 700, 'light'], [360, 700, 'dark']]) { const p = await page(w, h, s); await p.goto(server.origin + '/todos/several'); await p.screenshot({ path: `${out}/several-${w}-${s}.png` }); } },
    async forced() { const p = await page(1280, 900, 'light'); await p.emulateMedia({ forcedColors: 'active' }); await p.goto(server.origin + '/todos'); await ready(p); await p.dblclick('li:has-text("electricity") label'); await p.waitForTimeout(400); await p.screenshot({ path: `${out}/forced-1280.png` }); },
  };
  for (const [k, f] of Object.entries(shots)) if (!only || only.split(',').includes(k)) await f().catch((e) => console.log(k, e.message.split('\n')[0]));
  await browser.close();
} finally { await server.stop(); }
