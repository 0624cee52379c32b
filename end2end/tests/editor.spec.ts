// The editor of a todo and its marks in the row, with scripting.

import { expect, test } from './fixtures.ts';

test.use({ initialTitles: ['One', 'Two', 'Three'] });

test('notes, date and star are set in the editor and shown in the row', async ({ user: { page, todos } }) => {
  await todos.edit('One');
  await page.getByRole('textbox', { name: 'Notes' }).fill('First line\nhttps://example.org/path');
  await page.getByRole('button', { name: 'Tomorrow' }).click();
  await expect(page.getByRole('button', { name: 'Tomorrow' })).toHaveAttribute('aria-pressed', 'true');
  await page.getByLabel('Important', { exact: true }).check();
  await todos.whenAnswered(() => page.getByRole('button', { name: 'Save: One' }).click());
  const expectMarks = async (): Promise<void> => {
    const row = todos.item('One');
    await expect(row.locator('time')).toHaveText('Tomorrow');
    await expect(row.getByRole('img', { name: 'Has notes' })).toBeVisible();
    await expect(row.getByRole('button', { name: 'Important: One' })).toHaveAttribute('aria-pressed', 'true');
    await expect(page.locator('.meta'), 'the others are as before').toHaveCount(1);
  };
  await expectMarks();
  await todos.settled();
  await todos.reload();
  await expectMarks();

  await todos.edit('One');
  await expect(page.getByRole('textbox', { name: 'Notes' })).toHaveValue('First line\nhttps://example.org/path');
  await expect(page.locator('.links a')).toHaveText('example.org/path');
  await page.getByRole('button', { name: 'None' }).click();
  await todos.whenAnswered(() => todos.editor.press('Enter'));
  await expect(todos.item('One').locator('time')).toHaveCount(0);
  await expect(todos.toast).toContainText('Changed “⁨One⁩”.');
  await todos.whenAnswered(() => page.keyboard.press('ControlOrMeta+z'));
  await expect(todos.item('One').locator('time')).toHaveText('Tomorrow');
});

test('a click elsewhere saves, and does what it was meant to', async ({ user: { page, todos } }) => {
  await todos.edit('One');
  await todos.editor.fill('One and a half');
  await todos.whenAnswered(() => todos.item('Three').getByRole('checkbox').click());
  await todos.expectTitles(['One and a half', 'Two', 'Three']);
  await todos.expectCompleted(['Three']);
  await expect(todos.editor).toHaveCount(0);
  await todos.edit('Two');
  await todos.editor.fill('Two and a half');
  await todos.item('Three').locator('label').dblclick();
  await expect(todos.editor, 'another editor').toHaveValue('Three');
  await todos.expectTitles(['One and a half', 'Two and a half', 'Three']);
  await page.getByRole('link', { name: 'Cancel' }).click();
  await expect(todos.item('Three').locator('.edit-link')).toBeFocused();
});

test('what Escape drops is told, and can be saved after all', async ({ user: { page, todos } }) => {
  await todos.edit('One');
  await page.keyboard.press('Escape');
  await expect(todos.toast, 'nothing was typed').toHaveCount(0);
  await todos.edit('One');
  await todos.editor.fill('One and a half');
  await page.keyboard.press('Escape');
  await todos.expectTitles(['One', 'Two', 'Three']);
  await expect(todos.toast).toContainText('Your edit of “⁨One⁩” wasn’t saved.');
  await todos.whenAnswered(() => page.getByRole('button', { name: 'Undo' }).click());
  await todos.expectTitles(['One and a half', 'Two', 'Three']);
  await todos.whenAnswered(() => page.keyboard.press('ControlOrMeta+z'));
  await todos.expectTitles(['One', 'Two', 'Three']);
});

test('rows move from the editor and by keys, and keep input and focus', async ({ user: { page, todos } }) => {
  await todos.edit('One');
  await todos.editor.fill('Uno');
  await page.getByRole('textbox', { name: 'Notes' }).fill('noted');
  const down = page.getByRole('button', { name: 'Move down: One' });
  await down.click();
  await todos.expectTitles(['Two', 'One', 'Three']);
  await todos.whenAnswered(() => down.click());
  await expect(down, 'it is the last').toBeDisabled();
  await expect(todos.editor).toHaveValue('Uno');
  await expect(page.getByRole('textbox', { name: 'Notes' })).toHaveValue('noted');
  await expect(todos.editor.or(page.getByRole('textbox', { name: 'Notes' })).or(page.getByRole('button', { name: 'Move up: One' })).and(page.locator(':focus'))).toHaveCount(1);
  await todos.whenAnswered(() => page.getByRole('button', { name: 'Save: One' }).click());
  await todos.expectTitles(['Two', 'Three', 'Uno']);

  await todos.item('Uno').getByRole('checkbox').focus();
  await page.keyboard.press('Alt+ArrowUp');
  await page.keyboard.press('Alt+ArrowUp');
  await todos.expectTitles(['Uno', 'Two', 'Three']);
  await expect(todos.item('Uno').getByRole('checkbox')).toBeFocused();
  await expect(page.locator('.announcement')).toHaveText('Moved to 1 of 3');
  await todos.whenAnswered(() => page.keyboard.press('Alt+ArrowDown'));
  await todos.settled();
  await todos.reload();
  await todos.expectTitles(['Two', 'Uno', 'Three']);
});

