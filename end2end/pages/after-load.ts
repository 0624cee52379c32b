import type { Page } from '@playwright/test';

/** Does something that leads to another page (or to this one again), and waits until all of that is there. */
export async function afterLoad(page: Page, action: () => Promise<unknown>): Promise<void> {
  const load = page.waitForEvent('load');
  await action();
  await load;
}
