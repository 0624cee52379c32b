// The site works with the keyboard only, and the focus is never lost.

import { tabThrough } from '../pages/keyboard.ts';
import { Person, PASSWORD } from '../pages/person.ts';
import { expect, test } from './fixtures.ts';

// F2
test('the Tab order is the reading order', async ({ visitor }) => {
  const { page, todos } = visitor;
  await visitor.signUp(['One', 'Two', 'Three']);
  await todos.complete('Two');
  // It floats over the page.
  await page.getByRole('button', { name: 'Close' }).click();
  // The skip link overlaps others while it is visible.
  const steps = (await tabThrough(page)).slice(1);
  expect(steps.length).toBeGreaterThan(12);
  const backwards = steps.slice(1).filter((step, before) => {
    const { top, bottom, left } = steps[before]!;
    const isBelow = step.top >= bottom;
    const isBeside = step.bottom > top && step.left > left;
    return !isBelow && !isBeside;
  });
  expect(backwards).toEqual([]);
});

// F2
test('a whole journey works with the keyboard only', async ({ page, scripting }) => {
  const somebody = new Person(page, scripting);
  const { todos } = somebody;
  const { keyboard } = page;
  /** Presses Tab until the element has the focus. */
  const tabTo = async (name: string, key = 'Tab'): Promise<void> => {
    const is = (): Promise<boolean> =>
      page.evaluate((name) => {
        const element = document.activeElement;
        const named = element?.getAttribute('aria-label') ?? document.getElementById(element?.getAttribute('aria-labelledby') ?? '')?.textContent;
        return [named, element?.textContent, (element as HTMLInputElement | null)?.labels?.[0]?.textContent].some((text) => text?.trim() === name);
      }, name);
    for (let presses = 0; presses < 40; presses += 1) {
      if (await is()) return;
      await keyboard.press(key);
    }
    throw new Error(`Tab never came to ${name}`);
  };

  await page.goto('/sign-in');
  await tabTo('Sign up');
  await keyboard.press('Enter');
  await expect(page).toHaveURL('/sign-up');
  await expect(somebody.emailBox).toBeFocused();
  await keyboard.type(somebody.email);
  await tabTo('Password');
  await keyboard.type(PASSWORD);
  await keyboard.press('Enter');
  await todos.ready();

  await expect(todos.newTodo).toBeFocused();
  for (const title of ['One', 'Two', 'Three']) {
    await keyboard.type(title);
    await keyboard.press('Enter');
  }
  await todos.expectTitles(['One', 'Two', 'Three']);

  await tabTo('Two');
  await keyboard.press('ArrowRight');
  await keyboard.press('Enter');
  await expect(todos.editor).toBeFocused();
  await keyboard.type(' and a half');
  await keyboard.press('Enter');
  await todos.expectTitles(['One', 'Two and a half', 'Three']);
  await expect(page.getByRole('link', { name: 'Edit: Two and a half' })).toBeFocused();

  await tabTo('One', 'Shift+Tab');
  await keyboard.press('Space');
  await todos.expectCompleted(['One']);

  await tabTo('Active', 'Shift+Tab');
  await keyboard.press('Enter');
  await todos.expectTitles(['Two and a half', 'Three']);

  await tabTo('Three');
  await keyboard.press('ArrowRight');
  await keyboard.press('ArrowRight');
  await expect(page.getByRole('button', { name: 'Delete: Three' })).toBeFocused();
  await keyboard.press('Enter');
  await todos.expectTitles(['Two and a half']);
  await expect(page.getByRole('checkbox', { name: 'Two and a half' })).toBeFocused();

  await tabTo('Clear completed', 'Shift+Tab');
  await todos.whenAnswered(() => keyboard.press('Enter'));
  await expect(todos.newTodo).toBeFocused();
  await tabTo('All');
  await keyboard.press('Enter');
  await todos.expectTitles(['Two and a half']);

  await tabTo('Account', 'Shift+Tab');
  await keyboard.press('Enter');
  await expect(page).toHaveURL('/account');
  await tabTo('Sign out');
  await keyboard.press('Enter');
  await expect(page).toHaveURL('/sign-in');
});

test.describe('focus after actions', () => {
  test.use({ initialTitles: ['one', 'two', 'three'] });

  // F3
  test('after a deletion the focus is on the next row, else on the previous one, else on the field for new todos', async ({ user: { page, todos } }) => {
    for (const [deleted, focused] of [['two', 'three'], ['three', 'one'], ['one', undefined]] as const) {
      await page.getByRole('button', { name: `Delete: ${deleted}` }).focus();
      await todos.whenAnswered(() => page.keyboard.press('Enter'));
      await expect(focused ? page.getByRole('checkbox', { name: focused, exact: true }) : todos.newTodo).toBeFocused();
    }
  });

  // F3
  test('after a deletion under a filter the focus is on a visible row', async ({ user: { page, todos } }) => {
    await todos.complete('two');
    await todos.show('Active');
    await page.getByRole('button', { name: 'Delete: one' }).focus();
    await todos.whenAnswered(() => page.keyboard.press('Enter'));
    await expect(page.getByRole('checkbox', { name: 'three', exact: true })).toBeFocused();
  });

  // A4
  test('Escape and Enter return the focus to the link that opened the editor', async ({ user: { page, todos } }) => {
    const link = page.getByRole('link', { name: 'Edit: two' });
    await link.focus();
    await page.keyboard.press('Enter');
    await expect(todos.editor).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(link).toBeFocused();

    await page.keyboard.press('Enter');
    await todos.editor.fill('two and a half');
    await todos.whenAnswered(() => page.keyboard.press('Enter'));
    await expect(page.getByRole('link', { name: 'Edit: two and a half' })).toBeFocused();
  });

  // A5
  test('an emptied title deletes once, and moves the focus to the next row', async ({ user: { page, todos } }) => {
    let sent = 0;
    page.on('request', (request) => (sent += Number(request.url().includes('/bff/'))));
    await todos.edit('two');
    await todos.editor.fill('  ');
    await todos.whenAnswered(() => page.keyboard.press('Enter'));
    await todos.expectTitles(['one', 'three']);
    await expect(page.getByRole('checkbox', { name: 'three', exact: true })).toBeFocused();
    expect(sent).toBe(1);
  });
});
