// What the tests and the screenshots have in common: the browsers, and a server of their own.

import { existsSync } from 'node:fs';
import type { PlaywrightTestConfig } from '@playwright/test';

const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking'];

/** The browser of the system if there is one; else the one that Playwright downloads. */
function ofSystem(...programs: string[]): { executablePath?: string } {
  const executablePath = process.env['CHROMIUM_PATH'] ?? programs.find(existsSync);
  return executablePath === undefined ? {} : { executablePath };
}

/** Chromium without what only a window needs: the same pages in half the time. */
export const headlessShell = { ...ofSystem('/usr/bin/chromium-headless-shell', '/usr/bin/chromium'), args };
/** All of Chromium: the shell keeps no page for Back. */
export const wholeBrowser = { channel: 'chromium', ...ofSystem('/usr/bin/chromium'), args };

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
      launchOptions: headlessShell,
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
