// S5 and S6: the end of the session loses no input, and covers the page.

import type { Page } from '@playwright/test';
import { PASSWORD, Person } from '../pages/person.ts';
import { expect, test } from './fixtures.ts';
import { SESSION_ENDED } from './problems.ts';

const MINUTE = 60_000;
const CURRENT_USER = '**/bff/current_user';

/** Replaces the server's remaining times, because a test can't set its clock. */
async function mockRemainingSeconds(page: Page, secondsLeft: number, secondsToMax: number): Promise<void> {
  await page.route(CURRENT_USER, async (route) => {
    const response = await route.fetch();
    const user = (await response.json()) as object;
    await route.fulfill({ response, json: { ...user, seconds_left: secondsLeft, seconds_to_max: secondsToMax } });
  });
}

// S5
test('two minutes before the end a notice offers to stay signed in with one request', async ({ user: { page, todos } }) => {
  await page.clock.install();
  await todos.reload();
  const notice = page.getByText('Your session ends in less than two minutes.');
  // Below 28 minutes, because the page's clock also advances in real time, and the session started earlier.
  await page.clock.runFor(27 * MINUTE);
  await expect(notice).toBeHidden();
  await mockRemainingSeconds(page, 110, 40_000);
  await page.clock.runFor(1.5 * MINUTE);
  await expect(notice).toBeVisible();
  await page.unrouteAll({ behavior: 'wait' });
  const asked = page.waitForRequest('/bff/stay_signed_in');
  await todos.whenAnswered(() => page.getByRole('button', { name: 'Stay signed in' }).click());
  await asked;
  await expect(notice).toBeHidden();
  await expect(todos.signInDialog).toBeHidden();
  await expect(todos.newTodo).toBeFocused();
  await page.clock.runFor(27 * MINUTE);
  await expect(notice).toBeHidden();
});

// S5
test('no notice appears if another tab has used the session', async ({ user: { page, todos } }) => {
  await page.clock.install();
  await todos.reload();
  const asked = page.waitForResponse(CURRENT_USER);
  await page.clock.runFor(28.1 * MINUTE);
  await (await asked).finished();
  await expect(page.getByText('Your session ends in less than two minutes.')).toBeHidden();
});

// S5
test('at the maximum lifetime of the session the dialog asks for the password only', async ({ user: { page, email, todos } }) => {
  await page.clock.install();
  await todos.reload();
  const notice = page.getByText('Your session ends in less than two minutes.');
  await mockRemainingSeconds(page, 110, 110);
  await page.clock.runFor(28.1 * MINUTE);
  await expect(notice).toBeVisible();
  await page.unrouteAll({ behavior: 'wait' });
  await page.getByRole('button', { name: 'Sign in again' }).click();
  await page.keyboard.press('Escape');
  await expect(todos.signInDialog, 'it can be closed').toBeHidden();
  await page.getByRole('button', { name: 'Sign in again' }).click();
  await expect(todos.signInDialog.getByLabel('E-mail')).toHaveValue(email);
  await expect(todos.signInDialog.getByLabel('Password', { exact: true })).toBeFocused();
  await todos.signInDialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await todos.whenAnswered(() => page.keyboard.press('Enter'));
  await expect(todos.signInDialog).toBeHidden();
  await expect(notice).toBeHidden();
  await expect(todos.newTodo).toBeFocused();
});

test('the dialog reports a refused cookie, and loses no change', async ({ user, newBrowser, problems }) => {
  const { page, todos } = user;
  await user.signOutAt(await newBrowser());
  problems.expect(...SESSION_ENDED);
  await todos.newTodo.fill('Kept');
  await todos.newTodo.press('Enter');
  await expect(todos.signInDialog).toBeVisible();
  await page.route('**/bff/sign_in', (route) => route.fulfill({ contentType: 'application/json', body: 'null' }));
  const password = todos.signInDialog.getByLabel('Password', { exact: true });
  await password.fill(PASSWORD);
  await password.press('Enter');
  await expect(todos.signInDialog.getByRole('alert')).toHaveText(/^Your browser didn’t keep the cookie/);
  await expect(password).toBeFocused();
  await page.unroute('**/bff/sign_in');
  const replayed = page.waitForResponse('/bff/add_todo');
  await password.press('Enter');
  await (await replayed).finished();
  await expect(todos.signInDialog).toBeHidden();
  await todos.reload();
  await todos.expectTitles(['Kept']);
});

