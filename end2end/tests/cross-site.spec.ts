// Links on other sites work; their forms and scripts have no effect (security.md ).

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterLoad } from '../pages/after-load.ts';
import { test as base, expect } from './fixtures.ts';
import { PASSWORD } from '../pages/person.ts';

interface Other {
  /** Another site, and another port of our site, with the same page. */
  sites: { crossSite: string; sameSite: string };
  /** Sets their page. */
  show: (html: string) => void;
}

const test = base.extend<{ other: Other }>({
  other: async ({}, use) => {
    let html = '';
    const server = createServer((_, answer) => answer.setHeader('content-type', 'text/html').end(`<!DOCTYPE html><title>Other</title>${html}`));
    // Listens on all loopback addresses, because localhost and 127.0.0.1 are different sites.
    server.listen(0);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const sites = { crossSite: `http://localhost:${port}`, sameSite: `http://127.0.0.1:${port}` };
    await use({ sites, show: (page) => (html = page) });
    server.closeAllConnections();
    server.close();
  },
});

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with scripting' : 'without scripting', () => {
    test.use({ javaScriptEnabled });

    //
    test('a link on another site leads a signed-in user to the todos', async ({ user: { page, todos }, other, baseURL }) => {
      await todos.add('Buy milk');
      other.show(`<a href="${baseURL}/todos?show=active">todos</a> <a href="${baseURL}/">site</a>`);
      for (const [link, url] of [['todos', '/todos?show=active'], ['site', '/todos']] as const) {
        await page.goto(other.sites.crossSite);
        await page.getByRole('link', { name: link }).click();
        await expect(page).toHaveURL(`${baseURL}${url}`);
        await todos.ready();
        await todos.expectTitles(['Buy milk']);
      }
      await page.goBack();
      await expect(page, 'the intermediate page is not in the history').toHaveURL(other.sites.crossSite + '/');
    });
  });
}

//
test('a link on another site leads a visitor to the sign-in page', async ({ page, other, baseURL }) => {
  other.show(`<a href="${baseURL}/todos?show=active">todos</a>`);
  await page.goto(other.sites.crossSite);
  await page.getByRole('link', { name: 'todos' }).click();
  await expect(page).toHaveURL(`${baseURL}/sign-in?next=/todos%3Fshow%3Dactive`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Sign in');
});

for (const site of ['crossSite', 'sameSite'] as const) {
  //
  test(`a form of another ${site === 'crossSite' ? 'site' : 'port of our site'} changes nothing`, async ({ user: { page, todos }, other, baseURL, problems }) => {
    problems.expect(/answered 403: /, /console: .*403/);
    await todos.add('Buy milk');
    const id = await todos.idOf('Buy milk');
    const form = (name: string, fields: string): string =>
      `<form method="post" action="${baseURL}/bff/${name}">${fields}<button>${name}</button></form>`;
    const field = (name: string, value: string): string => `<input name="${name}" value="${value}">`;
    other.show(
      form('add_todo', field('title', 'Buy poison')) +
        form('delete_todo', field('id', id)) +
        form('clear_completed', '') +
        form('complete_todos', '') +
        form('sign_out', '') +
        form('sign_in', field('email', 'mallory@example.org') + field('password', PASSWORD)) +
        form('sign_up', field('email', 'mallory@example.org') + field('password', PASSWORD)),
    );
    const cookies = await page.context().cookies();
    for (const name of ['add_todo', 'delete_todo', 'clear_completed', 'complete_todos', 'sign_out', 'sign_in', 'sign_up']) {
      await page.goto(other.sites[site]);
      const answer = page.waitForResponse(`**/bff/${name}`);
      await afterLoad(page, () => page.getByRole('button', { name, exact: true }).click());
      expect((await answer).status()).toBe(403);
      expect((await answer).headers()['set-cookie']).toBeUndefined();
      await expect(page.getByText("didn’t come from a page of this site")).toBeVisible();
    }
    expect(await page.context().cookies()).toEqual(cookies);
    await todos.open();
    await todos.expectTitles(['Buy milk']);
    await todos.expectCompleted([]);
  });

  //

  test(`a form of another ${site === 'crossSite' ? 'site' : 'port of our site'} signs nobody in`, async ({ page, other, baseURL, problems }) => {
    problems.expect(/answered 403: /, /console: .*403/);
    for (const name of ['sign_in', 'sign_up']) {
      other.show(`<form method="post" action="${baseURL}/bff/${name}"><input name="email" value="mallory@example.org">
        <input name="password" value="${PASSWORD}"><button>Win</button></form>`);
      await page.goto(other.sites[site]);
      const answer = page.waitForResponse(`**/bff/${name}`);
      await afterLoad(page, () => page.getByRole('button').click());
      expect((await answer).status()).toBe(403);
    }
    expect(await page.context().cookies()).toEqual([]);
  });
}

//
test('a script of another site neither changes nor reads anything', async ({ user: { page, todos }, other, baseURL, problems }) => {
  problems.expect(/console: /, /failed: /);
  await todos.add('Buy milk');
  other.show('');
  for (const site of Object.values(other.sites)) {
    await page.goto(site);
    const outcome = await page.evaluate(async (origin) => {
      const attempt = (path: string, init: RequestInit): Promise<string> =>
        fetch(origin + path, { credentials: 'include', ...init }).then(async (answer) => `${answer.type} ${answer.status} ${await answer.text()}`, () => 'refused');
      const body = new URLSearchParams({ title: 'Buy poison' });
      return [
        await attempt('/bff/add_todo', { method: 'POST', body }),
        await attempt('/bff/add_todo', { method: 'POST', mode: 'no-cors', body }),
        await attempt('/todos', {}),
        await attempt('/todos', { mode: 'no-cors' }),
        await attempt('/api/v1/todos', {}),
        await attempt('/bff/list_todos', { method: 'POST', headers: { accept: 'application/json' } }),
      ];
    }, baseURL);
    // CORP refuses even opaque responses.
    expect(outcome).toEqual(Array(6).fill('refused'));
  }
  await todos.open();
  await todos.expectTitles(['Buy milk']);
});

//
test('no other site can frame a page', async ({ user: { page }, other, baseURL, problems }) => {
  problems.expect(/console: .*frame-ancestors/, /failed: /);
  other.show(`<iframe src="${baseURL}/todos"></iframe>`);
  for (const site of Object.values(other.sites)) {
    await page.goto(site);
    await expect(page.frameLocator('iframe').locator('h1', { hasText: 'todos' })).toHaveCount(0);
  }
});
