// Every journey runs twice, with scripting and without. `*.js.spec.ts` needs scripting, `*.nojs.spec.ts` its absence. Those that depend
// on what a server remembers run once more with two of them on one Postgres, where there is one (see scripts/with-postgres).

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
  // with the trace of the first try: it is to be mended, but holds nobody up.
  retries: 1,
  use: { ...base.use, trace: 'retain-on-failure' },
  projects: [
    { name: 'js', testIgnore: '*.nojs.spec.ts' },
    { name: 'nojs', testIgnore: '*.js.spec.ts', use: { javaScriptEnabled: false } },
    ...(hasPostgres
      ? [
          {
            name: 'replicas',
            testMatch: /\/(account|journey|session|session-end\.js|todos\.js|token|trash|undo)\.spec\.ts$/,
            use: replicas.use,
          },
          { name: 'replicas-nojs', testMatch: /\/(journey|undo)\.spec\.ts$/, use: { ...replicas.use, javaScriptEnabled: false } },
        ]
      : []),
  ],
  webServer: hasPostgres ? [base.webServer, replicas.webServer] : base.webServer,
});
