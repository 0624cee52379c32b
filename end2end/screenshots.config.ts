// Takes screenshots of every page: `npx playwright test --config screenshots.config.ts`.

import { defineConfig } from '@playwright/test';
import { configFor } from './playwright.base.ts';

const SCREENS = {
  desktop: { viewport: { width: 1280, height: 800 } },
  phone: { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true },
};

const base = configFor(3109);

export default defineConfig({
  ...base,
  testDir: 'screenshots',
  testMatch: '*.shot.ts',
  projects: Object.entries(SCREENS).flatMap(([screen, use]) =>
    (['light', 'dark'] as const).map((colorScheme) => ({
      name: `${screen}-${colorScheme}`,
      use: { ...use, colorScheme },
    })),
  ),
});
