// Cases that TodoMVC suites leave out. The numbers are those of our list of them.

import { request } from '@playwright/test';
import { PASSWORD, Person } from '../pages/person.ts';
import { expect, test } from './fixtures.ts';

test('case 13: by the API, too, nobody gets what belongs to somebody else', async ({ user: ann, newBrowser, scripting, baseURL }) => {
  await ann.todos.add("Ann's secret");
  const id = await ann.todos.idOf("Ann's secret");
  const bob = new Person(await newBrowser(), scripting);
  await bob.signUp();
  await bob.todos.add("Bob's own");

  const program = await request.newContext({ baseURL: baseURL! });
  const { access_token: token } = await (await program.post('/api/v1/token', { data: { email: bob.email, password: PASSWORD } })).json();
  const headers = { authorization: `Bearer ${token}` };
  const list = await (await program.get('/api/v1/todos', { headers })).json();
  expect(list.map(({ title }: { title: string }) => title)).toEqual(["Bob's own"]);
  for (const attempt of [
    () => program.get(`/api/v1/todos/${id}`, { headers }),
    () => program.patch(`/api/v1/todos/${id}`, { headers, data: { title: 'not yours' } }),
    () => program.delete(`/api/v1/todos/${id}`, { headers }),
  ]) {
    expect((await attempt()).status()).toBe(404);
  }
  await program.dispose();
  await ann.todos.reload();
  await ann.todos.expectTitles(["Ann's secret"]);
});
