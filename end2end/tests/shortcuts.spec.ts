// F5: single-key shortcuts.

import { expect, test } from './fixtures.ts';

test.use({ initialTitles: ['one', 'two', 'three'] });

// F5
test('shortcuts move the focus, complete, delete, undo and filter', async ({ user: { page, todos } }) => {
  const { keyboard } = page;
  const box = (title: string) => page.getByRole('checkbox', { name: title, exact: true });
  await todos.titles.first().click();
  await keyboard.press('j');
  await expect(box('one')).toBeFocused();
  await keyboard.press('j');
  await keyboard.press('ArrowDown');
  await expect(box('three')).toBeFocused();
  await keyboard.press('ArrowDown');
  await expect(box('three'), 'the focus stays on the last row').toBeFocused();
  await keyboard.press('k');
  await keyboard.press('ArrowUp');
  await expect(box('one')).toBeFocused();

  await todos.whenAnswered(() => keyboard.press('x'));
  await todos.expectCompleted(['one']);
  await todos.whenAnswered(() => keyboard.press('x'));
  await todos.expectCompleted([]);

  await todos.whenAnswered(() => keyboard.press('#'));
  await todos.expectTitles(['two', 'three']);
  await expect(box('two')).toBeFocused();
  await todos.whenAnswered(() => keyboard.press('Delete'));
  await todos.expectTitles(['three']);
  await todos.whenBack(() => keyboard.press('z'));
  await todos.whenBack(() => keyboard.press('z'));
  await todos.expectTitles(['one', 'two', 'three']);

  await keyboard.press('2');
  await expect(page).toHaveURL('/todos?show=active');
  await keyboard.press('3');
  await expect(page).toHaveURL('/todos?show=completed');
  await keyboard.press('1');
  await expect(page).toHaveURL('/todos');

  await keyboard.press('n');
  await expect(todos.newTodo).toBeFocused();
  await expect(todos.newTodo, 'the key itself is not typed').toHaveValue('');
});

// A4
test('e, F2 and Enter edit the focused row, and Escape returns the focus to it', async ({ user: { page, todos } }) => {
  const box = page.getByRole('checkbox', { name: 'two', exact: true });
  await box.focus();
  for (const key of ['e', 'F2', 'Enter']) {
    await page.keyboard.press(key);
    await expect(todos.editor, key).toBeFocused();
    await expect(todos.editor).toHaveValue('two');
    await page.keyboard.press('Escape');
    await expect(box).toBeFocused();
    await todos.expectCompleted([]);
  }
});

// F5
test('Escape leaves the box, and from the page the down arrow goes to the first row', async ({ user: { page, todos } }) => {
  const { keyboard } = page;
  await todos.newTodo.fill('half a thought');
  await keyboard.press('Escape');
  await expect(todos.newTodo).not.toBeFocused();
  await expect(todos.newTodo).toHaveValue('half a thought');
  await keyboard.press('ArrowDown');
  await expect(page.getByRole('checkbox', { name: 'one', exact: true })).toBeFocused();
});

// F5
test('a row is one tab stop, and the arrow keys reach its buttons', async ({ user: { page, todos } }) => {
  const { keyboard } = page;
  const box = (title: string) => page.getByRole('checkbox', { name: title, exact: true });
  await todos.add('four');
  await box('three').focus();
  await keyboard.press('Tab');
  await expect(box('four')).toBeFocused();
  await keyboard.press('Shift+Tab');
  await expect(box('three')).toBeFocused();
  await keyboard.press('ArrowRight');
  await expect(page.getByRole('link', { name: 'Edit: three' })).toBeFocused();
  await keyboard.press('ArrowRight');
  await expect(page.getByRole('button', { name: 'Delete: three' })).toBeFocused();
  await keyboard.press('ArrowRight');
  await expect(page.getByRole('button', { name: 'Important: three' })).toBeFocused();
  for (let steps = 0; steps < 3; steps += 1) await keyboard.press('ArrowLeft');
  await expect(box('three')).toBeFocused();
});

// F5
test('keys in a text field are text', async ({ user: { page, todos } }) => {
  await todos.newTodo.focus();
  await page.keyboard.type('1 next job: #zx?');
  await expect(todos.newTodo).toHaveValue('1 next job: #zx?');
  await todos.edit('two');
  await page.keyboard.type(' jxz#1');
  await expect(todos.editor).toHaveValue('two jxz#1');
  await expect(todos.items).toHaveCount(3);
  await page.keyboard.press('Escape');
});

// F5
test('keys with a modifier are left to the browser', async ({ user: { page, todos } }) => {
  await page.getByRole('checkbox', { name: 'two', exact: true }).focus();
  for (const key of ['Alt+x', 'Control+e', 'Meta+3']) await page.keyboard.press(key);
  await expect(page).toHaveURL('/todos');
  await todos.expectCompleted([]);
  await expect(todos.editor).toHaveCount(0);
});

// F5
test('? lists the shortcuts, and a switch there disables them permanently', async ({ user }) => {
  const { page, todos } = user;
  const help = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  const box = page.getByRole('checkbox', { name: 'two', exact: true });
  await box.focus();
  await page.keyboard.press('?');
  await expect(help).toBeVisible();
  await help.getByRole('checkbox').uncheck();
  await page.keyboard.press('Escape');
  await expect(help).toBeHidden();

  await box.focus();
  await page.keyboard.press('x');
  await page.keyboard.press('e');
  await expect(todos.editor).toHaveCount(0);
  await user.signOut();
  await user.signIn();
  await box.focus();
  await page.keyboard.press('x');
  await todos.expectCompleted([]);
  // Non-character keys stay enabled: speech input does not trigger them (WCAG 2.1.4).
  await page.keyboard.press('F2');
  await expect(todos.editor).toBeFocused();
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
  await help.getByRole('checkbox').check();
  await help.getByRole('button', { name: 'Close' }).click();
  await box.focus();
  await todos.whenAnswered(() => page.keyboard.press('x'));
  await todos.expectCompleted(['two']);
});
