import type { Page, Route } from '@playwright/test';

/** Holds back the requests to an address until the result is called; then they are answered by `answer`. */
export async function hold(page: Page, url: string, answer = (route: Route): Promise<void> => route.continue(), times?: number): Promise<() => void> {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route(url, async (route) => {
    await released;
    // The page that wanted it may be gone by now.
    await answer(route).catch(() => {});
  }, times === undefined ? {} : { times });
  return release;
}

/** Holds the WASM back, so that the page stays as the server made it. */
export const holdWasm = (page: Page): Promise<() => void> => hold(page, '**/*.wasm');
