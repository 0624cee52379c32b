// The todo page by its actions, so that journeys are written once: with scripting by checkboxes and double-clicks, without by forms
// and links. An action ends with the server's response.

import { expect, type Locator, type Page, type Response } from '@playwright/test';
import { afterLoad } from './after-load.ts';

type View = 'Todos' | 'Today' | 'Scheduled' | 'Important' | `#${string}`;

export abstract class TodosPage {
  /** The view, or the text that is searched for. */
  readonly heading: Locator;
  readonly views: Locator;
  readonly search: Locator;
  /** What a search has found, in the titles. */
  readonly marks: Locator;
  readonly list: Locator;
  readonly items: Locator;
  readonly titles: Locator;
  readonly newTodo: Locator;
  readonly editor: Locator;
  readonly count: Locator;
  readonly alert: Locator;
  /** The choice in a row whose title was changed elsewhere. */
  readonly conflict: Locator;
  /** The message under the field for a new todo. */
  readonly fieldMessage: Locator;
  readonly toast: Locator;
  /** Below a list of which only a part is loaded. */
  readonly more: Locator;
  readonly offline: Locator;
  readonly signInDialog: Locator;

  constructor(protected readonly page: Page) {
    this.heading = page.getByRole('heading', { level: 1 });
    this.views = page.getByRole('navigation', { name: 'Views' });
    this.search = page.getByRole('searchbox', { name: 'Search' });
    this.list = page.locator('.todo-list');
    this.marks = this.list.locator('label mark');
    this.items = this.list.locator('> li');
    this.titles = this.items.locator('label');
    this.newTodo = page.locator('.new-todo');
    this.editor = this.list.locator('.edit');
    this.count = page.locator('.todo-count');
    this.alert = page.getByRole('alert').filter({ visible: true });
    this.conflict = this.items.locator('.conflict');
    this.fieldMessage = page.locator('#new-message');
    this.toast = page.locator('.toast, .flash').filter({ visible: true });
    this.more = page.locator('.more');
    this.offline = page.locator('.offline').filter({ visible: true });
    this.signInDialog = page.getByRole('dialog', { name: 'Sign in again' });
  }

  static of(page: Page, scripting: boolean): TodosPage {
    return scripting ? new WithScripting(page) : new WithoutScripting(page);
  }

  /** The link to a view. */
  view(name: View): Locator {
    return this.views.getByRole('link').filter({ hasText: new RegExp(`^${name}\\b`, 'i') });
  }

  item(title: string): Locator {
    return this.items.filter({ has: this.page.getByText(title, { exact: true }) });
  }

  /** The id of a todo, from its form. */
  idOf(title: string): Promise<string> {
    return this.item(title).locator('.view input[name="id"]').inputValue();
  }

