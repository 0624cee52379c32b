// Where the focus goes, for those who work by keyboard: never to nowhere.

import { expect, test } from './fixtures.ts';

test.beforeEach(async ({ user: { todos } }) => {
  for (const title of ['one', 'two', 'three']) await todos.add(title);
});

test('F3: after deleting it is at the next row, else at the one before, else where new ones are typed', async ({ user: { page, todos } }) => {
  for (const [deleted, focused] of [['two', 'three'], ['three', 'one'], ['one', undefined]] as const) {
    await page.getByRole('button', { name: `Delete: ${deleted}` }).focus();
    await todos.whenAnswered(() => page.keyboard.press('Enter'));
    await expect(focused ? page.getByRole('checkbox', { name: focused, exact: true }) : todos.newTodo).toBeFocused();
  }
});

test('F3: deleting under a filter goes on among what is shown', async ({ user: { page, todos } }) => {
  await todos.complete('two');
  await todos.show('Active');
  await page.getByRole('button', { name: 'Delete: one' }).focus();
  await todos.whenAnswered(() => page.keyboard.press('Enter'));
  await expect(page.getByRole('checkbox', { name: 'three', exact: true })).toBeFocused();
});

test('A4: Escape and Enter lead back to the link that opened the editor', async ({ user: { page, todos } }) => {
  const link = page.getByRole('link', { name: 'Edit: two' });
  await link.focus();
  await page.keyboard.press('Enter');
  await expect(todos.editor).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(link).toBeFocused();

  await page.keyboard.press('Enter');
  await todos.editor.fill('two and a half');
  await todos.whenAnswered(() => page.keyboard.press('Enter'));
  await expect(page.getByRole('link', { name: 'Edit: two and a half' })).toBeFocused();
});

test('A5: an emptied title deletes once, and the focus goes on', async ({ user: { page, todos } }) => {
  let sent = 0;
  page.on('request', (request) => (sent += Number(request.url().includes('/bff/'))));
  await todos.edit('two');
  await todos.editor.fill('  ');
  await todos.whenAnswered(() => page.keyboard.press('Enter'));
  await todos.expectTitles(['one', 'three']);
  await expect(page.getByRole('checkbox', { name: 'three', exact: true })).toBeFocused();
  expect(sent).toBe(1);
});
