// The contract of the document, as far as scripting keeps it: see dom-contract.spec.ts.

import { holdWasm } from '../pages/hold.ts';
import { TodoMvc } from '../pages/todomvc.ts';
import { test as base, expect } from './fixtures.ts';

const test = base.extend<{ todomvc: TodoMvc }>({
  todomvc: ({ user: { page }, scripting }, use) => use(new TodoMvc(page, scripting)),
});

test('contract 3: a double-click edits and ticks nothing', async ({ todomvc, user: { page, todos } }) => {
  await todos.add('read the post');
  const sent: string[] = [];
  page.on('request', (request) => sent.push(new URL(request.url()).pathname));
  await todomvc.labels.dblclick();
  await expect(todomvc.editor(0)).toBeFocused();
  await todomvc.editor(0).press('Escape');
  await todos.add('after that');
  await expect(todomvc.toggle(0)).not.toBeChecked();
  // The browser comes for the icon by itself, at its leisure.
  expect(sent.filter((path) => path !== '/favicon.svg')).toEqual(['/bff/add_todo']);
});

test('contract 4: the page makes the id of a todo, the server keeps it, and the row stays the same element', async ({ todomvc, user: { page, todos } }) => {
  const request = page.waitForRequest('/bff/add_todo');
  await todomvc.newTodo.fill('read the post');
  await todos.whenAnswered(() => todomvc.newTodo.press('Enter'));
  const row = await todomvc.items.elementHandle();
  const id = await todos.idOf('read the post');
  expect(id, 'version 7').toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new URLSearchParams((await request).postData() ?? '').get('id')).toBe(id);

  await todos.complete('read the post');
  await todos.rename('read the post', 'burn the post');
  expect(await todomvc.items.evaluate((now, row) => now === row, row)).toBe(true);
  await todos.reload();
  expect(await todos.idOf('burn the post')).toBe(id);
});

test('contract 5: something listens for keys as soon as the page is awake, even with an empty list', async ({ todomvc, user: { todos } }) => {
  await todomvc.page.addInitScript(() => {
    const listened: string[] = [];
    Object.assign(window, { listened });
    const add = EventTarget.prototype.addEventListener;
    EventTarget.prototype.addEventListener = function (this: EventTarget, ...listener: Parameters<typeof add>) {
      listened.push(listener[0]);
      add.apply(this, listener);
    };
  });
  await todos.open();
  await expect(todomvc.items).toHaveCount(0);
  const listened = await todomvc.page.evaluate(() => (window as unknown as { listened: string[] }).listened);
  expect(listened.filter((event) => ['keydown', 'input'].includes(event))).not.toEqual([]);
});

test('contract 10: a double-click anywhere on the area of the title edits', async ({ todomvc, user: { todos } }) => {
  await todos.add('x');
  const { width, height } = (await todomvc.labels.boundingBox())!;
  expect(width, 'the area is wider than the title').toBeGreaterThan(100);
  for (const position of [
    { x: 2, y: 2 },
    { x: width - 2, y: height - 2 },
    { x: width / 2, y: height / 2 },
  ]) {
    await todomvc.labels.dblclick({ position });
    await expect(todomvc.editor(0)).toBeFocused();
    await todomvc.editor(0).press('Escape');
    await expect(todomvc.editor(0)).toHaveCount(0);
  }
});

test('contract 11: the mark on the document comes when the page is awake, not before', async ({ todomvc, user: { page, todos } }) => {
  const release = await holdWasm(page);
  await page.goto('/todos', { waitUntil: 'commit' });
  const html = page.locator('html');
  await expect(todomvc.newTodo).toBeVisible();
  await expect(html).not.toHaveAttribute('data-hydrated');
  release();
  await expect(html).toHaveAttribute('data-hydrated', '');
  // From here on nothing leads to another page.
  await todos.add('at once');
  await expect(todomvc.labels).toHaveText(['at once']);
});
