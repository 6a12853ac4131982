import { rmSync } from 'node:fs';
import { startBrowser } from '../../../preview/browser';
import { eventually } from '../../runtime/wait';
import { PORT, Try, traces } from '../../stacks/try-command';

/** The alert about each problem that is listed above the dashboards. */
const ALERTS = [
  'EdgeAgentQueueGrowing',
  'EdgeDiskFull',
  'EdgeTemperatureHigh',
  'EdgeClockUnsynchronized',
  'EdgeNodeSilent',
];

test('simulated nodes fill the page of the fleet, their troubles raise alerts, and nothing of them is left', async () => {
  const tried = new Try(['--nodes', '12']);
  try {
    await eventually(
      () => `it says where to look: ${tried.stderr}`,
      () => tried.stdout.includes('Ctrl-C'),
      { seconds: 240 },
    );
    const browser = await startBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${PORT}/`);
      await page.waitForSelector('.trouble >> text=has no room left on /data');
      for (const alert of ALERTS)
        await page.waitForSelector(`[data-alert=${alert}][data-state=firing]`, {
          state: 'attached',
          timeout: 400_000,
        });
      await page.waitForSelector('[data-panel="Silent nodes"][data-state=data]', { timeout: 60_000 });
      await page.waitForSelector('[data-panel=Nodes] >> text=13', { timeout: 60_000 });
    } finally {
      await browser.close();
    }
    const { id = 'none', folder } = tried;
    await tried.end('SIGINT');
    expect(traces(id, folder)).toEqual([]);
  } finally {
    await tried.end('SIGKILL').catch(() => undefined);
    rmSync(tried.folder, { recursive: true });
  }
}, 900_000);
