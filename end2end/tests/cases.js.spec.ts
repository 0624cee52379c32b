// Cases that TodoMVC suites leave out, as far as they need scripting. The numbers are those of our list of them.

import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';

test('case 5: a click on its button deletes that todo, and the focus goes on to the next', async ({ user: { page, todos } }) => {
  await todos.seed(['one', 'two', 'three']);
  await todos.reload();
  const two = await todos.idOf('two');
  const deleted = page.waitForRequest('/bff/delete_todo');
  await todos.delete('two');
  expect(new URLSearchParams((await deleted).postData() ?? '').get('id')).toBe(two);
  await todos.expectTitles(['one', 'three']);
  await expect(page.getByRole('checkbox', { name: 'three', exact: true })).toBeFocused();
});

test.describe('case 19: with a thousand todos', () => {
  // Adding so many takes its time.
  test.slow();

  const THOUSAND = Array.from({ length: 1_000 }, (_, nth) => `Todo number ${nth + 1}`);
  // The count, the announcement, the button that clears and the like. A row that is drawn again for nothing would be more.
  const A_HANDFUL = 12;

  test.beforeEach(async ({ user: { todos } }) => {
    await todos.seed(THOUSAND);
    await todos.reload();
    await expect(todos.items).toHaveCount(1_000);
  });

  test('adding one changes nothing but its row and the count', async ({ user: { page, todos } }) => {
    const changes = await mutations(page);
    await todos.add('One more');
    await expect(todos.items).toHaveCount(1_001);
    const { rows, records } = await changes();
    expect(rows, 'rows that came or went').toBe(1);
    expect(records.length, records.join('\n')).toBeLessThanOrEqual(A_HANDFUL);
  });

  test('completing one changes nothing but its row and the count', async ({ user: { page, todos } }) => {
    const changes = await mutations(page);
    await todos.complete('Todo number 500');
    await todos.expectCompleted(['Todo number 500']);
    const { rows, records } = await changes();
    expect(rows, 'rows that came or went').toBe(0);
    expect(records.length, records.join('\n')).toBeLessThanOrEqual(A_HANDFUL);
  });

  test('opening an editor changes only its row, and typing changes nothing', async ({ user: { page, todos } }) => {
    const changes = await mutations(page);
    await todos.edit('Todo number 500');
    const opened = await changes();
    expect(opened.rows, 'rows that came or went').toBe(0);
    expect(opened.records.length, opened.records.join('\n')).toBeLessThanOrEqual(A_HANDFUL);

    const typed = await mutations(page);
    await page.keyboard.type(' and on');
    await expect(todos.editor).toHaveValue('Todo number 500 and on');
    expect((await typed()).records).toEqual([]);

    await page.keyboard.press('Escape');
    await todos.newTodo.focus();
    const typedNew = await mutations(page);
    await page.keyboard.type('Something new');
    await expect(todos.newTodo).toHaveValue('Something new');
    expect((await typedNew()).records).toEqual([]);
  });
});

/** Watches what changes in the document from now on; the result says what did. */
async function mutations(page: Page): Promise<() => Promise<{ rows: number; records: string[] }>> {
  const watch = await page.evaluateHandle(() => {
    const observer = new MutationObserver((records) => seen.push(...records));
    const seen: MutationRecord[] = [];
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    return { observer, seen };
  });
  return () =>
    watch.evaluate(({ observer, seen }) => {
      // A row says that it waits only if the answer takes long, as a busy machine's may.
      const records = [...seen, ...observer.takeRecords()].filter(({ attributeName }) => attributeName !== 'aria-busy');
      observer.disconnect();
      const isRow = (node: Node): boolean => node instanceof HTMLLIElement;
      const describe = ({ type, target, attributeName, addedNodes, removedNodes }: MutationRecord): string => {
        const where = target instanceof Element ? `${target.localName}.${target.className}` : `text of ${target.parentElement?.className}`;
        return `${type} ${attributeName ?? ''} in ${where}: +${addedNodes.length} -${removedNodes.length}`;
      };
      return {
        rows: records.flatMap(({ addedNodes, removedNodes }) => [...addedNodes, ...removedNodes]).filter(isRow).length,
        records: records.map(describe),
      };
    });
}
