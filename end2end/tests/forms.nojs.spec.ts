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

test('an error is told once, and gone after the next thing that works', async ({ user: { todos }, problems }) => {
  problems.expect(/answered 422: .*\/bff\/add_todo/, /console: .*422/);
  await todos.newTodo.fill('x'.repeat(501));
  await todos.whenAnswered(() => todos.newTodo.press('Enter'));
  await expect(todos.remark).not.toBeEmpty();
  await todos.add('Short');
  await expect(todos.remark).toBeEmpty();
});

test('S5: a todo that is added after the end of the session is back in its box after the sign-in', async ({ user, newBrowser, problems }) => {
  const { page, todos } = user;
  await todos.add('Before');
  await user.signOutAt(await newBrowser());

  problems.expect(/answered 401: .*\/bff\/add_todo/, /answered 401: .*\/bff\/sign_in/, /console: .*401/);
  await todos.newTodo.fill('"Typed" with <care>');
  await todos.whenAnswered(() => todos.newTodo.press('Enter'));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
  expect(await page.context().cookies()).toEqual([]);
  expect(page.url(), 'what was typed is not in the address').not.toMatch(/Typed/);
  await user.sendForm('Sign in', { password: 'wrong horse battery staple' });
  await expect(user.emailBox).toHaveValue(user.email);
  await user.sendForm('Sign in');
  await expect(todos.newTodo).toHaveValue('"Typed" with <care>');
  await todos.whenAnswered(() => todos.newTodo.press('Enter'));
  await todos.expectTitles(['Before', '"Typed" with <care>']);
  await expect(page).toHaveURL('/todos');
});

test('S5: and so is a title, in the box where it was edited', async ({ user, newBrowser, problems }) => {
  const { todos } = user;
  await todos.add('Before');
  await todos.edit('Before');
  await user.signOutAt(await newBrowser());

  problems.expect(/answered 401: .*\/bff\/rename_todo/, /console: .*401/);
  await todos.editor.fill('After long thought');
  await todos.whenAnswered(() => todos.editor.press('Enter'));
  await user.sendForm('Sign in');
  await expect(todos.editor).toHaveValue('After long thought');
  await todos.whenAnswered(() => todos.editor.press('Enter'));
  await todos.expectTitles(['After long thought']);
});

test('B5: a title that was changed elsewhere is not overwritten unawares', async ({ user, newBrowser, problems }) => {
  const { page, todos } = user;
  await todos.add('Buy milk');
  await todos.edit('Buy milk');
  const elsewhere = user.at(await newBrowser());
  await elsewhere.signIn();
  await elsewhere.todos.rename('Buy milk', 'Buy oat milk');

  problems.expect(/answered 409: .*\/bff\/rename_todo/, /console: .*409/);
  await todos.editor.fill('Buy soy milk');
  await todos.whenAnswered(() => todos.editor.press('Enter'));
  await expect(page.getByText('By now it reads: “Buy oat milk”.')).toBeVisible();
  await expect(todos.editor).toHaveValue('Buy soy milk');
  await todos.whenAnswered(() => todos.editor.press('Enter'));
  await todos.expectTitles(['Buy soy milk']);
});
