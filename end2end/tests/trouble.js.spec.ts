// When the server refuses, is slow or gone: nothing that was typed is lost, and the list tells the truth.

import type { Route } from '@playwright/test';
import { expect, test } from './fixtures.ts';

const FAULT = 'Something went wrong on the server. Nothing was changed; try again later.';

const fail = (route: Route): Promise<void> => route.fulfill({ status: 500, contentType: 'application/json', body: '"Internal"' });
const failed = (name: string): RegExp[] => [new RegExp(`answered 500: .*/bff/${name}`), /console: .*500/];

test('a todo that could not be added goes back into its box', async ({ user: { page, todos }, problems }) => {
  problems.expect(...failed('add_todo'));
  await page.route('/bff/add_todo', fail);
  await todos.add('Typed with care');
  await expect(todos.alert).toHaveText(FAULT);
  await expect(todos.newTodo).toHaveValue('Typed with care');
  await expect(todos.items).toHaveCount(0);

  await page.unroute('/bff/add_todo');
  await todos.whenAnswered(() => todos.newTodo.press('Enter'));
  await todos.expectTitles(['Typed with care']);
  await expect(todos.alert).toHaveCount(0);
});

test('a todo that could not be checked off is open again', async ({ user: { page, todos }, problems }) => {
  await todos.add('Stubborn');
  problems.expect(...failed('complete_todo'));
  await page.route('/bff/complete_todo', fail);
  await todos.complete('Stubborn');
  await expect(todos.alert).toHaveText(FAULT);
  await todos.expectCompleted([]);
  await expect(todos.count).toHaveText('1 item left');
});

test('a todo that could not be deleted is back in its place', async ({ user: { page, todos }, problems }) => {
  for (const title of ['One', 'Two', 'Three']) await todos.add(title);
  problems.expect(...failed('delete_todo'));
  await page.route('/bff/delete_todo', fail);
  await todos.delete('Two');
  await expect(todos.alert).toHaveText(FAULT);
  await todos.expectTitles(['One', 'Two', 'Three']);
});

test('an edit that could not be saved shows the old title, and what was typed is not lost', async ({ user: { page, todos }, problems }) => {
  await todos.add('Before');
  problems.expect(...failed('rename_todo'));
  await page.route('/bff/rename_todo', fail);
  await todos.rename('Before', 'After long thought');
  await expect(todos.alert).toHaveText(FAULT);
  await todos.expectTitles(['Before']);
  await expect(todos.editor).toHaveValue('After long thought');
});

test('a todo whose answer was lost on the way is there once', async ({ user: { page, todos }, problems }) => {
  problems.expect(/failed: .*\/bff\/add_todo/, /console: .*ERR_FAILED/);
  await page.route('/bff/add_todo', async (route) => {
    await route.fetch();
    await route.abort();
  }, { times: 1 });
  const asked = page.waitForResponse('/bff/list_todos');
  await todos.newTodo.fill('Sent once');
  await todos.newTodo.press('Enter');
  await asked;
  await todos.expectTitles(['Sent once']);
  await expect(todos.newTodo).toHaveValue('');
  await expect(todos.alert).toHaveCount(0);
  await todos.reload();
  await todos.expectTitles(['Sent once']);
});

test('without a connection it says so and keeps what was typed', async ({ user: { page, todos }, problems }) => {
  problems.expect(/ERR_INTERNET_DISCONNECTED/);
  await page.context().setOffline(true);
  await todos.newTodo.fill('Written on a train');
  await todos.newTodo.press('Enter');
  await expect(todos.alert).toHaveText("The server can't be reached. Check your connection and try again.");
  await expect(todos.newTodo).toHaveValue('Written on a train');
  await expect(todos.items, 'the list shows only what is saved').toHaveCount(0);

  await page.context().setOffline(false);
  await todos.whenAnswered(() => todos.newTodo.press('Enter'));
  await todos.expectTitles(['Written on a train']);
  await todos.reload();
  await todos.expectTitles(['Written on a train']);
});

test('an error page of a proxy in between is an error like any other', async ({ user: { page, todos }, problems }) => {
  problems.expect(/answered 502: .*\/bff\/add_todo/, /console: .*502/);
  await page.route('/bff/add_todo', (route) => route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>Bad gateway</h1>' }));
  await todos.add('Typed with care');
  await expect(todos.alert).toBeVisible();
  await expect(todos.newTodo).toHaveValue('Typed with care');
});

test('slow answers change neither what is shown nor the order', async ({ user: { page, todos } }) => {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route('/bff/add_todo', async (route) => {
    await released;
    await route.continue();
  }, { times: 1 });

  await todos.newTodo.fill('First');
  await todos.newTodo.press('Enter');
  await todos.newTodo.fill('Second');
  await todos.newTodo.press('Enter');
  await todos.expectTitles(['First', 'Second']);

  const answers = [0, 1].map((nth) => {
    let seen = 0;
    return page.waitForResponse((response) => response.url().endsWith('/bff/add_todo') && seen++ === nth);
  });
  release();
  await Promise.all(answers);
  await todos.expectTitles(['First', 'Second']);
  await todos.reload();
  await todos.expectTitles(['First', 'Second']);
});
