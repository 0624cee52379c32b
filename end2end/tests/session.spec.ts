// The parts of sign-up, sign-in and sign-out that need a browser; tests/it has the rest.

import { expect, test } from './fixtures.ts';

test('after a failed sign-in the right password leads to the requested page', async ({ user, newBrowser, problems }) => {
  problems.expect(/answered 401: .*\/bff\/sign_in/, /console: .*401/);
  await user.todos.add('Linked');
  const deepLink = `/todos?edit=${await user.todos.idOf('Linked')}`;
  const guest = user.at(await newBrowser());
  await guest.page.goto(deepLink);
  await expect(guest.page).toHaveURL(`/sign-in?next=${encodeURIComponent(deepLink).replaceAll('%2F', '/')}`);
  await guest.sendForm('Sign in', { password: 'wrong horse battery staple' });
  await expect(guest.page.getByRole('alert')).toHaveText('Wrong e-mail or password.');
  await expect(guest.passwordBox).toHaveValue('');
  expect(await guest.page.context().cookies()).toEqual([]);
  await guest.sendForm('Sign in');
  await expect(guest.page).toHaveURL(deepLink);
  await expect(guest.todos.editor).toHaveValue('Linked');
});

test('a weak password shows a message beside its field, which has the focus', async ({ visitor, problems }) => {
  problems.expect(/answered 422: .*\/bff\/sign_up/, /console: .*422/);
  await visitor.page.goto('/sign-up');
  await visitor.sendForm('Sign up', { password: 'password1234' });
  await expect(visitor.passwordBox).toHaveAccessibleDescription(/^This password is too common\./);
  await expect(visitor.passwordBox).toBeFocused();
});

//
test('password managers find their fields, and pasting works', async ({ visitor: { page, emailBox, passwordBox } }) => {
  for (const [path, kind] of [['/sign-in', 'current-password'], ['/sign-up', 'new-password']] as const) {
    await page.goto(path);
    await expect(emailBox).toHaveAttribute('autocomplete', 'username');
    await expect(passwordBox).toHaveAttribute('autocomplete', kind);
    await expect(passwordBox, 'it is masked').toHaveAttribute('type', 'password');
    await emailBox.fill('what-a-manager@has.copied');
    await emailBox.press('ControlOrMeta+A');
    await emailBox.press('ControlOrMeta+C');
    await passwordBox.press('ControlOrMeta+V');
    await expect(passwordBox).toHaveValue('what-a-manager@has.copied');
  }
});

//
test('after sign-out Back shows no todos', async ({ user }) => {
  const { page, todos } = user;
  await todos.add('Secret plan');
  await user.signOut();
  expect(await page.context().cookies()).toEqual([]);
  await page.goBack();
  await expect(page).toHaveURL(/\/sign-in/);
  await expect(page.getByText('Secret plan')).toHaveCount(0);
});
