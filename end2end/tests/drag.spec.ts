// F6: rows are dragged, by mouse and by finger. shortcuts.spec.ts and editor.spec.ts move them without.

import { carry, drag, Finger, gripOf, placeAt } from '../pages/drag.ts';
import { hold } from '../pages/hold.ts';
import { expect, test } from './fixtures.ts';

test.use({ initialTitles: ['one', 'two', 'three', 'four'] });

test('a row lands above or below another one, where a line showed it, and stays there', { tag: '@replicas' }, async ({ user: { page, todos } }) => {
  await carry(page, todos.item('one'), 'below', todos.item('three'));
  await expect(page.locator('html')).toHaveAttribute('data-dragging', '');
  await expect(todos.item('one')).toHaveAttribute('data-dragged', '');
  await expect(todos.item('three')).toHaveAttribute('data-drop', 'after');
  await todos.whenAnswered(() => page.mouse.up());
  await todos.expectTitles(['two', 'three', 'one', 'four']);
  await expect(page.locator('.announcement')).toHaveText('Moved to 3 of 4');
  await expect(page.locator('[data-dragging], [data-dragged], [data-drop]')).toHaveCount(0);

  await carry(page, todos.item('four'), 'above', todos.item('two'));
  await expect(todos.item('two')).toHaveAttribute('data-drop', 'before');
  await todos.whenAnswered(() => page.mouse.up());
  await todos.expectTitles(['four', 'two', 'three', 'one']);
  await todos.expectCompleted([]);
  await expect(todos.editor).toHaveCount(0);
  await todos.reload();
  await todos.expectTitles(['four', 'two', 'three', 'one']);
});

test('Escape leaves the row where it was', async ({ user: { page, todos } }) => {
  let sent = 0;
  page.on('request', (request) => (sent += Number(request.url().includes('/bff/move_todo'))));
  await carry(page, todos.item('one'), 'below', todos.item('three'));
  await page.keyboard.press('Escape');
  await expect(page.locator('[data-dragging], [data-dragged], [data-drop]')).toHaveCount(0);
  await page.mouse.up();
  await todos.expectTitles(['one', 'two', 'three', 'four']);
  await todos.complete('two');
  expect(sent).toBe(0);
});

test('several moves in a row are sent in order, and undone one by one', async ({ user: { page, todos } }) => {
  const release = await hold(page, '**/bff/move_todo');
  await drag(page, todos.item('one'), 'below', todos.item('four'));
  await todos.expectTitles(['two', 'three', 'four', 'one']);
  await drag(page, todos.item('four'), 'above', todos.item('two'));
  await todos.expectTitles(['four', 'two', 'three', 'one']);
  await drag(page, todos.item('one'), 'below', todos.item('four'));
  await todos.expectTitles(['four', 'one', 'two', 'three']);
  release();
  await todos.settled();
  await todos.reload();
  await todos.expectTitles(['four', 'one', 'two', 'three']);
  await drag(page, todos.item('three'), 'above', todos.item('four'));
  await drag(page, todos.item('two'), 'above', todos.item('three'));
  await todos.expectTitles(['two', 'three', 'four', 'one']);
  await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+z');
  await todos.expectTitles(['four', 'one', 'two', 'three']);
  await todos.settled();
  await todos.reload();
  await todos.expectTitles(['four', 'one', 'two', 'three']);
});

test.describe('with links', () => {
  test.use({ initialTitles: ['#home sweet home', 'two'] });

  test('a link in a title drags its row and is not followed', async ({ user: { page, todos } }) => {
    const link = (await todos.titles.getByRole('link', { name: '#home' }).boundingBox())!;
    const grip = { x: link.x + link.width / 2, y: link.y + link.height / 2 };
    await carry(page, todos.items.first(), 'below', todos.item('two'), grip);
    await todos.whenAnswered(() => page.mouse.up());
    await todos.expectTitles(['two', '#home sweet home']);
    await expect(page).toHaveURL('/todos');
    await todos.titles.getByRole('link', { name: '#home' }).click();
    await expect(page, 'the next click is one again').toHaveURL('/todos?tag=home');
  });
});

