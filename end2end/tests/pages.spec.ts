// Scripts of pages without the island.

import type { Response } from '@playwright/test';
import { expect, test } from './fixtures.ts';

test('pages without the island load no WASM, and no script except the password toggle', async ({ page }) => {
  for (const [path, scripts] of [['/sign-in', ['text/javascript']], ['/sign-up', ['text/javascript']], ['/problems', []]] as const) {
    const loaded: Response[] = [];
    const keep = (response: Response): void => void loaded.push(response);
    page.on('response', keep);
    await page.goto(path, { waitUntil: 'networkidle' });
    page.off('response', keep);
    const kinds = loaded.map((response) => response.headers()['content-type']?.split(';')[0]);
    // The browser requests the icon at any time.
    expect(kinds.filter((kind) => kind !== 'image/svg+xml').sort(), path).toEqual(['text/css', 'text/html', ...scripts]);
  }
});
