// The documentation page of the API.

import { request } from '@playwright/test';
import { PASSWORD } from '../pages/person.ts';
import { expect, test } from './fixtures.ts';

test('the documentation shows every operation, without third-party requests', async ({ page, baseURL }) => {
  const foreign: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(`${baseURL}/`) && !request.url().startsWith('data:')) foreign.push(request.url());
  });
  await page.goto('/api/v1/docs', { waitUntil: 'networkidle' });
  await expect(page).toHaveTitle('API · Holdfast');
  const document = await (await page.request.get('/api/v1/openapi.json')).json();
  const operations = Object.values<object>(document.paths).flatMap((path) => Object.keys(path));
  await expect(page.locator('.opblock')).toHaveCount(operations.length);
  expect(foreign).toEqual([]);
});

test('the documentation runs an operation with the token of a program', async ({ user: { page, email, todos }, baseURL }) => {
  await todos.add('buy milk');
  const program = await request.newContext({ baseURL: baseURL! });
  const answer = await program.post('/api/v1/token', { data: { email, password: PASSWORD } });
  const { access_token: token } = await answer.json();
  await program.dispose();

  await page.goto('/api/v1/docs');
  await page.getByRole('button', { name: 'Authorize' }).click();
  await page.getByLabel('auth-bearer-value').fill(token);
  await page.locator('.modal-ux').getByRole('button', { name: 'Apply credentials' }).click();
  await page.locator('.modal-ux').getByRole('button', { name: 'Close' }).click();
  const list = page.locator('.opblock', { has: page.locator('[data-path="/todos"]') }).filter({ hasText: 'List todos' });
  await list.locator('.opblock-summary-control').click();
  await list.getByRole('button', { name: 'Try it out' }).click();
  await list.getByRole('button', { name: 'Execute' }).click();
  await expect(list.locator('.live-responses-table tbody .response-col_status')).toContainText('200');
  await expect(list.locator('.live-responses-table')).toContainText('buy milk');
});

test('the documentation page is refused a token, like every page', async ({ page, problems }) => {
  problems.expect(/answered 403/, /console: .*403/);
  await page.goto('/api/v1/docs');
  const operation = page.locator('.opblock').filter({ hasText: 'Get a token' });
  await operation.locator('.opblock-summary-control').click();
  await operation.getByRole('button', { name: 'Try it out' }).click();
  await operation.getByRole('button', { name: 'Execute' }).click();
  await expect(operation.locator('.live-responses-table tbody .response-col_status')).toContainText('403');
});
