// A user with a browser.

import { randomUUID } from 'node:crypto';
import { expect, type Locator, type Page } from '@playwright/test';
import { afterLoad } from './after-load.ts';
import { TodosPage } from './todos.ts';

export const PASSWORD = 'correct horse battery staple';

export class Person {
  readonly todos: TodosPage;
  readonly emailBox: Locator;
  readonly passwordBox: Locator;

  constructor(
    readonly page: Page,
    private readonly scripting: boolean,
    readonly email = `${randomUUID()}@example.org`,
  ) {
    this.todos = TodosPage.of(page, scripting);
    this.emailBox = page.getByLabel('E-mail', { exact: true });
    this.passwordBox = page.getByLabel('Password', { exact: true });
  }

  /** The same user in another browser or tab. */
  at(page: Page): Person {
    return new Person(page, this.scripting, this.email);
  }

  /** Ends this session on the server from another browser with a copy of the cookie; this page is not notified. */
  async signOutAt(elsewhere: Page): Promise<void> {
    const copy = this.at(elsewhere);
    await elsewhere.context().addCookies(await this.page.context().cookies());
    await copy.todos.open();
    await copy.signOut();
  }

  /** Signs up, adds todos and opens the list. Skips the pages with the forms, which take five times as long. */
  async signUp(titles: readonly string[] = []): Promise<void> {
    await this.send('sign_up', { email: this.email, password: PASSWORD });
    for (const title of titles) await this.send('add_todo', { title });
    await this.todos.open();
  }

  /** Posts a form as a page of the site would, without following redirects. */
  private async send(name: string, form: Record<string, string>): Promise<void> {
    const headers = { accept: 'text/html', 'sec-fetch-site': 'same-origin' };
    const answer = await this.page.request.post(`/bff/${name}`, { form, headers, maxRedirects: 0 });
    expect(answer.status(), name).toBe(303);
  }

  async signIn(query = ''): Promise<void> {
    await this.page.goto(`/sign-in${query}`);
    await this.sendForm('Sign in');
    await this.todos.ready();
  }

  /** Fills and submits the open form of /sign-up or /sign-in. */
  async sendForm(button: 'Sign up' | 'Sign in', { email = this.email, password = PASSWORD } = {}): Promise<void> {
    await this.emailBox.fill(email);
    await this.passwordBox.fill(password);
    await afterLoad(this.page, () => this.page.getByRole('button', { name: button }).click());
  }

  async signOut(): Promise<void> {
    await this.page.goto('/account');
    await afterLoad(this.page, () => this.page.getByRole('button', { name: 'Sign out', exact: true }).click());
    await expect(this.page).toHaveURL('/sign-in');
  }
}
