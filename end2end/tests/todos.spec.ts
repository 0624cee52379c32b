// The island: optimistic updates, and no lost changes.

import type { Page, Request } from '@playwright/test';
import { expect, test } from './fixtures.ts';

/** Counts the subsequent requests to a server function. */
function count(page: Page, name: string): { sent: number; answered: number } {
  const counter = { sent: 0, answered: 0 };
  const isCounted = (request: Request): boolean => new URL(request.url()).pathname === `/bff/${name}`;
  page.on('request', (request) => {
    if (isCounted(request)) counter.sent += 1;
  });
  page.on('requestfinished', (request) => {
    if (isCounted(request)) counter.answered += 1;
  });
  return counter;
}

test('Enter adds one todo after another, and the focus stays in the empty field', { tag: '@replicas' }, async ({ user: { page, todos } }) => {
  const added = count(page, 'add_todo');
  await expect(todos.newTodo).toBeFocused();
  for (const title of ['One', 'Two', 'Three']) {
    await page.keyboard.type(title);
    await page.keyboard.press('Enter');
    await expect(todos.newTodo).toHaveValue('');
    await expect(todos.newTodo).toBeFocused();
  }
  await todos.expectTitles(['One', 'Two', 'Three']);
  await expect.poll(() => added.answered).toBe(3);
  await todos.reload();
  await todos.expectTitles(['One', 'Two', 'Three']);
});

test('a blank todo sends nothing', async ({ user: { page, todos } }) => {
  const added = count(page, 'add_todo');
  await todos.newTodo.fill('  \u3000 ');
  await todos.newTodo.press('Enter');
  await todos.add('Something');
  expect(added.sent).toBe(1);
});

test('a double-click edits, with the cursor at the end, and Enter saves once', async ({ user: { page, todos } }) => {
  const renamed = count(page, 'edit_todo');
  await todos.add('Buy milk');
  await todos.item('Buy milk').locator('label').dblclick();
  await expect(todos.editor).toBeFocused();
  await expect(todos.editor).toHaveJSProperty('selectionStart', 8);
  await expect(todos.editor).toHaveJSProperty('selectionEnd', 8);
  await page.keyboard.type(' and bread');
  await todos.whenAnswered(() => page.keyboard.press('Enter'));
  await todos.expectTitles(['Buy milk and bread']);
  await expect(todos.editor).toHaveCount(0);

  // Changes are sent in order, so a second rename would precede this.
  await todos.add('After that');
  expect(renamed.sent).toBe(1);
});

test('blur saves an edit', async ({ user: { page, todos } }) => {
  await todos.add('Before');
  await todos.edit('Before');
  await todos.editor.fill('  After ');
  await todos.whenAnswered(() => page.getByRole('heading', { level: 1 }).click());
  await todos.expectTitles(['After']);
  await expect(todos.editor).toHaveCount(0);
  await todos.reload();
  await todos.expectTitles(['After']);
});

test('the editor has Save, Cancel and Delete, for the pointer and for the keyboard', async ({ user: { page, todos } }) => {
  const renamed = count(page, 'edit_todo');
  await todos.add('Before');
  await todos.edit('Before');
  await todos.editor.fill('Discarded');
  await page.getByRole('link', { name: 'Cancel' }).click();
  await todos.expectTitles(['Before']);
  await todos.edit('Before');
  await todos.editor.fill('After');
  await page.keyboard.press('Tab');
  await expect(page.getByLabel('Notes'), 'the focus within the editor saves nothing').toBeFocused();
  await expect(todos.editor).toHaveValue('After');
  await page.keyboard.press('Enter');
  await expect(todos.editor, 'notes have several lines').toHaveCount(1);
  await todos.whenAnswered(() => page.keyboard.press('ControlOrMeta+Enter'));
  await todos.expectTitles(['After']);
  expect(renamed.sent).toBe(1);

  await todos.edit('After');
  await todos.editor.fill('Never saved');
  await todos.whenAnswered(() => page.getByRole('button', { name: 'Delete: After' }).click());
  await todos.expectTitles([]);
  await todos.undo();
  await todos.expectTitles(['After']);
  expect(renamed.sent).toBe(1);
});

test('Escape discards an edit, and the following blur saves nothing', async ({ user: { page, todos } }) => {
  const renamed = count(page, 'edit_todo');
  await todos.add('Before');
  await todos.edit('Before');
  await todos.editor.fill('After');
  await page.keyboard.press('Escape');
  await expect(todos.editor).toHaveCount(0);
  await page.getByRole('heading', { level: 1 }).click();
  await todos.expectTitles(['Before']);
  await todos.add('After that');
  expect(renamed.sent).toBe(0);
});

test('only one todo is edited at a time', async ({ user: { todos } }) => {
  await todos.add('One');
  await todos.add('Two');
  await todos.edit('One');
  await todos.editor.fill('One, changed');
  await todos.whenAnswered(() => todos.item('Two').locator('label').dblclick());
  await expect(todos.editor).toHaveCount(1);
  await expect(todos.editor).toHaveValue('Two');
  await todos.expectTitles(['One, changed', 'Two']);
});

test('a click that ends an edit also activates its target', async ({ user: { page, todos } }) => {
  // The title's row is higher than its editor, so the rows below move when it closes.
  await page.setViewportSize({ width: 360, height: 740 });
  await todos.add('So much to do. '.repeat(15).trim());
  await todos.add('Below');
  await todos.items.first().locator('label').dblclick();
  await todos.editor.press('!');
  const box = await page.getByRole('checkbox', { name: 'Below' }).boundingBox();
  await page.mouse.click(box!.x + box!.width / 2, box!.y + box!.height / 2);
  await todos.expectCompleted(['Below']);
});

test('the edit button edits as well', async ({ user: { page, todos } }) => {
  await todos.add('Before');
  await todos.item('Before').hover();
  await page.getByRole('link', { name: 'Edit: Before' }).click();
  await expect(todos.editor).toBeFocused();
  await expect(page, 'without leaving the page').toHaveURL('/todos');
});

test('completing a todo sends one request', async ({ user: { page, todos } }) => {
  const edited = count(page, 'edit_todo');
  await todos.add('Once');
  await todos.complete('Once');
  await todos.add('After that');
  expect(edited.sent).toBe(1);
});

// A3
test('Enter and Escape of an IME composition neither add a todo nor save or discard an edit', async ({ user: { page, todos } }) => {
  const devtools = await page.context().newCDPSession(page);
  const compose = (text: string) => devtools.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
  await todos.add('one');
  await todos.newTodo.focus();
  await compose('にほん');
  await page.keyboard.press('Enter');
  await todos.expectTitles(['one']);
  await devtools.send('Input.insertText', { text: '日本' });
  await expect(todos.newTodo).toHaveValue('日本');
  await todos.whenAnswered(() => page.keyboard.press('Enter'));
  await todos.expectTitles(['one', '日本']);

  await todos.edit('one');
  await compose('か');
  await page.keyboard.press('Escape');
  await expect(todos.editor).toBeVisible();
  // Safari marks the key that ends a composition only by its key code.
  await todos.editor.dispatchEvent('keydown', { key: 'Escape', keyCode: 229 });
  await expect(todos.editor).toBeVisible();
});
