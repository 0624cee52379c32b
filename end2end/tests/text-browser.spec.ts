// A11y gate: the site in a text browser, over HTTPS.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from '@playwright/test';
import { startHttpsProxy } from '../https.mjs';
import { PASSWORD } from '../pages/person.ts';
import { W3m } from '../pages/w3m.ts';
import { start } from '../server.mjs';

// A11y gate
test('w3m signs up, adds, completes, renames, deletes, undoes the deletion and signs out', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-w3m-'));
  const site = await start(3111, { PUBLIC_ORIGIN: 'https://localhost:3112' });
  const https = await startHttpsProxy(site.origin, 3112, folder);
  let w3m: W3m | undefined;
  try {
    w3m = await W3m.open('https://localhost:3112/', https.certificate, folder);
    await w3m.expectText('Sign in');
    await w3m.follow('Sign up');
    await w3m.expectText('three or four unrelated words');
    await w3m.fill('E-mail', 'ann@example.org');
    await w3m.fill('Password', PASSWORD);
    await w3m.send();
    await w3m.expectText('Nothing to do yet.');

    // The last words before the box.
    await w3m.fill('Not saved', 'Buy milk');
    await w3m.send();
    await w3m.expectText(/1 item left[^]*\[ \]\[Complete\] ?Buy milk ?\[Edit\]/);
    await w3m.follow('Important');
    await w3m.expectText('Nothing is important.');
    await w3m.follow('Holdfast');
    await w3m.fill('Holdfast', 'MILK');
    await w3m.send();
    await w3m.expectText(/In titles and notes[^]*\[Complete\] ?Buy milk/);
    await w3m.follow('Clear search');
    await w3m.follow('[Complete] ?Buy milk');
    await w3m.expectText(/0 items left[^]*\[\*\]\[Reopen\] ?Buy milk/);
    await w3m.follow('[Edit]');
    await w3m.expectText('Today Tomorrow Next week None');
    await w3m.rewrite('Buy milk', 'Buy oat milk');
    await w3m.follow('Save');
    await w3m.expectText(/\[\*\]\[Reopen\] ?Buy oat milk/);
    await w3m.follow('[Edit]');
    await w3m.rewrite('Buy oat milk', '');
    await w3m.follow('Save');
    await w3m.expectText(/Deleted .?Buy oat milk[^]*Nothing to do yet/);
    await w3m.follow('Undo');
    await w3m.expectText(/\[\*\]\[Reopen\] ?Buy oat milk/);
    await w3m.follow('[Account]');
    await w3m.follow('Sign out');
    await w3m.expectText(/Sign in[^]*New here/);
    await w3m.close();
  } finally {
    w3m?.kill();
    await https.stop();
    await site.stop();
    await rm(folder, { recursive: true });
  }
});
