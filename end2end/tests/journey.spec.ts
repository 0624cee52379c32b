// The main journey, from sign-up to sign-out.

import { expect, test } from './fixtures.ts';

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? 'with scripting' : 'without scripting', () => {
    test.use({ javaScriptEnabled });

    test('a user signs up, keeps a list, signs out, and finds it again in another browser', { tag: '@replicas' }, async ({ visitor, newBrowser }) => {
      const { page, todos } = visitor;
      await page.goto('/');
      await expect(page).toHaveURL('/sign-in');
      await page.getByRole('link', { name: 'Sign up' }).click();
      await expect(page).toHaveURL('/sign-up');
      await visitor.sendForm('Sign up');
      await todos.ready();
      await expect(page).toHaveURL('/todos');
      await expect(page.getByText('Nothing to do yet.')).toBeVisible();
      await expect(todos.items).toHaveCount(0);

      await todos.add('Buy milk');
      await todos.add('Call the plumber');
      await todos.add('Water the plants');
      await todos.expectTitles(['Buy milk', 'Call the plumber', 'Water the plants']);
      await expect(todos.count).toHaveText('3 items left');
      await expect(page.getByText('Nothing to do yet.')).toBeHidden();

      await todos.rename('Buy milk', 'Buy oat milk');
      await todos.complete('Call the plumber');
      await todos.complete('Water the plants');
      await todos.expectCompleted(['Call the plumber', 'Water the plants']);
      await expect(todos.count).toHaveText('1 item left');
      await todos.reopen('Water the plants');
      await todos.delete('Call the plumber');
      await todos.complete('Buy oat milk');

      const outcome = async (): Promise<void> => {
        await todos.expectTitles(['Buy oat milk', 'Water the plants']);
        await todos.expectCompleted(['Buy oat milk']);
        await expect(todos.count).toHaveText('1 item left');
      };
      await outcome();
      await todos.reload();
      await outcome();
      await visitor.signOut();

      const elsewhere = visitor.at(await newBrowser());
      await elsewhere.signIn();
      await elsewhere.todos.expectTitles(['Buy oat milk', 'Water the plants']);
      await elsewhere.todos.expectCompleted(['Buy oat milk']);
    });
  });
}

// A2
test('a todo may have 500 characters; a longer title stays in the field, with a message', async ({ user: { page, todos } }) => {
  const sentence = 'Todos can be up to 500 characters.';
  await todos.add('x'.repeat(500));
  const typed = 'y'.repeat(501);
  await todos.newTodo.fill(typed);
  await todos.newTodo.press('Enter');
  await expect(todos.fieldMessage).toHaveText(sentence);
  await expect(todos.newTodo).toHaveAccessibleDescription(sentence);
  await expect(todos.newTodo).toHaveAttribute('aria-invalid', 'true');
  await expect(todos.newTodo).toHaveValue(typed);

  await todos.open();
  await todos.edit('x'.repeat(500));
  await todos.editor.fill('z'.repeat(501));
  await todos.editor.press('Enter');
  await expect(page.locator('#edit-message')).toHaveText(sentence);
  await expect(todos.editor, 'the editor keeps the text').toHaveValue('z'.repeat(501));

  await todos.open();
  await todos.expectTitles(['x'.repeat(500)]);
});

test('HTML in a title is rendered as text', async ({ user: { todos } }) => {
  const titles = ['<b>bold</b>', '"><img src=x onerror=alert(1)>', '</script><script>alert(1)</script>', '&lt;&amp; <!--', "{{7*7}} ${'x'}"];
  for (const title of titles) await todos.add(title);
  await todos.expectTitles(titles);
  await todos.reload();
  await todos.expectTitles(titles);
  await expect(todos.list.locator('b, img, script')).toHaveCount(0);
  for (const title of titles) {
    await todos.open(`?edit=${await todos.idOf(title)}`);
    await expect(todos.editor).toHaveValue(title);
  }
});

test('HTML in a title stays text in whatever the page says of it', async ({ user: { page, todos }, problems }) => {
  const title = `"><img src=x onerror=alert(1)>'&amp;`;
  const elements = page.locator('.todoapp').locator('img, script, [onerror]');
  await todos.add('Before');
  await todos.rename('Before', title);
  await todos.expectTitles([title]);
  await expect(page.locator('.edit-link')).toHaveAttribute('aria-label', `Edit: ${title}`);
  await expect(page.locator('.destroy')).toHaveAttribute('aria-label', `Delete: ${title}`);
  await todos.edit(title);
  await expect(todos.editor).toHaveAttribute('aria-label', `Edit: ${title}`);
  await expect(todos.editor).toHaveValue(title);

  await todos.renameElsewhere(title, `${title} theirs`);
  problems.expect(/answered 409: .*\/bff\/edit_todo/, /console: .*409/);
  await todos.editor.fill(`${title} mine`);
  await todos.whenAnswered(() => todos.editor.press('Enter'));
  await expect(todos.conflict).toContainText(`It now reads “${title} theirs”.`);
  await expect(elements).toHaveCount(0);
  await todos.whenAnswered(() => page.getByRole('button', { name: 'Keep mine' }).click());
  await todos.expectTitles([`${title} mine`]);

  problems.expect(/answered 500: .*\/bff\/edit_todo/, /console: .*500/);
  await page.route('/bff/edit_todo', (route) => route.fulfill({ status: 500, contentType: 'application/json', body: '"Internal"' }));
  await todos.complete(`${title} mine`);
  await expect(todos.alert).toContainText(`“\u2068${title} mine\u2069” was not completed.`);
  await expect(elements).toHaveCount(0);
  await todos.delete(`${title} mine`);
  await expect(todos.toast).toContainText(`Deleted “\u2068${title} mine\u2069”.`);
  await todos.undo();
  await todos.expectTitles([`${title} mine`]);
  await expect(elements).toHaveCount(0);
});
