// What the public TodoMVC specification asks of the list, in our own words. Its acceptance suites differ in their tools,
// but not in what they look for, so all of this goes by its class names alone.

import { TodoMvc } from '../pages/todomvc.ts';
import { test as base, expect } from './fixtures.ts';

const test = base.extend<{ todomvc: TodoMvc }>({
  todomvc: ({ user: { page }, scripting }, use) => use(new TodoMvc(page, scripting)),
});

const THREE = ['read the post', 'repair the bike', 'write to Ida'];

test.describe('a page that has just been opened', () => {
  test('has the cursor in the box for a new todo, which says what it is for', async ({ todomvc }) => {
    await expect(todomvc.newTodo).toBeFocused();
    await expect(todomvc.newTodo).toHaveAttribute('placeholder', 'What needs to be done?');
    await expect(todomvc.page.locator('h1')).toHaveText('todos');
  });

  test('has no todo for a new user, and shows neither list nor footer', async ({ todomvc }) => {
    await expect(todomvc.items).toHaveCount(0);
    await expect(todomvc.main).toBeHidden();
    await expect(todomvc.footer).toBeHidden();
  });
});

test.describe('a new todo', () => {
  test('goes to the end of the list, and brings list and footer', async ({ todomvc }) => {
    await todomvc.add(THREE[0]!);
    await todomvc.expectTitles([THREE[0]!]);
    await expect(todomvc.main).toBeVisible();
    await expect(todomvc.footer).toBeVisible();
    await todomvc.add(THREE[1]!, THREE[2]!);
    await todomvc.expectTitles(THREE);
    await todomvc.expectClasses(['', '', '']);
  });

  test('case 2: leaves its box empty', async ({ todomvc }) => {
    await todomvc.add('read the post');
    await expect(todomvc.newTodo).toHaveValue('');
    await expect(todomvc.newTodo).toHaveText('');
    await expect(todomvc.newTodo).toBeFocused();
  });

  test('loses the white space around it', async ({ todomvc }) => {
    await todomvc.add('   read the post   ');
    await expect(todomvc.labels).toHaveJSProperty('textContent', 'read the post');
  });
});

test.describe('the box for all', () => {
  test.beforeEach(({ todomvc }) => todomvc.add(...THREE));

  test('completes all', async ({ todomvc }) => {
    await todomvc.tickAll();
    await todomvc.expectClasses(['completed', 'completed', 'completed']);
    await expect(todomvc.count).toHaveText('0 items left');
  });

  test('reopens all', async ({ todomvc }) => {
    await todomvc.tickAll();
    await todomvc.tickAll();
    await todomvc.expectClasses(['', '', '']);
  });

  test('follows what becomes of each', async ({ todomvc }) => {
    await todomvc.tickAll();
    await expect(todomvc.toggleAll).toBeChecked();
    await todomvc.tick(0);
    await expect(todomvc.toggleAll).not.toBeChecked();
    await todomvc.tick(0);
    await expect(todomvc.toggleAll).toBeChecked();
  });

  test('case 8: is empty again once what was completed is cleared', async ({ todomvc }) => {
    await todomvc.tickAll();
    await todomvc.clear();
    await expect(todomvc.items).toHaveCount(0);
    await expect(todomvc.toggleAll).not.toBeChecked();
    await todomvc.add('one more');
    await expect(todomvc.toggleAll).not.toBeChecked();
  });
});

test.describe('a todo', () => {
  test('is completed, and only that one', async ({ todomvc }) => {
    await todomvc.add(...THREE);
    await todomvc.tick(0);
    await todomvc.expectClasses(['completed', '', '']);
    await expect(todomvc.toggle(0)).toBeChecked();
    await expect(todomvc.toggle(1)).not.toBeChecked();
    await todomvc.tick(1);
    await todomvc.expectClasses(['completed', 'completed', '']);
  });

  test('is reopened', async ({ todomvc }) => {
    await todomvc.add(...THREE);
    await todomvc.tick(0);
    await todomvc.expectClasses(['completed', '', '']);
    await todomvc.tick(0);
    await todomvc.expectClasses(['', '', '']);
    await expect(todomvc.toggle(0)).not.toBeChecked();
  });

  test('is edited in its place', async ({ todomvc }) => {
    await todomvc.add(...THREE);
    await todomvc.edit(1);
    await expect(todomvc.editor(1)).toHaveValue(THREE[1]!);
    await todomvc.editor(1).fill('sell the bike');
    await todomvc.over(() => todomvc.editor(1).press('Enter'));
    await todomvc.expectTitles([THREE[0]!, 'sell the bike', THREE[2]!]);
    await todomvc.expectClasses(['', '', '']);
  });

  test('goes when its button is clicked, and only that one', async ({ todomvc }) => {
    await todomvc.add(...THREE);
    await todomvc.destroy(1);
    await todomvc.expectTitles([THREE[0]!, THREE[2]!]);
    await expect(todomvc.count).toHaveText('2 items left');
  });
});

