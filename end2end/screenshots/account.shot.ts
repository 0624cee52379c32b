// The pages without a session.

import { test } from '@playwright/test';
import { Person } from '../pages/person.ts';
import { take } from './take.ts';

test('sign-in', async ({ page }, info) => {
  await page.goto('/sign-in');
  await take(page, 'sign-in', info);
});

test('sign-in that leads on, after an error', async ({ page }, info) => {
  await page.goto('/sign-in?next=/todos');
  await take(page, 'sign-in-next', info);
  await new Person(page, true).sendForm('Sign in');
  await take(page, 'sign-in-error', info);
});

test('sign-in after a refused cookie', async ({ page }, info) => {
  await page.goto('/sign-in?next=/todos&done=no-cookie');
  await take(page, 'sign-in-no-cookie', info);
});

test('sign-up', async ({ page }, info) => {
  await page.goto('/sign-up');
  await take(page, 'sign-up', info);
});

test('sign-up with an error', async ({ page }, info) => {
  await page.goto('/sign-up');
  await new Person(page, true).sendForm('Sign up', { password: 'password1234' });
  await take(page, 'sign-up-error', info);
});

test('not found', async ({ page }, info) => {
  await page.goto('/no-such-page');
  await take(page, 'not-found', info);
});
