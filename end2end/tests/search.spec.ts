// Search, as one types and without scripting. tests/it has what the server finds.

import { focused } from '../pages/keyboard.ts';
import { expect, test } from './fixtures.ts';

test.use({ initialTitles: ['Fix the tap', 'Buy tape for the Lange Straße', 'Call Bob'] });

test('typing filters after a pause, and marks what is found', async ({ user: { page, todos } }) => {
  await todos.search.pressSequentially('tap');
  await todos.expectTitles(['Fix the tap', 'Buy tape for the Lange Straße']);
  await expect(todos.marks).toHaveText(['tap', 'tap']);
  await expect(page).toHaveURL('/todos?q=tap');
  await expect(page).toHaveTitle('“tap” · Holdfast');
  await expect(todos.heading).toHaveText('“tap”');
  await expect(todos.search, 'the focus stays').toBeFocused();
  await todos.search.fill('STRASSE');
  await todos.expectTitles(['Buy tape for the Lange Straße']);
  await expect(todos.marks).toHaveText(['Straße']);
  await todos.reload();
  await expect(todos.search).toHaveValue('STRASSE');
  await expect(todos.marks).toHaveText(['Straße']);
  await page.getByRole('link', { name: 'Clear search' }).click();
  await expect(page).toHaveURL('/todos');
  await expect(todos.search).toHaveValue('');
  await todos.expectTitles(['Fix the tap', 'Buy tape for the Lange Straße', 'Call Bob']);
  await expect(todos.marks).toHaveCount(0);
});

test('a search is one entry of the history, and the box follows it', async ({ user: { page, todos } }) => {
  for (const [text, found] of [['t', 2], ['ta', 2], ['tape', 1]] as const) {
    await todos.search.fill(text);
    await expect(page).toHaveURL(`/todos?q=${text}`);
    await expect(todos.items).toHaveCount(found);
  }
  await expect(todos.search).toBeFocused();
  await page.goBack();
  await expect(page).toHaveURL('/todos');
  await expect(todos.search).toHaveValue('');
  await todos.expectTitles(['Fix the tap', 'Buy tape for the Lange Straße', 'Call Bob']);
  await page.goForward();
  await expect(page).toHaveURL('/todos?q=tape');
  await expect(todos.search).toHaveValue('tape');
  await todos.expectTitles(['Buy tape for the Lange Straße']);
});

test('/ leads to the box, Enter searches at once, and Escape in the empty box leaves it', async ({ user: { page, todos } }) => {
  const { keyboard } = page;
  await page.clock.install();
  await todos.reload();
  await keyboard.press('Escape');
  await keyboard.press('/');
  await expect(todos.search).toBeFocused();
  await page.clock.pauseAt(Date.now() + 60_000);
  await keyboard.type('bob');
  await expect(page).toHaveURL('/todos');
  await keyboard.press('Enter');
  await expect(page).toHaveURL('/todos?q=bob');
  await page.clock.resume();
  await todos.expectTitles(['Call Bob']);
  await keyboard.press('Escape');
  await expect(todos.search, 'the browser empties it').toHaveValue('');
  await todos.expectTitles(['Fix the tap', 'Buy tape for the Lange Straße', 'Call Bob']);
  await keyboard.press('Escape');
  await expect(todos.search).not.toBeFocused();
  await keyboard.press('ArrowDown');
  await expect(page.getByRole('checkbox', { name: 'Fix the tap' })).toBeFocused();
});

test('if nothing is found, links lead out of the search and of the view, and the focus is not lost', async ({ user: { page, todos } }) => {
  await todos.plan('Call Bob', { days: 0 });
  await todos.open('?view=today');
  await todos.search.fill('<b>tap');
  await expect(page.locator('.empty')).toHaveText('Nothing found for “\u2068<b>tap\u2069”. Clear search or search all todos');
  await expect(todos.heading).toHaveText('“<b>tap”');
  await todos.search.fill('tap');
  await expect(page).toHaveURL('/todos?view=today&q=tap');
  await page.getByRole('link', { name: 'search all todos' }).press('Enter');
  await todos.expectTitles(['Fix the tap', 'Buy tape for the Lange Straße']);
  await expect.poll(() => focused(page)).toBeDefined();
  await todos.open('?view=today&q=tap');
  await page.locator('.empty').getByRole('link', { name: 'Clear search' }).press('Enter');
  await expect(page).toHaveURL('/todos?view=today');
  await expect(todos.search).toHaveValue('');
  await todos.expectTitles(['Call Bob']);
  await expect.poll(() => focused(page)).toBeDefined();
});

test('a search goes with view and filter, and what is added there and not found has a place', async ({ user: { page, todos } }) => {
  for (const title of ['Fix the tap', 'Call Bob']) await todos.plan(title, { days: 0 });
  await todos.open('?view=today&q=tap');
  await todos.expectTitles(['Fix the tap']);
  await todos.complete('Fix the tap');
  await todos.show('Active');
  await expect(page).toHaveURL('/todos?view=today&q=tap&show=active');
  await todos.expectTitles([]);
  await todos.show('Completed');
  await todos.expectTitles(['Fix the tap']);
  await todos.show('All');
  await todos.add('Tap dance');
  await todos.expectTitles(['Fix the tap', 'Tap dance']);
  await expect(todos.marks).toHaveText(['tap', 'Tap']);
  await todos.add('Write to Ida');
  await expect(page.locator('.new-place')).toHaveText('Added to \u2068Today\u2069. Show');
  await todos.expectTitles(['Fix the tap', 'Tap dance']);
  await page.locator('.new-place').getByRole('link', { name: 'Show' }).click();
  await expect(page).toHaveURL('/todos?view=today');
  await todos.expectTitles(['Fix the tap', 'Call Bob', 'Tap dance', 'Write to Ida']);
});

test.describe('without scripting', () => {
  test.use({ javaScriptEnabled: false });

  test('the form searches within the view, and marks what is found', async ({ user: { page, todos } }) => {
    await todos.open('?view=scheduled');
    await todos.search.fill('tap');
    await todos.whenAnswered(() => todos.search.press('Enter'));
    await expect(page).toHaveURL('/todos?view=scheduled&q=tap');
    await todos.whenAnswered(() => page.getByRole('link', { name: 'search all todos' }).click());
    await todos.expectTitles(['Fix the tap', 'Buy tape for the Lange Straße']);
    await expect(todos.marks).toHaveText(['tap', 'tap']);
    await todos.complete('Fix the tap');
    await expect(page).toHaveURL(/\/todos\?q=tap&completed=/);
    await todos.show('Active');
    await todos.expectTitles(['Buy tape for the Lange Straße']);
    await todos.whenAnswered(() => page.getByRole('link', { name: 'Clear search' }).click());
    await expect(page).toHaveURL('/todos?show=active');
    await todos.expectTitles(['Buy tape for the Lange Straße', 'Call Bob']);
  });
});
