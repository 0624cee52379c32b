// Between the first sight of the page and the moment the island is awake.

import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';

/** Holds the WASM back, so that the page stays as the server made it until the result is called. */
async function holdWasm(page: Page): Promise<() => void> {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/*.wasm', async (route) => {
    await released;
    // The page that wanted it may be gone by now.
    await route.continue().catch(() => {});
  });
  return release;
}

test('waking the island up changes nothing on the page', async ({ user: { page, todos } }) => {
  await todos.add('One');
  await todos.add('Two');
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
