import type { Page, TestInfo } from '@playwright/test';

/** Takes a screenshot, with name, screen and colour scheme in the file name. */
export async function take(page: Page, name: string, { project, config }: TestInfo): Promise<void> {
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: `${config.rootDir}/out/${name}-${project.name}.png`, animations: 'disabled' });
}
