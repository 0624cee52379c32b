// Filters and bulk operations.

import { expect, test } from './fixtures.ts';

test.use({ initialTitles: ['buy milk', 'call Bob', 'water the plants'] });

test.beforeEach(({ user: { todos } }) => todos.complete('call Bob'));

test('each filter has a URL and shows its todos, and the count includes all todos', async ({ user: { page, todos } }) => {
  for (const [filter, url, titles] of [
    ['Active', '/todos?show=active', ['buy milk', 'water the plants']],
    ['Completed', '/todos?show=completed', ['call Bob']],
    ['All', '/todos', ['buy milk', 'call Bob', 'water the plants']],
  ] as const) {
    await todos.show(filter);
    await expect(page).toHaveURL(url);
    await todos.expectTitles([...titles]);
    await expect(page.locator('.filters .selected')).toHaveText([filter]);
    await expect(todos.count).toHaveText('2 items left');
    await todos.reload();
    await todos.expectTitles([...titles]);
  }
  await todos.show('Active');
  await todos.show('Completed');
  await page.goBack();
  await todos.expectTitles(['buy milk', 'water the plants']);
  await page.goForward();
  await todos.expectTitles(['call Bob']);
  await expect(page.locator('.filters .selected')).toHaveText(['Completed']);
});

// F4
test('a filter keeps the focus, and announces the number of its todos', async ({ user: { page, todos } }) => {
  await todos.show('Active');
  await expect(page.getByRole('link', { name: 'Active', exact: true })).toBeFocused();
  await expect(page.locator('.announcement')).toHaveText('2 active items');
});

test('a todo completed under Active disappears, and others are edited under the filter', async ({ user: { page, todos } }) => {
  await todos.show('Active');
  await todos.complete('buy milk');
  await todos.expectTitles(['water the plants']);
  await expect(todos.count).toHaveText('1 item left');
  await todos.rename('water the plants', 'water the garden');
  await todos.expectTitles(['water the garden']);
  await expect(page).toHaveURL('/todos?show=active');
  await todos.add('one more');
  await todos.expectTitles(['water the garden', 'one more']);
});

test('an empty filter says so, and links to all todos', async ({ user: { page, todos } }) => {
  await todos.clearCompleted();
  await todos.show('Completed');
  await expect(page.locator('.none-shown')).toHaveText('No completed todos. Show all');
  await todos.show('Show all' as 'All');
  await todos.expectTitles(['buy milk', 'water the plants']);
});

test('completing, reopening and clearing all todos persists', async ({ user: { page, todos } }) => {
  await todos.toggleAll();
  await todos.expectCompleted(['buy milk', 'call Bob', 'water the plants']);
  await todos.reload();
  await todos.expectCompleted(['buy milk', 'call Bob', 'water the plants']);
  await expect(page.locator('.toggle-all')).toBeChecked();
  await todos.toggleAll();
  await todos.expectCompleted([]);
  await todos.reload();
  await todos.expectCompleted([]);
  await expect(page.locator('.toggle-all')).not.toBeChecked();
  await todos.complete('call Bob');
  await todos.clearCompleted();
  await todos.reload();
  await todos.expectTitles(['buy milk', 'water the plants']);
  await todos.toggleAll();
  await todos.clearCompleted();
  await todos.expectTitles([]);
  await expect(page.locator('.main')).toBeHidden();
});
