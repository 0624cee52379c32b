// Every page, and each state of the todos and the trash, for checks that apply everywhere.

import { AccountPage } from '../pages/account.ts';
import { afterLoad } from '../pages/after-load.ts';
import { carry } from '../pages/drag.ts';
import { PASSWORD, type Person } from '../pages/person.ts';
import type { Problems } from './problems.ts';

export interface PageState {
  name: string;
  /** Brings a visitor without an account to this state. */
  open(visitor: Person, problems: Problems): Promise<void>;
}

const LONG_WORD = `One word of 300 letters: ${'W'.repeat(300)}`;

/** The pages without the island, which need no script. */
const PAGES: PageState[] = [
  at('/sign-in'),
  {
    name: '/sign-in with an error',
    open: async (visitor, problems) => {
      problems.expect(/answered 401/, /console: .*401/);
      await visitor.page.goto('/sign-in');
      await visitor.sendForm('Sign in');
      await visitor.page.getByRole('alert').waitFor();
    },
  },
  at('/sign-up'),
  {
    name: '/sign-up with an error',
    open: async (visitor, problems) => {
      problems.expect(/answered 422/, /console: .*422/);
      await visitor.page.goto('/sign-up');
      await visitor.sendForm('Sign up', { password: 'password1234' });
      await visitor.page.locator('[aria-invalid]').waitFor();
    },
  },
  {
    name: 'a missing page',
    open: async ({ page }, problems) => {
      problems.expect(/answered 404/, /console: .*404/);
      await page.goto('/no-such-page');
    },
  },
  at('/problems'),
  at('/problems/precondition-failed'),
  at('/sign-in?done=deleted'),
  at('/sign-in?next=/todos&done=no-cookie'),
  atAccount('/account'),
  atAccount('/account?done=password'),
  atAccount('/todos/several'),
  atAccount('/todos/print'),
  {
    name: '/account with an error',
    open: async (visitor, problems) => {
      problems.expect(/answered 422/, /console: .*422/);
      await visitor.signUp();
      await visitor.page.goto('/account');
      await new AccountPage(visitor.page).changePassword(PASSWORD, 'password1234');
      await visitor.page.locator('[aria-invalid]').waitFor();
    },
  },
  {
    name: '/todos/several with an error',
    open: async (visitor, problems) => {
      problems.expect(/answered 422/, /console: .*422/);
      await visitor.signUp();
      await visitor.page.goto('/todos/several');
      await visitor.page.getByLabel('One todo a line').fill(`Buy milk\n${'So much to do. '.repeat(40)}`);
      await afterLoad(visitor.page, () => visitor.page.getByRole('button', { name: 'Add todos' }).click());
      await visitor.page.locator('[aria-invalid]').waitFor();
    },
  },
  atAccount('/account/delete'),
  {
    name: '/account/delete with an error',
    open: async (visitor, problems) => {
      problems.expect(/answered 403/, /console: .*403/);
      await visitor.signUp();
      await visitor.page.goto('/account/delete');
      await new AccountPage(visitor.page).delete('wrong horse battery staple');
      await visitor.page.locator('[aria-invalid]').waitFor();
    },
  },
];

const STATES_OF_TRASH: PageState[] = [
  {
    name: '/trash, empty',
    open: async (visitor) => {
      await visitor.signUp();
      await visitor.page.goto('/trash');
    },
  },
  { name: '/trash, filled', open: discard },
  {
    name: '/trash, after a restoration',
    open: async (visitor) => {
      await discard(visitor);
      await afterLoad(visitor.page, () => visitor.page.getByRole('button', { name: 'Restore: Call Bob' }).click());
      await visitor.page.getByRole('status').waitFor();
    },
  },
  {
    name: '/trash, with an error',
    open: async (visitor, problems) => {
      await discard(visitor);
      problems.expect(/answered 404: .*\/bff\/restore_todos/, /console: .*404/);
      await visitor.page.locator('.trash-list input').first().evaluate((id: HTMLInputElement) => (id.value = '01980000-0000-7000-8000-000000000000'));
      await afterLoad(visitor.page, () => visitor.page.getByRole('button', { name: /^Restore: / }).first().click());
      await visitor.page.getByRole('alert').waitFor();
    },
  },
  {
    name: '/trash/empty',
    open: async (visitor) => {
      await discard(visitor);
      await visitor.page.goto('/trash/empty');
    },
  },
];

