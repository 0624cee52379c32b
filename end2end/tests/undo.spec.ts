// B3 and case 18: undo restores a deleted todo with its position, id and state.

import { expect, test } from './fixtures.ts';

test.describe('with the button', () => {
  test.use({ initialTitles: ['one', 'two', 'three'] });

  test.beforeEach(({ user: { todos } }) => todos.complete('two'));

  // case 18
  test('undo restores a deleted todo unchanged, and deletion asks for no confirmation', { tag: '@replicas' }, async ({ user: { page, todos } }) => {
    let asked = 0;
    page.on('dialog', (dialog) => {
      asked += 1;
      void dialog.dismiss();
    });
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
    await expect(todos.toast.filter({ hasText: 'Deleted' })).toHaveCount(0);
    await todos.reload();
    await back();
    expect(asked).toBe(0);
  });

  test('marking all is undone exactly', { tag: '@replicas' }, async ({ user: { todos } }) => {
    await todos.toggleAll();
    await todos.expectCompleted(['one', 'two', 'three']);
    await expect(todos.toast).toContainText('Completed 2 todos.');
    await todos.undo();
    await todos.expectCompleted(['two']);
    await todos.reload();
    await todos.expectCompleted(['two']);
  });

  test('several bulk changes are undone, the latest first', async ({ user: { page, todos } }) => {
    await todos.toggleAll();
    await todos.toggleAll();
    await todos.expectCompleted([]);
    await todos.whenAnswered(() => todos.undo(), /undo_change/);
    await todos.expectCompleted(['one', 'two', 'three']);
    await todos.whenAnswered(() => page.keyboard.press('ControlOrMeta+z'), /undo_change/);
    await todos.expectCompleted(['two']);
    await todos.reload();
    await todos.expectCompleted(['two']);
  });

  test('undo restores all cleared todos', { tag: '@replicas' }, async ({ user: { todos } }) => {
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
});

test.describe('the toast', () => {
  test.use({ initialTitles: ['one', 'two', 'three', 'four'] });

  test.beforeEach(async ({ page, user: { todos } }) => {
    await page.clock.install();
    await todos.reload();
  });

  // B3
  test('the toast names the deleted todo and stays for ten seconds', async ({ user: { page, todos } }) => {
    await todos.delete('two');
    await page.mouse.move(0, 0);
    await expect(page.getByRole('status').filter({ hasText: 'Deleted' })).toContainText('Deleted “\u2068two\u2069”.');
    // The page's clock also advances in real time.
    await page.clock.runFor(2_000);
    await expect(todos.toast).toBeVisible();
    await page.clock.runFor(8_100);
    await expect(todos.toast).toHaveCount(0);
  });

  // B3
  test('the toast stays while the pointer or the focus is on it', async ({ user: { page, todos } }) => {
    await todos.delete('two');
    await todos.toast.hover();
    await page.clock.runFor(60_000);
    await expect(todos.toast).toBeVisible();
    await page.getByRole('button', { name: 'Undo' }).focus();
    await page.mouse.move(0, 0);
    await page.clock.runFor(60_000);
    await expect(todos.toast).toBeVisible();
    await todos.newTodo.focus();
    await page.mouse.move(0, 0);
    await page.clock.runFor(10_100);
    await expect(todos.toast).toHaveCount(0);
  });

  // B3
  test('the toast says how many more can be undone, and its close button removes it', async ({ user: { page, todos } }) => {
    await todos.delete('two');
    await expect(todos.toast).not.toContainText('more');
    await todos.delete('one');
    await todos.delete('four');
    await expect(todos.toast).toContainText('2 more');
    await page.getByRole('button', { name: 'Close' }).focus();
    await page.keyboard.press('Enter');
    await expect(todos.toast).toHaveCount(0);
    await expect(todos.newTodo, 'the focus is not lost').toBeFocused();
    await todos.expectTitles(['three']);
  });

  // B3
  test('Ctrl+Z undoes several deletions one by one, the last first', async ({ user: { page, todos } }) => {
    await todos.delete('two');
    await todos.delete('one');
    await todos.delete('four');
    await page.getByRole('checkbox', { name: 'three', exact: true }).focus();
    for (const titles of [['three', 'four'], ['one', 'three', 'four'], ['one', 'two', 'three', 'four']]) {
      await todos.whenBack(() => page.keyboard.press('Control+z'));
      await todos.expectTitles(titles);
    }
    await todos.reload();
    await todos.expectTitles(['one', 'two', 'three', 'four']);
  });

  test('Ctrl+Z in a text field undoes its text', async ({ user: { page, todos } }) => {
    await todos.delete('two');
    await todos.newTodo.pressSequentially('typed');
    await page.keyboard.press('Control+z');
    await todos.expectTitles(['one', 'three', 'four']);
  });

  test('after Undo the focus is on the restored row', async ({ user: { page, todos } }) => {
    await todos.delete('two');
    await page.getByRole('button', { name: 'Undo' }).focus();
    await todos.whenAnswered(() => page.keyboard.press('Enter'));
    await expect(page.getByRole('checkbox', { name: 'two', exact: true })).toBeFocused();
  });

  test('what was completed elsewhere and is cleared here comes back as well', { tag: '@replicas' }, async ({ user, newBrowser }) => {
    const { todos } = user;
    await todos.complete('one');
    const elsewhere = user.at(await newBrowser());
    await elsewhere.signIn();
    await elsewhere.todos.complete('three');
    await todos.clearCompleted();
    // The page reads what else was cleared.
    await todos.expectTitles(['two', 'four']);
    await todos.undo();
    await todos.expectTitles(['one', 'two', 'three', 'four']);
    await todos.expectCompleted(['one', 'three']);
    await todos.reload();
    await todos.expectTitles(['one', 'two', 'three', 'four']);
    await todos.expectCompleted(['one', 'three']);
  });

  // F3
  test('what comes back out of sight does not take the focus with it', async ({ user: { page, todos } }) => {
    await todos.complete('two');
    await todos.show('Active');
    await todos.clearCompleted();
    await page.getByRole('button', { name: 'Undo' }).focus();
    await todos.whenAnswered(() => page.keyboard.press('Enter'));
    await expect(todos.newTodo).toBeFocused();
  });
});
