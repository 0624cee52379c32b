// The todo page.

import { test, type Page } from '@playwright/test';
import { Person } from '../pages/person.ts';
import { take } from './take.ts';

const TITLES = [
  'Buy oat milk',
  'Call the plumber about the dripping tap in the bathroom before he goes on holiday',
  'Water the plants',
  'Book train tickets to Lisbon',
  'Read https://datatracker.ietf.org/doc/html/draft-ietf-oauth-browser-based-apps#name-backend-for-frontend-bff',
  'Say thanks',
];

async function withSixTodos(page: Page, scripting: boolean): Promise<Person> {
  const user = new Person(page, scripting);
  await user.signUp();
  for (const title of TITLES) await user.todos.add(title);
  for (const title of ['Water the plants', 'Say thanks']) await user.todos.complete(title);
  await page.mouse.move(0, 0);
  return user;
}

test('empty', async ({ page }, info) => {
  await new Person(page, true).signUp();
  await take(page, 'todos-empty', info);
});

test('with six todos', async ({ page }, info) => {
  const { todos } = await withSixTodos(page, true);
  await take(page, 'todos', info);
  await todos.item('Buy oat milk').hover();
  await take(page, 'todos-hover', info);
});

test('with a filter', async ({ page }, info) => {
  const { todos } = await withSixTodos(page, true);
  await todos.show('Completed');
  await take(page, 'todos-completed', info);
  await todos.clearCompleted();
  await take(page, 'todos-none-shown', info);
});

test('while editing', async ({ page }, info) => {
  const { todos } = await withSixTodos(page, true);
  await todos.edit('Book train tickets to Lisbon');
  await take(page, 'todos-editing', info);
});

test('with an error', async ({ page }, info) => {
  const { todos } = await withSixTodos(page, true);
  await todos.newTodo.fill('x'.repeat(501));
  await todos.newTodo.press('Enter');
  await todos.alert.waitFor();
  await take(page, 'todos-error', info);
});

test.describe('without scripting', () => {
  test.use({ javaScriptEnabled: false });

  test('with six todos', async ({ page }, info) => {
    const { todos } = await withSixTodos(page, false);
    await take(page, 'todos-nojs', info);
    await todos.edit('Book train tickets to Lisbon');
    await take(page, 'todos-nojs-editing', info);
  });
});
