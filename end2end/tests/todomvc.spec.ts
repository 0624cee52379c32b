// The requirements of the TodoMVC specification. Like its acceptance suites, these tests use only its class names.

import { TodoMvc } from '../pages/todomvc.ts';
import { test as base, expect } from './fixtures.ts';

const test = base.extend<{ todomvc: TodoMvc }>({
  todomvc: ({ user: { page }, scripting }, use) => use(new TodoMvc(page, scripting)),
});

const THREE = ['read the post', 'repair the bike', 'write to Ida'] as const;

test('a new page has the focus in the field for a new todo, and neither list nor footer', async ({ todomvc }) => {
  await expect(todomvc.newTodo).toBeFocused();
  await expect(todomvc.newTodo).toHaveAttribute('placeholder', 'What needs to be done?');
  await expect(todomvc.page.locator('h1')).toHaveText('Todos');
  await expect(todomvc.items).toHaveCount(0);
  await expect(todomvc.main).toBeHidden();
  await expect(todomvc.footer).toBeHidden();
});

test('a new todo is appended, shows list and footer, and empties its field (case 2)', async ({ todomvc }) => {
  await todomvc.add(THREE[0]);
  await todomvc.expectTitles([THREE[0]]);
  await expect(todomvc.main).toBeVisible();
  await expect(todomvc.footer).toBeVisible();
  await expect(todomvc.newTodo).toHaveValue('');
  await expect(todomvc.newTodo).toBeFocused();
  await todomvc.add(THREE[1], `   ${THREE[2]}   `);
  await todomvc.expectTitles([...THREE]);
  await expect(todomvc.labels.last(), 'the title is trimmed').toHaveJSProperty('textContent', THREE[2]);
  await todomvc.expectClasses(['', '', '']);
});

// case 4
test('the counter says 1 item, but 0 and 2 items, with the number in bold', async ({ todomvc }) => {
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
  test.use({ initialTitles: [...THREE] });

  test('the checkbox for all completes and reopens all, and reflects their state', async ({ todomvc }) => {
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

  // case 8
  test('the checkbox for all is unchecked after the completed todos are cleared', async ({ todomvc }) => {
    await todomvc.tickAll();
    await todomvc.clear();
    await expect(todomvc.items).toHaveCount(0);
    await expect(todomvc.toggleAll).not.toBeChecked();
    await todomvc.add('one more');
    await expect(todomvc.toggleAll).not.toBeChecked();
  });

  test('completing and reopening affects one todo only', async ({ todomvc }) => {
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

  test('a todo is edited in place', async ({ todomvc }) => {
    await todomvc.edit(1);
    await expect(todomvc.editor(1)).toHaveValue(THREE[1]);
    await todomvc.editor(1).fill('sell the bike');
    await todomvc.editor(1).press('Enter');
    await todomvc.expectTitles([THREE[0], 'sell the bike', THREE[2]]);
    await todomvc.expectClasses(['', '', '']);
  });

  // case 3
  test('a new title is trimmed, and inner white space is kept', async ({ todomvc }) => {
    await todomvc.edit(0);
    await todomvc.editor(0).fill(' \u2003 two  spaces \u3000 ');
    await todomvc.editor(0).press('Enter');
    await expect(todomvc.labels.first()).toHaveJSProperty('textContent', 'two  spaces');
  });

  test('an edited todo shows only its editor, and has the class editing', async ({ todomvc }) => {
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

  test('blur saves an edit, Escape discards it, and an empty title deletes the todo', async ({ todomvc }) => {
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

  test('the delete button deletes one todo only', async ({ todomvc }) => {
    await todomvc.destroy(1);
    await todomvc.expectTitles([THREE[0], THREE[2]]);
    await expect(todomvc.count).toHaveText('2 items left');
  });

  test('the clear button is visible only with completed todos, and clears them', async ({ todomvc }) => {
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

  test('changes persist after a reload', async ({ todomvc, user: { todos } }) => {
    await todomvc.add('one more');
    // Changes are sent in order, and this is the last.
    const saved = todomvc.page.waitForResponse('/bff/edit_todo');
    await todomvc.tick(0);
    await saved;
    await todos.reload();
    await todomvc.expectTitles([...THREE, 'one more']);
    await todomvc.expectClasses(['completed', '', '', '']);
    await expect(todomvc.count).toHaveText('3 items left');
  });

  test('a filter is marked, shows its todos, and is in the history', async ({ todomvc }) => {
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

  test('a row stays the same element through all actions', async ({ todomvc }) => {
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
