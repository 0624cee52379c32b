// Fixtures of each test. Problems are collected from every browser.

import { test as base, type Page } from '@playwright/test';
import { Person } from '../pages/person.ts';
import { TodosPage } from '../pages/todos.ts';
import { Problems } from './problems.ts';

interface Fixtures {
  scripting: boolean;
  problems: Problems;
  /** Opens another browser, without cookies. */
  newBrowser: () => Promise<Page>;
  /** A user without an account. */
  visitor: Person;
  /** The initial todos of `user`: `test.use({ initialTitles: ['Buy milk'] })`. */
  initialTitles: string[];
  /** A user with a new account, on the todo page. */
  user: Person;
}

export const test = base.extend<Fixtures>({
  scripting: ({ javaScriptEnabled }, use) => use(javaScriptEnabled !== false),

  problems: [
    async ({ page, scripting }, use, test) => {
      const problems = new Problems(scripting);
      problems.watch(page.context());
      await use(problems);
      // Every passed test waits for the hydration. A failed one may have blocked it, and waiting would hide the cause.
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

  initialTitles: [[], { option: true }],

  user: async ({ visitor, initialTitles }, use) => {
    await visitor.signUp(initialTitles);
    await use(visitor);
  },
});

export { expect } from '@playwright/test';
