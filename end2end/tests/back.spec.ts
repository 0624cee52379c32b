// Back with the back/forward cache, which Playwright disables and the headless shell lacks.

import type { Page } from '@playwright/test';
import { fullChromium } from '../playwright.base.ts';
import { expect, test } from './fixtures.ts';
import { SESSION_ENDED } from './problems.ts';

test.use({ launchOptions: { ...fullChromium, ignoreDefaultArgs: ['--disable-back-forward-cache'] } });

const CAME_BACK = 'came back, to be read: ';

test.beforeEach(async ({ page }) => {
  await page.addInitScript((cameBack) => {
    addEventListener('pageshow', (shown) => {
      if (shown.persisted) console.debug(cameBack + document.body.innerText);
    });
  }, CAME_BACK);
});

/** Goes back to a page in the back/forward cache, and expects it to be covered at first. */
async function back(page: Page, pages = 1): Promise<void> {
  const cameBack = page.waitForEvent('console', { predicate: (message) => message.text().startsWith(CAME_BACK), timeout: 10_000 });
  // `goBack` would wait for a load event that may not occur.
  await page.evaluate((steps) => history.go(-steps), pages);
  expect((await cameBack).text(), 'it is covered').toBe(CAME_BACK);
}

for (const path of ['/todos', '/trash']) {
  //
  test(`after sign-out Back shows nothing of ${path}, even from the back/forward cache`, async ({ user, page }) => {
    await user.todos.add('Secret plan');
    await user.todos.delete('Secret plan');
    await user.todos.add('Secret plan');
    await user.signOut();
    await page.goto(`/sign-in?next=${path}`);
    await user.sendForm('Sign in');
    await expect(page).toHaveURL(path);
    await expect(page.getByText('Secret plan').first()).toBeVisible();
    await user.signOut();
    // Over the account page, which has the button.
    await back(page, 2);
    await expect(page).toHaveURL(`/sign-in?next=${path}`);
    await expect(page.getByText(/Secret plan|@example/)).toHaveCount(0);
  });
}

//
test('a restored page with unsent input is covered by the dialog if the session has ended', async ({ user, page, newBrowser, problems }) => {
  await user.todos.newTodo.fill('Half a thought');
  await page.getByRole('link', { name: 'Account' }).click();
  await expect(page).toHaveURL('/account');
  await user.signOutAt(await newBrowser());
  problems.expect(...SESSION_ENDED);
  await back(page);
  const dialog = user.todos.signInDialog;
  await expect(dialog).toBeVisible();
  await expect(dialog.getByLabel('Password', { exact: true })).toBeFocused();
  await expect(user.todos.newTodo).toHaveValue('Half a thought');
});

//
test('a page restored without a network is shown once the network is back', async ({ user, page, problems }) => {
  await user.todos.newTodo.fill('Half a thought');
  await page.getByRole('link', { name: 'Account' }).click();
  await expect(page).toHaveURL('/account');
  problems.expect(/ERR_INTERNET_DISCONNECTED/);
  await page.context().setOffline(true);
  await back(page);
  const dialog = user.todos.signInDialog;
  await expect(dialog).toBeVisible();
  await page.context().setOffline(false);
  await expect(dialog).toBeHidden();
  await expect(user.todos.newTodo).toHaveValue('Half a thought');
});

//
test('while the session lasts, Back shows the unsent input', async ({ user, page }) => {
  await user.todos.newTodo.fill('Half a thought');
  await page.getByRole('link', { name: 'Account' }).click();
  await expect(page).toHaveURL('/account');
  await back(page);
  await expect(page).toHaveURL('/todos');
  await expect(user.todos.newTodo).toBeFocused();
  await expect(user.todos.newTodo).toHaveValue('Half a thought');
  await user.todos.newTodo.press('Enter');
  await user.todos.expectTitles(['Half a thought']);
});

//
test('while the session lasts, Back restores the open editor, and nothing was sent', async ({ user, page }) => {
  await user.todos.seed(['Buy milk']);
  await user.todos.reload();
  await user.todos.edit('Buy milk');
  await user.todos.editor.fill('Buy oat');
  // A click on a link would blur the editor and save.
  await page.evaluate(() => location.assign('/account'));
  await expect(page).toHaveURL('/account');
  await back(page);
  await expect(user.todos.editor).toBeFocused();
  await expect(user.todos.editor).toHaveValue('Buy oat');
  await user.todos.expectTitles(['Buy milk']);
});
