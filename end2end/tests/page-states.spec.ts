// Every state of every page passes the automatic WCAG rules, and fits narrow screens, touch and keyboard.

import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { holdWasm } from '../pages/hold.ts';
import { focused, tabThrough } from '../pages/keyboard.ts';
import { expectNoScrolling, undersized } from '../pages/layout.ts';
import { expect, test } from './fixtures.ts';
import { PAGE_STATES } from './page-states.ts';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Interactive elements. */
const TARGETS = 'a, button, input:not([type=hidden]), select, textarea, summary, [tabindex]:not([tabindex="-1"])';

for (const { name, open } of PAGE_STATES) {
  test(`${name} is accessible`, async ({ page, visitor, problems }) => {
    await open(visitor, problems);
    // The last steps move the focus or scroll.
    await test.step('it has a title, one heading, a language and a style', () => expectToBeAPage(page));
    await test.step('V1: targets have at least 24 pixels, and text fields at least 16 pixels of font size', () => expectTargets(page));
    await test.step('axe-core finds no violation', () => expectNoViolations(page));
    await test.step('V1: at a width of 320 pixels nothing scrolls horizontally', () => expectToFit(page));
    await test.step('F1: the focus is visible at each step', () => expectVisibleFocus(page));
    // A modal dialog makes the skip link inert.
    const isCovered = (await page.locator(':modal').count()) > 0;
    if (!isCovered) await test.step('F1: it begins with a skip link to the main content', () => expectSkipLink(page));
  });
}

test('axe-core finds no violation in our part of /api/v1/docs', async ({ page }) => {
  await page.goto('/api/v1/docs');
  await page.locator('.opblock').first().waitFor();
  await expectNoViolations(page);
});

test.describe('before hydration', () => {
  test.use({ initialTitles: ['Buy milk', 'Call Bob'] });

  for (const [state, view, editing] of [['/todos', '', false], ['Today', '?view=today', false], ['the title editor', '', true]] as const) {
    test(`axe-core finds no violation in ${state}`, async ({ user: { page, todos } }) => {
      await todos.plan('Buy milk', { days: -1 });
      await todos.plan('Call Bob', { days: 0 });
      const query = editing ? `?edit=${await todos.idOf('Call Bob')}` : view;
      const release = await holdWasm(page);
      await page.goto(`/todos${query}`, { waitUntil: 'commit' });
      await expect(todos.items).toHaveCount(2);
      await expect(todos.editor).toHaveCount(editing ? 1 : 0);
      await expectNoViolations(page);
      await expect(page.locator('html')).not.toHaveAttribute('data-hydrated');
      release();
    });
  }
});

async function expectToBeAPage(page: Page): Promise<void> {
  await expect(page).toHaveTitle(/^[A-Z#“].* · Holdfast( API)?$/);
  // Dialogs have h2 headings.
  await expect(page.locator('h1')).toHaveCount(1);
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await expect(page.locator('main')).toHaveCount(1);
  const rules = await page.evaluate(() => [...document.styleSheets].map((sheet) => sheet.cssRules.length));
  expect(rules, 'one style sheet').toHaveLength(1);
  expect(rules[0], 'with rules in it').toBeGreaterThan(10);
}

async function expectTargets(page: Page): Promise<void> {
  expect(await page.locator(TARGETS).count(), 'there are some').toBeGreaterThan(0);
  expect(await undersized(page, TARGETS, 24)).toEqual([]);
  const boxes = page.locator('input:not([type=hidden], [type=checkbox], [hidden]), textarea, select');
  const sizes = await boxes.evaluateAll((boxes) => boxes.map((box) => Number.parseFloat(getComputedStyle(box).fontSize)));
  expect(sizes.filter((size) => size < 16)).toEqual([]);
}

async function expectNoViolations(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    // Without motion, since a transition would distort the measured colours.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    expect(await violations(page), colorScheme).toEqual([]);
  }
}

/** The violations found by axe-core, each with its element and reason. */
async function violations(page: Page): Promise<string[]> {
  // Swagger UI is third-party code.
  const found = await new AxeBuilder({ page }).withTags(RULES).exclude('.swagger-ui').analyze();
  const ran = [...found.passes, ...found.violations, ...found.incomplete, ...found.inapplicable].map(({ id }) => id);
  expect(ran, 'these rules ran').toEqual(expect.arrayContaining(['color-contrast', 'target-size', 'region']));
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} at ${target}: ${failureSummary}`));
}

async function expectToFit(page: Page): Promise<void> {
  await page.setViewportSize({ width: 320, height: 640 });
  await expectNoScrolling(page);
  // Dialogs stay within the screen.
  for (const dialog of await page.locator(':modal, :popover-open').all()) {
    const { x, width } = (await dialog.boundingBox())!;
    expect(x).toBeGreaterThanOrEqual(0);
    expect(x + width).toBeLessThanOrEqual(320);
    expect(await dialog.evaluate((box) => box.scrollWidth - box.clientWidth), 'the dialog does not scroll horizontally').toBe(0);
  }
}

async function expectVisibleFocus(page: Page): Promise<void> {
  // Puts the last rows at the lower edge, where a toast could cover them.
  await page.setViewportSize({ width: 480, height: 400 });
  const steps = await tabThrough(page);
  expect(steps.length, 'the page has focusable elements').toBeGreaterThan(0);
  expect(steps.filter(({ outline }) => outline < 2)).toEqual([]);
  expect(steps.filter(({ isVisible }) => !isVisible)).toEqual([]);
}

async function expectSkipLink(page: Page): Promise<void> {
  const [first] = await tabThrough(page, 1);
  const link = page.locator('a.skip-link[href="#main"]');
  await expect(link).toHaveCount(1);
  await link.focus();
  expect(first?.name).toBe((await focused(page))?.name);
  await expect(link).toBeInViewport();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('main')).toHaveAttribute('id', 'main');
  await page.keyboard.press('Tab');
  const isInMain = await page.evaluate(() => document.activeElement?.closest('main') !== null);
  expect(isInMain, 'the next Tab stop is in the main content').toBe(true);
}
