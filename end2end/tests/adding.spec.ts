// Adding todos, with scripting: what was added is seen, and several lines become several todos.

import { expect, test } from './fixtures.ts';

async function paste(page: import('@playwright/test').Page, text: string): Promise<void> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.evaluate((text) => navigator.clipboard.writeText(text), text);
  await page.locator('.new-todo').focus();
  await page.keyboard.press('ControlOrMeta+v');
}

test('several pasted lines become several todos on request', async ({ user: { page, todos } }) => {
  await paste(page, 'buy milk\n\n  call Bob \nwrite to Ida\n');
  await expect(todos.newTodo, 'until then it is one line').toHaveValue(/buy milk.*call Bob/);
  await page.getByRole('button', { name: 'Keep as one' }).click();
  await expect(page.getByRole('button', { name: /^Add \d todos/ })).toHaveCount(0);
  await expect(todos.newTodo).toBeFocused();
  await todos.newTodo.fill('');
  await paste(page, 'buy milk\n\n  call Bob \nwrite to Ida\n');
  await todos.whenAnswered(() => page.getByRole('button', { name: 'Add 3 todos' }).click());
  await todos.expectTitles(['buy milk', 'call Bob', 'write to Ida']);
  await expect(todos.newTodo).toHaveValue('');
  await todos.settled();
  await todos.reload();
  await todos.expectTitles(['buy milk', 'call Bob', 'write to Ida']);
});

test('a line, or lines into a text, are pasted as they are', async ({ user: { page, todos } }) => {
  await paste(page, 'one line\n');
  await expect(page.locator('.new-place')).toBeEmpty();
  await paste(page, 'two\nlines');
  await expect(page.locator('.new-place')).toBeEmpty();
  await expect(todos.newTodo).toHaveValue(/one line.*two/);
  await todos.newTodo.fill('');
  await paste(page, `short\nshort, too\n${'too long '.repeat(60)}`);
  await expect(page.locator('.new-place'), 'no line is left out').toBeEmpty();
  await expect(todos.newTodo).toHaveValue(/short.*too long/);
});

// B7
test('a new todo is seen, or a line says where it is', async ({ user: { page, todos } }) => {
  await todos.seed(Array.from({ length: 40 }, (_, nth) => `Todo number ${nth + 1}`));
  await todos.reload();
  await todos.add('At the end');
  await expect(todos.items.last()).toBeInViewport();
  await expect(todos.newTodo).toBeFocused();
  await todos.show('Completed');
  await todos.add('Where is it?');
  await expect(page.locator('.new-place')).toHaveText('Added to Active. Show');
  await page.locator('.new-place').getByRole('link', { name: 'Show' }).click();
  await expect(page).toHaveURL('/todos?show=active');
  await expect(todos.titles.last()).toHaveText('Where is it?');
});