const STATES_OF_TODOS: PageState[] = [
  { name: '/todos, empty', open: (visitor) => visitor.signUp() },
  { name: '/todos, filled', open: fill },
  {
    name: '/todos, editing',
    open: async (visitor) => {
      await fill(visitor);
      await visitor.todos.edit(LONG_WORD);
    },
  },
  {
    name: '/todos, with a title that is too long',
    open: async (visitor) => {
      await fill(visitor);
      await visitor.todos.newTodo.fill('So much to do. '.repeat(40));
      await visitor.page.locator('.new-todo[aria-invalid]').waitFor();
    },
  },
  {
    name: '/todos, with an error',
    open: async (visitor, problems) => {
      await fill(visitor);
      problems.expect(/answered 500: .*\/bff\/add_todo/, /console: .*500/);
      await visitor.page.route('/bff/add_todo', (route) => route.fulfill({ status: 500, contentType: 'application/json', body: '"Internal"' }));
      await visitor.todos.add('Typed with care');
      await visitor.todos.alert.waitFor();
    },
  },
  {
    name: '/todos, with a conflict',
    open: async (visitor, problems) => {
      await fill(visitor);
      problems.expect(/answered 409: .*\/bff\/edit_todo/, /console: .*409/);
      await visitor.todos.edit('Call Bob');
      await visitor.todos.renameElsewhere('Call Bob', LONG_WORD.toUpperCase());
      await visitor.todos.editor.fill('Call Bob at noon');
      await visitor.todos.editor.press('Enter');
      await visitor.todos.conflict.waitFor();
    },
  },
  {
    name: '/todos, without a connection',
    open: async (visitor, problems) => {
      await fill(visitor);
      problems.expect(/failed: .*\/bff\/add_todo/, /console: .*ERR_INTERNET_DISCONNECTED/);
      await visitor.page.route('/bff/add_todo', (route) => route.abort('internetdisconnected'));
      await visitor.todos.newTodo.fill('Written on a train');
      await visitor.todos.newTodo.press('Enter');
      await visitor.todos.offline.waitFor();
    },
  },
  {
    name: '/todos, with a toast',
    open: async (visitor) => {
      await fill(visitor);
      await visitor.todos.delete('Call Bob');
      // Hovering keeps the toast open.
      await visitor.page.locator('.toast-text').hover();
    },
  },
  {
    name: '/todos, with an empty filter',
    open: async (visitor) => {
      await visitor.signUp(['Buy milk']);
      await visitor.todos.open('?show=completed');
      await visitor.page.locator('.none-shown').waitFor();
    },
  },
  {
    name: '/todos, asking to sign in again',
    open: async (visitor) => {
      await fill(visitor);
      await visitor.page.locator('#sign-in-again').evaluate((dialog: HTMLDialogElement) => dialog.showModal());
    },
  },
  {
    name: '/todos, with the list of shortcuts',
    open: async (visitor) => {
      await fill(visitor);
      await visitor.page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
      await visitor.page.locator('#shortcuts').waitFor();
    },
  },
];

const STATES_OF_VIEWS: PageState[] = [
  atView('?view=today'),
  atView('?view=scheduled'),
  atView('?view=important&show=completed'),
  atView('?view=today&q=WATER'),
  atView('?q=nothing'),
  {
    name: '/todos?view=important, empty',
    open: async (visitor) => {
      await visitor.signUp(['Buy milk']);
      await visitor.todos.open('?view=important');
    },
  },
  {
    name: '/todos?tag=garden, renaming the tag',
    open: async (visitor) => {
      await fill(visitor);
      await visitor.todos.open('?tag=garden');
      await visitor.page.getByText('Rename tag').click();
      await visitor.page.getByLabel('New name of the tag').waitFor();
    },
  },
  {
    name: '/todos?tag=garden, with a name that is not one',
    open: async (visitor, problems) => {
      problems.expect(/answered 422/, /console: .*422/);
      await fill(visitor);
      await visitor.todos.open('?tag=garden');
      await visitor.page.getByText('Rename tag').click();
      await visitor.page.getByLabel('New name of the tag').fill('two words');
      await afterLoad(visitor.page, () => visitor.page.getByRole('button', { name: 'Rename' }).click());
      await visitor.page.locator('[aria-invalid]').waitFor();
    },
  },
  {
    name: '/todos, dragging',
    open: async (visitor) => {
      await fill(visitor);
      const { page, todos } = visitor;
      await carry(page, todos.item('Call Bob'), 'below', todos.item('Water the plants #garden'));
      await page.locator('[data-drop]').waitFor();
    },
  },
  {
    name: '/todos, with what was completed earlier',
    open: async (visitor) => {
      await fill(visitor);
      await visitor.page.clock.install();
      await visitor.todos.reload();
      // Midnight in UTC, the zone of a new user.
      await visitor.page.clock.fastForward(86_400_000 - (Date.now() % 86_400_000));
      await visitor.page.getByRole('link', { name: '1 completed earlier' }).waitFor();
    },
  },
];

export const PAGE_STATES = [...PAGES, ...STATES_OF_TODOS, ...STATES_OF_VIEWS, ...STATES_OF_TRASH];

function at(path: string): PageState {
  return { name: path, open: async ({ page }) => void (await page.goto(path)) };
}

function atAccount(path: string): PageState {
  const open = async (visitor: Person): Promise<void> => {
    await visitor.signUp();
    await visitor.page.goto(path);
  };
  return { name: path, open };
}

/** A view or search of todos of all kinds. */
function atView(query: string): PageState {
  const open = async (visitor: Person): Promise<void> => {
    await fill(visitor);
    await visitor.todos.open(query);
  };
  return { name: `/todos${query}`, open };
}

/** Creates an account with todos of all kinds. */
async function fill(visitor: Person): Promise<void> {
  await visitor.signUp(['Buy milk', 'Call Bob', 'Water the plants #garden', LONG_WORD]);
  await visitor.todos.plan('Call Bob', { days: -2, important: true });
  await visitor.todos.plan('Water the plants #garden', { days: 0, notes: 'https://example.org/plants' });
  await visitor.todos.plan(LONG_WORD, { days: 400, notes: LONG_WORD });
  await visitor.todos.reload();
  await visitor.todos.complete('Buy milk');
}

/** Moves all of those to the trash and opens it. */
async function discard(visitor: Person): Promise<void> {
  await fill(visitor);
  await visitor.todos.delete('Water the plants #garden');
  await visitor.todos.toggleAll();
  await visitor.todos.clearCompleted();
  await visitor.page.goto('/trash');
}
