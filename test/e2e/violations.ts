/** What axe finds on a page. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';

/** Each violation with the first element that shows it; by these rules, or by all where none is named. */
export async function violations(page: Page, ...rules: string[]): Promise<string[]> {
  await page.evaluate(axe.source);
  const result = await page.evaluate(
    (only) => (window as unknown as { axe: typeof axe }).axe.run(only.length > 0 ? { runOnly: only } : {}),
    rules,
  );
  return result.violations.map(
    ({ id, help, nodes }) => `${id}: ${help}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`,
  );
}
