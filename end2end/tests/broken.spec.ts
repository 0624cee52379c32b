// An extension, a translator or a trap in the WASM never leaves a page that looks alive but loses changes.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from '@playwright/test';
import { hold, holdWasm } from '../pages/hold.ts';
import { Person } from '../pages/person.ts';
import { fullChromium } from '../playwright.base.ts';
import { expect, test } from './fixtures.ts';

/** Changes of the document before hydration, as made by extensions. */
const INTERFERENCES = {
  'an element after the field for new todos': () => document.querySelector('.new-todo')!.after(document.createElement('i')),
  'an element as the first of the island': () => document.querySelector('.todoapp')!.prepend(document.createElement('i')),
  'an element as the last of the island': () => document.querySelector('.todoapp')!.append(document.createElement('i')),
  'an element in each row': () => document.querySelectorAll('.todo-list li').forEach((row) => row.prepend(document.createElement('i'))),
  'titles and headings wrapped by a translator': () => {
    for (const text of document.querySelectorAll('.todo-list label, h1, .todo-count')) {
      text.innerHTML = `<font><font>${text.innerHTML}</font></font>`;
    }
  },
  'all comments removed': () => {
    const comments = document.createTreeWalker(document, NodeFilter.SHOW_COMMENT);
    const found: Node[] = [];
    while (comments.nextNode()) found.push(comments.currentNode);
    for (const comment of found) comment.parentNode!.removeChild(comment);
  },
};

/** Adds, completes and deletes todos, and checks the server's state after a reload. */
async function expectEverythingSaved(page: Page, person: Person): Promise<void> {
  const { todos } = person;
  await todos.add('three');
  await todos.complete('one');
  await todos.delete('two');
  await todos.reload();
  await todos.expectTitles(['one', 'three']);
  await todos.expectCompleted(['one']);
  await expect(page.locator('#broken')).toBeHidden();
}

test.describe('with two todos', () => {
  test.use({ initialTitles: ['one', 'two'] });

  for (const [name, interfere] of Object.entries(INTERFERENCES)) {
    test(`hydration survives ${name}, and keeps the input`, async ({ user: { page, todos }, user }) => {
      await page.addInitScript(`addEventListener('DOMContentLoaded', ${interfere.toString()})`);
      const release = await holdWasm(page);
      await page.goto('/todos', { waitUntil: 'commit' });
      await todos.newTodo.pressSequentially('typed early');
      release();
      await todos.ready();
      await expect(todos.newTodo).toHaveValue('typed early');
      await expect(todos.newTodo).toBeFocused();
      await todos.newTodo.fill('');
      await expectEverythingSaved(page, user);
    });
  }

  test('hydration survives a real extension that changes the page', async ({ user, baseURL }) => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-extension-'));
    const content = `for (const place of document.querySelectorAll('.new-todo, .todo-list label')) place.after(document.createElement('i'));`;
    const manifest = { manifest_version: 3, name: 'Adds elements', version: '1', content_scripts: [{ matches: ['http://127.0.0.1/*'], js: ['content.js'], run_at: 'document_end' }] };
    await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
    await writeFile(join(folder, 'content.js'), content);
    const { args, ...browser } = fullChromium;
    const context = await chromium.launchPersistentContext('', {
      ...browser,
      args: [...args, `--disable-extensions-except=${folder}`, `--load-extension=${folder}`],
      baseURL: baseURL!,
    });
    try {
      await context.addCookies(await user.page.context().cookies());
      const page = context.pages()[0]!;
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(error.message));
      await page.goto('/todos', { waitUntil: 'commit' });
      await expectEverythingSaved(page, user.at(page));
      expect(errors).toEqual([]);
    } finally {
      await context.close();
      await rm(folder, { recursive: true });
    }
  });

  test('without its WASM the page works with its forms', async ({ user: { page }, problems }) => {
    problems.expect(/failed: .*\.wasm/, /console: .*ERR_FAILED/, /uncaught: /);
    await page.route('**/*.wasm', (route) => route.abort());
    const byForms = new Person(page, false);
    await page.goto('/todos');
    await byForms.todos.add('three');
    await byForms.todos.complete('one');
    await byForms.todos.delete('two');
    await byForms.todos.expectTitles(['one', 'three']);
    await byForms.todos.expectCompleted(['one']);
    await page.unroute('**/*.wasm');
    await page.reload();
  });

  test('after a panic the page lists unsaved changes, keeps the input, and works with its forms', async ({ user: { page, todos }, problems }) => {
    problems.expect(/uncaught: .*unreachable/);
    await page.route('/bff/**', (route) => route.abort('connectionrefused'));
    problems.expect(/failed: .*\/bff\//, /ERR_CONNECTION_REFUSED/);
    await todos.newTodo.fill('Never sent');
    await todos.newTodo.press('Enter');
    await page.getByRole('checkbox', { name: 'two' }).click();
    await todos.newTodo.fill('half a thought');
    await panic(page);
    const notice = page.locator('#broken');
    await expect(notice).toBeVisible();
    await expect(notice).toBeInViewport();
    await expect(page.locator('#unsaved')).toHaveText('“\u2068Never sent\u2069” was not added.\n“\u2068two\u2069” was not completed.');
    await expect(todos.newTodo).toHaveValue('half a thought');
    await expect(page.locator('html')).not.toHaveAttribute('data-hydrated');

    await page.unroute('/bff/**');
    const byForms = new Person(page, false).todos;
    await byForms.whenAnswered(() => todos.newTodo.press('Enter'));
    await todos.ready();
    await todos.expectTitles(['one', 'two', 'half a thought']);
    await todos.expectCompleted([]);
    await expect(notice).toBeHidden();
  });

  test('a change that is saved after a panic is not reported as lost', async ({ user: { page, todos }, problems }) => {
    problems.expect(/uncaught: .*unreachable/);
    const release = await hold(page, '/bff/add_todo');
    await todos.newTodo.fill('On its way');
    await todos.newTodo.press('Enter');
    await panic(page);
    await expect(page.locator('#unsaved')).toHaveText('“\u2068On its way\u2069” was not added.');
    release();
    await expect(page.locator('#unsaved')).toHaveText('');
    await page.locator('#broken').getByRole('link', { name: 'Reload' }).click();
    await todos.ready();
    await todos.expectTitles(['one', 'two', 'On its way']);
  });
});

/** Makes the WASM trap by starting it again, without the state that the first start has read. */
async function panic(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const program = document.querySelector<HTMLLinkElement>('link[rel=modulepreload]')!.href;
    const { hydrate } = await import(program);
    setTimeout(() => hydrate());
  });
  await expect(page.locator('html')).toHaveAttribute('data-broken');
}
