// The browser tests. Those with the tag @replicas also run on two servers with one Postgres, if available (scripts/with-postgres).

import { defineConfig } from '@playwright/test';
import { configFor } from './playwright.base.ts';

const base = configFor(3107);
const replicas = configFor(3113, 'replicas.mjs');
const hasPostgres = Boolean(process.env['TEST_POSTGRES_URL']);

if (!hasPostgres && process.env['TEST_WORKER_INDEX'] === undefined) {
  console.warn('\nNOT TESTED: two servers on one Postgres. TEST_POSTGRES_URL is not set: ../scripts/with-postgres sets it, as `make e2e` does.\n');
}

export default defineConfig({
  ...base,
  testDir: 'tests',
  // A test may lose a race on a busy machine. Tests that pass on retry are reported as flaky, with a trace, and need a fix.
  retries: 1,
  // Recording every test would take a quarter of the time.
  use: { ...base.use, trace: 'on-first-retry' },
  projects: [{ name: 'one' }, ...(hasPostgres ? [{ name: 'replicas', grep: /@replicas/, use: replicas.use }] : [])],
  webServer: hasPostgres ? [base.webServer, replicas.webServer] : base.webServer,
});
