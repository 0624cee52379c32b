// B3 and B4: what is deleted is in the trash until that is emptied, with scripting and without.

import { Person } from '../pages/person.ts';
import { TrashPage } from '../pages/trash.ts';
import { expect, test as base } from './fixtures.ts';

const test = base.extend<{ trash: TrashPage }>({
  trash: ({ page }, use) => use(new TrashPage(page)),
});

test.beforeEach(async ({ user: { todos } }) => {
  for (const title of ['one', 'two', 'three']) await todos.add(title);
  await todos.complete('two');
});

test('B3: what was deleted is in the trash, the last first, and says when and whether it was done', async ({ user: { page, todos }, trash }) => {
  await todos.clearCompleted();
  await todos.delete('one');
  await trash.follow('Trash');
  await trash.ready();
  await expect(page).toHaveURL('/trash');
  await trash.expectTitles(['one', 'two']);
  await expect(trash.item('one')).toContainText('Deleted just now');
  await expect(trash.item('two')).toContainText('Completed, deleted just now');
  const moment = await trash.item('one').locator('time').getAttribute('datetime');
  expect(Math.abs(Date.now() - Date.parse(moment!))).toBeLessThan(60_000);
  await trash.follow('Back to your todos');
  await todos.ready();
  await todos.expectTitles(['three']);
});

test('B3: after Undo is gone the trash still has it, and brings it back to its place as it was', async ({ user: { page, todos }, trash }) => {
  const id = await todos.idOf('two');
  await todos.delete('two');
  await todos.reload();
  await todos.expectTitles(['one', 'three']);
  await trash.open();
  await trash.restore('two');
  await trash.ready();
  await expect(page).toHaveURL(`/trash?restored=${id}`);
  await expect(trash.told).toHaveText('Restored “two”.');
  await expect(page.getByText('The trash is empty.')).toBeVisible();
  await todos.open();
  await todos.expectTitles(['one', 'two', 'three']);
  await todos.expectCompleted(['two']);
  expect(await todos.idOf('two')).toBe(id);
});

test('B3: what was undone is not in the trash', async ({ user: { page, todos }, trash }) => {
  await todos.delete('one');
  await todos.undo();
  await trash.open();
  await expect(page.getByText('The trash is empty.')).toBeVisible();
  await trash.follow('Go to your todos');
  await todos.ready();
});

test('B4: emptying names the loss on a page that can be left safely', async ({ user: { page, todos }, trash }) => {
  await todos.delete('one');
  await todos.delete('two');
  await trash.open();
  await trash.follow('Empty the trash…');
  await expect(page).toHaveURL('/trash/empty');
  await expect(page.getByRole('main')).toContainText('2 todos will be gone for good.');
  await trash.follow('Keep what is in it');
  await trash.ready();
  await trash.expectTitles(['two', 'one']);
});

test('B4: once it is emptied nothing in it comes back, and the rest is untouched', async ({ user: { page, todos }, trash }) => {
  await todos.delete('one');
  await trash.open();
  await trash.follow('Empty the trash…');
  await expect(page.getByRole('main')).toContainText('1 todo will be gone for good.');
  await trash.emptyForGood();
  await trash.ready();
  await expect(page).toHaveURL('/trash');
  await expect(page.getByText('The trash is empty.')).toBeVisible();
  await page.reload();
  await expect(page.getByText('The trash is empty.')).toBeVisible();
  await todos.open();
  await todos.expectTitles(['two', 'three']);
});

test('B4: what was emptied in another tab can not be restored, and the page says so', async ({ user: { page, todos }, trash, problems }) => {
  await todos.delete('one');
  await todos.delete('two');
  await trash.open();
  const other = new TrashPage(await page.context().newPage());
  await other.open();
  await other.follow('Empty the trash…');
  await other.emptyForGood();
  problems.expect(/answered 404: .*\/bff\/restore_todos/, /console: .*404/);
  await trash.restore('one');
  await trash.ready();
  await expect(trash.alert).toHaveText('This todo is not there any more. It may have been deleted elsewhere.');
  await expect(page.getByText('The trash is empty.')).toBeVisible();
});

test('A-64: a title in the trash is text', async ({ user: { page, todos }, trash }) => {
  const hostile = '<b>x</b>"><img src=x onerror=alert(1)>';
  await todos.add(hostile);
  await todos.delete(hostile);
  await trash.open();
  await trash.expectTitles([hostile]);
  await trash.restore(hostile);
  await expect(trash.told).toHaveText(`Restored “${hostile}”.`);
  await expect(page.locator('main img')).toHaveCount(0);
});

test('A-54: the trash of another is not there', async ({ user: { todos }, trash, newBrowser, scripting }) => {
  const id = await todos.idOf('one');
  await todos.delete('one');
  const bob = new Person(await newBrowser(), scripting);
  await bob.signUp();
  const bobs = new TrashPage(bob.page);
  await bobs.open();
  await expect(bob.page.getByText('The trash is empty.')).toBeVisible();
  expect(await bob.page.content()).not.toContain(id);
  await trash.open();
  await trash.expectTitles(['one']);
});

test('the trash is for those who are signed in, and signing in leads there', async ({ user, page, trash }) => {
  await user.todos.delete('one');
  await page.context().clearCookies();
  await page.goto('/trash');
  await expect(page).toHaveURL('/sign-in?next=/trash');
  await user.sendForm('Sign in');
  await trash.ready();
  await trash.expectTitles(['one']);
});

test.describe('where nothing hovers', () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 360, height: 740 } });

  test('the link to the trash is seen, and fit for a finger', async ({ user: { page } }) => {
    const link = page.getByRole('link', { name: 'Trash' });
    await expect(link).toBeVisible();
    expect((await link.boundingBox())!.height).toBeGreaterThanOrEqual(44);
  });
});
