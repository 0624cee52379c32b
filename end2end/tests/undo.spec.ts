// B3 and case 18: what was deleted comes back, to the same place, with the same id and in the same state.

import { expect, test } from './fixtures.ts';

test.beforeEach(async ({ user: { todos } }) => {
  for (const title of ['one', 'two', 'three']) await todos.add(title);
  await todos.complete('two');
});

test('case 18: a deleted todo comes back as it was', async ({ user: { todos } }) => {
  const id = await todos.idOf('two');
  await todos.delete('two');
  await todos.expectTitles(['one', 'three']);
  await expect(todos.toast).toContainText('Deleted');
  await todos.undo();
  const back = async (): Promise<void> => {
    await todos.expectTitles(['one', 'two', 'three']);
    await todos.expectCompleted(['two']);
    expect(await todos.idOf('two')).toBe(id);
    await expect(todos.count).toHaveText('2 items left');
  };
  await back();
  await expect(todos.toast).toHaveCount(0);
  await todos.reload();
  await back();
});

test('completed todos that were cleared come back, all of them', async ({ user: { todos } }) => {
  await todos.complete('three');
  await todos.clearCompleted();
  await todos.expectTitles(['one']);
  await todos.undo();
  await todos.expectTitles(['one', 'two', 'three']);
  await todos.expectCompleted(['two', 'three']);
  await todos.reload();
  await todos.expectTitles(['one', 'two', 'three']);
  await todos.expectCompleted(['two', 'three']);
});

test('A5: a todo deleted by emptying its title comes back with the title that it had', async ({ user: { todos } }) => {
  await todos.rename('one', '  ');
  await todos.expectTitles(['two', 'three']);
  await todos.undo();
  await todos.expectTitles(['one', 'two', 'three']);
  await todos.reload();
  await todos.expectTitles(['one', 'two', 'three']);
});

test('what is deleted under a filter comes back under it', async ({ user: { page, todos } }) => {
  await todos.show('Active');
  await todos.delete('one');
  await todos.expectTitles(['three']);
  await todos.undo();
  await todos.expectTitles(['one', 'three']);
  await expect(page).toHaveURL('/todos?show=active');
});

test('nobody is asked before anything that can be undone', async ({ user: { page, todos } }) => {
  let asked = 0;
  page.on('dialog', (dialog) => {
    asked += 1;
    void dialog.dismiss();
  });
  await todos.delete('one');
  await todos.clearCompleted();
  await todos.expectTitles(['three']);
  expect(asked).toBe(0);
});
