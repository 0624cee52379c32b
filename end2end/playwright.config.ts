// The browser tests, with scripting unless they say otherwise. Those with the tag @replicas run once more with two servers on one
// Postgres, where there is one (see scripts/with-postgres).

import { defineConfig } from '@playwright/test';
import { onPort } from './playwright.base.ts';

const base = onPort(3107);
const replicas = onPort(3113, 'replicas.mjs');
const hasPostgres = Boolean(process.env['TEST_POSTGRES_URL']);

// Each worker reads this file, too.
if (!hasPostgres && process.env['TEST_WORKER_INDEX'] === undefined) {
  console.warn('\nNOT TESTED: two servers on one Postgres. TEST_POSTGRES_URL is not set: ../scripts/with-postgres sets it, as `make e2e` does.\n');
}

export default defineConfig({
  ...base,
  testDir: 'tests',
  // On a busy machine a test can still lose a race of its own making. What passes only the second time is listed as flaky at the end,
  // with the trace of that try: it is to be mended, but holds nobody up.
  retries: 1,
  // To record one of every test takes a quarter of the time.
  use: { ...base.use, trace: 'on-first-retry' },
  projects: [{ name: 'one' }, ...(hasPostgres ? [{ name: 'replicas', grep: /@replicas/, use: replicas.use }] : [])],
  webServer: hasPostgres ? [base.webServer, replicas.webServer] : base.webServer,
});
