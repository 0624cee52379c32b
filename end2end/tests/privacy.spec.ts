// Nobody sees or changes what belongs to somebody else.

import { afterLoad } from '../pages/after-load.ts';
import { Person } from '../pages/person.ts';
import { expect, test } from './fixtures.ts';

test('two people never see each other\'s todos, not by a link to one either', async ({ user: ann, newBrowser, scripting }) => {
  await ann.todos.add("Ann's secret");
  const id = await ann.todos.idOf("Ann's secret");

  const bob = new Person(await newBrowser(), scripting);
  await bob.signUp();
  await expect(bob.todos.items).toHaveCount(0);
  await bob.todos.add("Bob's own");

  await bob.todos.open(`?edit=${id}`);
  await bob.todos.expectTitles(["Bob's own"]);
  await expect(bob.todos.editor).toHaveCount(0);
  expect(await bob.page.content()).not.toContain("Ann's secret");

  await ann.todos.reload();
  await ann.todos.expectTitles(["Ann's secret"]);
});

test('a forged form changes nothing of somebody else\'s, and says no more than of a todo that never was', async ({ user: ann, newBrowser, scripting, problems }) => {
  problems.expect(/answered 404: .*\/bff\/complete_todo/, /answered 404: .*\/bff\/delete_todo/, /console: .*404/);
  await ann.todos.add("Ann's secret");
  const id = await ann.todos.idOf("Ann's secret");
  const bob = new Person(await newBrowser(), scripting);
  await bob.signUp();
  await bob.todos.add("Bob's own");

  for (const forgedId of [id, '01980000-0000-7000-8000-000000000000']) {
    for (const path of ['/bff/complete_todo', '/bff/delete_todo']) {
      await afterLoad(bob.page, () =>
        bob.todos.items.locator('.view').evaluate((form: HTMLFormElement, [path, forgedId]) => {
          form.action = path!;
          form.querySelector<HTMLInputElement>('input[name="id"]')!.value = forgedId!;
          // Unlike a click it passes the island by.
          form.submit();
        }, [path, forgedId]),
      );
      await expect(bob.todos.alert).toHaveText('This todo is not there any more. It may have been deleted elsewhere.');
      await bob.todos.expectTitles(["Bob's own"]);
    }
  }

  await ann.todos.reload();
  await ann.todos.expectTitles(["Ann's secret"]);
  await ann.todos.expectCompleted([]);
});
