// Takes screenshots of every page: `npx playwright test --config screenshots.config.ts`.

import { fileURLToPath } from 'node:url';
import { defineConfig } from '@playwright/test';
import { configFor } from './playwright.base.ts';

const SCREENS = {
  desktop: { viewport: { width: 1280, height: 800 } },
  wide: { viewport: { width: 1920, height: 1080 } },
  phone: { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true },
  narrow: { viewport: { width: 320, height: 640 }, isMobile: true, hasTouch: true },
};

/** Prefers Inter, which `scripts/setup screenshots` installs. */
const FONTCONFIG_FILE = fileURLToPath(new URL('screenshots/fonts.conf', import.meta.url));

const base = configFor(3109);

export default defineConfig({
  ...base,
  testDir: 'screenshots',
  testMatch: '*.shot.ts',
  projects: Object.entries(SCREENS).flatMap(([screen, use]) =>
    (['light', 'dark'] as const).map((colorScheme) => ({
      name: `${screen}-${colorScheme}`,
      use: { ...use, colorScheme, launchOptions: { ...base.use.launchOptions, env: { ...process.env, FONTCONFIG_FILE } } },
    })),
  ),
});
