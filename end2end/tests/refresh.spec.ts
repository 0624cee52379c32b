// A tab that comes to the front shows what was changed elsewhere.

import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';

test.use({ initialTitles: ['one', 'two', 'three'] });

const toTheFront = (page: Page): Promise<boolean> => page.evaluate(() => dispatchEvent(new Event('focus')));

test('changes made elsewhere are there, without a word', { tag: '@replicas' }, async ({ user: { page, todos } }) => {
  await todos.seed(['four']);
  await todos.renameElsewhere('two', 'two, elsewhere');
  await toTheFront(page);
  await todos.expectTitles(['one', 'two, elsewhere', 'three', 'four']);
  await expect(todos.count).toHaveText('4 items left');
  await expect(page.locator('.announcement')).toBeEmpty();
});

test('an unchanged list is not sent again', async ({ user: { page, todos } }) => {
  await todos.reload();
  const answer = page.waitForResponse(/\/bff\/todos$/);
  await toTheFront(page);
  expect((await answer).status()).toBe(304);
});

test('what is being typed keeps the list as it is', async ({ user: { page, todos } }) => {
  await todos.newTodo.fill('half a thought');
  await todos.seed(['four']);
  const checked = page.waitForResponse(/\/bff\/current_user$/);
  await toTheFront(page);
  await checked;
  await todos.expectTitles(['one', 'two', 'three']);
  await todos.newTodo.press('Enter');
  await todos.expectTitles(['one', 'two', 'three', 'half a thought']);
});

test('if the focused todo goes away, the next one has the focus and the count is announced', async ({ user: { page, todos } }) => {
  const id = await todos.idOf('two');
  await page.getByRole('checkbox', { name: 'two', exact: true }).focus();
  await page.evaluate(async (id) => {
    const answer = await fetch('/bff/delete_todo', { method: 'POST', headers: { accept: 'application/json' }, body: new URLSearchParams({ id }) });
    await answer.text();
  }, id);
  await toTheFront(page);
  await todos.expectTitles(['one', 'three']);
  await expect(page.getByRole('checkbox', { name: 'three', exact: true })).toBeFocused();
  await expect(page.locator('.announcement')).toHaveText('2 active items');
});
