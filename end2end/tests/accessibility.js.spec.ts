// No rule of WCAG that a machine can check is broken anywhere, in the light or in the dark. And what else makes pages usable.

import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { holdWasm } from '../pages/hold.ts';
import { expect, test } from './fixtures.ts';
import { PAGES, STATES_OF_TODOS, STATES_OF_TRASH } from './sights.ts';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe-core finds, each with the element and what is wrong with it. */
async function violations(page: Page): Promise<string[]> {
  // What draws the operations of the API is not ours.
  const found = await new AxeBuilder({ page }).withTags(RULES).exclude('.swagger-ui').analyze();
  const ran = [...found.passes, ...found.violations, ...found.incomplete, ...found.inapplicable].map(({ id }) => id);
  expect(ran, 'these rules are looked at').toEqual(expect.arrayContaining(['color-contrast', 'target-size', 'region']));
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} at ${target}: ${failureSummary}`));
}

async function expectNoViolations(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    // Without motion, or it would measure colours that are on their way.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    expect(await violations(page), colorScheme).toEqual([]);
  }
}

for (const { name, open } of [...PAGES, ...STATES_OF_TODOS, ...STATES_OF_TRASH]) {
  test(`axe-core finds nothing wrong with ${name}`, async ({ page, visitor, problems }) => {
    await open(visitor, problems);
    await expectNoViolations(page);
  });
}

test('axe-core finds nothing wrong with what is ours of /api/v1/docs', async ({ page }) => {
  await page.goto('/api/v1/docs');
  await page.locator('.opblock').first().waitFor();
  await expectNoViolations(page);
});

// One state for each test: axe-core takes seconds for a page, and on a busy machine four rounds took longer than a test may.
for (const [sight, editing] of [['/todos', false], ['the box of a title', true]] as const) {
  test(`axe-core finds nothing wrong with ${sight} before it is awake`, async ({ user: { page, todos } }) => {
    await todos.seed(['Buy milk', 'Call Bob']);
    await todos.reload();
    const query = editing ? `?edit=${await todos.idOf('Call Bob')}` : '';
    const release = await holdWasm(page);
    await page.goto(`/todos${query}`, { waitUntil: 'commit' });
    await expect(todos.items).toHaveCount(2);
    await expect(todos.editor).toHaveCount(editing ? 1 : 0);
    await expectNoViolations(page);
    await expect(page.locator('html')).not.toHaveAttribute('data-hydrated');
    release();
  });
}
