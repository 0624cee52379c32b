import type { Page, TestInfo } from '@playwright/test';

/** Takes the picture of a page; its file is named after it, the screen and the colours. */
export async function take(page: Page, name: string, { project, config }: TestInfo): Promise<void> {
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: `${config.rootDir}/out/${name}-${project.name}.png`, animations: 'disabled' });
}
