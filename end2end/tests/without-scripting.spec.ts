// What a browser adds to forms where no script runs: what they do is told by the answers (tests/it/without_scripting.rs, sent_forms.rs).

import { expect, test } from './fixtures.ts';

test.use({ javaScriptEnabled: false });

test('a form leads back to the page at its own address, reloading that sends nothing again, and Back goes where one was', async ({ user: { page, todos } }) => {
  await todos.add('Once');
  await expect(page).toHaveURL('/todos');
  await expect(todos.newTodo, 'ready for the next').toBeFocused();
  await todos.reload();
  await todos.expectTitles(['Once']);
  await todos.show('Active');
  await todos.show('Completed');
  await page.goBack();
  await todos.expectTitles(['Once']);
  await expect(page).toHaveURL('/todos?show=active');
});

test.describe('with two todos', () => {
  test.use({ has: ['One', 'Two'] });

  test('editing begins with the cursor in the title, and Enter saves', async ({ user: { page, todos } }) => {
    await todos.edit('One');
    await expect(todos.editor).toBeFocused();
    await todos.editor.fill('One and a half');
    await todos.whenAnswered(() => todos.editor.press('Enter'));
    await expect(page).toHaveURL('/todos');
    await todos.expectTitles(['One and a half', 'Two']);
    await expect(todos.editor).toHaveCount(0);
  });

  test('what edits and deletes is seen once the focus is in its row, and while the pointer is on it', async ({ user: { page, todos } }) => {
    const row = todos.item('One');
    const buttons = [row.locator('.edit-link'), row.locator('.destroy')];
    // How CSS computes `transparent`.
    const unseen = 'rgba(0, 0, 0, 0)';
    for (const button of buttons) await expect(button, 'quiet until wanted').toHaveCSS('color', unseen);
    await row.hover();
    for (const button of buttons) await expect(button).not.toHaveCSS('color', unseen);
    await page.mouse.move(0, 0);
    for (let presses = 0; presses < 10 && (await row.locator(':focus').count()) === 0; presses += 1) await page.keyboard.press('Tab');
    for (const button of buttons) await expect(button).not.toHaveCSS('color', unseen);
  });
});
