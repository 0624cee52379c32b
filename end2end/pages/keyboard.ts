// The focused element, and its visibility, during navigation with Tab.

import type { Page } from '@playwright/test';

export interface Focused {
  name: string;
  outline: number;
  /** Whether part of it is on the screen and not covered. */
  isVisible: boolean;
  /** Document coordinates. */
  top: number;
  bottom: number;
  left: number;
}

export function focused(page: Page): Promise<Focused | undefined> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body || element === document.documentElement) return undefined;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const { x, y, width, height } = element.getBoundingClientRect();
    const points = [0.1, 0.5, 0.9].flatMap((across) => [0.1, 0.5, 0.9].map((down) => [x + across * width, y + down * height] as const));
    const onTop = points.map(([x, y]) => document.elementFromPoint(x, y));
    const isItself = onTop.some((seen) => seen !== null && (element.contains(seen) || seen.contains(element)));
    const isUnderToast = onTop.some((seen) => seen?.closest('.toast')) && !element.closest('.toast');
    return {
      name: element.outerHTML.slice(0, 160),
      outline: outlineStyle === 'none' ? 0 : Number.parseFloat(outlineWidth),
      isVisible: isItself && !isUnderToast,
      top: y + scrollY,
      bottom: y + height + scrollY,
      left: x + scrollX,
    };
  });
}

/** The focused elements after each Tab, until the focus leaves the page or after `most` steps. */
export async function tabThrough(page: Page, most = Infinity): Promise<Focused[]> {
  // Starts from the top. `autofocus` applies with the first frame, which may be after `load`.
  await page.evaluate(async () => {
    await new Promise(requestAnimationFrame);
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute('tabindex');
  });
  const steps: Focused[] = [];
  const names = new Set<string>();
  while (steps.length < most) {
    await page.keyboard.press('Tab');
    const step = await focused(page);
    if (!step || names.has(step.name)) break;
    names.add(step.name);
    steps.push(step);
  }
  return steps;
}
