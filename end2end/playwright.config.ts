// Every journey runs twice, with scripting and without. `*.js.spec.ts` needs scripting, `*.nojs.spec.ts` its absence.

import { defineConfig } from '@playwright/test';
import { onPort } from './playwright.base.ts';

const base = onPort(3107);

export default defineConfig({
  ...base,
  testDir: 'tests',
  use: { ...base.use, trace: 'retain-on-failure' },
  projects: [
    { name: 'js', testIgnore: '*.nojs.spec.ts' },
    { name: 'nojs', testIgnore: '*.js.spec.ts', use: { javaScriptEnabled: false } },
  ],
});
