// What only matters where forms do the work.

import { expect, test } from './fixtures.ts';

test('a form leads back to the page at its own address, and reloading that sends nothing again', async ({ user: { page, todos } }) => {
  await todos.add('Once');
  await expect(page).toHaveURL('/todos');
  await expect(todos.newTodo, 'ready for the next').toBeFocused();
  await todos.reload();
  await todos.expectTitles(['Once']);
});

test('saving an edit leads back to the list', async ({ user: { page, todos } }) => {
  await todos.add('Before');
  await todos.rename('Before', 'After');
  await expect(page).toHaveURL('/todos');
  await expect(todos.editor).toHaveCount(0);
});

test('editing begins with the cursor in the title', async ({ user: { todos } }) => {
  await todos.add('Before');
  await todos.edit('Before');
  await expect(todos.editor).toBeFocused();
});

test('an error is told once, and gone after the next thing that works', async ({ user: { todos } }) => {
  await todos.newTodo.fill('x'.repeat(501));
  await todos.whenAnswered(() => todos.newTodo.press('Enter'));
  await expect(todos.alert).toBeVisible();
  await todos.add('Short');
  await expect(todos.alert).toHaveCount(0);
});
