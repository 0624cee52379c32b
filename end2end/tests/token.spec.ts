// The promise of this program: the browser signs in, but never holds a token that it could use or lose.

import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { Traffic } from './traffic.ts';

/** What scripts of the page could find in the browser. */
function stored(page: Page): Promise<unknown> {
  return page.evaluate(async () => ({
    cookie: document.cookie,
    local: { ...localStorage },
    session: { ...sessionStorage },
    databases: await indexedDB.databases(),
    caches: await caches.keys(),
    workers: (await navigator.serviceWorker.getRegistrations()).length,
    name: window.name,
  }));
}

/** How every signed token begins. Nonces and WASM may hold its first letters by chance, but not as many as a token's header has. */
const TOKEN = /eyJ[\w-]{20}/;

const NOTHING = { cookie: '', local: {}, session: {}, databases: [], caches: [], workers: 0, name: '' };

test('A-02: over a whole journey nothing that a page can see holds the token or the cookie', async ({ visitor, scripting }) => {
  const { page, todos } = visitor;
  const traffic = new Traffic(page.context());
  await visitor.signUp();
  await todos.add('One');
  await todos.complete('One');
  await todos.rename('One', 'Two');
  await todos.open(`?edit=${await todos.idOf('Two')}`);
  await todos.open();
  await todos.delete('Two');
  expect(await stored(page)).toEqual(NOTHING);
  expect(await page.content()).not.toMatch(TOKEN);
  await visitor.signOut();
  await visitor.signIn();
  expect(await stored(page)).toEqual(NOTHING);

  const passed = await traffic.passed();
  const values = [...traffic.cookies].filter((value) => value !== '');
  expect(values, 'two sessions').toHaveLength(2);
  const secrets = values.flatMap((value) => [value, decodeURIComponent(value)]);
  const leaks = passed.filter(({ text }) => TOKEN.test(text) || secrets.some((secret) => text.includes(secret)));
  // Where, and not the secret itself.
  expect(leaks.map(({ where }) => where)).toEqual([]);
  const kinds = passed.filter(({ text }) => text.length > 1_000).map(({ where }) => /\.(js|wasm) body$/.exec(where)?.[1]);
  if (scripting) expect(kinds, 'the recording is whole').toEqual(expect.arrayContaining(['js', 'wasm']));
  expect(traffic.authorizations, 'requests with an Authorization header').toEqual([]);
});

test('A-01: the cookie is for this host and for HTTP alone, and dies within 30 minutes', async ({ user: { page } }) => {
  const cookies = await page.context().cookies();
  expect(cookies).toEqual([
    expect.objectContaining({
      name: '__Host-Http-session',
      httpOnly: true,
      secure: true,
      sameSite: 'Strict',
      path: '/',
      domain: '127.0.0.1',
    }),
  ]);
  const seconds = cookies[0]!.expires - Date.now() / 1000;
  expect(seconds).toBeGreaterThan(29 * 60);
  expect(seconds).toBeLessThanOrEqual(30 * 60);
});

test('A-04: the value of the cookie is no token, however one decodes it', async ({ user: { page } }) => {
  const value = decodeURIComponent((await page.context().cookies())[0]!.value);
  expect(value).not.toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  for (const encoding of ['base64', 'base64url', 'hex'] as const) {
    // At every offset, because a prefix would shift the rest.
    for (let skip = 0; skip < 4; skip += 1) {
      const decoded = Buffer.from(value.slice(skip), encoding).toString('latin1');
      expect(decoded).not.toMatch(/eyJ|"alg"|"sub"|at\+jwt/);
    }
  }
});

test('A-47: every sign-in makes a session of its own, whatever cookie came along', async ({ user, newBrowser }) => {
  const guest = user.at(await newBrowser());
  const context = guest.page.context();
  const [own] = await user.page.context().cookies();
  await context.addCookies([{ ...own!, value: 'planted' }]);
  await guest.signIn();
  const cookies = await context.cookies();
  expect(cookies.map(({ name }) => name)).toEqual(['__Host-Http-session']);
  expect(['planted', own!.value]).not.toContain(cookies[0]!.value);
});
