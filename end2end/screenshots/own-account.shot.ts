// The account pages.

import { randomUUID } from 'node:crypto';
import { test } from '@playwright/test';
import { AccountPage } from '../pages/account.ts';
import { Person } from '../pages/person.ts';
import { take } from './take.ts';

test('account', async ({ page }, info) => {
  const user = new Person(page, true, `ann+${randomUUID().slice(0, 4)}@example.org`);
  const account = new AccountPage(page);
  await user.signUp();
  await user.todos.add('Buy oat milk');
  await account.open();
  await take(page, 'account', info);
  await account.openPassword();
  await account.next.fill('password1234');
  await page.getByRole('button', { name: 'Show new password' }).click();
  await take(page, 'account-shown', info);
  await account.changePassword('correct horse battery staple', 'password1234');
  await take(page, 'account-error', info);
  await account.changePassword('correct horse battery staple', 'a long walk by the sea');
  await take(page, 'account-changed', info);

  await page.goto('/account/delete');
  await take(page, 'account-delete', info);
  await account.delete('wrong horse battery staple');
  await take(page, 'account-delete-error', info);
  await account.delete('a long walk by the sea');
  await take(page, 'account-deleted', info);
});
