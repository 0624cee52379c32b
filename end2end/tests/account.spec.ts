// The account: what one can change, take along and delete. With scripting and without.

import { readFile } from 'node:fs/promises';
import { AccountPage } from '../pages/account.ts';
import { PASSWORD } from '../pages/person.ts';
import { expect, test } from './fixtures.ts';

const NEW_PASSWORD = 'a long walk by the sea';
const WRONG_PASSWORD = 'wrong horse battery staple';

test('one comes from the todos to the account, and back', async ({ user: { page, email } }) => {
  await page.getByRole('link', { name: 'Account', exact: true }).click();
  await expect(page).toHaveURL('/account');
  await expect(page).toHaveTitle('Account · Holdfast');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Account');
  await expect(page.getByRole('main').getByText(email)).toBeVisible();
  await page.getByRole('link', { name: 'Back to your todos' }).click();
  await expect(page).toHaveURL('/todos');
});

test('whoever is signed out comes to the account by signing in', async ({ user, newBrowser }) => {
  const guest = user.at(await newBrowser());
  await guest.page.goto('/account');
  await expect(guest.page).toHaveURL('/sign-in?next=/account');
  await guest.sendForm('Sign in');
  await expect(guest.page).toHaveURL('/account');
});

test('A-38: a new password ends all other sessions, and this one goes on', async ({ user, newBrowser, problems }) => {
  await user.todos.add('Buy milk');
  const elsewhere = user.at(await newBrowser());
  await elsewhere.signIn();
  const account = new AccountPage(user.page);
  await account.open();
  await account.changePassword(PASSWORD, NEW_PASSWORD);
  await expect(user.page).toHaveURL('/account?done=password');
  await expect(account.status).toHaveText('Your password is changed. Every other browser and program is signed out.');
  await expect(account.current).toHaveValue('');
  await user.todos.open();
  await user.todos.expectTitles(['Buy milk']);

  await elsewhere.page.goto('/account');
  await expect(elsewhere.page).toHaveURL('/sign-in?next=/account');
  problems.expect(/answered 401: .*\/bff\/sign_in/, /console: .*401/);
  await elsewhere.sendForm('Sign in', { password: PASSWORD });
  await expect(elsewhere.page.getByRole('alert')).toHaveText('The e-mail or the password is wrong. Check both and try again.');
  await elsewhere.sendForm('Sign in', { password: NEW_PASSWORD });
  await expect(elsewhere.page).toHaveURL('/account');
});

test('S2: what is wrong with a change is told beside its field, which has the focus', async ({ user: { page }, problems }) => {
  problems.expect(/answered 403: .*\/bff\/change_password/, /answered 422: .*\/bff\/change_password/, /console: .*403/, /console: .*422/);
  const account = new AccountPage(page);
  await account.open();
  await expect(account.next, 'the rules come first').toHaveAccessibleDescription(/^At least 8 characters/);
  for (const [current, next, box, sentence] of [
    [WRONG_PASSWORD, NEW_PASSWORD, account.current, /^This is not your password\./],
    [PASSWORD, 'short', account.next, /^This password is too short\./],
    [PASSWORD, 'password1234', account.next, /^This is a common password, or much like one\./],
    [PASSWORD, 'aaaaaaaaaaaa', account.next, /^Repeats like aaa or abcabc are easy to guess\./],
  ] as const) {
    await account.changePassword(current, next);
    await expect(box).toHaveAccessibleDescription(sentence);
    await expect(box).toHaveAttribute('aria-invalid', 'true');
    await expect(box).toBeFocused();
    for (const empty of [account.current, account.next]) await expect(empty).toHaveValue('');
  }
  await account.open();
  await expect(page, 'nobody was signed out').toHaveURL('/account');
});

test('S1: a password can be shown, where there is scripting', async ({ user: { page }, scripting }) => {
  const account = new AccountPage(page);
  await account.open();
  const show = page.getByRole('button', { name: 'Show new password' });
  await account.next.fill(NEW_PASSWORD);
  if (!scripting) {
    await expect(page.getByRole('button', { name: 'Show' })).toHaveCount(0);
    return;
  }
  await expect(show).toHaveAttribute('aria-pressed', 'false');
  await show.press('Enter');
  await expect(show).toHaveAttribute('aria-pressed', 'true');
  await expect(account.next).toHaveAttribute('type', 'text');
  await expect(account.next).toHaveValue(NEW_PASSWORD);
  await expect(account.current, 'only this one').toHaveAttribute('type', 'password');
  await show.click();
  await expect(account.next).toHaveAttribute('type', 'password');

  await show.click();
  await account.current.fill(PASSWORD);
  await page.locator('form', { has: account.next }).evaluate((form) => form.addEventListener('submit', (event) => event.preventDefault()));
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(account.next, 'browsers do not get to remember it').toHaveAttribute('type', 'password');
});

test('everything is exported by one click', async ({ user: { page, todos, email }, problems }) => {
  // What turns out to be a file is no navigation any more.
  problems.expect(/failed: .*\/account\/export net::ERR_ABORTED/);
  await todos.add('Buy milk');
  await page.goto('/account');
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Export everything' }).click()]);
  expect(download.suggestedFilename()).toBe('holdfast-export.json');
  const everything = JSON.parse(await readFile(await download.path(), 'utf8')) as { account: { email: string }; todos: { title: string }[] };
  expect(everything.account.email).toBe(email);
  expect(everything.todos.map(({ title }) => title)).toEqual(['Buy milk']);
  await expect(page).toHaveURL('/account');
});

test('signing out everywhere ends every session', async ({ user, newBrowser }) => {
  const elsewhere = user.at(await newBrowser());
  await elsewhere.signIn();
  const account = new AccountPage(user.page);
  await account.open();
  await account.press('Sign out everywhere');
  await expect(user.page).toHaveURL('/sign-in');
  await elsewhere.page.reload();
  await expect(elsewhere.page).toHaveURL('/sign-in?next=/todos');
});

test('B4, S7: an account is deleted with its password only, and can be kept until then', async ({ user, problems }) => {
  problems.expect(/answered 403: .*\/bff\/delete_account/, /console: .*403/);
  const { page, todos } = user;
  const account = new AccountPage(page);
  await todos.add('Buy milk');
  await todos.add('Call Bob');
  await account.open();
  await page.getByRole('link', { name: 'Delete the account…' }).click();
  await expect(page).toHaveURL('/account/delete');
  await expect(page.getByRole('main')).toContainText(`This deletes the account ${user.email}, for good. It has 2 todos.`);
  await expect(page.getByRole('link', { name: 'Export everything' })).toBeVisible();
  await page.getByRole('link', { name: 'Keep the account' }).click();
  await expect(page).toHaveURL('/account');
  await page.goBack();

  await account.delete(WRONG_PASSWORD);
  const password = page.getByLabel('Password', { exact: true });
  await expect(password).toHaveAccessibleDescription(/^This is not your password\./);
  await expect(password).toBeFocused();
  await expect(password).toHaveValue('');

  await page.goto('/account/delete');
  await account.delete(PASSWORD);
  await expect(page).toHaveURL('/sign-in?done=deleted');
  await expect(account.status).toHaveText('Your account and everything in it are deleted.');
  expect(await page.context().cookies()).toEqual([]);
  await page.goBack();
  await expect(page).toHaveURL('/sign-in?next=/account/delete');
  await expect(page.getByText(user.email)).toHaveCount(0);

  await user.signUp();
  await expect(todos.items, 'the address is free, and nothing came back').toHaveCount(0);
});
