// B6: messages are visible at any scroll position of a long list.

import { expect, test } from './fixtures.ts';

const MINUTE = 60_000;

// B6
test('at the end of 200 todos a failure, the lost connection, the toast and the end of the session are visible', async ({ user: { page, todos }, problems }) => {
  await todos.seed(Array.from({ length: 200 }, (_, nth) => `Todo number ${nth + 1}`));
  await page.clock.install();
  await todos.reload();
  const last = page.getByRole('checkbox', { name: 'Todo number 200' });
  await last.scrollIntoViewIfNeeded();
  const expectSeen = async (text: RegExp): Promise<void> => {
    await expect(page.getByText(text).last()).toBeInViewport({ ratio: 1 });
    await expect(last, 'the page did not scroll').toBeInViewport();
  };

  problems.expect(/answered 500: .*\/bff\/edit_todo/, /console: .*500/);
  await page.route('/bff/edit_todo', (route) => route.fulfill({ status: 500, contentType: 'application/json', body: '"Internal"' }));
  await last.click();
  await expectSeen(/“\u2068Todo number 200\u2069” was not completed/);
  await page.unroute('/bff/edit_todo');

  problems.expect(/failed: .*\/bff\//, /ERR_CONNECTION_REFUSED/);
  await page.route('/bff/**', (route) => route.abort('connectionrefused'));
  await last.click();
  await expectSeen(/You’re offline/);
  await page.unroute('/bff/**');
  await page.clock.runFor(5_000);
  await expect(todos.offline).toHaveCount(0);

  await todos.delete('Todo number 199');
  await expectSeen(/Deleted “\u2068Todo number 199\u2069”/);
  await page.clock.runFor(28.5 * MINUTE);
  await expectSeen(/Your session ends in less than two minutes/);
});
