// Everything by keyboard alone, and always with the focus in sight.

import type { Page } from '@playwright/test';
import { Person, PASSWORD } from '../pages/person.ts';
import { expect, test } from './fixtures.ts';
import { PAGES, STATES_OF_TODOS } from './sights.ts';

/** What has the focus: enough to tell it from others, and how it shows. */
interface Focused {
  name: string;
  outline: number;
  /** Whether some pixel of it is seen: not off the screen, not under something else. */
  isSeen: boolean;
  /** Where it is in the document. */
  top: number;
  bottom: number;
  left: number;
}

function focused(page: Page): Promise<Focused | undefined> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body || element === document.documentElement) return undefined;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const { x, y, width, height } = element.getBoundingClientRect();
    const points = [0.1, 0.5, 0.9].flatMap((across) => [0.1, 0.5, 0.9].map((down) => [x + across * width, y + down * height] as const));
    const onTop = points.map(([x, y]) => document.elementFromPoint(x, y));
    const isItself = onTop.some((seen) => seen !== null && (element.contains(seen) || seen.contains(element)));
    const isUnderToast = onTop.some((seen) => seen?.closest('.toast')) && !element.closest('.toast');
    return {
      name: element.outerHTML.slice(0, 160),
      outline: outlineStyle === 'none' ? 0 : Number.parseFloat(outlineWidth),
      isSeen: isItself && !isUnderToast,
      top: y + scrollY,
      bottom: y + height + scrollY,
      left: x + scrollX,
    };
  });
}

/** Goes through the whole page by Tab: what has the focus at each step, until it leaves the page. */
async function tabThrough(page: Page): Promise<Focused[]> {
  // From the top, wherever the focus was. The box with `autofocus` takes it with the first frame, which may be after `load`.
  await page.evaluate(async () => {
    await new Promise(requestAnimationFrame);
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute('tabindex');
  });
  const steps: Focused[] = [];
  const names = new Set<string>();
  for (;;) {
    await page.keyboard.press('Tab');
    const step = await focused(page);
    if (!step || names.has(step.name)) return steps;
    names.add(step.name);
    steps.push(step);
  }
}

for (const { name, open } of [...PAGES, ...STATES_OF_TODOS]) {
  test(`F1: ${name} shows where the focus is, at each step`, async ({ page, visitor, problems }) => {
    await open(visitor, problems);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    // So that the last rows are at the lower edge, where a toast could lie over them.
    await page.setViewportSize({ width: 480, height: 400 });
    const steps = await tabThrough(page);
    expect(steps.length, 'there are steps').toBeGreaterThan(0);
    expect(steps.filter(({ outline }) => outline < 2)).toEqual([]);
    expect(steps.filter(({ isSeen }) => !isSeen)).toEqual([]);
  });
}

for (const { name, open } of [...PAGES, ...STATES_OF_TODOS.slice(0, 2)]) {
  test(`F1: ${name} begins with a link that leads to the main part`, async ({ page, visitor, problems }) => {
    await open(visitor, problems);
    const [first] = await tabThrough(page);
    const link = page.locator('a.skip-link[href="#main"]');
    await expect(link).toHaveCount(1);
    await link.focus();
    expect(first?.name).toBe((await focused(page))?.name);
    await expect(link).toBeInViewport();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('main')).toHaveAttribute('id', 'main');
    await page.keyboard.press('Tab');
    const isInMain = await page.evaluate(() => document.activeElement?.closest('main') !== null);
    expect(isInMain, 'what Tab finds next is in the main part').toBe(true);
  });
}

test('F2: Tab goes in the order in which one reads', async ({ user: { page, todos } }) => {
  await todos.seed(['One', 'Two', 'Three']);
  await todos.reload();
  await todos.complete('Two');
  // The first link lies over others while it is seen.
  const steps = (await tabThrough(page)).slice(1);
  expect(steps.length).toBeGreaterThan(15);
  const backwards = steps.slice(1).filter((step, before) => {
    const { top, bottom, left } = steps[before]!;
    const isBelow = step.top >= bottom;
    const isBeside = step.bottom > top && step.left > left;
    return !isBelow && !isBeside;
  });
  expect(backwards).toEqual([]);
});

test('F2: a whole journey needs nothing but keys', async ({ page, scripting }) => {
  const somebody = new Person(page, scripting);
  const { todos } = somebody;
  const { keyboard } = page;
  /** Tab, as often as it takes. */
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

  await tabTo('Edit: Two');
  await keyboard.press('Enter');
  await expect(todos.editor).toBeFocused();
  await keyboard.type(' and a half');
  await keyboard.press('Enter');
  await todos.expectTitles(['One', 'Two and a half', 'Three']);
  await expect(page.getByRole('link', { name: 'Edit: Two and a half' })).toBeFocused();

  await tabTo('One', 'Shift+Tab');
  await keyboard.press('Space');
  await todos.expectCompleted(['One']);

  await tabTo('Active');
  await keyboard.press('Enter');
  await todos.expectTitles(['Two and a half', 'Three']);

  await tabTo('Delete: Three', 'Shift+Tab');
  await keyboard.press('Enter');
  await todos.expectTitles(['Two and a half']);
  await expect(page.getByRole('checkbox', { name: 'Two and a half' })).toBeFocused();

  await tabTo('Clear completed');
  await todos.whenAnswered(() => keyboard.press('Enter'));
  await expect(todos.newTodo).toBeFocused();
  await tabTo('All');
  await keyboard.press('Enter');
  await todos.expectTitles(['Two and a half']);

  await tabTo('Sign out', 'Shift+Tab');
  await keyboard.press('Enter');
  await expect(page).toHaveURL('/sign-in');
});
