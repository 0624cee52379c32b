// The time between the first paint and hydration.

import type { Page } from '@playwright/test';
import { holdWasm } from '../pages/hold.ts';
import { expect, test } from './fixtures.ts';

test('hydration keeps the elements of the page', async ({ visitor }) => {
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
  expect(same, 'the elements are those of the server').toBe(true);
});

test('input from before hydration is kept', async ({ user: { page, todos } }) => {
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

test('a todo completed before hydration is completed', async ({ user: { page, todos } }) => {
  await todos.add('Done early');
  const release = await holdWasm(page);
  await page.goto('/todos', { waitUntil: 'commit' });
  // Before hydration a button covers the checkbox and submits its form.
  await page.getByRole('button', { name: 'Complete: Done early' }).click();
  await todos.expectCompleted(['Done early']);
  release();
  await todos.ready();
  await expect(page.getByRole('checkbox', { name: 'Done early' })).toBeChecked();
  await expect(todos.count).toHaveText('0 items left');
});

test('a form submitted before hydration works', async ({ user: { page, todos } }) => {
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

// L4
test('hydration shifts no layout', async ({ user: { page, todos } }) => {
  await todos.seed(Array.from({ length: 20 }, (_, nth) => `Todo number ${nth + 1}, as long as most are`));
  await page.addInitScript(() => {
    const shifts: object[] = [];
    Object.assign(window, { shifts });
    new PerformanceObserver((list) => shifts.push(...list.getEntries().map((entry) => entry.toJSON()))).observe({ type: 'layout-shift', buffered: true });
  });
  const release = await holdWasm(page);
  await page.goto('/todos', { waitUntil: 'commit' });
  await expect(todos.items).toHaveCount(20);
  const before = await positions(page);
  release();
  await todos.ready();
  expect(await positions(page)).toEqual(before);
  expect(await page.evaluate(() => (window as unknown as { shifts: object[] }).shifts)).toEqual([]);
});

// L4
test('a slow response moves no row', async ({ user: { page, todos } }) => {
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
  const optimistic = await positions(page);
  await expect(todos.item('Four'), 'B1: it is marked as unsaved').toHaveAttribute('aria-busy', 'true');
  expect(await positions(page)).toEqual(optimistic);
  await todos.whenAnswered(async () => answer());
  await expect(todos.item('Four')).not.toHaveAttribute('aria-busy');
  expect(await positions(page)).toEqual(optimistic);
});

/** The positions of the rows and of the elements around the list. */
function positions(page: Page): Promise<object[]> {
  return page.evaluate(() => {
    const parts = document.querySelectorAll('.top, h1, .new-todo, .main, .todo-list > li, .toggle, .todo-list label, .footer, .tips');
    return [...parts].map((part) => ({ part: `${part.localName}.${part.className}`, ...part.getBoundingClientRect().toJSON() }));
  });
}
