// Shared by tests and screenshots: the browsers, and a server for them.

import { existsSync } from 'node:fs';
import type { PlaywrightTestConfig } from '@playwright/test';

const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking'];

/** The system's browser, if any, instead of Playwright's own. */
function systemBrowser(...programs: string[]): { executablePath?: string } {
  const executablePath = process.env['CHROMIUM_PATH'] ?? programs.find(existsSync);
  return executablePath === undefined ? {} : { executablePath };
}

/** Chromium's headless shell: the same pages in half the time. */
export const headlessShell = { ...systemBrowser('/usr/bin/chromium-headless-shell', '/usr/bin/chromium'), args };
/** Full Chromium, because the shell has no back/forward cache. */
export const fullChromium = { channel: 'chromium', ...systemBrowser('/usr/bin/chromium'), args };

/** The configuration with a server on this port; `program` takes the port. */
export function configFor(port: number, program = 'server.mjs') {
  const origin = `http://127.0.0.1:${port}`;
  return {
    workers: 2,
    fullyParallel: true,
    // Assertions have their own timeouts, so this one is only for slow machines.
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
      // For the removal of its database.
      gracefulShutdown: { signal: 'SIGTERM', timeout: 5_000 },
      stdout: 'pipe',
    },
  } satisfies PlaywrightTestConfig;
}
