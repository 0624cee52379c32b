import type { Page } from '@playwright/test';

/** Holds the WASM back, so that the page stays as the server made it until the result is called. */
export async function holdWasm(page: Page): Promise<() => void> {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/*.wasm', async (route) => {
    await released;
    // The page that wanted it may be gone by now.
    await route.continue().catch(() => {});
  });
  return release;
}
