// What the public TodoMVC specification asks of the list, in our own words. Its acceptance suites differ in their tools,
// but not in what they look for, so all of this goes by its class names alone.

import { TodoMvc } from '../pages/todomvc.ts';
import { test as base, expect } from './fixtures.ts';

const test = base.extend<{ todomvc: TodoMvc }>({
  todomvc: ({ user: { page }, scripting }, use) => use(new TodoMvc(page, scripting)),
});

const THREE = ['read the post', 'repair the bike', 'write to Ida'] as const;

test('a page that has just been opened has the cursor in the box for a new todo, and neither list nor footer', async ({ todomvc }) => {
  await expect(todomvc.newTodo).toBeFocused();
  await expect(todomvc.newTodo).toHaveAttribute('placeholder', 'What needs to be done?');
  await expect(todomvc.page.locator('h1')).toHaveText('todos');
  await expect(todomvc.items).toHaveCount(0);
  await expect(todomvc.main).toBeHidden();
  await expect(todomvc.footer).toBeHidden();
});

test('a new todo goes to the end of the list, brings list and footer, and leaves its box empty (case 2)', async ({ todomvc }) => {
  await todomvc.add(THREE[0]);
  await todomvc.expectTitles([THREE[0]]);
  await expect(todomvc.main).toBeVisible();
  await expect(todomvc.footer).toBeVisible();
  await expect(todomvc.newTodo).toHaveValue('');
  await expect(todomvc.newTodo).toBeFocused();
  await todomvc.add(THREE[1], `   ${THREE[2]}   `);
  await todomvc.expectTitles([...THREE]);
  await expect(todomvc.labels.last(), 'the white space around it is dropped').toHaveJSProperty('textContent', THREE[2]);
  await todomvc.expectClasses(['', '', '']);
});

test('case 4: the counter says 1 item, but 0 and 2 items, with the number in bold', async ({ todomvc }) => {
  await todomvc.add('one');
  await expect(todomvc.count).toHaveText('1 item left');
  await expect(todomvc.count.locator('strong')).toHaveText('1');
  await todomvc.add('two');
  await expect(todomvc.count).toHaveText('2 items left');
  await expect(todomvc.count.locator('strong')).toHaveText('2');
  await todomvc.tickAll();
  await expect(todomvc.count).toHaveText('0 items left');
  await expect(todomvc.count.locator('strong')).toHaveText('0');
});

