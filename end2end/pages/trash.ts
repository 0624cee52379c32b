// The trash by its actions. It has no script.

import { expect, type Locator, type Page } from '@playwright/test';
import { afterLoad } from './after-load.ts';

export class TrashPage {
  readonly titles: Locator;
  readonly status: Locator;
  readonly alert: Locator;

  constructor(private readonly page: Page) {
    this.titles = page.locator('.trash-text p:first-child');
    this.status = page.getByRole('status');
    this.alert = page.getByRole('alert');
  }

  async open(): Promise<void> {
    await this.page.goto('/trash');
    await this.ready();
  }

  async ready(): Promise<void> {
    await expect(this.page.getByRole('heading', { level: 1 })).toHaveText('Trash');
  }

  item(title: string): Locator {
    return this.page.locator('.trash-list > li').filter({ has: this.page.getByText(title, { exact: true }) });
  }

  async restore(title: string): Promise<void> {
    await afterLoad(this.page, () => this.page.getByRole('button', { name: `Restore: ${title}`, exact: true }).click());
  }

  async follow(name: string): Promise<void> {
    await afterLoad(this.page, () => this.page.getByRole('link', { name }).click());
  }

  /** On the confirmation page. */
  async emptyForGood(): Promise<void> {
    await afterLoad(this.page, () => this.page.getByRole('button', { name: 'Empty trash' }).click());
  }

  async expectTitles(titles: string[]): Promise<void> {
    await expect(this.titles).toHaveText(titles);
  }
}
