// The parts of the account page that need a browser; tests/it/account_page.rs tests its forms.

import { readFile } from 'node:fs/promises';
import { AccountPage } from '../pages/account.ts';
import { PASSWORD } from '../pages/person.ts';
import { expect, test } from './fixtures.ts';

const NEW_PASSWORD = 'a long walk by the sea';

//
test('a new password ends all other sessions, and this one stays', { tag: '@replicas' }, async ({ user, newBrowser }) => {
  await user.todos.add('Buy milk');
  const elsewhere = user.at(await newBrowser());
  await elsewhere.signIn();
  const account = new AccountPage(user.page);
  await account.open();
  await account.changePassword(PASSWORD, NEW_PASSWORD);
  await expect(user.page).toHaveURL('/account?done=password');
  await expect(account.status).toHaveText('Your password is changed. Every other browser and program has been signed out.');
  await user.todos.open();
  await user.todos.expectTitles(['Buy milk']);

  await elsewhere.page.goto('/account');
  await expect(elsewhere.page).toHaveURL('/sign-in?next=/account');
  await elsewhere.sendForm('Sign in', { password: NEW_PASSWORD });
  await expect(elsewhere.page).toHaveURL('/account');
  await new AccountPage(elsewhere.page).press('Sign out everywhere');
  await expect(elsewhere.page).toHaveURL('/sign-in');
  await user.page.reload();
  await expect(user.page).toHaveURL('/sign-in?next=/todos');
});

// S1
test('a password can be shown', async ({ user: { page } }) => {
  const account = new AccountPage(page);
  await account.open();
  await account.openPassword();
  const show = page.getByRole('button', { name: 'Show new password' });
  await account.next.fill(NEW_PASSWORD);
  await expect(show).toHaveAttribute('aria-pressed', 'false');
  await show.press('Enter');
  await expect(show).toHaveAttribute('aria-pressed', 'true');
  await expect(account.next).toHaveAttribute('type', 'text');
  await expect(account.next).toHaveValue(NEW_PASSWORD);
  await expect(account.current, 'only one field is shown').toHaveAttribute('type', 'password');
  await show.click();
  await expect(account.next).toHaveAttribute('type', 'password');

  await show.click();
  await account.current.fill(PASSWORD);
  await page.locator('form', { has: account.next }).evaluate((form) => form.addEventListener('submit', (event) => event.preventDefault()));
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(account.next, 'hidden before submission, so that browsers do not remember it').toHaveAttribute('type', 'password');
});

test('one click exports everything', async ({ user: { page, todos, email }, problems }) => {
  // A download aborts the navigation.
  problems.expect(/failed: .*\/account\/export net::ERR_ABORTED/);
  await todos.add('Buy milk');
  await page.goto('/account');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download' }).click()]);
  expect(download.suggestedFilename()).toBe('holdfast-export.json');
  const everything = JSON.parse(await readFile(await download.path(), 'utf8')) as { account: { email: string }; todos: { title: string }[] };
  expect(everything.account.email).toBe(email);
  expect(everything.todos.map(({ title }) => title)).toEqual(['Buy milk']);
  await expect(page).toHaveURL('/account');
});

test.describe('in Tokyo', () => {
  test.use({ timezoneId: 'Asia/Tokyo' });

  test('signing up detects the time zone', async ({ visitor }) => {
    const { page } = visitor;
    await page.goto('/sign-up');
    await visitor.sendForm('Sign up');
    await visitor.todos.ready();
    await page.goto('/account');
    await expect(page.getByLabel('Time zone', { exact: true })).toHaveValue('Asia/Tokyo');
  });
});

// B4, S7
test('deleting an account needs its password and can be cancelled, and Back shows nothing of it', async ({ user }) => {
  const { page, todos } = user;
  const account = new AccountPage(page);
  await todos.add('Buy milk');
  await page.getByRole('link', { name: 'Account', exact: true }).click();
  await page.getByRole('link', { name: 'Delete account…' }).click();
  await expect(page.getByRole('main')).toContainText(`This permanently deletes the account ${user.email} with 1 todo.`);
  await page.getByRole('link', { name: 'Cancel' }).click();
  await expect(page).toHaveURL('/account');
  await page.goBack();
  await account.delete(PASSWORD);
  await expect(page).toHaveURL('/sign-in?done=deleted');
  await expect(account.status).toHaveText('Your account and everything in it have been deleted.');
  expect(await page.context().cookies()).toEqual([]);
  await page.goBack();
  await expect(page).toHaveURL('/sign-in?next=/account/delete');
  await expect(page.getByText(user.email)).toHaveCount(0);

  await user.signUp();
  await expect(todos.items, 'the address is free again, and its data is gone').toHaveCount(0);
});
