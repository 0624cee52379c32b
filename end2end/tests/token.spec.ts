// The core promise: the browser signs in, but never holds a token that it could use or lose.

import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { Traffic } from './traffic.ts';

/** The browser state that scripts of the page can read. */
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

/** The start of every signed token, as long as its header, so that nonces and WASM do not match by chance. */
const TOKEN = /eyJ[\w-]{20}/;

const NOTHING = { cookie: '', local: {}, session: {}, databases: [], caches: [], workers: 0, name: '' };

//
test('during a whole journey no data visible to the page contains the token or the cookie', async ({ visitor }) => {
  const { page, todos } = visitor;
  const traffic = new Traffic(page.context());
  await page.goto('/sign-up');
  await visitor.sendForm('Sign up');
  await todos.ready();
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

  const recorded = await traffic.recorded();
  const values = [...traffic.cookies].filter((value) => value !== '');
  expect(values, 'two sessions').toHaveLength(2);
  const secrets = values.flatMap((value) => [value, decodeURIComponent(value)]);
  const leaks = recorded.filter(({ text }) => TOKEN.test(text) || secrets.some((secret) => text.includes(secret)));
  // Reports the location without the secret.
  expect(leaks.map(({ where }) => where)).toEqual([]);
  const kinds = recorded.filter(({ text }) => text.length > 1_000).map(({ where }) => /\.(js|wasm) body$/.exec(where)?.[1]);
  expect(kinds, 'the recording is complete').toEqual(expect.arrayContaining(['js', 'wasm']));
  expect(traffic.authorizations, 'requests with an Authorization header').toEqual([]);
});

//
test('the cookie is host-only and HttpOnly, and expires within 30 minutes', async ({ user: { page } }) => {
  const cookies = await page.context().cookies();
  expect(cookies).toEqual([
    expect.objectContaining({
      name: `__Host-Http-session-${new URL(page.url()).port}`,
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
