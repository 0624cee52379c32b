// The todo page.

import { randomUUID } from 'node:crypto';
import { test, type Page } from '@playwright/test';
import { carry } from '../pages/drag.ts';
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

/** A week with something of everything. */
async function withAWeek(page: Page, scripting = true): Promise<Person> {
  const user = new Person(page, scripting, `ann+${randomUUID().slice(0, 4)}@example.org`);
  await user.signUp();
  const week: [string, Parameters<typeof user.todos.plan>[1]][] = [
    ['Send the invoice for October', { days: -3, important: true }],
    ['Call the plumber about the dripping tap #home', { days: -1, notes: 'He asked for photos of the tap.' }],
    ['Buy oat milk #shop', { days: 0 }],
    ['Water the plants #home #balcony', { days: 0 }],
    ['Write down what the next release needs, before the meeting with everybody', { days: 0 }],
    ['Book train tickets to Lisbon', { days: 1, important: true }],
    ['Dinner with Ida', { days: 2 }],
    ['Renew the passport', { days: 40 }],
    ['Tape for the Lange Straße #shop', {}],
    ['Repair the bicycle', {}],
  ];
  await user.todos.seed(week.map(([title]) => title));
  await user.todos.reload();
  for (const [title, plan] of week) if (plan.days !== undefined) await user.todos.plan(title, plan);
  await user.todos.reload();
  await user.todos.complete('Buy oat milk #shop');
  await user.todos.open('?view=today');
  await page.mouse.move(0, 0);
  return user;
}

test('views', async ({ page }, info) => {
  const { todos } = await withAWeek(page);
  await take(page, 'today', info);
  await todos.open('?view=scheduled');
  await take(page, 'scheduled', info);
  await todos.open('?view=important');
  await take(page, 'important', info);
  await todos.open('?tag=home');
  await take(page, 'tag', info);
  await page.getByText('Rename tag').click();
  await page.getByLabel('New name of the tag').fill('house and garden');
  await take(page, 'tag-rename', info);
  await page.getByRole('button', { name: 'Rename' }).click();
  await page.locator('[aria-invalid]').waitFor();
  await take(page, 'tag-invalid', info);
  await todos.open('?tag=home');
  await page.getByText('Rename tag').click();
  await page.getByLabel('New name of the tag').fill('house');
  await page.getByRole('button', { name: 'Rename' }).click();
  await page.locator('.flash').waitFor();
  await take(page, 'tag-renamed', info);
});

test('search', async ({ page }, info) => {
  const { todos } = await withAWeek(page);
  await todos.open('?q=tap');
  await take(page, 'search', info);
  await todos.open('?view=today&q=lisbon');
  await take(page, 'search-nothing', info);
});

test('empty views', async ({ page }, info) => {
  const { todos } = await withSixTodos(page, true);
  await todos.complete('Buy oat milk');
  await todos.complete(TITLES[1]!);
  await todos.clearCompleted();
  await todos.open('?view=today');
  await take(page, 'today-empty', info);
  await todos.open('?tag=home');
  await take(page, 'tag-empty', info);
});

test('while dragging', async ({ page }, info) => {
  const { todos } = await withAWeek(page);
  await todos.open();
  await carry(page, todos.item('Buy oat milk #shop'), 'below', todos.item('Water the plants #home #balcony'));
  await take(page, 'todos-dragging', info);
});

test('the day after', async ({ page }, info) => {
  const { todos } = await withAWeek(page);
  await page.clock.install();
  await todos.open();
  await page.clock.fastForward(86_400_000 - (Date.now() % 86_400_000));
  await page.locator('.earlier').scrollIntoViewIfNeeded();
  await page.screenshot({ path: `${info.config.rootDir}/out/todos-earlier-${info.project.name}.png`, animations: 'disabled' });
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

  test('today', async ({ page }, info) => {
    await withAWeek(page, false);
    await take(page, 'today-nojs', info);
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