test('every change is undone by a key, the latest first, also after the toast', async ({ user: { page, todos } }) => {
  await todos.item('One').getByRole('checkbox').focus();
  await page.keyboard.press('s');
  await page.keyboard.press('x');
  await page.keyboard.press('Alt+ArrowDown');
  await todos.whenAnswered(() => page.keyboard.press('Delete'));
  await todos.expectTitles(['Two', 'Three']);
  await expect(todos.toast).toContainText('3 more');
  await page.getByRole('button', { name: 'Close' }).click();
  await expect(todos.toast).toHaveCount(0);
  await todos.item('Two').getByRole('checkbox').focus();
  await todos.whenAnswered(() => page.keyboard.press('z'));
  await todos.expectTitles(['Two', 'One', 'Three']);
  await page.keyboard.press('z');
  await todos.expectTitles(['One', 'Two', 'Three']);
  await todos.expectCompleted(['One']);
  await page.keyboard.press('z');
  await todos.expectCompleted([]);
  const star = todos.item('One').locator('.star');
  await expect(star).toHaveAttribute('aria-pressed', 'true');
  await todos.whenAnswered(() => page.keyboard.press('z'));
  await expect(star).toHaveAttribute('aria-pressed', 'false');
  await todos.settled();
  await todos.reload();
  await todos.expectTitles(['One', 'Two', 'Three']);
  await todos.expectCompleted([]);
});

test('the title can be edited while the notes can’t be read', async ({ user, problems }) => {
  const { page, todos } = user;
  await todos.edit('One');
  await page.getByRole('textbox', { name: 'Notes' }).fill('kept');
  await todos.whenAnswered(() => todos.editor.press('Enter'));
  await todos.settled();
  await todos.reload();
  problems.expect(/read_notes/, /console: .*ERR_FAILED/);
  await page.route('/bff/read_notes', (route) => route.abort());
  await todos.edit('One');
  await expect(page.getByRole('textbox', { name: 'Notes' })).toHaveAttribute('placeholder', "The notes can’t be loaded now.");
  await expect(page.getByRole('textbox', { name: 'Notes' })).toBeDisabled();
  await todos.editor.fill('Uno');
  await todos.whenAnswered(() => todos.editor.press('Enter'));
  await page.unroute('/bff/read_notes');
  await todos.edit('Uno');
  await expect(page.getByRole('textbox', { name: 'Notes' })).toHaveValue('kept');
});

// B5
test('notes that were changed in another tab are a choice', async ({ user, problems }) => {
  const { page, todos } = user;
  const tab = user.at(await page.context().newPage());
  await tab.todos.open();
  await todos.edit('One');
  await page.getByRole('textbox', { name: 'Notes' }).fill('mine');
  await tab.todos.edit('One');
  await tab.page.getByRole('textbox', { name: 'Notes' }).fill('theirs');
  await tab.todos.whenAnswered(() => tab.todos.editor.press('Enter'));
  problems.expect(/answered 409: .*\/bff\/edit_todo/, /console: .*409/);
  await todos.editor.fill('Uno');
  await todos.whenAnswered(() => todos.editor.press('Enter'));
  await expect(todos.conflict.getByRole('alert')).toHaveText('The notes were changed somewhere else. They now read “theirs”.');
  await expect(page.getByRole('textbox', { name: 'Notes' })).toHaveValue('mine');
  await expect(todos.titles.first(), 'the title merges').toHaveText('Uno');
  await page.getByRole('button', { name: 'Take theirs' }).click();
  await expect(todos.editor).toHaveCount(0);
  await todos.edit('Uno');
  await expect(page.getByRole('textbox', { name: 'Notes' })).toHaveValue('theirs');
});

test('a link in a title opens it and edits nothing', async ({ user: { page, todos } }) => {
  const address = new URL('/livez', page.url()).href;
  await todos.add(`See ${address} today`);
  const link = todos.titles.last().getByRole('link');
  await expect(link).toHaveText(address.replace('http://', ''));
  await expect(link).toHaveAttribute('title', address);
  const opened = page.waitForEvent('popup');
  await link.click();
  await expect(await opened).toHaveURL(address);
  await expect(todos.editor).toHaveCount(0);
  await todos.settled();
  await todos.reload();
  await todos.edit(`See ${address.replace('http://', '')} today`);
  await expect(todos.editor, 'the whole address').toHaveValue(`See ${address} today`);
});

test('the dates of an open page turn at midnight', async ({ user, problems }) => {
  const { page, todos } = user;
  await page.clock.install();
  await todos.settled();
  await todos.reload();
  await todos.edit('One');
  await page.getByRole('button', { name: 'Today' }).click();
  await todos.whenAnswered(() => todos.editor.press('Enter'));
  await expect(todos.item('One').locator('time')).toHaveText('Today');
  // The server's day goes on.
  problems.expect(/bff\/todos/, /console: .*ERR_FAILED/);
  await page.route('/bff/todos', (route) => route.abort());
  await page.clock.fastForward('24:00:00');
  await expect(todos.item('One').locator('time')).toHaveText(/^Overdue, /);
  await page.unroute('/bff/todos');
});
