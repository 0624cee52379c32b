// Screen sizes, zoom and system settings.

import type { Locator, Page } from '@playwright/test';
import { expectNoScrolling, undersized } from '../pages/layout.ts';
import { expect, test } from './fixtures.ts';

test.describe('V1: at 400 % zoom, 320 by 256 pixels', () => {
  test.use({ viewport: { width: 320, height: 256 } });

  test('every action works', async ({ user }) => {
    const { page, todos } = user;
    for (const title of ['One', 'Two', 'Three']) await todos.add(title);
    await todos.complete('Two');
    await todos.rename('Three', 'Four');
    await todos.show('Active');
    await todos.delete('One');
    await todos.expectTitles(['Four']);
    await page.getByRole('button', { name: 'Undo' }).click();
    await todos.expectTitles(['One', 'Four']);
    await todos.show('All');
    await todos.clearCompleted();
    await todos.expectTitles(['One', 'Four']);
    await expectNoScrolling(page);
    await user.signOut();
  });

  test('views, search and the form of a tag work', async ({ user: { page, todos } }) => {
    await todos.seed(['Water the plants #garden', 'Buy milk']);
    await todos.reload();
    await todos.turnTo('Today');
    await todos.add('Call Bob');
    await todos.expectGroups({ Today: ['Call Bob'] });
    await expectNoScrolling(page);
    await todos.turnTo('Todos');
    await todos.search.fill('milk');
    await todos.expectTitles(['Buy milk']);
    await expectNoScrolling(page);
    await page.getByRole('link', { name: 'Clear search' }).click();
    await todos.turnTo('#garden');
    await expect(todos.view('#garden'), 'the line of the views scrolls').toBeInViewport({ ratio: 1 });
    await page.getByText('Rename tag').click();
    await page.getByLabel('New name of the tag').fill('balcony');
    await expectNoScrolling(page);
    await page.getByRole('button', { name: 'Rename' }).click();
    await todos.expectTitles(['Water the plants #balcony']);
  });

  test('a dialog higher than the screen scrolls', async ({ user: { page } }) => {
    await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
    await expectWithin(page, page.getByRole('button', { name: 'Close' }));
    await page.getByRole('button', { name: 'Close' }).click();
    const dialog = page.locator('#sign-in-again');
    await dialog.evaluate((dialog: HTMLDialogElement) => dialog.showModal());
    await expectWithin(page, dialog.getByRole('button', { name: 'Not now' }));
    await expectWithin(page, dialog.getByLabel('Password', { exact: true }));
    await dialog.getByRole('button', { name: 'Not now' }).click();
    await expect(dialog).toBeHidden();
  });

  async function expectWithin(page: Page, target: Locator): Promise<void> {
    await target.scrollIntoViewIfNeeded();
    await expect(target).toBeInViewport({ ratio: 1 });
    await target.click({ trial: true });
    await expectNoScrolling(page);
  }
});

test.describe('V1: on a touch screen', () => {
  test.use({ initialTitles: ['One', 'Two'], hasTouch: true, isMobile: true, viewport: { width: 360, height: 740 } });

  test('the targets that complete, edit, filter and open the trash have 44 pixels', async ({ user: { page, todos } }) => {
    await expect(page.locator('.todo-list .toggle').filter({ visible: true })).toHaveCount(2);
    await todos.edit('One');
    expect(await undersized(page, '.toggle, .toggle-all, .edit-link, .edit-end > *', 44)).toEqual([]);
    await page.getByRole('link', { name: 'Cancel' }).tap();
    await expect(todos.editor).toHaveCount(0);
    const trash = page.getByRole('link', { name: 'Trash' });
    await expect(trash).toBeVisible();
    expect((await trash.boundingBox())!.height).toBeGreaterThanOrEqual(44);
    await expect(todos.views.getByRole('link').filter({ visible: true })).toHaveCount(4);
    expect(await undersized(page, '.views a, .search input, .filters a', 44)).toEqual([]);
  });
});

