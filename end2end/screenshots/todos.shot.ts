// The todo page.

import { randomUUID } from 'node:crypto';
import { test, type Page } from '@playwright/test';
import { Person } from '../pages/person.ts';
import { take } from './take.ts';

const TITLES = [
  'Buy oat milk',
  'Call the plumber about the dripping tap in the bathroom before he goes on holiday',
  'Water the plants',
  'Book train tickets to Lisbon',
  'Read https://datatracker.ietf.org/doc/html/draft-ietf-oauth-browser-based-apps#name-backend-for-frontend-bff',
  'Say thanks',
];

async function withSixTodos(page: Page, scripting: boolean): Promise<Person> {
  const user = new Person(page, scripting, `ann+${randomUUID().slice(0, 4)}@example.org`);
  await user.signUp();
  for (const title of TITLES) await user.todos.add(title);
  await user.todos.plan('Buy oat milk', { days: 0, important: true });
  await user.todos.plan(TITLES[1]!, { days: -2, notes: 'He asked for photos.' });
  await user.todos.plan('Book train tickets to Lisbon', { days: 9, notes: 'Night train, two beds.\nhttps://example.org/night-trains' });
  await user.todos.reload();
  for (const title of ['Water the plants', 'Say thanks']) await user.todos.complete(title);
  await page.mouse.move(0, 0);
  return user;
}

test('several at once', async ({ page }, info) => {
  await new Person(page, true).signUp();
  await page.goto('/todos/several');
  await take(page, 'todos-several', info);
});

test('empty', async ({ page }, info) => {
  await new Person(page, true).signUp();
  await take(page, 'todos-empty', info);
});

test('with six todos', async ({ page }, info) => {
  const { todos } = await withSixTodos(page, true);
  await take(page, 'todos', info);
  await todos.item('Buy oat milk').hover();
  await take(page, 'todos-hover', info);
});

test('with a filter', async ({ page }, info) => {
  const { todos } = await withSixTodos(page, true);
  await todos.show('Completed');
  await take(page, 'todos-completed', info);
  await todos.clearCompleted();
  await take(page, 'todos-none-shown', info);
});

test('while editing', async ({ page }, info) => {
  const { todos } = await withSixTodos(page, true);
  await todos.edit('Book train tickets to Lisbon');
  await take(page, 'todos-editing', info);
});

test('with a conflict', async ({ page }, info) => {
  const { todos } = await withSixTodos(page, true);
  await todos.edit('Book train tickets to Lisbon');
  await todos.renameElsewhere('Book train tickets to Lisbon', 'Book flights to Lisbon');
  await todos.editor.fill('Book train tickets to Porto');
  await todos.whenAnswered(() => todos.editor.press('Enter'));
  await todos.conflict.waitFor();
  await take(page, 'todos-conflict', info);
});

test('with a text that is too long', async ({ page }, info) => {
  const { todos } = await withSixTodos(page, true);
  await todos.newTodo.fill('x'.repeat(501));
  await todos.newTodo.press('Enter');
  await take(page, 'todos-too-long', info);
});

test('with a failure, and the server gone', async ({ page }, info) => {
  const { todos } = await withSixTodos(page, true);
  await page.route('/bff/edit_todo', (route) => route.fulfill({ status: 500, contentType: 'application/json', body: '"Internal"' }));
  await todos.complete('Buy oat milk');
  await todos.alert.waitFor();
  await page.mouse.move(0, 0);
  await take(page, 'todos-failure', info);
  await page.route('/bff/**', (route) => route.abort());
  await todos.newTodo.fill('Written on a train');
  await todos.newTodo.press('Enter');
  await todos.offline.waitFor();
  await take(page, 'todos-offline', info);
});

test('with the offer to undo', async ({ page }, info) => {
  const { todos } = await withSixTodos(page, true);
  await todos.delete(TITLES[1]!);
  await todos.toast.waitFor();
  await take(page, 'todos-toast', info);
});

test('with a dialog', async ({ page }, info) => {
  await withSixTodos(page, true);
  await page.evaluate(() => document.querySelector<HTMLDialogElement>('#sign-in-again')!.showModal());
  await take(page, 'todos-sign-in-again', info);
  await page.keyboard.press('Escape');
  await page.getByRole('checkbox', { name: 'Buy oat milk' }).focus();
  await page.keyboard.press('?');
  await take(page, 'todos-shortcuts', info);
});

test('when the session is about to end', async ({ page }, info) => {
  const { todos } = await withSixTodos(page, true);
  await page.clock.install();
  await todos.reload();
  // A test can't set the server's clock.
  await page.route('**/bff/current_user', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...((await response.json()) as object), seconds_left: 110 } });
  });
  await page.clock.runFor(28.1 * 60_000);
  await page.getByText('Your session ends in less than two minutes.').waitFor();
  await take(page, 'todos-session-ending', info);
});

test.describe('without scripting', () => {
  test.use({ javaScriptEnabled: false });

  test('with six todos', async ({ page }, info) => {
    const { todos } = await withSixTodos(page, false);
    await take(page, 'todos-nojs', info);
    await todos.edit('Book train tickets to Lisbon');
    await take(page, 'todos-nojs-editing', info);
    await todos.editor.fill('x'.repeat(501));
    await todos.whenAnswered(() => page.getByRole('button', { name: /^Save: / }).click());
    await take(page, 'todos-nojs-too-long', info);
  });

  test('with the offer to undo, and after the end of the session', async ({ page }, info) => {
    const { todos } = await withSixTodos(page, false);
    await todos.delete('Say thanks');
    await take(page, 'todos-nojs-undo', info);
    await page.context().clearCookies();
    await todos.newTodo.fill('Typed with care');
    await todos.whenAnswered(() => todos.newTodo.press('Enter'));
    await take(page, 'sign-in-draft', info);
  });
});