  /** Waits for the page and, with scripting, its hydration. */
  async ready(): Promise<void> {
    await expect(this.page).toHaveURL(/\/todos([?#]|$)/);
    await expect(this.page.locator('.todoapp h1')).toBeVisible();
  }

  async open(query = ''): Promise<void> {
    await this.page.goto(`/todos${query}`);
    await this.ready();
  }

  /** Waits until no change is unsent. */
  async settled(): Promise<void> {
    await expect(this.page.locator('#unsaved')).toBeEmpty();
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  async add(title: string): Promise<void> {
    await this.newTodo.fill(title);
    await this.whenAnswered(() => this.newTodo.press('Enter'));
  }

  /** Adds todos by requests that the list does not know of: faster than its form, and shown after a reload. */
  async seed(titles: string[]): Promise<void> {
    const refused = await this.page.evaluate(async (titles) => {
      for (const title of titles) {
        const body = new URLSearchParams({ title });
        const answer = await fetch('/bff/add_todo', { method: 'POST', headers: { accept: 'application/json' }, body });
        if (!answer.ok) return answer.status;
        // An unread response would count as aborted.
        await answer.text();
      }
      return undefined;
    }, titles);
    expect(refused, 'all were added').toBeUndefined();
  }

  /** Renames one behind the page's back, as another tab would. */
  renameElsewhere(title: string, newTitle: string): Promise<void> {
    return this.editElsewhere(title, { seen_title: title, title: newTitle });
  }

  /** Gives a todo without any of them notes, a date in so many days, or a star. The page does not know of it. */
  plan(title: string, { notes, days, important }: { notes?: string; days?: number; important?: boolean }): Promise<void> {
    const date = new Date(Date.now() + (days ?? 0) * 86_400_000).toISOString().slice(0, 10);
    return this.editElsewhere(title, {
      // The digest of no notes.
      ...(notes === undefined ? {} : { notes, seen_notes: '14695981039346656037' }),
      ...(days === undefined ? {} : { due_on: date, seen_due_on: '' }),
      ...(important ? { important: 'true' } : {}),
    });
  }

  /** Edits one behind the page's back, as another tab would. */
  async editElsewhere(title: string, changes: Record<string, string>): Promise<void> {
    const fields = { id: await this.idOf(title), ...changes };
    const status = await this.page.evaluate(async (fields) => {
      const answer = await fetch('/bff/edit_todo', { method: 'POST', headers: { accept: 'application/json' }, body: new URLSearchParams(fields) });
      await answer.text();
      return answer.status;
    }, fields);
    expect(status).toBe(200);
  }

  async rename(title: string, newTitle: string): Promise<void> {
    await this.edit(title);
    await this.editor.fill(newTitle);
    await this.whenAnswered(() => this.editor.press('Enter'));
  }

  async delete(title: string): Promise<void> {
    const button = this.page.getByRole('button', { name: `Delete: ${title}`, exact: true });
    await this.item(title).hover();
    // On a touch screen only the editor has it.
    if (!(await button.isVisible())) await this.item(title).locator('.edit-link').tap();
    await this.whenAnswered(() => button.click());
  }

  async clearCompleted(): Promise<void> {
    await this.whenAnswered(() => this.page.getByRole('button', { name: 'Clear completed' }).click());
  }

  /** Undoes the last change that can be undone. */
  async undo(): Promise<void> {
    await this.whenBack(() => this.page.getByRole('button', { name: 'Undo' }).click());
  }

  /** Waits until what is brought back is as the server has it. */
  abstract whenBack(action: () => Promise<void>): Promise<void>;

  abstract edit(title: string): Promise<void>;
  abstract toggleAll(): Promise<void>;
  /** Follows the link of a filter. */
  abstract show(filter: 'All' | 'Active' | 'Completed'): Promise<void>;
  /** Follows the link to a view. */
  abstract turnTo(view: View): Promise<void>;
  abstract complete(title: string): Promise<void>;
  abstract reopen(title: string): Promise<void>;

  /** Performs an action and waits for the server's response: with scripting to a change, or to a request of this path. */
  abstract whenAnswered(action: () => Promise<void>, path?: RegExp): Promise<void>;

  async expectTitles(titles: string[]): Promise<void> {
    await expect(this.titles).toHaveText(titles);
  }

  /** The views with their numbers: `Today 2`. */
  async expectViews(...expected: string[]): Promise<void> {
    const seen = (links: Element[]): string[] =>
      links.map((link) => [...link.childNodes].filter((node) => !(node instanceof HTMLSpanElement)).map((node) => node.textContent).join(''));
    await expect.poll(() => this.views.getByRole('link').evaluateAll(seen)).toEqual(expected);
  }

  /** The titles below each heading of a list by date. */
  async expectGroups(groups: Record<string, string[]>): Promise<void> {
    const shown = (): Promise<[string, string[]][]> =>
      this.page.locator('.group:not([hidden])').evaluateAll((headings) =>
        headings.map((heading) => {
          const labels = [...heading.nextElementSibling!.querySelectorAll('label')];
          return [heading.firstChild?.textContent?.trim() ?? '', labels.map((label) => label.textContent)];
        }),
      );
    await expect.poll(async () => Object.fromEntries(await shown())).toEqual(groups);
  }

  async expectCompleted(titles: string[]): Promise<void> {
    await expect(this.list.locator('> li.completed label')).toHaveText(titles);
    await expect(this.list.getByRole('checkbox', { checked: true })).toHaveCount(titles.length);
  }
}

class WithScripting extends TodosPage {
  override async ready(): Promise<void> {
    await super.ready();
    await expect(this.page.locator('html'), 'the page is hydrated').toHaveAttribute('data-hydrated', '', { timeout: 10_000 });
  }

  async edit(title: string): Promise<void> {
    const row = this.item(title);
    const isTouch = await this.page.evaluate(() => matchMedia('(hover: none)').matches);
    await (isTouch ? row.locator('.edit-link').tap() : row.locator('label').dblclick());
    await expect(this.editor).toBeFocused();
  }

  async toggleAll(): Promise<void> {
    await this.whenAnswered(() => this.page.getByLabel('Mark all as complete').click());
  }

  async show(filter: string): Promise<void> {
    await this.page.getByRole('link', { name: filter, exact: true }).click();
  }

  async turnTo(view: View): Promise<void> {
    await this.view(view).click();
  }

  async complete(title: string): Promise<void> {
    // Not `check`, which verifies the box: under a filter the row is gone by then.
    await this.whenAnswered(() => this.toggle(title).click());
  }

  async reopen(title: string): Promise<void> {
    await this.whenAnswered(() => this.toggle(title).click());
  }

  whenBack(action: () => Promise<void>): Promise<void> {
    return this.whenAnswered(action, /\/bff\/todos(\?|$)/);
  }

  async whenAnswered(action: () => Promise<void>, path?: RegExp): Promise<void> {
    const isChange = (answer: Response): boolean => answer.request().method() === 'POST' && answer.url().includes('/bff/');
    const answer = this.page.waitForResponse(path ?? isChange);
    await action();
    await (await answer).finished();
  }

  private toggle(title: string): Locator {
    return this.page.getByRole('checkbox', { name: title, exact: true });
  }
}

class WithoutScripting extends TodosPage {
  async edit(title: string): Promise<void> {
    await this.item(title).hover();
    await this.whenAnswered(() => this.page.getByRole('link', { name: `Edit: ${title}`, exact: true }).click());
    await expect(this.page).toHaveURL(/\/todos\?(\w+=\w+&)*edit=/);
  }

  override async rename(title: string, newTitle: string): Promise<void> {
    await this.edit(title);
    await this.editor.fill(newTitle);
    await this.whenAnswered(() => this.page.getByRole('button', { name: `Save: ${title}`, exact: true }).click());
  }

  async toggleAll(): Promise<void> {
    await this.whenAnswered(() => this.page.getByRole('button', { name: /^(Complete|Reopen) all$/ }).click());
  }

  async show(filter: string): Promise<void> {
    await this.whenAnswered(() => this.page.getByRole('link', { name: filter, exact: true }).click());
  }

  async turnTo(view: View): Promise<void> {
    await this.whenAnswered(() => this.view(view).click());
  }

  async complete(title: string): Promise<void> {
    await this.whenAnswered(() => this.page.getByRole('button', { name: `Complete: ${title}`, exact: true }).click());
  }

  async reopen(title: string): Promise<void> {
    await this.whenAnswered(() => this.page.getByRole('button', { name: `Reopen: ${title}`, exact: true }).click());
  }

  whenBack(action: () => Promise<void>): Promise<void> {
    return this.whenAnswered(action);
  }

  whenAnswered(action: () => Promise<void>): Promise<void> {
    return afterLoad(this.page, action);
  }
}
