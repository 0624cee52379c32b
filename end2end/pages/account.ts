// The account page, and the page that deletes the account.

import type { Locator, Page } from '@playwright/test';
import { afterLoad } from './after-load.ts';

export class AccountPage {
  readonly current: Locator;
  readonly next: Locator;
  readonly status: Locator;

  constructor(private readonly page: Page) {
    this.current = page.getByLabel('Current password', { exact: true });
    this.next = page.getByLabel('New password', { exact: true });
    this.status = page.getByRole('status');
  }

  async open(): Promise<void> {
    await this.page.goto('/account');
  }

  /** The form is closed until it is opened, or has an error. */
  async openPassword(): Promise<void> {
    if (!(await this.current.isVisible())) await this.page.getByText('Change password').first().click();
  }

  async changePassword(current: string, next: string): Promise<void> {
    await this.openPassword();
    await this.current.fill(current);
    await this.next.fill(next);
    await this.press('Change password');
  }

  async delete(password: string): Promise<void> {
    await this.page.getByLabel('Password', { exact: true }).fill(password);
    await this.press('Delete account');
  }

  /** Presses a submit button and waits for the next page. */
  async press(name: string): Promise<void> {
    await afterLoad(this.page, () => this.page.getByRole('button', { name, exact: true }).click());
  }
}