// V2
test('with forced colours completed todos are distinguishable', async ({ user: { page, todos } }) => {
  await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
  await todos.add('One');
  await todos.newTodo.focus();
  const toggle = page.getByRole('checkbox', { name: 'One' });
  const picture = async (): Promise<string> => (await toggle.screenshot()).toString('base64');
  const open = await picture();
  expect(await picture(), 'screenshots are stable').toBe(open);
  await todos.complete('One');
  await todos.newTodo.focus();
  await page.mouse.move(0, 0);
  const done = await picture();
  expect(done === open, 'completed looks like open').toBe(false);
  await todos.reopen('One');
  await todos.newTodo.focus();
  await page.mouse.move(0, 0);
  expect((await picture()) === open, 'open looks as before').toBe(true);
});

// V2
test('with forced colours the selected filter, the current view and the focus are visible', async ({ user: { page, todos } }) => {
  await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
  await todos.add('One');
  const active = page.getByRole('link', { name: 'Active', exact: true });
  const off = await active.screenshot();
  await todos.show('Active');
  await todos.newTodo.focus();
  await page.mouse.move(0, 0);
  expect((await active.screenshot()).equals(off), 'selected looks like unselected').toBe(false);
  const today = await todos.view('Today').screenshot();
  await todos.turnTo('Today');
  await todos.newTodo.focus();
  await page.mouse.move(0, 0);
  expect((await todos.view('Today').screenshot()).equals(today), 'the current view looks like the others').toBe(false);
  await expect(todos.newTodo).not.toHaveCSS('outline-style', 'none');
});

// V2
test('with reduced motion there are no transitions', async ({ user: { page, todos } }) => {
  await todos.seed(['One', 'Two']);
  await todos.reload();
  await todos.delete('One');
  await todos.edit('Two');
  expect(await moving(page), 'there are transitions otherwise').not.toEqual([]);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  expect(await moving(page)).toEqual([]);
});

/** Elements with a transition or animation. */
function moving(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('*')].flatMap((element) =>
      [null, '::before', '::after', '::backdrop'].flatMap((pseudo) => {
        const { transitionDuration, animationName, animationDuration } = getComputedStyle(element, pseudo);
        const durations = `${transitionDuration}, ${animationName === 'none' ? '0s' : animationDuration}`;
        const lasts = durations.split(', ').some((duration) => Number.parseFloat(duration) > 0);
        return lasts ? [`${element.localName}.${element.className}${pseudo ?? ''}: ${durations}`] : [];
      }),
    ),
  );
}

// V3
test('the page is dark on a dark system, from the first paint', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.route('**/*.css', (route) => route.fulfill({ contentType: 'text/css', body: '' }));
  await page.goto('/sign-in');
  await expect(page.locator('meta[name="color-scheme"]')).toHaveAttribute('content', 'light dark');
  const canvas = await page.locator('body').evaluate((body) => {
    // The canvas before the style sheet is loaded.
    body.style.background = 'Canvas';
    return getComputedStyle(body).backgroundColor;
  });
  expect(brightness(canvas), 'before the style sheet').toBeLessThan(60);

  await page.unroute('**/*.css');
  await page.goto('/sign-in');
  await expect(page.locator('html')).toHaveCSS('color-scheme', 'light dark');
  const ground = (): Promise<string> => page.locator('html').evaluate((html) => getComputedStyle(html).backgroundColor);
  expect(brightness(await ground())).toBeLessThan(60);
  await page.emulateMedia({ colorScheme: 'light' });
  expect(brightness(await ground())).toBeGreaterThan(200);
});

/** From 0 to 255, the mean of the channels. */
function brightness(colour: string): number {
  const [red = NaN, green = NaN, blue = NaN] = (/^rgb\((\d+), (\d+), (\d+)\)$/.exec(colour) ?? []).slice(1).map(Number);
  return (red + green + blue) / 3;
}

// V3
test('the printed page has the list and no controls', async ({ user: { page, todos } }) => {
  await todos.seed(['One', 'Two']);
  await todos.reload();
  await todos.complete('Two');
  await todos.delete('One');
  await todos.undo();
  await page.emulateMedia({ media: 'print' });
  for (const title of ['One', 'Two']) await expect(todos.item(title).locator('label')).toBeVisible();
  await expect(page.getByRole('checkbox', { name: 'Two' }), 'the completed state').toBeVisible();
  await expect(todos.count).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.getByRole('button').filter({ visible: true })).toHaveCount(0);
  await expect(page.getByRole('textbox').filter({ visible: true })).toHaveCount(0);
  await expect(page.locator('.toggle-all, .filters, .views, .search, .edit-link, .top .icon-button, .tips').filter({ visible: true })).toHaveCount(0);
});
