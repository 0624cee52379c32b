import type { Page, Route } from '@playwright/test';

/** Delays requests to a URL until the returned function is called; then `answer` handles them. */
export async function hold(page: Page, url: string, answer = (route: Route): Promise<void> => route.continue(), times?: number): Promise<() => void> {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route(url, async (route) => {
    await released;
    // The page may be closed by now.
    await answer(route).catch(() => {});
  }, times === undefined ? {} : { times });
  return release;
}

/** Delays the WASM, so that the page stays as rendered by the server. */
export const holdWasm = (page: Page): Promise<() => void> => hold(page, '**/*.wasm');
