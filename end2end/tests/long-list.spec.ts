// A list that is longer than a page. tests/it/long_list.rs has it without scripting.

import { expect, test } from './fixtures.ts';

const titles = (count: number): string[] => Array.from({ length: count }, (_, nth) => `Todo ${nth + 1}`);

test.beforeEach(async ({ user: { todos } }) => {
  test.slow();
  await todos.seed(titles(250));
  await todos.reload();
  await expect(todos.items).toHaveCount(200);
});

test('nearing the end loads more, once', async ({ user: { page, todos } }) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await expect(todos.more).toContainText('200 of 250');
  await todos.item('Todo 195').scrollIntoViewIfNeeded();
  await todos.expectTitles(titles(250));
  await expect(todos.more).toHaveCount(0);
  expect(asked).toEqual(['/bff/todos']);
  // All of them are here now.
  await todos.show('Active');
  await todos.expectTitles(titles(250));
  expect(asked).toHaveLength(1);
});

test('Show more moves the focus to the first new todo', async ({ user: { page, todos } }) => {
  // Not scrolled to, which would load the rest.
  await page.getByRole('link', { name: 'Show more' }).evaluate((link) => link.focus({ preventScroll: true }));
  await page.keyboard.press('Enter');
  await expect(todos.items).toHaveCount(250);
  await expect(page.getByRole('checkbox', { name: 'Todo 201', exact: true })).toBeFocused();
});

test('reaching Show more by keyboard leads to the first new todo', async ({ user: { page, todos } }) => {
  await page.getByRole('link', { name: 'Show more' }).focus();
  await expect(todos.items).toHaveCount(250);
  await expect(page.getByRole('checkbox', { name: 'Todo 201', exact: true })).toBeFocused();
});

test('toggle all, clear completed and their undo are of all todos', async ({ user: { todos } }) => {
  await todos.complete('Todo 1');
  await todos.toggleAll();
  await expect(todos.count).toHaveText('0 items left');
  await expect(todos.toast).toContainText('Completed 249 todos.');
  await todos.clearCompleted();
  await todos.expectTitles([]);
  await expect(todos.toast).toContainText('Deleted 250 todos.');
  await todos.undo();
  // The end of the empty list was in view, so it may load on.
  await expect.poll(() => todos.items.count()).toBeGreaterThanOrEqual(200);
  await expect(todos.count).toHaveText('0 items left');
  await todos.toggleAll();
  await expect(todos.toast).toContainText('Reopened 250 todos.');
  await todos.undo();
  await expect(todos.count).toHaveText('0 items left');
  await todos.reload();
  await expect(todos.count).toHaveText('0 items left');
});

test('another filter shows its todos from beyond the loaded ones', async ({ user: { page, todos } }) => {
  await todos.items.last().scrollIntoViewIfNeeded();
  await todos.complete('Todo 240');
  await todos.reload();
  await todos.show('Completed');
  await todos.expectTitles(['Todo 240']);
  await expect(page.locator('.announcement')).toHaveText('1 completed item');
  await todos.show('All');
  // The end of the short list was in view, so it may load on.
  await expect.poll(() => todos.items.count()).toBeGreaterThanOrEqual(200);
  await page.goBack();
  await todos.expectTitles(['Todo 240']);
});

test('an added todo is seen below the loaded ones, and stays', async ({ user: { page, todos } }) => {
  await todos.add('One more');
  await expect(todos.items.last()).toContainText('One more');
  await expect(todos.count).toHaveText('251 items left');
  await todos.whenAnswered(() => page.evaluate(() => void dispatchEvent(new Event('focus'))), /\/bff\/todos\?others=/);
  await expect(todos.items.last()).toContainText('One more');
});

test('on paper the page says how much it shows', async ({ user: { page, todos } }) => {
  await page.emulateMedia({ media: 'print' });
  await expect(todos.more.getByText('200 of 250')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Print all' })).toBeHidden();
  await page.emulateMedia({ media: 'screen' });
  // Not by a click, which scrolls and loads more.
  await page.goto((await page.getByRole('link', { name: 'Print all' }).getAttribute('href')) ?? '');
  await expect(page.locator('.print-list li')).toHaveCount(250);
});
