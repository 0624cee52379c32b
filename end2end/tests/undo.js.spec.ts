// The offer to undo, where it is a toast.

import { expect, test } from './fixtures.ts';

test.beforeEach(async ({ page, user: { todos } }) => {
  for (const title of ['one', 'two', 'three', 'four']) await todos.add(title);
  await page.clock.install();
  await todos.reload();
});

test('B3: the toast names what was deleted and stays for ten seconds', async ({ user: { page, todos } }) => {
  await todos.delete('two');
  await page.mouse.move(0, 0);
  await expect(page.getByRole('status').filter({ hasText: 'Deleted' })).toContainText('Deleted “two”.');
  // The clock of the page also runs by itself.
  await page.clock.runFor(8_000);
  await expect(todos.toast).toBeVisible();
  await page.clock.runFor(2_100);
  await expect(todos.toast).toHaveCount(0);
});

test('B3: it waits while the pointer or the focus is on it', async ({ user: { page, todos } }) => {
  await todos.delete('two');
  await todos.toast.hover();
  await page.clock.runFor(60_000);
  await expect(todos.toast).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).focus();
  await page.mouse.move(0, 0);
  await page.clock.runFor(60_000);
  await expect(todos.toast).toBeVisible();
  await todos.newTodo.focus();
  await page.mouse.move(0, 0);
  await page.clock.runFor(10_100);
  await expect(todos.toast).toHaveCount(0);
});

test('B3: several deletions come back one by one, the last first, by Ctrl+Z', async ({ user: { page, todos } }) => {
  await todos.delete('two');
  await todos.delete('one');
  await todos.delete('four');
  await page.getByRole('checkbox', { name: 'three', exact: true }).focus();
  for (const titles of [['three', 'four'], ['one', 'three', 'four'], ['one', 'two', 'three', 'four']]) {
    await todos.whenAnswered(() => page.keyboard.press('Control+z'));
    await todos.expectTitles(titles);
  }
  await todos.reload();
  await todos.expectTitles(['one', 'two', 'three', 'four']);
});

test('Ctrl+Z in a box undoes what was typed there', async ({ user: { page, todos } }) => {
  await todos.delete('two');
  await todos.newTodo.pressSequentially('typed');
  await page.keyboard.press('Control+z');
  await todos.expectTitles(['one', 'three', 'four']);
});

test('after Undo the focus is on what came back', async ({ user: { page, todos } }) => {
  await todos.delete('two');
  await page.getByRole('button', { name: 'Undo' }).focus();
  await todos.whenAnswered(() => page.keyboard.press('Enter'));
  await expect(page.getByRole('checkbox', { name: 'two', exact: true })).toBeFocused();
});

test('what is undone before the server has answered is there', async ({ user: { page, todos } }) => {
  const calls: string[] = [];
  page.on('requestfinished', (request) => void (request.url().includes('/bff/') && calls.push(new URL(request.url()).pathname)));
  await page.route('/bff/delete_todo', async (route) => {
    // Not before it is back on the page.
    await expect(todos.items).toHaveCount(4);
    await route.continue();
  });
  await todos.item('two').hover();
  await page.getByRole('button', { name: 'Delete: two' }).click();
  await expect(todos.items).toHaveCount(3);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect.poll(() => calls).toEqual(['/bff/delete_todo', '/bff/restore_todos']);
  await todos.reload();
  await todos.expectTitles(['one', 'two', 'three', 'four']);
});

test('a deletion that failed is not offered to undo', async ({ user: { page, todos }, problems }) => {
  problems.expect(/answered 500: .*\/bff\/delete_todo/, /console: .*500/);
  await page.route('/bff/delete_todo', (route) => route.fulfill({ status: 500, contentType: 'application/json', body: '"Internal"' }));
  await todos.delete('two');
  await todos.expectTitles(['one', 'two', 'three', 'four']);
  await expect(todos.toast).toHaveCount(0);
});
