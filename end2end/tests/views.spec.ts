// Views: planning a day by mouse, by keyboard and without scripting. tests/it has what the server shows in each.

import type { Locator } from '@playwright/test';
import { hold } from '../pages/hold.ts';
import { expect, test } from './fixtures.ts';

/** The day in so many days. */
const day = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

test.describe('planning a day', () => {
  test.use({ initialTitles: ['Pay the rent', 'Call Bob', 'Buy milk #shop'] });

  test.beforeEach(({ user: { todos } }) => todos.plan('Pay the rent', { days: -2 }));

  test('a day is planned with the mouse', { tag: '@replicas' }, async ({ user: { page, todos } }) => {
    await todos.reload();
    await todos.expectViews('Todos', 'Today 1', 'Scheduled 1', 'Important', '#shop 1');
    await todos.edit('Call Bob');
    await page.getByRole('button', { name: 'Today', exact: true }).click();
    await todos.whenAnswered(() => page.getByRole('button', { name: 'Save: Call Bob' }).click());

    await todos.turnTo('Today');
    await expect(todos.heading).toHaveText('Today');
    await todos.expectGroups({ Overdue: ['Pay the rent'], Today: ['Call Bob'] });
    await todos.add('Write to Ida');
    await todos.expectGroups({ Overdue: ['Pay the rent'], Today: ['Call Bob', 'Write to Ida'] });
    await todos.complete('Pay the rent');
    await todos.item('Write to Ida').hover();
    await todos.whenAnswered(() => page.getByRole('button', { name: 'Important: Write to Ida' }).click());
    await todos.edit('Call Bob');
    await page.getByRole('button', { name: 'Tomorrow' }).click();
    await todos.whenAnswered(() => page.getByRole('button', { name: 'Save: Call Bob' }).click());
    await todos.expectGroups({ Overdue: ['Pay the rent'], Today: ['Write to Ida'] });
    await todos.expectViews('Todos', 'Today 1', 'Scheduled 2', 'Important 1', '#shop 1');

    await todos.show('Active');
    await expect(page).toHaveURL('/todos?view=today&show=active');
    await todos.expectTitles(['Write to Ida']);
    await todos.turnTo('Scheduled');
    await todos.show('Active');
    await todos.expectGroups({ Today: ['Write to Ida'], Tomorrow: ['Call Bob'] });
    await todos.turnTo('Important');
    await todos.expectTitles(['Write to Ida']);
    await todos.settled();
    await todos.reload();
    await todos.expectTitles(['Write to Ida']);
    await todos.expectViews('Todos', 'Today 1', 'Scheduled 2', 'Important 1', '#shop 1');
  });

  test('a day is planned with the keyboard alone', async ({ user: { page, todos } }) => {
    const { keyboard } = page;
    const box = (title: string) => page.getByRole('checkbox', { name: title, exact: true });
    const tabTo = async (target: Locator): Promise<void> => {
      for (let presses = 0; presses < 20 && !(await target.evaluate((element) => element === document.activeElement)); presses += 1) await keyboard.press('Tab');
      await expect(target).toBeFocused();
    };
    await todos.reload();
    await keyboard.press('Escape');
    await keyboard.press('ArrowDown');
    await keyboard.press('j');
    await expect(box('Call Bob')).toBeFocused();
    await keyboard.press('e');
    await tabTo(page.getByRole('button', { name: 'Today', exact: true }));
    await keyboard.press('Enter');
    await todos.whenAnswered(() => keyboard.press('Control+Enter'));
    await expect(box('Call Bob')).toBeFocused();

    await page.evaluate(() => document.querySelector<HTMLElement>('.skip-link')?.focus());
    await tabTo(todos.view('Today'));
    await keyboard.press('Enter');
    await todos.expectGroups({ Overdue: ['Pay the rent'], Today: ['Call Bob'] });
    await expect(todos.view('Today'), 'the focus stays').toBeFocused();
    await expect(page.locator('.announcement')).toHaveText('2 items');
    await keyboard.press('n');
    await keyboard.type('Write to Ida');
    await todos.whenAnswered(() => keyboard.press('Enter'));
    await todos.expectGroups({ Overdue: ['Pay the rent'], Today: ['Call Bob', 'Write to Ida'] });

    await keyboard.press('Escape');
    await keyboard.press('ArrowDown');
    await expect(box('Pay the rent')).toBeFocused();
    await todos.whenAnswered(() => keyboard.press('s'));
    await keyboard.press('e');
    await tabTo(page.getByRole('button', { name: 'Today', exact: true }));
    await keyboard.press('Enter');
    await todos.whenAnswered(() => keyboard.press('Control+Enter'));
    await todos.expectGroups({ Today: ['Pay the rent', 'Call Bob', 'Write to Ida'] });
    await expect(box('Pay the rent'), 'the focus moves with the row').toBeFocused();
    await keyboard.press('j');
    await todos.whenAnswered(() => keyboard.press('x'));
    await todos.expectCompleted(['Call Bob']);
    await todos.expectViews('Todos', 'Today 2', 'Scheduled 2', 'Important 1', '#shop 1');
    await keyboard.press('z');
    await todos.expectCompleted([]);
  });

  test.describe('with a finger', () => {
    test.use({ hasTouch: true, isMobile: true, viewport: { width: 360, height: 740 } });

    test('a day is planned by taps', async ({ user: { page, todos } }) => {
      await todos.reload();
      await todos.edit('Call Bob');
      await page.getByRole('button', { name: 'Today', exact: true }).tap();
      await todos.whenAnswered(() => page.getByRole('button', { name: 'Save: Call Bob' }).tap());
      await todos.view('Today').tap();
      await todos.expectGroups({ Overdue: ['Pay the rent'], Today: ['Call Bob'] });
      await todos.newTodo.tap();
      await todos.newTodo.fill('Write to Ida');
      await todos.whenAnswered(() => page.getByRole('button', { name: 'Add' }).tap());
      await todos.whenAnswered(() => page.getByRole('checkbox', { name: 'Call Bob' }).tap());
      await todos.edit('Pay the rent');
      await page.getByRole('checkbox', { name: 'Important', exact: true }).tap();
      await page.getByRole('button', { name: 'Today', exact: true }).tap();
      await todos.whenAnswered(() => page.getByRole('button', { name: 'Save: Pay the rent' }).tap());
      await todos.expectGroups({ Today: ['Pay the rent', 'Call Bob', 'Write to Ida'] });
      await todos.expectCompleted(['Call Bob']);
      await todos.view('Important').tap();
      await todos.expectTitles(['Pay the rent']);
      await todos.view('#shop').tap();
      await expect(todos.view('#shop'), 'the line of the views scrolls').toBeInViewport({ ratio: 1 });
      await todos.expectTitles(['Buy milk #shop']);
    });
  });

  test.describe('without scripting', () => {
    test.use({ javaScriptEnabled: false });

    test('a day is planned by links and forms', async ({ user: { page, todos } }) => {
      await todos.reload();
      await todos.edit('Call Bob');
      await todos.whenAnswered(() => page.getByRole('button', { name: 'Today', exact: true }).click());
      await todos.turnTo('Today');
      await todos.expectGroups({ Overdue: ['Pay the rent'], Today: ['Call Bob'] });
      await todos.add('Write to Ida');
      await expect(page).toHaveURL('/todos?view=today');
      await expect(todos.newTodo).toBeFocused();
      await todos.complete('Pay the rent');
      await todos.expectCompleted(['Pay the rent']);
      await todos.undo();
      await todos.expectGroups({ Overdue: ['Pay the rent'], Today: ['Call Bob', 'Write to Ida'] });
      await todos.edit('Pay the rent');
      await page.getByLabel('Due date').fill(day(1));
      await todos.whenAnswered(() => page.getByRole('button', { name: 'Save: Pay the rent' }).click());
      await expect(page).toHaveURL(/\/todos\?view=today#t-/);
      await todos.expectGroups({ Today: ['Call Bob', 'Write to Ida'] });
      await todos.item('Call Bob').hover();
      await todos.whenAnswered(() => page.getByRole('button', { name: 'Important: Call Bob' }).click());
      await todos.show('Active');
      await todos.expectViews('Todos', 'Today 2', 'Scheduled 3', 'Important 1', '#shop 1');
      await todos.turnTo('Scheduled');
      await todos.expectGroups({ Today: ['Call Bob', 'Write to Ida'], Tomorrow: ['Pay the rent'] });
      await page.goBack();
      await todos.expectTitles(['Call Bob', 'Write to Ida']);
    });
  });
});

test('a todo added in a view belongs to it', async ({ user: { page, todos } }) => {
  await todos.seed(['Old #home']);
  await todos.reload();
  for (const [view, belongs, title] of [
    ['Today', 'Today', 'Mow'],
    ['Scheduled', 'Today', 'Paint'],
    ['Important', 'Important', 'Vote'],
    ['#home', '#home', 'Sweep #home'],
  ] as const) {
    await todos.turnTo(view);
    await expect(page.locator('.belongs')).toHaveText(belongs);
    await todos.add(title.replace(' #home', ''));
    await expect(todos.titles.last()).toHaveText(title);
  }
  await todos.expectViews('Todos', 'Today 2', 'Scheduled 2', 'Important 1', '#home 2');
  await todos.newTodo.fill('x'.repeat(496));
  await todos.newTodo.press('Enter');
  await expect(todos.fieldMessage).toHaveText('This is too long for the tag of this view to fit behind it.');
  await expect(todos.newTodo).toHaveValue('x'.repeat(496));
  await todos.newTodo.fill('');
  await todos.settled();
  await todos.reload();
  await todos.expectTitles(['Old #home', 'Sweep #home']);
  await todos.expectViews('Todos', 'Today 2', 'Scheduled 2', 'Important 1', '#home 2');
});

test.describe('with four todos', () => {
  test.use({ initialTitles: ['one', 'two', 'three', 'four #home'] });

  test('the numbers beside the views follow each change before the server answers', async ({ user: { page, todos } }) => {
    for (const title of ['one', 'two']) await todos.plan(title, { days: 0 });
    await todos.reload();
    await todos.expectViews('Todos', 'Today 2', 'Scheduled 2', 'Important', '#home 1');
    const release = await hold(page, '**/bff/*_todo');
    await page.getByRole('checkbox', { name: 'one' }).click();
    await todos.expectViews('Todos', 'Today 1', 'Scheduled 1', 'Important', '#home 1');
    await todos.item('two').hover();
    await page.getByRole('button', { name: 'Important: two' }).click();
    await todos.edit('three');
    await page.getByRole('button', { name: 'Today', exact: true }).click();
    await page.getByRole('button', { name: 'Save: three' }).click();
    await todos.newTodo.fill('five #home #shed');
    await todos.newTodo.press('Enter');
    await todos.expectViews('Todos', 'Today 2', 'Scheduled 2', 'Important 1', '#home 2', '#shed 1');
    release();
    await todos.settled();
    await todos.expectViews('Todos', 'Today 2', 'Scheduled 2', 'Important 1', '#home 2', '#shed 1');
  });

  test('without a connection the views show what is known, and changes are sent later', async ({ user: { page, todos }, problems }) => {
    await todos.plan('one', { days: 0, important: true });
    await todos.reload();
    problems.expect(/failed: .*\/bff\/edit_todo/, /console: .*ERR_INTERNET_DISCONNECTED/);
    // Reads fail as well.
    problems.allow(/failed: .*\/bff\/todos/);
    await page.route('/bff/**', (route) => route.abort('internetdisconnected'));
    await todos.turnTo('Today');
    await todos.expectGroups({ Today: ['one'] });
    await page.getByRole('checkbox', { name: 'one' }).click();
    await expect(todos.offline).toHaveText('You’re offline. 1 change will be saved when you reconnect.');
    await todos.newTodo.fill('five');
    await todos.newTodo.press('Enter');
    await todos.expectGroups({ Today: ['one', 'five'] });
    await todos.turnTo('#home');
    await todos.expectTitles(['four #home']);
    await todos.newTodo.fill('six');
    await todos.newTodo.press('Enter');
    await todos.expectTitles(['four #home', 'six #home']);
    await todos.turnTo('Important');
    await todos.show('Completed');
    await todos.expectTitles(['one']);
    await expect(todos.offline).toContainText('3 changes');
    await page.unroute('/bff/**');
    await page.evaluate(() => dispatchEvent(new Event('online')));
    await todos.settled();
    await todos.open('?view=today');
    await todos.expectTitles(['one', 'five']);
    await todos.expectCompleted(['one']);
    await todos.turnTo('#home');
    await todos.expectTitles(['four #home', 'six #home']);
  });

  test('Back and Forward lead through the views, with their titles', async ({ user: { page, todos } }) => {
    await todos.plan('one', { days: 0 });
    await todos.reload();
    await expect(page).toHaveTitle('Todos · Holdfast');
    await todos.turnTo('Today');
    await expect(page).toHaveTitle('Today · Holdfast');
    await todos.show('Completed');
    await todos.expectTitles([]);
    await todos.turnTo('#home');
    await expect(page).toHaveURL('/todos?tag=home');
    await expect(page).toHaveTitle('#home · Holdfast');
    await page.goBack();
    await expect(page).toHaveURL('/todos?view=today&show=completed');
    await expect(todos.heading).toHaveText('Today');
    await expect(todos.view('Today')).toHaveAttribute('aria-current', 'page');
    await page.goBack();
    await todos.expectTitles(['one']);
    await page.goForward();
    await page.goForward();
    await expect(page).toHaveTitle('#home · Holdfast');
    await todos.expectTitles(['four #home']);
  });

  test('a row that moves to another heading keeps the focus', async ({ user: { page, todos } }) => {
    for (const [title, days] of [['one', -1], ['two', 0], ['three', 1]] as const) await todos.plan(title, { days });
    await todos.open('?view=scheduled');
    await todos.expectGroups({ Overdue: ['one'], Today: ['two'], Tomorrow: ['three'] });
    await page.getByRole('checkbox', { name: 'one' }).focus();
    await todos.editElsewhere('one', { due_on: day(1), seen_due_on: day(-1) });
    await page.evaluate(() => dispatchEvent(new Event('focus')));
    await todos.expectGroups({ Today: ['two'], Tomorrow: ['one', 'three'] });
    await expect(page.getByRole('checkbox', { name: 'one' })).toBeFocused();
  });

  test('Mark all and Clear completed are about the view, and so is their Undo', async ({ user: { page, todos } }) => {
    for (const title of ['one', 'two']) await todos.plan(title, { days: 0 });
    await todos.open('?view=today');
    await todos.toggleAll();
    await todos.expectCompleted(['one', 'two']);
    await todos.clearCompleted();
    await todos.expectTitles([]);
    await expect(page.locator('.empty')).toContainText('Nothing is due today.');
    await todos.undo();
    await todos.expectCompleted(['one', 'two']);
    await todos.turnTo('Todos');
    await todos.expectTitles(['one', 'two', 'three', 'four #home']);
    await todos.expectCompleted(['one', 'two']);
    await todos.settled();
    await todos.reload();
    await todos.expectCompleted(['one', 'two']);
  });

  test('at midnight the dates turn, and what is done gets out of the way', async ({ user: { page, todos } }) => {
    for (const [title, days] of [['one', 0], ['two', 1]] as const) await todos.plan(title, { days });
    await todos.reload();
    await todos.complete('three');
    await page.clock.install();
    // The zone of a new user is UTC. The server's clock does not follow, so that no request may ask it for another list.
    const untilMidnight = (): number => 86_400_000 - (Date.now() % 86_400_000);
    await todos.reload();
    await page.clock.fastForward(untilMidnight());
    await todos.expectTitles(['one', 'two', 'four #home']);
    await expect(todos.item('one').locator('time')).toHaveText(/^Overdue, /);
    await expect(todos.item('two').locator('time')).toHaveText('Today');
    await todos.expectViews('Todos', 'Today 2', 'Scheduled 2', 'Important', '#home 1');
    await page.getByRole('link', { name: '1 completed earlier' }).click();
    await todos.expectTitles(['three']);
    await expect(page).toHaveURL('/todos?show=completed');

    await todos.open('?view=scheduled');
    await todos.expectGroups({ Today: ['one'], Tomorrow: ['two'] });
    await page.clock.fastForward(untilMidnight());
    await todos.expectGroups({ Overdue: ['one'], Today: ['two'] });
  });
});
