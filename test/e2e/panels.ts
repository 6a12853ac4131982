import type { Page } from 'playwright-core';
import { environmentDashboards } from '../../lib/charts/environment-dashboards';

/** Dashboards of the stack, as in their sources. */
export const dashboards = environmentDashboards().flatMap((source) => source.dashboards);

export const panelsOf = (uid: string) =>
  dashboards
    .filter((one) => one.uid === uid)
    .flatMap(({ rows }) => rows.flatMap(({ panels }) => [...panels]));

/** Waits until each panel has its answers. */
export const drawn = (page: Page) => page.waitForSelector('html[data-state=drawn]', { timeout: 60_000 });

/** State and text of a panel on the page. */
export interface PanelState {
  readonly state: string;
  readonly text: string;
}

/** Content of each panel, by its title. */
export async function statesOf(page: Page): Promise<Record<string, PanelState>> {
  const panels = await page.locator('.panel').all();
  const all = panels.map(async (panel) => {
    const [title, state] = [await panel.getAttribute('data-panel'), await panel.getAttribute('data-state')];
    return [title ?? '', { state: state ?? '', text: await panel.locator('.body').innerText() }] as const;
  });
  return Object.fromEntries(await Promise.all(all));
}

/** Text of a panel without data if it may be empty, or needs a Loki that is not running. */
export const NONE = { state: 'empty', text: 'none' };
export const NO_LOKI = { state: 'absent', text: 'The preview has no address of Loki.' };

/** Returns panels that show neither data nor a reason for being empty, with their content. */
export const unexplained = (uid: string, states: Readonly<Record<string, PanelState>>, hasLoki: boolean) =>
  panelsOf(uid).flatMap(({ title, source, emptyWhen }) => {
    const shown = states[title];
    if (shown?.state === 'data') return [];
    const expected = source === 'logs' && !hasLoki ? NO_LOKI : emptyWhen === undefined ? undefined : NONE;
    return expected && shown?.state === expected.state && shown.text === expected.text
      ? []
      : [{ title, ...shown }];
  });
