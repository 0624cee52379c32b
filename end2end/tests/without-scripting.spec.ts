// Browser behaviour of forms without scripting; tests/it/without_scripting.rs and sent_forms.rs test their responses.

import { expect, test } from './fixtures.ts';

test.use({ javaScriptEnabled: false });

test('a form redirects to the page, a reload resubmits nothing, and Back works', async ({ user: { page, todos } }) => {
  await todos.add('Once');
  await expect(page).toHaveURL('/todos');
  await expect(todos.newTodo, 'focus for the next todo').toBeFocused();
  await todos.reload();
  await todos.expectTitles(['Once']);
  await todos.show('Active');
  await todos.show('Completed');
  await page.goBack();
  await todos.expectTitles(['Once']);
  await expect(page).toHaveURL('/todos?show=active');
});

test.describe('with two todos', () => {
  test.use({ initialTitles: ['One', 'Two'] });

  test('editing starts with the focus in the title, of which a line break becomes a blank', async ({ user: { page, todos } }) => {
    await todos.edit('One');
    await expect(todos.editor).toBeFocused();
    await todos.editor.fill('One and\na half');
    await todos.whenAnswered(() => page.getByRole('button', { name: 'Save: One' }).click());
    await expect(page, 'at the row').toHaveURL(/\/todos#t-/);
    await todos.expectTitles(['One and a half', 'Two']);
    await expect(todos.editor).toHaveCount(0);
  });

  test('the edit and delete buttons are visible on focus and hover', async ({ user: { page, todos } }) => {
    const row = todos.item('One');
    const buttons = [row.locator('.edit-link'), row.locator('.destroy')];
    for (const button of buttons) await expect(button, 'hidden without focus and pointer').toHaveCSS('opacity', '0');
    await row.hover();
    for (const button of buttons) await expect(button).toHaveCSS('opacity', '1');
    await page.mouse.move(0, 0);
    for (let presses = 0; presses < 10 && (await row.locator(':focus').count()) === 0; presses += 1) await page.keyboard.press('Tab');
    for (const button of buttons) await expect(button).toHaveCSS('opacity', '1');
  });
});
