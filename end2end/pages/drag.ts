// A row that is dragged, by mouse or by finger.

import type { CDPSession, Locator, Page } from '@playwright/test';

interface Point {
  x: number;
  y: number;
}

/** Where a title begins: the buttons of the row lie over its end. */
export async function gripOf(row: Locator): Promise<Point> {
  const { x, y, height } = (await row.locator('label').boundingBox())!;
  return { x: x + 12, y: y + height / 2 };
}

/** In the upper or lower half of a row. */
export async function placeAt(row: Locator, half: 'above' | 'below'): Promise<Point> {
  const { x, y, height } = (await row.boundingBox())!;
  return { x: x + 40, y: y + height * (half === 'above' ? 0.2 : 0.8) };
}

/** Presses the mouse on a row and carries it to another one, without the release. */
export async function carry(page: Page, row: Locator, half: 'above' | 'below', target: Locator, grip?: Point): Promise<void> {
  const from = grip ?? (await gripOf(row));
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  const to = await placeAt(target, half);
  await page.mouse.move(to.x, to.y, { steps: 4 });
}

export async function drag(page: Page, row: Locator, half: 'above' | 'below', target: Locator): Promise<void> {
  await carry(page, row, half, target);
  await page.mouse.up();
}

/** One finger; Playwright's own only taps. */
export class Finger {
  private constructor(private readonly session: CDPSession) {}

  static async of(page: Page): Promise<Finger> {
    return new Finger(await page.context().newCDPSession(page));
  }

  press = (at: Point): Promise<unknown> => this.send('touchStart', at);

  async move(from: Point, to: Point, steps = 5): Promise<void> {
    for (let step = 1; step <= steps; step += 1) {
      const along = (start: number, end: number): number => start + ((end - start) * step) / steps;
      await this.send('touchMove', { x: along(from.x, to.x), y: along(from.y, to.y) });
    }
  }

  release = (): Promise<unknown> => this.send('touchEnd');

  private send(type: 'touchStart' | 'touchMove' | 'touchEnd', at?: Point): Promise<unknown> {
    return this.session.send('Input.dispatchTouchEvent', { type, touchPoints: at ? [at] : [] });
  }
}
