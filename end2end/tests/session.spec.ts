// How one gets in and out.

import { expect, test } from './fixtures.ts';

test('whoever is signed in is led to the todos', async ({ user: { page, todos } }) => {
  for (const path of ['/', '/sign-in', '/sign-up', '/sign-in?next=/account']) {
    await page.goto(path);
    await expect(page, path).toHaveURL('/todos');
    await todos.ready();
  }
});

test('a wrong password and an unknown e-mail get the same sentence', async ({ user, newBrowser, problems }) => {
  problems.expect(/answered 401: .*\/bff\/sign_in/, /console: .*401/);
  const guest = user.at(await newBrowser());
  await guest.page.goto('/sign-in');
  for (const attempt of [{ password: 'wrong horse battery staple' }, { email: `nobody-${user.email}` }] as { email?: string; password?: string }[]) {
    await guest.sendForm('Sign in', attempt);
    await expect(guest.page.getByRole('alert')).toHaveText('The e-mail or the password is wrong. Check both and try again.');
    await expect(guest.passwordBox).toHaveValue('');
    await expect(guest.emailBox, 'the e-mail is not typed twice').toHaveValue(attempt.email ?? user.email);
    expect(guest.page.url(), 'nothing that was typed is in the address').not.toMatch(/example|horse/);
  }
  expect(await guest.page.context().cookies()).toEqual([]);
});

test('an e-mail that has an account already is told beside its field', async ({ user, newBrowser, problems }) => {
  problems.expect(/answered 422: .*\/bff\/sign_up/, /console: .*422/);
  const guest = user.at(await newBrowser());
  await guest.page.goto('/sign-up');
  await guest.sendForm('Sign up');
  await expect(guest.emailBox).toHaveAccessibleDescription('There is an account with this e-mail already. Sign in instead.');
  await expect(guest.emailBox).toHaveAttribute('aria-invalid', 'true');
});

test('a weak password is told beside its field', async ({ visitor, problems }) => {
  problems.expect(/answered 422: .*\/bff\/sign_up/, /console: .*422/);
  await visitor.page.goto('/sign-up');
  for (const [password, sentence] of [
    ['short', 'This password is too short. Use at least 8 characters.'],
    ['password1234', 'This is a common password, or much like one. Three or four unrelated words are better.'],
    ['qwertyuiop[]', 'Rows of keys and sequences like abc are easy to guess. Three or four unrelated words are better.'],
    ['x'.repeat(129), 'This password is too long. Use at most 128 characters.'],
  ] as const) {
    await visitor.sendForm('Sign up', { password });
    await expect(visitor.passwordBox).toHaveAccessibleDescription(new RegExp(`^${sentence}`));
    await expect(visitor.passwordBox).toBeFocused();
  }
});

test('A-24: password managers find their fields, and what they paste is taken', async ({ visitor: { page, emailBox, passwordBox } }) => {
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

test('after a failed sign-in the right password leads in', async ({ user, newBrowser, problems }) => {
  problems.expect(/answered 401: .*\/bff\/sign_in/, /console: .*401/);
  const guest = user.at(await newBrowser());
  await guest.page.goto('/sign-in?next=/todos');
  await guest.sendForm('Sign in', { password: 'wrong horse battery staple' });
  await guest.sendForm('Sign in');
  await guest.todos.ready();
  await expect(guest.page).toHaveURL('/todos');
});

test('sign-in leads on to the page that one wanted', async ({ user, newBrowser }) => {
  await user.todos.add('Linked');
  const deepLink = `/todos?edit=${await user.todos.idOf('Linked')}`;
  const guest = user.at(await newBrowser());
  await guest.page.goto(deepLink);
  await expect(guest.page).toHaveURL(`/sign-in?next=${encodeURIComponent(deepLink).replaceAll('%2F', '/')}`);
  await guest.sendForm('Sign in');
  await expect(guest.page).toHaveURL(deepLink);
  await expect(guest.todos.editor).toHaveValue('Linked');
});

for (const elsewhere of [
  '//evil.example/todos',
  '///evil.example/todos',
  '/\\evil.example/todos',
  '/\t/evil.example/todos',
  'https://evil.example/todos',
  'javascript:alert(1)',
  '',
]) {
  test(`sign-in never leads to another site: next=${JSON.stringify(elsewhere)}`, async ({ user, newBrowser, baseURL }) => {
    const guest = user.at(await newBrowser());
    await guest.signIn(`?next=${encodeURIComponent(elsewhere)}`);
    expect(guest.page.url()).toBe(`${baseURL}/todos`);
  });
}

test('a page of a session that was ended elsewhere shows nothing on reload', async ({ user, newBrowser }) => {
  const { page, todos } = user;
  await todos.add('Before');
  await user.signOutAt(await newBrowser());

  await page.reload();
  await expect(page).toHaveURL(/\/sign-in\?next=\/todos/);
  expect(await page.context().cookies()).toEqual([]);
});

test('A-46: after sign-out Back shows no todos', async ({ user }) => {
  const { page, todos } = user;
  await todos.add('Secret plan');
  await user.signOut();
  expect(await page.context().cookies()).toEqual([]);
  await page.goBack();
  await expect(page).toHaveURL(/\/sign-in/);
  await expect(page.getByText('Secret plan')).toHaveCount(0);
});
