// Checks of the layout.

import { expect, type Page } from '@playwright/test';

/** Visible elements of `selector` that are smaller than this in either direction. */
export function undersized(page: Page, selector: string, smallest: number): Promise<string[]> {
  return page.evaluate(
    ({ selector, smallest }) => {
      const found: string[] = [];
      for (const element of document.querySelectorAll(selector)) {
        // The label of a checkbox is part of its target.
        const { width, height } = (element.closest('label') ?? element).getBoundingClientRect();
        const isVisible = element.checkVisibility({ visibilityProperty: true });
        const isInSentence = getComputedStyle(element).display === 'inline' && element.closest('p, li') !== null;
        const isTooSmall = Math.min(width, height) < smallest;
        if (isVisible && !isInSentence && isTooSmall) found.push(`${element.outerHTML.slice(0, 120)}: ${width} × ${height}`);
      }
      return found;
    },
    { selector, smallest },
  );
}

export async function expectNoScrolling(page: Page): Promise<void> {
  const { wide, screen, beyond } = await page.evaluate(() => {
    const { clientWidth: screen, scrollWidth: wide } = document.documentElement;
    const beyond = [...document.querySelectorAll('body *')].filter((element) => element.checkVisibility() && element.getBoundingClientRect().right > screen);
    return { wide, screen, beyond: beyond.map((element) => element.outerHTML.slice(0, 120)) };
  });
  expect(wide, `beyond the edge: ${beyond.join(' ')}`).toBeLessThanOrEqual(screen);
}
