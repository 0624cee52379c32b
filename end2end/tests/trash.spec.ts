// B3: the way from the todo page to the trash; tests/it/trash.rs tests its pages.

import { TrashPage } from '../pages/trash.ts';
import { expect, test } from './fixtures.ts';

test.use({ initialTitles: ['one', 'two', 'three'] });

// B3
test('after the toast is gone the trash restores a todo to its position and state', { tag: '@replicas' }, async ({ user: { page, todos } }) => {
  const trash = new TrashPage(page);
  const id = await todos.idOf('two');
  await todos.complete('two');
  await todos.delete('two');
  await todos.delete('one');
  await todos.undo();
  await trash.follow('Trash');
  await trash.ready();
  await trash.expectTitles(['two']);
  await expect(trash.item('two')).toContainText('Completed, deleted just now');
  const moment = await trash.item('two').locator('time').getAttribute('datetime');
  expect(Math.abs(Date.now() - Date.parse(moment!))).toBeLessThan(60_000);
  await trash.restore('two');
  await expect(page).toHaveURL(`/trash?restored=${id}`);
  await expect(trash.status).toHaveText('Restored “two”.');
  await trash.follow('Go to your todos');
  await todos.ready();
  await todos.expectTitles(['one', 'two', 'three']);
  await todos.expectCompleted(['two']);
  expect(await todos.idOf('two')).toBe(id);
});
