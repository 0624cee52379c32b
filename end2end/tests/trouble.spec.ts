// A server that refuses, is slow or unreachable: no input is lost, and the list shows the server's state.

import type { Page, Response, Route } from '@playwright/test';
import { hold } from '../pages/hold.ts';
import { expect, test } from './fixtures.ts';

const FAULT = 'Something went wrong on the server. Try again later.';

const fail = (route: Route): Promise<void> => route.fulfill({ status: 500, contentType: 'application/json', body: '"Internal"' });
const failed = (name: string): RegExp[] => [new RegExp(`answered 500: .*/bff/${name}`), /console: .*500/];
const GONE = [/failed: .*\/bff\//, /ERR_CONNECTION_REFUSED/];

/** Makes the server unreachable until the returned function is called. */
async function stopServer(page: Page): Promise<() => Promise<void>> {
  await page.route('/bff/**', (route) => route.abort('connectionrefused'));
  return () => page.unroute('/bff/**');
}

/** The response to a successful addition. Call it before the action, because the page retries at any time. */
const added = (page: Page): Promise<Response> => page.waitForResponse((answer) => answer.url().endsWith('/bff/add_todo') && answer.ok());

/** The answered calls of server functions. */
function answered(page: Page): string[] {
  const calls: string[] = [];
  page.on('requestfinished', (request) => void (request.url().includes('/bff/') && calls.push(new URL(request.url()).pathname.slice(5))));
  return calls;
}

// case 15
test('a failed addition returns the title to its field, and Retry adds it', async ({ user: { page, todos }, problems }) => {
  problems.expect(...failed('add_todo'));
  await page.route('/bff/add_todo', fail);
  await todos.add('Typed with care');
  await expect(todos.alert).toContainText(`“\u2068Typed with care\u2069” was not added. ${FAULT}`);
  await expect(todos.newTodo).toHaveValue('Typed with care');
  await expect(todos.items).toHaveCount(0);

  await page.unroute('/bff/add_todo');
  await todos.whenAnswered(() => todos.alert.getByRole('button', { name: 'Retry' }).click());
  await todos.expectTitles(['Typed with care']);
  await expect(todos.newTodo).toHaveValue('');
  await expect(todos.alert).toHaveCount(0);
  await todos.reload();
  await todos.expectTitles(['Typed with care']);
});

// B2
test('a failed rename restores the old title, keeps the new one, and offers Retry', async ({ user: { page, todos }, problems }) => {
  await todos.add('Before');
  problems.expect(...failed('edit_todo'));
  await page.route('/bff/edit_todo', fail);
  await todos.rename('Before', 'After long thought');
  await expect(todos.alert).toContainText(`“\u2068Before\u2069” was not changed to “\u2068After long thought\u2069”. ${FAULT}`);
  await todos.expectTitles(['Before']);
  await expect(todos.editor).toHaveValue('After long thought');
  await page.unroute('/bff/edit_todo');
  // Moving the focus to the button already saves, so Retry has nothing to do.
  await todos.whenAnswered(() => todos.alert.getByRole('button', { name: 'Retry' }).click());
  await todos.expectTitles(['After long thought']);
  await todos.reload();
  await todos.expectTitles(['After long thought']);
});

const CONFLICT = [/answered 409: .*\/bff\/edit_todo/, /console: .*409/];

// B5
test('a title changed in another tab is a choice in its row, and a click elsewhere saves nothing', async ({ user, problems }) => {
  const { page, todos } = user;
  await todos.seed([...Array.from({ length: 40 }, (_, nth) => `Todo number ${nth + 1}`), 'Buy milk']);
  await todos.open('?show=active');
  const tab = user.at(await page.context().newPage());
  await tab.todos.open();
  await tab.todos.rename('Buy milk', 'شراء الحليب');

  problems.expect(...CONFLICT);
  await todos.rename('Buy milk', 'Buy soy milk');
  await expect(todos.conflict.getByRole('alert')).toHaveText('Changed somewhere else. It now reads “شراء الحليب”.');
  await expect(todos.conflict).toBeInViewport({ ratio: 1 });
  await expect(todos.editor).toHaveValue('Buy soy milk');
  await expect(todos.editor).toBeFocused();
  await expect(todos.editor).toHaveAccessibleDescription(/^Changed somewhere else/);
  await expect(todos.titles.last()).toHaveText('شراء الحليب');

  const calls = answered(page);
  await page.getByRole('heading', { level: 1 }).click();
  await todos.items.first().locator('label').dblclick();
  await expect(todos.editor, 'it is the only one').toHaveValue('Buy soy milk');
  await expect(todos.editor).toBeFocused();
  await todos.add('Something else');
  expect(calls, 'nothing blocks other changes').toEqual(['add_todo']);
  await expect(todos.titles.nth(40)).toHaveText('شراء الحليب');

  await todos.whenAnswered(() => page.getByRole('button', { name: 'Keep mine' }).click());
  await expect(todos.editor).toHaveCount(0);
  await tab.todos.reload();
  await expect(tab.todos.titles.nth(40)).toHaveText('Buy soy milk');
});

// B5
test('Enter overwrites only the version shown, and Escape takes theirs', async ({ user: { page, todos }, problems }) => {
  problems.expect(...CONFLICT);
  await todos.add('First');
  await todos.edit('First');
  await todos.renameElsewhere('First', 'Theirs');
  await todos.editor.fill('Mine');
  await todos.whenAnswered(() => page.keyboard.press('Enter'));
  await expect(todos.conflict).toContainText('“Theirs”');
  await todos.renameElsewhere('Theirs', 'Theirs again');
  await todos.whenAnswered(() => page.keyboard.press('Enter'));
  await expect(todos.conflict, 'which is another conflict').toContainText('“Theirs again”');
  await expect(todos.editor).toBeFocused();
  await todos.whenAnswered(() => page.keyboard.press('Enter'));
  await todos.expectTitles(['Mine']);

  await todos.edit('Mine');
  await todos.renameElsewhere('Mine', 'Theirs');
  await todos.editor.fill('Mine, better');
  await todos.whenAnswered(() => page.keyboard.press('Enter'));
  await expect(todos.conflict).toBeVisible();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Take theirs' })).toBeFocused();
  await page.keyboard.press('Escape');
  await todos.expectTitles(['Theirs']);
  await expect(todos.editor).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Edit: Theirs' })).toBeFocused();
});

test('the text in the editor of a deleted todo moves to the field for new todos', async ({ user, newBrowser, problems }) => {
  const { page, todos } = user;
  for (const title of ['One', 'Two']) await todos.add(title);
  const elsewhere = user.at(await newBrowser());
  await elsewhere.signIn();
  for (const title of ['One', 'Two']) await elsewhere.todos.delete(title);

  problems.expect(/answered 404: .*\/bff\/edit_todo/, /console: .*404/);
  const release = await hold(page, '/bff/edit_todo');
  await page.getByRole('checkbox', { name: 'Two', exact: true }).click();
  await todos.edit('One');
  await todos.editor.fill('After long thought');
  release();
  await expect(todos.newTodo).toHaveValue('After long thought');
  await todos.expectTitles([]);
  await expect(todos.alert).toContainText('“\u2068One\u2069” was not changed to “\u2068After long thought\u2069”.');
});

test('an editor with a title that is too long stays open', async ({ user: { page, todos } }) => {
  for (const title of ['One', 'Two']) await todos.add(title);
  await todos.edit('One');
  await todos.editor.fill('x'.repeat(501));
  await todos.item('Two').hover();
  await page.getByRole('link', { name: 'Edit: Two' }).click();
  await expect(todos.editor).toHaveCount(1);
  await expect(todos.editor).toHaveValue('x'.repeat(501));
  await expect(todos.editor).toBeFocused();
  await todos.show('Completed');
  await expect(todos.editor).toHaveValue('x'.repeat(501));
  await todos.editor.press('Escape');
  await todos.expectTitles([]);
});

test('dismissing a message moves the focus to the field for new todos', async ({ user: { page, todos }, problems }) => {
  problems.expect(...failed('add_todo'));
  await page.route('/bff/add_todo', fail);
  await todos.add('Never mind');
  await todos.alert.getByRole('button', { name: 'Dismiss' }).focus();
  await page.keyboard.press('Enter');
  await expect(todos.alert).toHaveCount(0);
  await expect(todos.newTodo).toBeFocused();
});

test('changes without a connection are sent in order when it is back', async ({ user: { page, todos }, problems }) => {
  problems.expect(/ERR_INTERNET_DISCONNECTED/);
  await todos.add('From before');
  await page.context().setOffline(true);
  await todos.newTodo.fill('Written on a train');
  await todos.newTodo.press('Enter');
  await expect(todos.offline).toContainText("You’re offline. 1 change will be saved when you reconnect.");
  await page.getByRole('checkbox', { name: 'From before' }).click();
  await todos.edit('Written on a train');
  await todos.editor.fill('Written in a tunnel');
  await todos.editor.press('Enter');
  await expect(todos.offline).toContainText('3 changes will be saved');
  await todos.expectTitles(['From before', 'Written in a tunnel']);
  await todos.expectCompleted(['From before']);

  const calls = answered(page);
  await page.context().setOffline(false);
  await expect.poll(() => calls).toEqual(['add_todo', 'edit_todo', 'edit_todo']);
  await expect(todos.offline).toHaveCount(0);
  await todos.reload();
  await todos.expectTitles(['From before', 'Written in a tunnel']);
  await todos.expectCompleted(['From before']);
});

test('a response that is not from the server counts as an unreachable server', async ({ user: { page, todos }, problems }) => {
  problems.expect(/answered (429|502|521): .*\/bff\/add_todo/, /console: .*(429|502|521)/);
  await page.clock.install();
  await todos.reload();
  const answers = [
    { status: 429, contentType: 'text/html', body: '<h1>Too many requests</h1>' },
    { status: 429, contentType: 'application/json', body: '{"error":"slow down"}' },
    { status: 502, contentType: 'text/html', body: '<h1>Bad gateway</h1>' },
    { status: 521, contentType: 'text/html', body: '<h1>Web server is down</h1>' },
    { status: 200, contentType: 'text/html', body: '<h1>Welcome to this hotel</h1>' },
    { status: 200, contentType: 'application/json', body: '{"error":"pay first"}' },
  ];
  for (const [nth, answer] of answers.entries()) {
    await page.route('/bff/add_todo', (route) => route.fulfill(answer));
    await todos.add(`Kept ${nth}`);
    await expect(todos.offline).toBeVisible();
    await page.unroute('/bff/add_todo');
    const sent = added(page);
    await page.clock.runFor(5_000);
    await (await sent).finished();
    await expect(todos.offline).toHaveCount(0);
  }
  const titles = answers.map((_, nth) => `Kept ${nth}`);
  await todos.expectTitles(titles);
  await todos.reload();
  await todos.expectTitles(titles);
});

test('a change refused by a proxy shows a message, and returns to its field', async ({ user: { page, todos }, problems }) => {
  problems.expect(/answered 403: .*\/bff\/add_todo/, /console: .*403/);
  await page.route('/bff/add_todo', (route) => route.fulfill({ status: 403, contentType: 'text/html', body: '<h1>Sign in to the network</h1>' }));
  await todos.add('Typed with care');
  await expect(todos.alert).toContainText('“\u2068Typed with care\u2069” was not added. Something between you and the server blocked this. Reload the page and try again.');
  await expect(todos.newTodo).toHaveValue('Typed with care');
});

test('leaving the page warns only with unsent changes', async ({ user: { page, todos }, problems }) => {
  problems.expect(...GONE);
  await todos.add('Saved');
  let warned = 0;
  page.on('dialog', (dialog) => {
    warned += 1;
    expect(dialog.type()).toBe('beforeunload');
    void dialog.accept();
  });
  await todos.reload();
  expect(warned).toBe(0);
  await stopServer(page);
  await todos.newTodo.fill('Unsent');
  await todos.newTodo.press('Enter');
  await expect(todos.offline).toBeVisible();
  await todos.reload();
  expect(warned).toBe(1);
});

// B1
test('a row with a slow change has aria-busy, and stays usable', async ({ user: { page, todos } }) => {
  await todos.add('Slow');
  const release = await hold(page, '/bff/edit_todo');
  await page.getByRole('checkbox', { name: 'Slow' }).click();
  await expect(todos.items).toHaveAttribute('aria-busy', 'true');
  await todos.edit('Slow');
  await todos.editor.fill('Slow but sure');
  await todos.editor.press('Enter');
  await todos.expectTitles(['Slow but sure']);
  const calls = answered(page);
  release();
  await expect.poll(() => calls).toEqual(['edit_todo', 'edit_todo']);
  await expect(todos.items).not.toHaveAttribute('aria-busy');
  await todos.reload();
  await todos.expectTitles(['Slow but sure']);
  await todos.expectCompleted(['Slow but sure']);
});

