// The preview picture of links to the site (Open Graph).

import { readFileSync } from 'node:fs';
import { test } from '@playwright/test';

const MARK = readFileSync(new URL('../../public/favicon.svg', import.meta.url), 'utf8');

test('preview', async ({ page }, { project }) => {
  test.skip(project.name !== 'desktop-light', 'it has no variants');
  await page.setViewportSize({ width: 1200, height: 630 });
  await page.setContent(`
    <style>
      body { align-items: center; background: #f4f4f1; color: #1c2420; display: flex; font: 40px/1.4 system-ui, sans-serif; gap: 72px; height: 630px; justify-content: center; margin: 0 }
      svg { height: 260px; width: 260px }
      b { color: #196a4f; display: block; font-size: 104px; letter-spacing: -0.02em; line-height: 1.2 }
    </style>
    ${MARK}<div><b>Holdfast</b>Your todos,<br>on a server of your own.</div>`);
  await page.screenshot({ path: new URL('out/preview.png', import.meta.url).pathname });
});
