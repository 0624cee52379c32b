// B3 and case 18: undo restores a deleted todo with its position, id and state.

import { hold } from '../pages/hold.ts';
import { TrashPage } from '../pages/trash.ts';
import { expect, test } from './fixtures.ts';

test.describe('with the button', () => {
  test.use({ initialTitles: ['one', 'two', 'three'] });

  test.beforeEach(({ user: { todos } }) => todos.complete('two'));

  test('case 18: undo restores a deleted todo unchanged, and deletion asks for no confirmation', { tag: '@replicas' }, async ({ user: { page, todos } }) => {
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
    await expect(todos.toast).toHaveCount(0);
    await todos.reload();
    await back();
    expect(asked).toBe(0);
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

  test('A5: undo restores a todo deleted by emptying its title, with the old title, under its filter', async ({ user: { page, todos } }) => {
    await todos.show('Active');
    await todos.rename('one', '  ');
    await todos.expectTitles(['three']);
    await todos.undo();
    await todos.expectTitles(['one', 'three']);
    await expect(page).toHaveURL('/todos?show=active');
    await todos.reload();
    await todos.expectTitles(['one', 'three']);
  });
});

test.describe('the toast', () => {
  test.use({ initialTitles: ['one', 'two', 'three', 'four'] });

  test.beforeEach(async ({ page, user: { todos } }) => {
    await page.clock.install();
    await todos.reload();
  });

  test('B3: the toast names the deleted todo and stays for ten seconds', async ({ user: { page, todos } }) => {
    await todos.delete('two');
    await page.mouse.move(0, 0);
    await expect(page.getByRole('status').filter({ hasText: 'Deleted' })).toContainText('Deleted “\u2068two\u2069”.');
    // The page's clock also advances in real time.
    await page.clock.runFor(2_000);
    await expect(todos.toast).toBeVisible();
    await page.clock.runFor(8_100);
    await expect(todos.toast).toHaveCount(0);
  });

  test('B3: the toast stays while the pointer or the focus is on it', async ({ user: { page, todos } }) => {
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

  test('B3: Ctrl+Z undoes several deletions one by one, the last first', async ({ user: { page, todos } }) => {
    await todos.delete('two');
    await todos.delete('one');
    await todos.delete('four');
    await page.getByRole('checkbox', { name: 'three', exact: true }).focus();
    for (const titles of [['three', 'four'], ['one', 'three', 'four'], ['one', 'two', 'three', 'four']]) {
      await todos.whenAnswered(() => page.keyboard.press('Control+z'));
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

  test('undo works before the server has answered the deletion', async ({ user: { page, todos } }) => {
    const calls: string[] = [];
    page.on('requestfinished', (request) => void (request.url().includes('/bff/') && calls.push(new URL(request.url()).pathname)));
    await page.route('/bff/delete_todo', async (route) => {
      // Waits until it is back on the page.
      await expect(todos.items).toHaveCount(4);
      await route.continue();
    });
    await todos.item('two').hover();
    await page.getByRole('button', { name: 'Delete: two' }).click();
    await expect(todos.items).toHaveCount(3);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(() => calls).toEqual(['/bff/delete_todo', '/bff/restore_todos']);
    await todos.reload();
    await todos.expectTitles(['one', 'two', 'three', 'four']);
  });

  test('undo of clearing also restores todos completed elsewhere', { tag: '@replicas' }, async ({ user, newBrowser }) => {
    const { todos } = user;
    await todos.complete('one');
    const elsewhere = user.at(await newBrowser());
    await elsewhere.signIn();
    await elsewhere.todos.complete('three');
    await todos.clearCompleted();
    await todos.expectTitles(['two', 'three', 'four']);
    await todos.undo();
    await todos.expectTitles(['one', 'two', 'three', 'four']);
    await todos.expectCompleted(['one', 'three']);
    await todos.reload();
    await todos.expectTitles(['one', 'two', 'three', 'four']);
    await todos.expectCompleted(['one', 'three']);
  });

  test('undo reports todos that were purged elsewhere', async ({ user, newBrowser }) => {
    const { todos } = user;
    await todos.complete('two');
    await todos.clearCompleted();
    const page = await newBrowser();
    await user.at(page).signIn();
    await page.goto('/trash/empty');
    await new TrashPage(page).emptyForGood();
    await todos.undo();
    await expect(todos.alert).toContainText('Not all that was deleted was restored.');
    await todos.expectTitles(['one', 'three', 'four']);
  });

  test('each deletion is undone separately, even with slow responses', async ({ user: { page, todos } }) => {
    await todos.complete('one');
    await todos.complete('two');
    await todos.delete('one');
    await todos.clearCompleted();
    await todos.undo();
    await todos.undo();
    await todos.expectTitles(['one', 'two', 'three', 'four']);

    // Cleared, undone and cleared again before the first response.
    const calls: string[] = [];
    page.on('requestfinished', (request) => void (request.url().includes('/bff/') && calls.push(new URL(request.url()).pathname.slice(5))));
    const release = await hold(page, '/bff/clear_completed');
    for (const button of ['Clear completed', 'Undo', 'Clear completed']) await page.getByRole('button', { name: button }).click();
    release();
    await expect.poll(() => calls).toEqual(['clear_completed', 'restore_todos', 'clear_completed']);
    await todos.expectTitles(['three', 'four']);
    await todos.undo();
    await todos.reload();
    await todos.expectTitles(['one', 'two', 'three', 'four']);
    await todos.expectCompleted(['one', 'two']);
  });

  test('a restored position is relative to neighbours, whatever was restored meanwhile', async ({ user: { page, todos }, problems }) => {
    problems.expect(/answered 500: .*\/bff\/delete_todo/, /console: .*500/);
    const release = await hold(page, '/bff/delete_todo', (route) => route.fulfill({ status: 500, contentType: 'application/json', body: '"Internal"' }), 1);
    for (const title of ['one', 'two']) {
      await todos.item(title).hover();
      await page.getByRole('button', { name: `Delete: ${title}` }).click();
    }
    await todos.expectTitles(['three', 'four']);
    release();
    await todos.expectTitles(['one', 'three', 'four']);
    await todos.undo();
    await todos.expectTitles(['one', 'two', 'three', 'four']);
    await todos.reload();
    await todos.expectTitles(['one', 'two', 'three', 'four']);
  });

  test('F3: restoring a row that the filter hides moves the focus to the field for new todos', async ({ user: { page, todos } }) => {
    await todos.complete('two');
    await todos.show('Active');
    await todos.clearCompleted();
    await page.getByRole('button', { name: 'Undo' }).focus();
    await todos.whenAnswered(() => page.keyboard.press('Enter'));
    await expect(todos.newTodo).toBeFocused();
  });

  test('a failed deletion offers no undo', async ({ user: { page, todos }, problems }) => {
    problems.expect(/answered 500: .*\/bff\/delete_todo/, /console: .*500/);
    await page.route('/bff/delete_todo', (route) => route.fulfill({ status: 500, contentType: 'application/json', body: '"Internal"' }));
    await todos.delete('two');
    await todos.expectTitles(['one', 'two', 'three', 'four']);
    await expect(todos.toast).toHaveCount(0);
  });
});
