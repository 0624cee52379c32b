// The trash.

import { randomUUID } from 'node:crypto';
import { test, type Page } from '@playwright/test';
import { Person } from '../pages/person.ts';
import { TrashPage } from '../pages/trash.ts';
import { take } from './take.ts';

const TITLES = [
  'Buy oat milk',
  'Read datatracker.ietf.org/doc/html/draft-ietf-oauth-browser-based-apps#name-backend-for-frontend-bff',
  'Call the plumber about the dripping tap in the bathroom before he goes on holiday',
  'Say thanks',
];

async function atTrash(page: Page, titles: string[]): Promise<TrashPage> {
  const user = new Person(page, true, `ann+${randomUUID().slice(0, 4)}@example.org`);
  await user.signUp();
  await user.todos.seed(titles);
  await user.todos.reload();
  if (titles.length > 0) {
    await user.todos.complete(titles[0]!);
    await user.todos.clearCompleted();
  }
  for (const title of titles.slice(1, 4)) await user.todos.delete(title);
  const trash = new TrashPage(page);
  await trash.open();
  return trash;
}

test('with four todos', async ({ page }, info) => {
  const trash = await atTrash(page, TITLES);
  await take(page, 'trash', info);
  await trash.restore('Say thanks');
  await take(page, 'trash-restored', info);
  await page.goto('/trash/empty');
  await take(page, 'trash-confirm', info);
});

test('without any', async ({ page }, info) => {
  await atTrash(page, []);
  await take(page, 'trash-empty', info);
  await page.goto('/trash/empty');
  await take(page, 'trash-nothing-to-empty', info);
});

test('with more than a page', async ({ page }, info) => {
  const user = new Person(page, true);
  await user.signUp();
  await user.todos.seed(Array.from({ length: 101 }, (_, n) => `Todo number ${n + 1}`));
  await user.todos.reload();
  await user.todos.toggleAll();
  await user.todos.clearCompleted();
  const trash = new TrashPage(page);
  await trash.open();
  await page.locator('.trash-footer').scrollIntoViewIfNeeded();
  await page.screenshot({ path: `${info.config.rootDir}/out/trash-many-${info.project.name}.png`, animations: 'disabled' });
  await page.goto('/trash/empty');
  await take(page, 'trash-confirm-many', info);
});
