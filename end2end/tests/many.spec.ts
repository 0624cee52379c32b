// Case 19: a thousand todos stay fast.

import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';

// Enough for the count, the announcement and the clear button; redrawing other rows would take more.
const MAX_CHANGES = 12;

// case 19
test('among a thousand todos, an action changes only its row and the count', async ({ user: { page, todos } }) => {
  test.slow();
  await todos.seed(Array.from({ length: 1_000 }, (_, nth) => `Todo number ${nth + 1}`));
  await todos.reload();
  for (let loaded = 200; loaded < 1_000; loaded += 200) {
    await expect(todos.items).toHaveCount(loaded);
    await todos.items.last().scrollIntoViewIfNeeded();
  }
  await expect(todos.items).toHaveCount(1_000);

  const added = await mutations(page);
  await todos.add('One more');
  await expect(todos.items).toHaveCount(1_001);
  await expectFew(added, 1);
  await expect(page.locator('[data-new]'), 'what was added has shone').toHaveCount(0);

  const completed = await mutations(page);
  await todos.complete('Todo number 500');
  await todos.expectCompleted(['Todo number 500']);
  await expectFew(completed, 0);

  const opened = await mutations(page);
  await todos.edit('Todo number 500');
  await expectFew(opened, 0);

  const typed = await mutations(page);
  await page.keyboard.type(' and on');
  await expect(todos.editor).toHaveValue('Todo number 500 and on');
  expect((await typed()).records, 'typing').toEqual([]);

  await page.keyboard.press('Escape');
  await todos.newTodo.focus();
  const typedNew = await mutations(page);
  await page.keyboard.type('Something new');
  await expect(todos.newTodo).toHaveValue('Something new');
  expect((await typedNew()).records, 'typing').toEqual([]);
});

type Changes = () => Promise<{ rows: number; records: string[] }>;

async function expectFew(changes: Changes, moved: number): Promise<void> {
  const { rows, records } = await changes();
  expect(rows, 'added and removed rows').toBe(moved);
  expect(records.length, records.join('\n')).toBeLessThanOrEqual(MAX_CHANGES);
}

/** Records changes of the document until the returned function is called. */
async function mutations(page: Page): Promise<Changes> {
  const watch = await page.evaluateHandle(() => {
    const observer = new MutationObserver((records) => seen.push(...records));
    const seen: MutationRecord[] = [];
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
    return { observer, seen };
  });
  return () =>
    watch.evaluate(({ observer, seen }) => {
      // A slow response on a busy machine sets aria-busy.
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
