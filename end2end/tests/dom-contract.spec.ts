// The DOM contract between TodoMVC suites, assistive technology and the server's HTML. The numbers are those of its lines.

import { holdWasm } from '../pages/hold.ts';
import { TodoMvc } from '../pages/todomvc.ts';
import { test as base, expect } from './fixtures.ts';

const test = base.extend<{ todomvc: TodoMvc }>({
  todomvc: ({ user: { page }, scripting }, use) => use(new TodoMvc(page, scripting)),
});

test('contract 1: list, footer and the clear button always exist, and are hidden by their attribute', async ({ todomvc }) => {
  const { page, main, footer, clearCompleted } = todomvc;
  const expectHidden = async (...hidden: boolean[]): Promise<void> => {
    for (const [nth, part] of [main, footer, clearCompleted].entries()) {
      await expect(part).toHaveCount(1);
      await expect(part).toHaveJSProperty('hidden', hidden[nth]);
    }
  };
  await expectHidden(true, true, true);
  await todomvc.add('one');
  await expectHidden(false, false, true);
  await todomvc.tick(0);
  await expectHidden(false, false, false);
  await todomvc.destroy(0);
  await expectHidden(true, true, true);
  await expect(page.locator('li', { hasText: 'Nothing to do yet.' })).toHaveCount(0);
  await expect(main).not.toContainText('Nothing to do yet.');
  await expect(page.getByText('Nothing to do yet.')).toBeVisible();
});

test('contract 2: each item has one label with only the title, and no nested item', async ({ todomvc }) => {
  await todomvc.add('one', 'two', 'three');
  await todomvc.tick(0);
  await todomvc.edit(1);
  await expect(todomvc.items.locator('label')).toHaveCount(3);
  for (const [nth, title] of ['one', 'two', 'three'].entries()) {
    const label = todomvc.items.nth(nth).locator('label');
    await expect(label).toHaveJSProperty('textContent', title);
    await expect(label.locator('*')).toHaveCount(0);
  }
  await expect(todomvc.items.locator('li')).toHaveCount(0);
});

test('contract 3: the label names the checkbox, but a click on it does not toggle', async ({ todomvc }) => {
  await todomvc.add('read the post');
  const label = todomvc.items.locator('label');
  await expect(label).not.toHaveAttribute('for');
  await expect(label.locator('input')).toHaveCount(0);
  await expect(todomvc.items.locator('label input, input[id]')).toHaveCount(0);
  const id = await todomvc.items.locator('.view input[name="id"]').inputValue();
  await expect(todomvc.toggle(0)).toHaveAttribute('aria-labelledby', `t-${id}`);
  await expect(todomvc.toggle(0)).toHaveAccessibleName('read the post');
  await label.click();
  await expect(todomvc.toggle(0)).not.toBeChecked();
  await todomvc.edit(0);
  await expect(todomvc.editor(0)).toHaveAccessibleName('Edit: read the post');
});

test('contract 6: a filter is a URL that the server renders', async ({ todomvc, user: { page, todos } }) => {
  await todos.seed(['open', 'done']);
  await todos.reload();
  await todos.complete('done');
  const addresses = await todomvc.filters.evaluateAll((links) => links.map((link) => link.getAttribute('href')));
  expect(addresses).toEqual(['/todos', '/todos?show=active', '/todos?show=completed']);
  for (const [address, titles] of [
    ['/todos', ['open', 'done']],
    ['/todos?show=active', ['open']],
    ['/todos?show=completed', ['done']],
  ] as const) {
    // The server's HTML, before any script could change it.
    const html = await page.evaluate(async (address) => (await fetch(address)).text(), address);
    const sent = await page.evaluate((html) => {
      const sent = new DOMParser().parseFromString(html, 'text/html');
      return [...sent.querySelectorAll('.todo-list label')].map((label) => label.textContent);
    }, html);
    expect(sent, address).toEqual(titles);
  }
});

test('contract 8: the delete button has a name, and is visible while the focus is in its row', async ({ todomvc }) => {
  await todomvc.add('one', 'two');
  const button = todomvc.items.nth(0).locator('.destroy');
  await expect(button).toHaveAttribute('aria-label', 'Delete: one');
  await todomvc.newTodo.focus();
  await todomvc.page.mouse.move(0, 0);
  await expect(button, 'hidden without focus and pointer').toHaveCSS('opacity', '0');
  // With the keyboard, because a click would also hover.
  const inRow = todomvc.items.nth(0).locator(':focus');
  for (let presses = 0; presses < 10 && (await inRow.count()) === 0; presses += 1) await todomvc.page.keyboard.press('Tab');
  await expect(inRow).toHaveCount(1);
  await expect(button).toHaveCSS('opacity', '1');
});

test.describe('without hover', () => {
  test.use({ hasTouch: true, isMobile: true });

  test('contract 8: a tap on the title opens the editor, which has Delete', async ({ todomvc }) => {
    await todomvc.add('one', 'two');
    await expect(todomvc.items.locator('.destroy').filter({ visible: true })).toHaveCount(0);
    const { x, y, width, height } = (await todomvc.labels.nth(0).boundingBox())!;
    await todomvc.page.touchscreen.tap(x + width / 2, y + height / 2);
    await todomvc.page.getByRole('button', { name: 'Delete: one' }).tap();
    await todomvc.expectTitles(['two']);
  });
});