test.describe('with three todos', () => {
  test.use({ has: [...THREE] });

  test('the box for all completes and reopens all, and follows what becomes of each', async ({ todomvc }) => {
    await todomvc.toggleAll.check();
    await todomvc.expectClasses(['completed', 'completed', 'completed']);
    await expect(todomvc.count).toHaveText('0 items left');
    await todomvc.toggle(0).uncheck();
    await expect(todomvc.toggleAll).not.toBeChecked();
    await todomvc.toggle(0).check();
    await expect(todomvc.toggleAll).toBeChecked();
    await todomvc.toggleAll.uncheck();
    await todomvc.expectClasses(['', '', '']);
  });

  test('case 8: the box for all is empty again once what was completed is cleared', async ({ todomvc }) => {
    await todomvc.tickAll();
    await todomvc.clear();
    await expect(todomvc.items).toHaveCount(0);
    await expect(todomvc.toggleAll).not.toBeChecked();
    await todomvc.add('one more');
    await expect(todomvc.toggleAll).not.toBeChecked();
  });

  test('a todo is completed and reopened, and only that one', async ({ todomvc }) => {
    await todomvc.tick(0);
    await todomvc.expectClasses(['completed', '', '']);
    await expect(todomvc.toggle(0)).toBeChecked();
    await expect(todomvc.toggle(1)).not.toBeChecked();
    await todomvc.tick(1);
    await todomvc.expectClasses(['completed', 'completed', '']);
    await todomvc.tick(0);
    await todomvc.expectClasses(['', 'completed', '']);
    await expect(todomvc.toggle(0)).not.toBeChecked();
  });

  test('a todo is edited in its place', async ({ todomvc }) => {
    await todomvc.edit(1);
    await expect(todomvc.editor(1)).toHaveValue(THREE[1]);
    await todomvc.editor(1).fill('sell the bike');
    await todomvc.editor(1).press('Enter');
    await todomvc.expectTitles([THREE[0], 'sell the bike', THREE[2]]);
    await todomvc.expectClasses(['', '', '']);
  });

  test('case 3: white space around a new title is dropped, and none within', async ({ todomvc }) => {
    await todomvc.edit(0);
    await todomvc.editor(0).fill(' \u2003 two  spaces \u3000 ');
    await todomvc.editor(0).press('Enter');
    await expect(todomvc.labels.first()).toHaveJSProperty('textContent', 'two  spaces');
  });

  test('while a todo is edited nothing else of it is seen, and its class says so', async ({ todomvc }) => {
    await todomvc.tick(2);
    await todomvc.edit(1);
    await expect(todomvc.editor(1)).toBeVisible();
    await todomvc.expectClasses(['', 'editing', 'completed']);
    for (const part of ['.toggle', 'label', '.destroy']) {
      await expect(todomvc.items.nth(1).locator(part), part).toBeHidden();
      await expect(todomvc.items.nth(0).locator(part), part).toBeAttached();
    }
    await todomvc.editor(1).press('Enter');
    await todomvc.edit(2);
    await todomvc.expectClasses(['', '', 'completed editing']);
    await todomvc.editor(2).press('Enter');
    await todomvc.expectClasses(['', '', 'completed']);
  });

  test('leaving the editor saves, Escape drops what was typed, and nothing in place of a title deletes', async ({ todomvc }) => {
    await todomvc.edit(1);
    await todomvc.editor(1).fill('sell the bike');
    await todomvc.editor(1).blur();
    await todomvc.expectTitles([THREE[0], 'sell the bike', THREE[2]]);
    await todomvc.edit(1);
    await todomvc.editor(1).fill('keep the bike');
    await todomvc.editor(1).press('Escape');
    await expect(todomvc.editor(1)).toHaveCount(0);
    await todomvc.expectTitles([THREE[0], 'sell the bike', THREE[2]]);
    await todomvc.expectClasses(['', '', '']);
    await todomvc.edit(1);
    await todomvc.editor(1).fill('');
    await todomvc.editor(1).press('Enter');
    await todomvc.expectTitles([THREE[0], THREE[2]]);
  });

  test('a todo goes when its button is clicked, and only that one', async ({ todomvc }) => {
    await todomvc.destroy(1);
    await todomvc.expectTitles([THREE[0], THREE[2]]);
    await expect(todomvc.count).toHaveText('2 items left');
  });

  test('the button that clears is there only when there is something to clear, and clears that', async ({ todomvc }) => {
    await expect(todomvc.clearCompleted).toBeHidden();
    await todomvc.tick(1);
    await expect(todomvc.clearCompleted).toBeVisible();
    await expect(todomvc.clearCompleted).toHaveText('Clear completed');
    await todomvc.tick(1);
    await expect(todomvc.clearCompleted).toBeHidden();
    await todomvc.tick(1);
    await todomvc.clear();
    await todomvc.expectTitles([THREE[0], THREE[2]]);
    await expect(todomvc.clearCompleted).toBeHidden();
  });

  test('what was done is there after a reload', async ({ todomvc, user: { todos } }) => {
    await todomvc.add('one more');
    // Changes go out one after the other; this is the last.
    const saved = todomvc.page.waitForResponse('/bff/edit_todo');
    await todomvc.tick(0);
    await saved;
    await todos.reload();
    await todomvc.expectTitles([...THREE, 'one more']);
    await todomvc.expectClasses(['completed', '', '', '']);
    await expect(todomvc.count).toHaveText('3 items left');
  });

  test('a filter marks itself, shows its part, and Back goes from one to the other', async ({ todomvc }) => {
    const selected = todomvc.page.locator('.filters li a.selected');
    await todomvc.tick(1);
    await expect(todomvc.filters).toHaveText(['All', 'Active', 'Completed']);
    await expect(selected).toHaveText(['All']);
    for (const [filter, titles] of [['Active', [THREE[0], THREE[2]]], ['Completed', [THREE[1]]], ['All', [...THREE]]] as const) {
      await todomvc.show(filter);
      await todomvc.expectTitles([...titles]);
      await expect(selected).toHaveText([filter]);
    }
    await todomvc.page.goBack();
    await expect(todomvc.items).toHaveCount(1);
    await todomvc.page.goBack();
    await expect(todomvc.items).toHaveCount(2);
    await todomvc.page.goBack();
    await expect(todomvc.items).toHaveCount(3);
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
});
