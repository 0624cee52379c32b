// What the tests and the screenshots have in common: the browser, and a server of their own.

import { existsSync } from 'node:fs';
import type { PlaywrightTestConfig } from '@playwright/test';

/** The browser of the system if there is one; else the one that Playwright downloads. */
const executablePath = process.env['CHROMIUM_PATH'] ?? ['/usr/bin/chromium'].find(existsSync);

export const launchOptions = {
  ...(executablePath && { executablePath }),
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
};

/** With a server of one's own there, or what else serves: `program` takes the port. */
export function onPort(port: number, program = 'server.mjs') {
  const origin = `http://127.0.0.1:${port}`;
  return {
    workers: 2,
    fullyParallel: true,
    // What a test waits for has a time of its own, so this is only for machines that are slow in everything.
    timeout: 60_000,
    forbidOnly: true,
    reporter: 'list',
    use: {
      baseURL: origin,
      launchOptions,
    },
    webServer: {
      command: `node ${program} ${port}`,
      url: `${origin}/readyz`,
      reuseExistingServer: false,
      // Gives it the time to remove its database.
      gracefulShutdown: { signal: 'SIGTERM', timeout: 5_000 },
      stdout: 'pipe',
    },
  } satisfies PlaywrightTestConfig;
}
