// Tags: words of a title, and views.

import { expect, test } from './fixtures.ts';

test.use({ initialTitles: ['Mow the lawn #garden', 'Plant roses #Garden #love', 'Call Bob'] });

const INVALID = 'Use one word: letters, digits, - and _.';

test('a tag in a title leads to its view, by click and by arrow key', async ({ user: { page, todos } }) => {
  const { keyboard } = page;
  await todos.titles.getByRole('link', { name: '#garden', exact: true }).click();
  await expect(page).toHaveURL('/todos?tag=garden');
  await expect(todos.heading).toHaveText('#garden');
  await expect(todos.view('#garden'), 'in any spelling').toHaveAttribute('aria-current', 'page');
  await todos.expectTitles(['Mow the lawn #garden', 'Plant roses #Garden #love']);
  await todos.expectCompleted([]);
  await page.getByRole('checkbox', { name: 'Plant roses #Garden #love' }).focus();
  await keyboard.press('ArrowRight');
  await keyboard.press('ArrowRight');
  await expect(todos.titles.getByRole('link', { name: '#love' })).toBeFocused();
  await keyboard.press('Enter');
  await expect(page).toHaveURL('/todos?tag=love');
  await todos.expectTitles(['Plant roses #Garden #love']);
  await expect(todos.editor).toHaveCount(0);
});

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with scripting' : 'without scripting', () => {
    test.use({ javaScriptEnabled });

    test('a tag is renamed in all titles, with Undo', { tag: '@replicas' }, async ({ user: { page, todos } }) => {
      await todos.open('?tag=garden');
      await page.getByText('Rename tag').click();
      await page.getByLabel('New name of the tag').fill('#outside');
      await page.getByRole('button', { name: 'Rename' }).click();
      await expect(page).toHaveURL(/\/todos\?tag=outside&renamed=\d+$/);
      await todos.expectTitles(['Mow the lawn #outside', 'Plant roses #outside #love']);
      await todos.expectViews('Todos', 'Today', 'Scheduled', 'Important', '#love 1', '#outside 2');
      await expect(page.locator('.flash')).toContainText('Tag renamed.');
      await page.locator('.flash').getByRole('button', { name: 'Undo' }).click();
      await expect(todos.view('#garden')).toBeVisible();
      await todos.turnTo('Todos');
      await todos.expectTitles(['Mow the lawn #garden', 'Plant roses #Garden #love', 'Call Bob']);
    });

    test('an invalid name stays in the box of the tag, with the reason', async ({ user: { page, todos }, problems }) => {
      problems.expect(/answered 422: .*\/bff\/rename_tag/, /console: .*422/);
      await todos.open('?tag=garden');
      await page.getByText('Rename tag').click();
      const box = page.getByLabel('New name of the tag');
      await box.fill('two words');
      await page.getByRole('button', { name: 'Rename' }).click();
      await expect(page.getByText(INVALID)).toBeVisible();
      await expect(box).toBeVisible();
      await expect(box).toHaveValue('two words');
      await expect(box).toHaveAttribute('aria-invalid', 'true');
      await expect(box).toHaveAccessibleDescription(INVALID);
      await expect(todos.newTodo).toHaveValue('');
      await expect(todos.heading).toHaveText('#garden');
      await todos.expectTitles(['Mow the lawn #garden', 'Plant roses #Garden #love']);
    });
  });
}
