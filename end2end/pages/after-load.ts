import type { Page } from '@playwright/test';

/** Performs an action that navigates or reloads, and waits for the load event. */
export async function afterLoad(page: Page, action: () => Promise<unknown>): Promise<void> {
  const load = page.waitForEvent('load');
  await action();
  await load;
}