test.describe('while a todo is edited', () => {
  test('nothing else of it is seen, and its class says so', async ({ todomvc }) => {
    await todomvc.add(...THREE);
    await todomvc.tick(2);
    await todomvc.edit(1);
    await expect(todomvc.editor(1)).toBeVisible();
    await todomvc.expectClasses(['', 'editing', 'completed']);
    for (const part of ['.toggle', 'label', '.destroy']) {
      await expect(todomvc.items.nth(1).locator(part), part).toBeHidden();
      await expect(todomvc.items.nth(0).locator(part), part).toBeAttached();
    }
  });

  test('a completed one is both', async ({ todomvc }) => {
    await todomvc.add('done and wrong');
    await todomvc.tick(0);
    await todomvc.edit(0);
    await todomvc.expectClasses(['completed editing']);
    await todomvc.over(() => todomvc.editor(0).press('Enter'));
    await todomvc.expectClasses(['completed']);
  });

  test('case 3: white space around the new title is dropped, and none within', async ({ todomvc }) => {
    await todomvc.add('before');
    await todomvc.edit(0);
    await todomvc.editor(0).fill(' \u2003 two  spaces \u3000 ');
    await todomvc.over(() => todomvc.editor(0).press('Enter'));
    await expect(todomvc.labels).toHaveJSProperty('textContent', 'two  spaces');
  });

  test('nothing but white space in its place deletes it', async ({ todomvc }) => {
    await todomvc.add(...THREE);
    await todomvc.edit(1);
    await todomvc.editor(1).fill('');
    await todomvc.over(() => todomvc.editor(1).press('Enter'));
    await todomvc.expectTitles([THREE[0]!, THREE[2]!]);
  });
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

test.describe('the button that clears', () => {
  test.beforeEach(({ todomvc }) => todomvc.add(...THREE));

  test('says what it clears, and is there only when there is something to clear', async ({ todomvc }) => {
    await expect(todomvc.clearCompleted).toBeHidden();
    await todomvc.tick(0);
    await expect(todomvc.clearCompleted).toBeVisible();
    await expect(todomvc.clearCompleted).toHaveText('Clear completed');
    await todomvc.tick(0);
    await expect(todomvc.clearCompleted).toBeHidden();
  });

  test('removes what is completed, and goes', async ({ todomvc }) => {
    await todomvc.tick(1);
    await todomvc.clear();
    await todomvc.expectTitles([THREE[0]!, THREE[2]!]);
    await expect(todomvc.clearCompleted).toBeHidden();
  });
});

test('what was done is there after a reload', async ({ todomvc, user: { todos }, scripting }) => {
  await todomvc.add(THREE[0]!, THREE[1]!);
  // Changes go out one after the other; this is the last.
  const saved = scripting ? todomvc.page.waitForResponse('/bff/complete_todo') : undefined;
  await todomvc.tick(0);
  await saved;
  await todos.reload();
  await todomvc.expectTitles([THREE[0]!, THREE[1]!]);
  await todomvc.expectClasses(['completed', '']);
  await expect(todomvc.count).toHaveText('1 item left');
});

test.describe('routing', () => {
  test.beforeEach(async ({ todomvc }) => {
    await todomvc.add(...THREE);
    await todomvc.tick(1);
  });

  test('shows the active ones', async ({ todomvc }) => {
    await todomvc.show('Active');
    await todomvc.expectTitles([THREE[0]!, THREE[2]!]);
  });

  test('shows the completed ones', async ({ todomvc }) => {
    await todomvc.show('Completed');
    await todomvc.expectTitles([THREE[1]!]);
  });

  test('shows all again', async ({ todomvc }) => {
    for (const filter of ['Active', 'Completed', 'All'] as const) await todomvc.show(filter);
    await todomvc.expectTitles(THREE);
  });

  test('goes back by the button of the browser', async ({ todomvc }) => {
    await todomvc.show('All');
    await todomvc.show('Active');
    await todomvc.show('Completed');
    await expect(todomvc.items).toHaveCount(1);
    await todomvc.page.goBack();
    await expect(todomvc.items).toHaveCount(2);
    await todomvc.page.goBack();
    await expect(todomvc.items).toHaveCount(3);
  });

  test('marks the filter that is on, and no other', async ({ todomvc }) => {
    const selected = todomvc.page.locator('.filters li a.selected');
    await expect(todomvc.filters).toHaveText(['All', 'Active', 'Completed']);
    await expect(selected).toHaveText(['All']);
    for (const filter of ['Active', 'Completed', 'All'] as const) {
      await todomvc.show(filter);
      await expect(selected).toHaveText([filter]);
    }
  });
});
