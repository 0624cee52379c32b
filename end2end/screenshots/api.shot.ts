// The documentation and problem pages of the API.

import { test } from '@playwright/test';
import { take } from './take.ts';

test('problems', async ({ page }, info) => {
  await page.goto('/problems');
  await take(page, 'problems', info);
  await page.goto('/problems/unauthenticated');
  await take(page, 'problem', info);
});

test('documentation', async ({ page }, info) => {
  await page.goto('/api/v1/docs', { waitUntil: 'networkidle' });
  await take(page, 'api-docs', info);
  await page.locator('.opblock', { hasText: 'List todos' }).locator('.opblock-summary-control').click();
  await take(page, 'api-docs-operation', info);
});
