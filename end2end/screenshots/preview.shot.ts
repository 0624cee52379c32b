// The picture that other sites show when somebody shares a link to this one (Open Graph), and the icon of a home screen.

import { readFileSync } from 'node:fs';
import { test, type Page } from '@playwright/test';

const MARK = readFileSync(new URL('../../public/favicon.svg', import.meta.url), 'utf8');

async function draw(page: Page, name: string, width: number, height: number, html: string): Promise<void> {
  await page.setViewportSize({ width, height });
  await page.setContent(html);
  await page.screenshot({ path: new URL(`out/${name}.png`, import.meta.url).pathname });
}

test('preview and icon', async ({ page }, { project }) => {
  test.skip(project.name !== 'desktop-light', 'they have no variants');
  await draw(page, 'preview', 1200, 630, `
    <style>
      body { align-items: center; background: #f4f3ee; color: #1d2420; display: flex; font: 40px/1.4 system-ui, sans-serif; gap: 72px; height: 630px; justify-content: center; margin: 0 }
      svg { height: 260px; width: 260px }
      b { color: #1f6552; display: block; font-size: 104px; letter-spacing: -0.02em; line-height: 1.2 }
    </style>
    ${MARK}<div><b>Holdfast</b>Your todos,<br>on a server of your own.</div>`);
  await draw(page, 'apple-touch-icon', 180, 180, `<style>body { background: #2f6f5e; margin: 0 } svg { height: 180px; width: 180px }</style>${MARK}`);
});