test('contract 9: the edit field exists only while its todo is edited', async ({ todomvc, user: { page, todos } }) => {
  await todomvc.add('one', 'two');
  await expect(page.locator('.edit')).toHaveCount(0);
  await todomvc.edit(1);
  await expect(page.locator('.edit')).toHaveCount(1);
  await expect(todomvc.editor(1)).toHaveValue('two');
  await todomvc.settle(() => todomvc.editor(1).press('Enter'));
  await expect(page.locator('.edit')).toHaveCount(0);
  await todos.open(`?edit=${await todos.idOf('one')}`);
  await expect(page.locator('.edit')).toHaveCount(1);
  await expect(todomvc.editor(0)).toHaveValue('one');
});

test('contract 10: the text of an item is its title, and its buttons are icons with names', async ({ todomvc }) => {
  await todomvc.add('one', '  two & three ');
  await todomvc.tick(0);
  for (const [nth, title] of ['one', 'two & three'].entries()) {
    const item = todomvc.items.nth(nth);
    await expect(item).toHaveJSProperty('textContent', title);
    const unnamed = await item.locator('button, a').evaluateAll((buttons) =>
      buttons.filter((button) => button.textContent !== '' || !button.getAttribute('aria-label')).map((button) => button.outerHTML),
    );
    expect(unnamed).toEqual([]);
  }
});

test('contract 3: a double-click edits and does not toggle', async ({ todomvc, user: { page, todos } }) => {
  await todos.add('read the post');
  const sent: string[] = [];
  page.on('request', (request) => sent.push(new URL(request.url()).pathname));
  await todomvc.labels.dblclick();
  await expect(todomvc.editor(0)).toBeFocused();
  await todomvc.editor(0).press('Escape');
  await todos.add('after that');
  await expect(todomvc.toggle(0)).not.toBeChecked();
  // The browser requests the icon at any time.
  expect(sent.filter((path) => path !== '/favicon.svg')).toEqual(['/bff/add_todo']);
});

test('contract 4: the page generates the id of a todo, the server keeps it, and the row stays the same element', async ({ todomvc, user: { page, todos } }) => {
  const request = page.waitForRequest('/bff/add_todo');
  await todomvc.newTodo.fill('read the post');
  await todos.whenAnswered(() => todomvc.newTodo.press('Enter'));
  const row = await todomvc.items.elementHandle();
  const id = await todos.idOf('read the post');
  expect(id, 'UUID version 7').toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new URLSearchParams((await request).postData() ?? '').get('id')).toBe(id);

  await todos.complete('read the post');
  await todos.rename('read the post', 'burn the post');
  expect(await todomvc.items.evaluate((now, row) => now === row, row)).toBe(true);
  await todos.reload();
  expect(await todos.idOf('burn the post')).toBe(id);
});

test('contract 5: key listeners exist after hydration, even with an empty list', async ({ todomvc, user: { todos } }) => {
  await todomvc.page.addInitScript(() => {
    const listened: string[] = [];
    Object.assign(window, { listened });
    const add = EventTarget.prototype.addEventListener;
    EventTarget.prototype.addEventListener = function (this: EventTarget, ...listener: Parameters<typeof add>) {
      listened.push(listener[0]);
      add.apply(this, listener);
    };
  });
  await todos.open();
  await expect(todomvc.items).toHaveCount(0);
  const listened = await todomvc.page.evaluate(() => (window as unknown as { listened: string[] }).listened);
  expect(listened.filter((event) => ['keydown', 'input'].includes(event))).not.toEqual([]);
});

test('contract 10: a double-click anywhere on the title area edits', async ({ todomvc, user: { todos } }) => {
  await todos.add('x');
  const { width, height } = (await todomvc.labels.boundingBox())!;
  expect(width, 'the area is wider than the title').toBeGreaterThan(100);
  for (const position of [
    { x: 2, y: 2 },
    // The buttons of the row lie over the end.
    { x: width - 100, y: height - 2 },
    { x: width / 2, y: height / 2 },
  ]) {
    await todomvc.labels.dblclick({ position });
    await expect(todomvc.editor(0)).toBeFocused();
    await todomvc.editor(0).press('Escape');
    await expect(todomvc.editor(0)).toHaveCount(0);
  }
});

test('contract 11: data-hydrated is set after hydration, not before', async ({ todomvc, user: { page, todos } }) => {
  const release = await holdWasm(page);
  await page.goto('/todos', { waitUntil: 'commit' });
  const html = page.locator('html');
  await expect(todomvc.newTodo).toBeVisible();
  await expect(html).not.toHaveAttribute('data-hydrated');
  release();
  await expect(html).toHaveAttribute('data-hydrated', '');
  await todos.add('at once');
  await expect(todomvc.labels).toHaveText(['at once']);
});
