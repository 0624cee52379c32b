// What holds for pages as such.

import type { Page, Response } from '@playwright/test';
import { expect, test } from './fixtures.ts';

const PAGES = [
  { path: '/sign-in', title: 'Sign in · Holdfast', heading: 'Sign in' },
  { path: '/sign-up', title: 'Sign up · Holdfast', heading: 'Sign up' },
  { path: '/no-such-page', title: 'Not found · Holdfast', heading: 'Not found' },
];

async function expectToBeAPage(page: Page, title: string, heading: string): Promise<void> {
  await expect(page).toHaveTitle(title);
  await expect(page.locator('h1')).toHaveText([heading]);
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await expect(page.getByRole('main')).toHaveCount(1);
  const rules = await page.evaluate(() => [...document.styleSheets].map((sheet) => sheet.cssRules.length));
  expect(rules, 'one style sheet').toHaveLength(1);
  expect(rules[0], 'with rules in it').toBeGreaterThan(10);
}

for (const { path, title, heading } of PAGES) {
  test(`${path} has a title, one heading, a language and a style`, async ({ page, problems }) => {
    if (path === '/no-such-page') problems.expect(/answered 404/, /console: .*404/);
    await page.goto(path);
    await expectToBeAPage(page, title, heading);
  });
}

test('/todos has a title, one heading, a language and a style', async ({ user: { page } }) => {
  await expectToBeAPage(page, 'Todos · Holdfast', 'todos');
});

for (const { path, title, heading } of [
  { path: '/trash', title: 'Trash · Holdfast', heading: 'Trash' },
  { path: '/trash/empty', title: 'Empty the trash · Holdfast', heading: 'Empty the trash' },
]) {
  test(`${path} has a title, one heading, a language and a style, and loads no script and no WASM`, async ({ user: { page } }) => {
    const scripts: string[] = [];
    await page.goto(path);
    page.on('request', (request) => void (/\.(js|wasm)$/.test(request.url()) && scripts.push(request.url())));
    await page.reload({ waitUntil: 'networkidle' });
    expect(scripts).toEqual([]);
    await expectToBeAPage(page, title, heading);
  });
}

test('where there is no page the status is 404, and a link leads on', async ({ page, problems }) => {
  problems.expect(/answered 404/, /console: .*404/);
  const answer = await page.goto('/no/such/page');
  expect(answer?.status()).toBe(404);
  await page.getByRole('main').getByRole('link').click();
  await expect(page).toHaveURL('/sign-in');
});

for (const path of ['/sign-in', '/sign-up']) {
  test(`${path} loads no WASM, and no script but the one that shows a password`, async ({ page }) => {
    const loaded: Response[] = [];
    page.on('response', (response) => loaded.push(response));
    // The browser comes for it by itself, at its leisure.
    const icon = page.waitForResponse('**/favicon.svg');
    await page.goto(path, { waitUntil: 'networkidle' });
    await icon;
    const kinds = loaded.map((response) => response.headers()['content-type']?.split(';')[0]);
    expect(kinds.sort()).toEqual(['image/svg+xml', 'text/css', 'text/html', 'text/javascript']);
    expect(loaded.map((response) => new URL(response.url()).pathname)).toContain('/show-password.js');
  });
}

test('a link to the site has a preview: a whole address, where there is a picture', async ({ page, baseURL }) => {
  await page.goto('/sign-in');
  const picture = await page.locator('meta[property="og:image"]').getAttribute('content');
  expect(picture).toBe(`${baseURL}/preview.png`);
  const answer = await page.request.get(picture!);
  expect([answer.status(), answer.headers()['content-type']]).toEqual([200, 'image/png']);
});

test('A-61: each page names a fresh nonce, and no script goes without it', async ({ page }) => {
  const nonces = new Set<string>();
  for (let visit = 0; visit < 2; visit += 1) {
    const answer = await page.goto('/sign-in');
    const policy = answer!.headers()['content-security-policy'] ?? '';
    const nonce = /'nonce-([^']{22,})'/.exec(policy)?.[1] ?? '';
    expect(policy).not.toMatch(/unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')/);
    expect(policy).toContain("object-src 'none'");
    expect(policy).toContain("base-uri 'none'");
    const scripts = await page.locator('script').evaluateAll((scripts) => scripts.map((script) => (script as HTMLScriptElement).nonce));
    expect(new Set(scripts)).toEqual(new Set([nonce]));
    nonces.add(nonce);
  }
  expect(nonces.size).toBe(2);
});

test.describe('on a screen 320 pixels wide', () => {
  test.use({ viewport: { width: 320, height: 640 } });

  const expectNoScrolling = async (page: Page): Promise<void> => {
    const { wide, screen } = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth,
      screen: document.documentElement.clientWidth,
    }));
    expect(wide).toBeLessThanOrEqual(screen);
  };

  test('/todos does not scroll sideways, with 300 characters in one word', async ({ user: { page, todos } }) => {
    const word = 'W'.repeat(300);
    await expectNoScrolling(page);
    await todos.add(word);
    await expectNoScrolling(page);
    await todos.edit(word);
    await expectNoScrolling(page);
  });
});