test('in a list by date no row is dragged', async ({ user: { page, todos } }) => {
  for (const title of ['one', 'two']) await todos.plan(title, { days: 0 });
  await todos.open('?view=today');
  await carry(page, todos.item('one'), 'below', todos.item('two'));
  await expect(page.locator('[data-dragging], [data-dragged], [data-drop]')).toHaveCount(0);
  await page.mouse.up();
  await todos.expectTitles(['one', 'two']);
});

test.describe('of many rows', () => {
  test.use({ initialTitles: Array.from({ length: 60 }, (_, nth) => `Todo ${nth + 1}`) });

  test('at the edge of the window the page scrolls under the dragged row', async ({ user: { page, todos } }) => {
    const { height } = page.viewportSize()!;
    const from = await gripOf(todos.item('Todo 1'));
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(from.x, height - 20, { steps: 4 });
    // On and on, without another move.
    await expect(todos.item('Todo 60')).toBeInViewport();
    await page.mouse.move(from.x, height / 2);
    const place = await placeAt(todos.item('Todo 58'), 'above');
    await page.mouse.move(place.x, place.y);
    await todos.whenAnswered(() => page.mouse.up());
    await expect(todos.titles.nth(56)).toHaveText('Todo 1');
    await expect(page.locator('.announcement')).toHaveText('Moved to 57 of 60');
  });
});

test.describe('with a finger', () => {
  test.use({ hasTouch: true, isMobile: true, viewport: { width: 360, height: 640 }, initialTitles: Array.from({ length: 30 }, (_, nth) => `Todo ${nth + 1}`) });

  test('a long press drags, and opens no editor', async ({ user: { page, todos } }) => {
    const finger = await Finger.of(page);
    const from = await gripOf(todos.item('Todo 1'));
    await finger.press(from);
    await expect(todos.item('Todo 1')).toHaveAttribute('data-dragged', '');
    await finger.move(from, await placeAt(todos.item('Todo 3'), 'below'));
    await expect(todos.item('Todo 3')).toHaveAttribute('data-drop', 'after');
    expect(await page.evaluate(() => scrollY), 'nothing scrolls meanwhile').toBe(0);
    await todos.whenAnswered(async () => void (await finger.release()));
    await expect(todos.titles.nth(2)).toHaveText('Todo 1');
    await expect(todos.editor).toHaveCount(0);
    await todos.item('Todo 2').locator('.edit-link').tap();
    await expect(todos.editor, 'a tap edits, as ever').toHaveValue('Todo 2');
  });

  test('at the foot of the screen the page scrolls, and the line stays in sight', async ({ user: { page, todos } }) => {
    const finger = await Finger.of(page);
    const from = await gripOf(todos.item('Todo 1'));
    await finger.press(from);
    await expect(todos.item('Todo 1')).toHaveAttribute('data-dragged', '');
    // Over the box for new todos.
    await finger.move(from, { x: from.x, y: 620 });
    await expect(todos.item('Todo 30')).toBeInViewport();
    await expect(page.locator('[data-drop]')).toBeInViewport();
    await finger.release();
    await todos.settled();
  });

  test('a swipe scrolls, and drags nothing', async ({ user: { page, todos } }) => {
    const finger = await Finger.of(page);
    const from = await gripOf(todos.item('Todo 8'));
    await finger.press(from);
    await finger.move(from, { x: from.x, y: from.y - 200 }, 10);
    await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(100);
    await expect(page.locator('[data-dragging], [data-dragged], [data-drop]')).toHaveCount(0);
    await finger.release();
    await expect(todos.titles.first()).toHaveText('Todo 1');
    await expect(todos.editor).toHaveCount(0);
  });
});
