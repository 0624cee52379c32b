// The todo page by the class names of the TodoMVC specification only. As in TodoMVC suites, with scripting no action waits for the
// server's response.

import { expect, type Locator, type Page } from '@playwright/test';
import { afterLoad } from './after-load.ts';

export class TodoMvc {
  readonly newTodo: Locator;
  readonly main: Locator;
  readonly toggleAll: Locator;
  readonly items: Locator;
  readonly labels: Locator;
  readonly footer: Locator;
  readonly count: Locator;
  readonly filters: Locator;
  readonly clearCompleted: Locator;

  constructor(
    readonly page: Page,
    private readonly scripting: boolean,
  ) {
    this.newTodo = page.locator('.new-todo');
    this.main = page.locator('.main');
    this.toggleAll = page.locator('.toggle-all');
    this.items = page.locator('.todo-list li');
    this.labels = page.locator('.todo-list li .view label');
    this.footer = page.locator('.footer');
    this.count = page.locator('span.todo-count');
    this.filters = page.locator('.filters li a');
    this.clearCompleted = page.locator('.clear-completed');
  }

  async add(...titles: string[]): Promise<void> {
    for (const title of titles) {
      await this.newTodo.fill(title);
      await this.settle(() => this.newTodo.press('Enter'));
    }
  }

  toggle(nth: number): Locator {
    return this.items.nth(nth).locator('.toggle');
  }

  editor(nth: number): Locator {
    return this.items.nth(nth).locator('.edit');
  }

  /** Completes or reopens the nth todo, by its checkbox or, without scripting, its button. */
  async tick(nth: number): Promise<void> {
    const button = this.items.nth(nth).getByRole('button', { name: /^(Complete|Reopen): / });
    await this.settle(() => (this.scripting ? this.toggle(nth).click() : button.click()));
  }

  async tickAll(): Promise<void> {
    const button = this.page.getByRole('button', { name: /^(Complete|Reopen) all$/ });
    await this.settle(() => (this.scripting ? this.toggleAll.click() : button.click()));
  }

  /** Opens the editor of the nth todo, by a double-click or, without scripting, a link. */
  async edit(nth: number): Promise<void> {
    if (this.scripting) return this.labels.nth(nth).dblclick();
    await this.items.nth(nth).hover();
    await this.settle(() => this.items.nth(nth).locator('.edit-link').click());
  }

  async destroy(nth: number): Promise<void> {
    await this.items.nth(nth).hover();
    await this.settle(() => this.items.nth(nth).locator('.destroy').click());
  }

  async show(filter: 'All' | 'Active' | 'Completed'): Promise<void> {
    await this.settle(() => this.filters.getByText(filter, { exact: true }).click());
  }

  async clear(): Promise<void> {
    await this.settle(() => this.clearCompleted.click());
  }

  /** Without scripting, waits for the page load that every action causes. */
  async settle(action: () => Promise<void>): Promise<void> {
    await (this.scripting ? action() : afterLoad(this.page, action));
  }

  async expectTitles(titles: string[]): Promise<void> {
    await expect(this.labels).toHaveText(titles);
  }

  /** Compares the class attributes exactly, as a suite may. */
  async expectClasses(classes: string[]): Promise<void> {
    await expect(this.items).toHaveCount(classes.length);
    for (const [nth, name] of classes.entries()) await expect(this.items.nth(nth)).toHaveAttribute('class', name);
  }
}
