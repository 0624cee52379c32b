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

test('case 15: a failed addition returns the title to its field, and Retry adds it', async ({ user: { page, todos }, problems }) => {
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

test('B2: a failed completion reopens the todo, and Retry completes it', async ({ user: { page, todos }, problems }) => {
  await todos.add('Stubborn');
  problems.expect(...failed('complete_todo'));
  await page.route('/bff/complete_todo', fail);
  await todos.complete('Stubborn');
  await expect(todos.alert).toContainText(`“\u2068Stubborn\u2069” was not completed. ${FAULT}`);
  await todos.expectCompleted([]);
  await expect(todos.count).toHaveText('1 item left');

  await page.unroute('/bff/complete_todo');
  await todos.whenAnswered(() => todos.alert.getByRole('button', { name: 'Retry' }).click());
  await todos.expectCompleted(['Stubborn']);
});

test('B2: a failed deletion restores the row to its position', async ({ user: { page, todos }, problems }) => {
  for (const title of ['One', 'Two', 'Three']) await todos.add(title);
  problems.expect(...failed('delete_todo'));
  await page.route('/bff/delete_todo', fail);
  await todos.delete('Two');
  await expect(todos.alert).toContainText('“\u2068Two\u2069” was not deleted.');
  await todos.expectTitles(['One', 'Two', 'Three']);
});

test('B2: a failed rename restores the old title, keeps the new one, and offers Retry', async ({ user: { page, todos }, problems }) => {
  await todos.add('Before');
  problems.expect(...failed('rename_todo'));
  await page.route('/bff/rename_todo', fail);
  await todos.rename('Before', 'After long thought');
  await expect(todos.alert).toContainText(`“\u2068Before\u2069” was not changed to “\u2068After long thought\u2069”. ${FAULT}`);
  await todos.expectTitles(['Before']);
  await expect(todos.editor).toHaveValue('After long thought');
  await page.unroute('/bff/rename_todo');
  // Moving the focus to the button already saves, so Retry has nothing to do.
  await todos.whenAnswered(() => todos.alert.getByRole('button', { name: 'Retry' }).click());
  await todos.expectTitles(['After long thought']);
  await todos.reload();
  await todos.expectTitles(['After long thought']);
});

test('B2: a failed bulk operation restores all rows', async ({ user: { page, todos }, problems }) => {
  for (const title of ['One', 'Two']) await todos.add(title);
  await todos.complete('Two');
  problems.expect(...failed('complete_todos'), ...failed('clear_completed'));
  await page.route('/bff/c*', fail);
  await todos.toggleAll();
  await expect(todos.alert).toContainText('The list was not changed.');
  await todos.expectCompleted(['Two']);
  await todos.clearCompleted();
  await expect(todos.alert).toContainText('The list was not changed.');
  await todos.expectTitles(['One', 'Two']);
  await expect(todos.toast).toHaveCount(0);
});

test('B5: a title that was changed elsewhere is not overwritten, and both are visible', async ({ user, newBrowser, problems }) => {
  const { todos } = user;
  await todos.add('Buy milk');
  const elsewhere = user.at(await newBrowser());
  await elsewhere.signIn();
  await elsewhere.todos.rename('Buy milk', 'Buy oat milk');

  problems.expect(/answered 409: .*\/bff\/rename_todo/, /console: .*409/);
  await todos.rename('Buy milk', 'Buy soy milk');
  await expect(todos.alert).toContainText('“\u2068Buy milk\u2069” was not changed to “\u2068Buy soy milk\u2069”.');
  await expect(todos.alert).toContainText('changed elsewhere');
  await expect(todos.editor).toHaveValue('Buy soy milk');
  await todos.expectTitles(['Buy oat milk']);
  // Saving again overwrites on purpose.
  await todos.whenAnswered(() => todos.editor.press('Enter'));
  await todos.expectTitles(['Buy soy milk']);
  await elsewhere.todos.reload();
  await elsewhere.todos.expectTitles(['Buy soy milk']);
});

test('failed additions stay listed until they are retried, whatever is added next', async ({ user: { page, todos }, problems }) => {
  problems.expect(...failed('add_todo'));
  const release = await hold(page, '/bff/add_todo', fail);
  for (const title of ['First', 'Second', 'Third']) {
    await todos.newTodo.fill(title);
    await todos.newTodo.press('Enter');
  }
  await todos.newTodo.fill('typing on');
  release();
  const notices = todos.alert.locator('.notice');
  await expect(notices).toHaveCount(3);
  await page.unroute('/bff/add_todo');
  await todos.whenAnswered(() => todos.newTodo.press('Enter'));
  for (const title of ['First', 'Second', 'Third']) {
    await todos.whenAnswered(() => notices.filter({ hasText: title }).getByRole('button', { name: 'Retry' }).click());
  }
  await expect(notices).toHaveCount(0);
  await todos.expectTitles(['typing on', 'First', 'Second', 'Third']);
  await todos.reload();
  await todos.expectTitles(['typing on', 'First', 'Second', 'Third']);
});

test('A6: the last title is restored to the field, even if the addition failed', async ({ user: { page, todos }, problems }) => {
  problems.expect(...failed('add_todo'));
  const release = await hold(page, '/bff/add_todo', fail);
  await todos.newTodo.fill('First');
  await todos.newTodo.press('Enter');
  await todos.edit('First');
  await todos.editor.fill('First, best');
  await todos.editor.press('Enter');
  release();
  await expect(todos.newTodo).toHaveValue('First, best');
  await todos.expectTitles([]);
});

test('a rename of a todo that was deleted elsewhere keeps the new title', async ({ user, newBrowser, problems }) => {
  const { todos } = user;
  await todos.add('Shared');
  const elsewhere = user.at(await newBrowser());
  await elsewhere.signIn();
  await elsewhere.todos.delete('Shared');
  problems.expect(/answered 404: .*\/bff\/rename_todo/, /console: .*404/);
  await todos.rename('Shared', 'After long thought');
  await expect(todos.alert).toContainText('“\u2068Shared\u2069” was not changed to “\u2068After long thought\u2069”.');
  await expect(todos.newTodo).toHaveValue('After long thought');
  await todos.expectTitles([]);
});

test('a failed rename reopens its editor, even if the filter hides the row', async ({ user, newBrowser, problems }) => {
  const { page, todos } = user;
  for (const title of ['Buy milk', 'Other']) await todos.add(title);
  const elsewhere = user.at(await newBrowser());
  await elsewhere.signIn();
  await elsewhere.todos.rename('Buy milk', 'Buy oat milk');

  problems.expect(/answered 409: .*\/bff\/rename_todo/, /console: .*409/);
  await todos.show('Active');
  const release = await hold(page, '/bff/rename_todo');
  await todos.edit('Buy milk');
  await todos.editor.fill('Buy soy milk');
  await todos.editor.press('Enter');
  await page.getByRole('checkbox', { name: 'Buy soy milk', exact: true }).click();
  await todos.expectTitles(['Other']);
  release();
  await expect(todos.editor).toHaveValue('Buy soy milk');
  await todos.editor.press('Escape');
  await todos.expectTitles(['Other']);
  await todos.edit('Other');
});

test('the text in the editor of a deleted todo moves to the field for new todos', async ({ user, newBrowser, problems }) => {
  const { page, todos } = user;
  for (const title of ['One', 'Two']) await todos.add(title);
  const elsewhere = user.at(await newBrowser());
  await elsewhere.signIn();
  for (const title of ['One', 'Two']) await elsewhere.todos.delete(title);

  problems.expect(/answered 404: .*\/bff\/(complete|rename)_todo/, /console: .*404/);
  const release = await hold(page, '/bff/complete_todo');
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

test('an addition whose response was lost is applied once', async ({ user: { page, todos }, problems }) => {
  problems.expect(/failed: .*\/bff\/add_todo/, /console: .*ERR_FAILED/);
  await page.clock.install();
  await todos.reload();
  await page.route('/bff/add_todo', async (route) => {
    await route.fetch();
    await route.abort();
  }, { times: 1 });
  const sent = added(page);
  await todos.newTodo.fill('Sent once');
  await todos.newTodo.press('Enter');
  await expect(todos.offline).toBeVisible();
  await page.clock.runFor(5_000);
  await (await sent).finished();
  await expect(todos.offline).toHaveCount(0);
  await todos.expectTitles(['Sent once']);
  await expect(todos.newTodo).toHaveValue('');
  await todos.reload();
  await todos.expectTitles(['Sent once']);
});

test('changes without a connection are sent in order when it is back', async ({ user: { page, todos }, problems }) => {
  problems.expect(/ERR_INTERNET_DISCONNECTED/);
  await todos.add('From before');
  await page.context().setOffline(true);
  await todos.newTodo.fill('Written on a train');
  await todos.newTodo.press('Enter');
  await expect(todos.offline).toContainText("The server can't be reached. 1 change is kept here and sent as soon as possible.");
  await page.getByRole('checkbox', { name: 'From before' }).click();
  await todos.edit('Written on a train');
  await todos.editor.fill('Written in a tunnel');
  await todos.editor.press('Enter');
  await expect(todos.offline).toContainText('3 changes are kept here');
  await todos.expectTitles(['From before', 'Written in a tunnel']);
  await todos.expectCompleted(['From before']);

  const calls = answered(page);
  await page.context().setOffline(false);
  await expect.poll(() => calls).toEqual(['add_todo', 'complete_todo', 'rename_todo']);
  await expect(todos.offline).toHaveCount(0);
  await todos.reload();
  await todos.expectTitles(['From before', 'Written in a tunnel']);
  await todos.expectCompleted(['From before']);
});

test('an unreachable server is retried until it is back', async ({ user: { page, todos }, problems }) => {
  problems.expect(...GONE);
  await page.clock.install();
  await todos.reload();
  const start = await stopServer(page);
  const sent = added(page);
  await todos.newTodo.fill('Kept');
  await todos.newTodo.press('Enter');
  await expect(todos.offline).toBeVisible();
  const calls = answered(page);
  await page.clock.runFor(9_000);
  await expect(todos.offline).toBeVisible();
  expect(calls).toEqual([]);
  await start();
  await page.clock.runFor(5_000);
  await (await sent).finished();
  await expect(todos.offline).toHaveCount(0);
  await todos.reload();
  await todos.expectTitles(['Kept']);
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
  await expect(todos.alert).toContainText('“\u2068Typed with care\u2069” was not added. Something between you and the server refused this. Reload the page and try again.');
  await expect(todos.newTodo).toHaveValue('Typed with care');
});

test('a retry waits for the delay that the server asked for', async ({ user: { page, todos }, problems }) => {
  problems.expect(/answered 429: .*\/bff\/add_todo/, /console: .*429/);
  await page.clock.install();
  await todos.reload();
  await page.route('/bff/add_todo', (route) => route.fulfill({ status: 429, contentType: 'application/json', body: '{"RateLimited":30}' }), { times: 1 });
  const calls = answered(page);
  await todos.add('Kept');
  await expect(todos.offline).toBeVisible();
  await page.clock.runFor(25_000);
  await expect(todos.offline).toBeVisible();
  const sent = added(page);
  expect(calls, 'only the refused one').toHaveLength(1);
  await page.clock.runFor(6_000);
  await (await sent).finished();
  await expect(todos.offline).toHaveCount(0);
});

test('a busy server is retried after a pause', async ({ user: { page, todos }, problems }) => {
  problems.expect(/answered 503: .*\/bff\/add_todo/, /console: .*503/);
  await page.route('/bff/add_todo', (route) => route.fulfill({ status: 503, contentType: 'application/json', body: '"Unavailable"' }), { times: 1 });
  const sent = added(page);
  await todos.add('Kept');
  await expect(todos.offline).toBeVisible();
  await (await sent).finished();
  await expect(todos.offline).toHaveCount(0);
  await todos.expectTitles(['Kept']);
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

test('B1: a row with a slow change has aria-busy, and stays usable', async ({ user: { page, todos } }) => {
  await todos.add('Slow');
  const release = await hold(page, '/bff/complete_todo');
  await page.getByRole('checkbox', { name: 'Slow' }).click();
  await expect(todos.items).toHaveAttribute('aria-busy', 'true');
  await todos.edit('Slow');
  await todos.editor.fill('Slow but sure');
  await todos.editor.press('Enter');
  await todos.expectTitles(['Slow but sure']);
  const calls = answered(page);
  release();
  await expect.poll(() => calls).toEqual(['complete_todo', 'rename_todo']);
  await expect(todos.items).not.toHaveAttribute('aria-busy');
  await todos.reload();
  await todos.expectTitles(['Slow but sure']);
  await todos.expectCompleted(['Slow but sure']);
});

test('A6: slow responses change neither the list nor the order, and the last title wins', async ({ user: { page, todos } }) => {
  const release = await hold(page, '/bff/add_todo', undefined, 1);

  for (const title of ['First', 'Second']) {
    await todos.newTodo.fill(title);
    await todos.newTodo.press('Enter');
  }
  for (const title of ['First, better', 'First, best']) {
    await todos.edit((await todos.titles.first().textContent())!);
    await todos.editor.fill(title);
    await todos.editor.press('Enter');
  }
  await todos.expectTitles(['First, best', 'Second']);

  const calls = answered(page);
  release();
  await expect.poll(() => calls).toEqual(['add_todo', 'add_todo', 'rename_todo', 'rename_todo']);
  await todos.expectTitles(['First, best', 'Second']);
  await todos.reload();
  await todos.expectTitles(['First, best', 'Second']);
});
