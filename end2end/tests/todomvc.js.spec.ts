// What the public TodoMVC specification asks of scripting: see todomvc.spec.ts.

import { TodoMvc } from '../pages/todomvc.ts';
import { test as base, expect } from './fixtures.ts';

const test = base.extend<{ todomvc: TodoMvc }>({
  todomvc: async ({ user: { page }, scripting }, use) => {
    const todomvc = new TodoMvc(page, scripting);
    await todomvc.add('read the post', 'repair the bike', 'write to Ida');
    await use(todomvc);
  },
});

test('leaving the editor saves', async ({ todomvc }) => {
  await todomvc.edit(1);
  await todomvc.editor(1).fill('sell the bike');
  await todomvc.editor(1).blur();
  await todomvc.expectTitles(['read the post', 'sell the bike', 'write to Ida']);
  await todomvc.expectClasses(['', '', '']);
});

test('Escape leaves the editor and drops what was typed', async ({ todomvc }) => {
  await todomvc.edit(1);
  await todomvc.editor(1).fill('sell the bike');
  await todomvc.editor(1).press('Escape');
  await expect(todomvc.editor(1)).toHaveCount(0);
  await todomvc.expectTitles(['read the post', 'repair the bike', 'write to Ida']);
  await todomvc.expectClasses(['', '', '']);
});

test('the box for all is ticked and cleared as any checkbox is', async ({ todomvc }) => {
  await todomvc.toggleAll.check();
  await todomvc.expectClasses(['completed', 'completed', 'completed']);
  await todomvc.toggle(0).uncheck();
  await expect(todomvc.toggleAll).not.toBeChecked();
  await todomvc.toggle(0).check();
  await expect(todomvc.toggleAll).toBeChecked();
  await todomvc.toggleAll.uncheck();
  await todomvc.expectClasses(['', '', '']);
});

test('a row that a test holds on to stays the same element through all that happens to it', async ({ todomvc }) => {
  const row = await todomvc.items.nth(1).elementHandle();
  await todomvc.toggle(1).check();
  await todomvc.edit(1);
  await todomvc.editor(1).press('Enter');
  await todomvc.toggle(1).uncheck();
  await todomvc.show('Active');
  await todomvc.show('All');
  expect(await todomvc.items.nth(1).evaluate((now, row) => now === row, row)).toBe(true);
});
