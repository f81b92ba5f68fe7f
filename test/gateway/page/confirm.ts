import type { Page } from 'playwright-core'

/** Presses a button, and the same in the dialog that it opens. */
export async function confirm(page: Page, label: string): Promise<void> {
  await page.getByRole('button', { name: label, exact: true }).click()
  await page.getByRole('dialog').getByRole('button', { name: label, exact: true }).click()
}