// S5
test('changes after the end of the session wait for the sign-in, and are replayed in order', { tag: '@replicas' }, async ({ user, newBrowser, problems }) => {
  const { page, todos } = user;
  await todos.add('Before');
  await user.signOutAt(await newBrowser());
  problems.expect(...SESSION_ENDED);
  await todos.newTodo.fill('After');
  await todos.newTodo.press('Enter');
  await expect(todos.signInDialog).toBeVisible();
  await expect(page, 'no redirect').toHaveURL('/todos');

  await todos.signInDialog.getByLabel('Password', { exact: true }).fill('wrong horse battery staple');
  await todos.whenAnswered(() => page.keyboard.press('Enter'));
  await expect(todos.signInDialog.getByRole('alert')).toHaveText('Wrong e-mail or password.');

  // The page stays covered, since another person may be at the browser now.
  await page.keyboard.press('Escape');
  await expect(todos.signInDialog).toBeVisible();
  await expect(todos.signInDialog.getByRole('button', { name: 'Not now' })).toBeHidden();
  await expect(todos.signInDialog.getByRole('link', { name: 'Leave without saving' })).toBeVisible();
  await todos.signInDialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
  const replayed = page.waitForResponse('/bff/add_todo');
  await page.keyboard.press('Enter');
  await (await replayed).finished();
  await expect(todos.signInDialog).toBeHidden();
  await expect(todos.newTodo).toBeFocused();
  await todos.reload();
  await todos.expectTitles(['Before', 'After']);
});

// S5
test('at the end of the session a page without unsaved input redirects to the sign-in page', async ({ user, newBrowser, problems }) => {
  const { page, todos } = user;
  await todos.add('Private');
  await page.clock.install();
  await todos.reload();
  await user.signOutAt(await newBrowser());
  problems.expect(...SESSION_ENDED);
  await page.clock.runFor(30.1 * MINUTE);
  await expect(page).toHaveURL('/sign-in?next=/todos');
  await expect(page.getByText('Private')).toHaveCount(0);
});

// S6
test('after a sign-out in another tab, this one redirects to the sign-in page on focus', { tag: '@replicas' }, async ({ user, problems }) => {
  const { page, todos } = user;
  await todos.add('Private');
  const tab = user.at(await page.context().newPage());
  await tab.todos.open();
  await tab.signOut();
  problems.expect(...SESSION_ENDED);
  await page.evaluate(() => dispatchEvent(new Event('focus')));
  await expect(page).toHaveURL('/sign-in?next=/todos');
});

// S6
test('with unsent input the dialog asks for the password, and covers the list', async ({ user, newBrowser, problems }) => {
  const { page, todos } = user;
  await user.signOutAt(await newBrowser());
  problems.expect(...SESSION_ENDED);
  await todos.newTodo.fill('Half a thought');
  await page.evaluate(() => dispatchEvent(new Event('focus')));
  await expect(todos.signInDialog).toBeVisible();
  await todos.signInDialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await todos.whenAnswered(() => page.keyboard.press('Enter'));
  await expect(todos.signInDialog).toBeHidden();
  await expect(todos.newTodo).toHaveValue('Half a thought');
});

test('changes on a page are never applied to another account that signed in meanwhile', async ({ user: ann, problems, scripting }) => {
  const { page, todos } = ann;
  await todos.add("Ann's");
  const bob = new Person(await page.context().newPage(), scripting);
  await bob.page.goto('/todos');
  await bob.signOut();
  await bob.signUp();

  problems.expect(...SESSION_ENDED);
  await todos.newTodo.fill("Ann's thought");
  await todos.newTodo.press('Enter');
  await expect(todos.signInDialog).toBeVisible();
  await bob.todos.reload();
  await bob.todos.expectTitles([]);

  await todos.signInDialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
  const replayed = page.waitForResponse('/bff/add_todo');
  await page.keyboard.press('Enter');
  await (await replayed).finished();
  await todos.reload();
  await todos.expectTitles(["Ann's", "Ann's thought"]);
});
