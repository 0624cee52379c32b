// Between the first sight of the page and the moment the island is awake.

import type { Page } from '@playwright/test';
import { holdWasm } from '../pages/hold.ts';
import { expect, test } from './fixtures.ts';

test('waking the island up changes nothing on the page', async ({ visitor }) => {
  const { page, todos } = visitor;
  await visitor.signUp(['One', 'Two']);
  const release = await holdWasm(page);
  await page.goto('/todos', { waitUntil: 'commit' });
  await todos.expectTitles(['One', 'Two']);
  await expect(page.locator('html')).not.toHaveAttribute('data-hydrated');
  const before = await todos.list.evaluateHandle((list) => [...list.querySelectorAll('li, input')]);

  release();
  await todos.ready();
  await todos.expectTitles(['One', 'Two']);
  const same = await todos.list.evaluate((list, before) => {
    const now = [...list.querySelectorAll('li, input')];
    return now.length === before.length && now.every((element, index) => element === before[index]);
  }, before);
  expect(same, 'the elements are those that the server sent').toBe(true);
});

test('what was typed before the island is awake stays in the box', async ({ user: { page, todos } }) => {
  const release = await holdWasm(page);
  await page.goto('/todos', { waitUntil: 'commit' });
  await todos.newTodo.pressSequentially('Typed early');
  release();
  await todos.ready();
  await expect(todos.newTodo).toHaveValue('Typed early');
  await expect(todos.newTodo).toBeFocused();
  await todos.whenAnswered(() => todos.newTodo.press('Enter'));
  await todos.expectTitles(['Typed early']);
});

test('a box that is ticked before the island is awake is ticked', async ({ user: { page, todos } }) => {
  await todos.add('Done early');
  const release = await holdWasm(page);
  await page.goto('/todos', { waitUntil: 'commit' });
  // Until the island is awake, a button lies over the box, so that a click there sends the form.
  await page.getByRole('button', { name: 'Complete: Done early' }).click();
  await todos.expectCompleted(['Done early']);
  release();
  await todos.ready();
  await expect(page.getByRole('checkbox', { name: 'Done early' })).toBeChecked();
  await expect(todos.count).toHaveText('0 items left');
});

test('a form that is sent before the island is awake works', async ({ user: { page, todos } }) => {
  const release = await holdWasm(page);
  await page.goto('/todos', { waitUntil: 'commit' });
  await todos.newTodo.fill('Sent early');
  await todos.newTodo.press('Enter');
  await todos.expectTitles(['Sent early']);
  release();
  await todos.ready();
  await todos.expectTitles(['Sent early']);
  await todos.add('Sent late');
  await todos.expectTitles(['Sent early', 'Sent late']);
});

test('L4: nothing moves when the island wakes up', async ({ user: { page, todos } }) => {
  await todos.seed(Array.from({ length: 20 }, (_, nth) => `Todo number ${nth + 1}, as long as most are`));
  await page.addInitScript(() => {
    const shifts: object[] = [];
    Object.assign(window, { shifts });
    // From the very beginning, whenever this runs.
    new PerformanceObserver((list) => shifts.push(...list.getEntries().map((entry) => entry.toJSON()))).observe({ type: 'layout-shift', buffered: true });
  });
  const release = await holdWasm(page);
  await page.goto('/todos', { waitUntil: 'commit' });
  await expect(todos.items).toHaveCount(20);
  const before = await places(page);
  release();
  await todos.ready();
  expect(await places(page)).toEqual(before);
  expect(await page.evaluate(() => (window as unknown as { shifts: object[] }).shifts)).toEqual([]);
});

test('L4: no row moves when a slow server answers', async ({ user: { page, todos } }) => {
  await todos.seed(['One', 'Two', 'Three']);
  await todos.reload();
  let answer = (): void => {};
  const answered = new Promise<void>((resolve) => (answer = resolve));
  await page.route('/bff/add_todo', async (route) => {
    await answered;
    await route.continue();
  });
  await todos.newTodo.fill('Four');
  await todos.newTodo.press('Enter');
  await todos.expectTitles(['One', 'Two', 'Three', 'Four']);
  const atOnce = await places(page);
  await expect(todos.item('Four'), 'B1: it shows that it is on its way').toHaveAttribute('aria-busy', 'true');
  expect(await places(page)).toEqual(atOnce);
  await todos.whenAnswered(async () => answer());
  await expect(todos.item('Four')).not.toHaveAttribute('aria-busy');
  expect(await places(page)).toEqual(atOnce);
});

/** Where each row, and all that is around the list, is on the page. */
function places(page: Page): Promise<object[]> {
  return page.evaluate(() => {
    const parts = document.querySelectorAll('.top, h1, .new-todo, .main, .todo-list > li, .toggle, .todo-list label, .footer, .tips');
    return [...parts].map((part) => ({ part: `${part.localName}.${part.className}`, ...part.getBoundingClientRect().toJSON() }));
  });
}
