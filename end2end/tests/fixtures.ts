// What each test starts with. Every browser in a test is watched for problems.

import { test as base, type Page } from '@playwright/test';
import { Person } from '../pages/person.ts';
import { TodosPage } from '../pages/todos.ts';
import { Problems } from './problems.ts';

interface Fixtures {
  scripting: boolean;
  problems: Problems;
  /** Opens one more browser, with no cookies. */
  newBrowser: () => Promise<Page>;
  /** Somebody without an account. */
  visitor: Person;
  /** The todos that `user` begins with: `test.use({ has: ['Buy milk'] })`. */
  has: string[];
  /** Somebody with a new account, at their todos. */
  user: Person;
}

export const test = base.extend<Fixtures>({
  scripting: ({ javaScriptEnabled }, use) => use(javaScriptEnabled !== false),

  problems: [
    async ({ page, scripting }, use, test) => {
      const problems = new Problems(scripting);
      problems.watch(page.context());
      await use(problems);
      // Not only where a test waits for it. One that failed may have left the page as it can't get ready, as with the WASM
      // held back; to wait for it would hide why it failed.
      const passed = test.status === test.expectedStatus;
      if (passed && new URL(page.url()).pathname === '/todos') await TodosPage.of(page, scripting).ready();
      problems.verify();
    },
    { auto: true },
  ],

  newBrowser: async ({ browser, problems }, use) => {
    const contexts: Awaited<ReturnType<typeof browser.newContext>>[] = [];
    await use(async () => {
      const context = await browser.newContext();
      contexts.push(context);
      problems.watch(context);
      return context.newPage();
    });
    await Promise.all(contexts.map((context) => context.close()));
  },

  visitor: ({ page, scripting }, use) => use(new Person(page, scripting)),

  has: [[], { option: true }],

  user: async ({ visitor, has }, use) => {
    await visitor.signUp(has);
    await use(visitor);
  },
});

export { expect } from '@playwright/test';
