// S5 and S6: the session ends, and nothing that was typed is lost; but nobody reads a page whose owner has gone.

import type { Page } from '@playwright/test';
import { PASSWORD, Person } from '../pages/person.ts';
import { expect, test } from './fixtures.ts';
import { SESSION_ENDED } from './problems.ts';

const MINUTE = 60_000;
const CURRENT_USER = '**/bff/current_user';

/** What the server would say later on of the session: its clock can't be set from here. */
async function tellSeconds(page: Page, secondsLeft: number, secondsToMax: number): Promise<void> {
  await page.route(CURRENT_USER, async (route) => {
    const response = await route.fetch();
    const user = (await response.json()) as object;
    await route.fulfill({ response, json: { ...user, seconds_left: secondsLeft, seconds_to_max: secondsToMax } });
  });
}

test('S5: two minutes before the end a notice offers to stay, which is one request', async ({ user: { page, todos } }) => {
  await page.clock.install();
  await todos.reload();
  const notice = page.getByText('Your session ends in less than two minutes.');
  // The clock of the page also runs by itself, and the session since before the page.
  await page.clock.runFor(27 * MINUTE);
  await expect(notice).toBeHidden();
  await tellSeconds(page, 110, 40_000);
  await page.clock.runFor(1.5 * MINUTE);
  await expect(notice).toBeVisible();
  await page.unrouteAll({ behavior: 'wait' });
  const asked = page.waitForRequest('/bff/stay_signed_in');
  await todos.whenAnswered(() => page.getByRole('button', { name: 'Stay signed in' }).click());
  await asked;
  await expect(notice).toBeHidden();
  await expect(todos.signInDialog).toBeHidden();
  await expect(todos.newTodo).toBeFocused();
  // The clock of the page is set anew.
  await page.clock.runFor(27 * MINUTE);
  await expect(notice).toBeHidden();
});

test('S5: no notice comes where another tab has used the session meanwhile', async ({ user: { page, todos } }) => {
  await page.clock.install();
  await todos.reload();
  const asked = page.waitForResponse(CURRENT_USER);
  await page.clock.runFor(28.1 * MINUTE);
  await (await asked).finished();
  await expect(page.getByText('Your session ends in less than two minutes.')).toBeHidden();
});

test('S5: at the end of the longest session the password is all it needs', async ({ user: { page, email, todos } }) => {
  await page.clock.install();
  await todos.reload();
  const notice = page.getByText('Your session ends in less than two minutes.');
  await tellSeconds(page, 110, 110);
  await page.clock.runFor(28.1 * MINUTE);
  await expect(notice).toBeVisible();
  await page.unrouteAll({ behavior: 'wait' });
  await page.getByRole('button', { name: 'Sign in again' }).click();
  await page.keyboard.press('Escape');
  await expect(todos.signInDialog, 'it can be put off').toBeHidden();
  await page.getByRole('button', { name: 'Sign in again' }).click();
  await expect(todos.signInDialog.getByLabel('E-mail')).toHaveValue(email);
  await expect(todos.signInDialog.getByLabel('Password', { exact: true })).toBeFocused();
  await todos.signInDialog.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await todos.whenAnswered(() => page.keyboard.press('Enter'));
  await expect(todos.signInDialog).toBeHidden();
  await expect(notice).toBeHidden();
  await expect(todos.newTodo).toBeFocused();
});

test('the dialog says so if the browser refuses the cookie, and loses nothing', async ({ user, newBrowser, problems }) => {
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
  await expect(todos.signInDialog.getByRole('alert')).toHaveText(/^Your browser didn't keep the cookie/);
  await expect(password).toBeFocused();
  await page.unroute('**/bff/sign_in');
  const replayed = page.waitForResponse('/bff/add_todo');
  await password.press('Enter');
  await (await replayed).finished();
  await expect(todos.signInDialog).toBeHidden();
  await todos.reload();
  await todos.expectTitles(['Kept']);
});

test('S5: what is done after the end waits for the sign-in, and is replayed in order', { tag: '@replicas' }, async ({ user, newBrowser, problems }) => {
  const { page, todos } = user;
  await todos.add('Before');
  await user.signOutAt(await newBrowser());
  problems.expect(...SESSION_ENDED);
  await todos.newTodo.fill('After');
  await todos.newTodo.press('Enter');
  await expect(todos.signInDialog).toBeVisible();
  await expect(page, 'nobody is led away').toHaveURL('/todos');

  await todos.signInDialog.getByLabel('Password', { exact: true }).fill('wrong horse battery staple');
  await todos.whenAnswered(() => page.keyboard.press('Enter'));
  await expect(todos.signInDialog.getByRole('alert')).toHaveText('The e-mail or the password is wrong. Check both and try again.');

  // The page stays covered: who sits there now may be somebody else.
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

test('S5: when the time is up and nothing is open, the page gives way to the sign-in page', async ({ user, newBrowser, problems }) => {
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

test('S6: after a sign-out in another tab, this one shows the sign-in page as soon as one looks at it', { tag: '@replicas' }, async ({ user, problems }) => {
  const { page, todos } = user;
  await todos.add('Private');
  const tab = user.at(await page.context().newPage());
  await tab.todos.open();
  await tab.signOut();
  problems.expect(...SESSION_ENDED);
  await page.evaluate(() => dispatchEvent(new Event('focus')));
  await expect(page).toHaveURL('/sign-in?next=/todos');
});

test('S6: with something typed it asks for the password first, and covers the list', async ({ user, newBrowser, problems }) => {
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

test('what is done on a page never lands in the list of somebody who signed in meanwhile', async ({ user: ann, problems, scripting }) => {
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
