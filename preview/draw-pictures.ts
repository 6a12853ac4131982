/**
 * Draws pictures of the dashboards of the example `fleet` for the documentation, with generated data of a fleet. A picture is
 * only drawn again if its dashboard, a rule that the dashboard shows, or the drawing code has changed. The same sources
 * result in the same bytes.
 *
 *   npm run docs:images [-- --all] [-- --check]
 *
 * --all: draws all pictures. --check: draws all pictures and writes none; the exit code is 1 if a picture differs from its
 * file.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { freePort } from '../test/runtime/free-port';
import { examplesFolder } from '../test/stacks/examples-folder';
import { startBrowser } from './browser';
import type { Dashboard } from './grafana/model';
import { computeDigests, digestsFile, outdatedDashboards, picturePath, readDigests } from './pictures';
import { readProvisioned } from './provisioned';
import { CLOCK } from './seed/fleet';
import { SeededLoki } from './seed/loki';
import { readRules } from './seed/rules';
import { SeededPrometheus } from './seed/store';
import { PreviewServer } from './server';

const { values: options } = parseArgs({
  options: { all: { type: 'boolean', default: false }, check: { type: 'boolean', default: false } },
});

const SIZE = { width: 1_280, height: 900 };
/** Quality of the WebP files in percent. Losses are not visible. */
const QUALITY = 76;

type Picture = readonly [dashboard: Dashboard, bytes: Buffer];

async function drawDashboards(manifests: string, wanted: readonly Dashboard[]): Promise<Picture[]> {
  const folder = mkdtempSync(join(tmpdir(), `e2e-${process.pid}-pictures-`));
  const started: { stop(): Promise<void> }[] = [];
  const startAndTrack = async <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
    started.unshift(await starting);
    return starting;
  };
  try {
    const prometheus = await startAndTrack(SeededPrometheus.start(folder, manifests, CLOCK));
    const loki = wanted.some(needsLoki)
      ? await startAndTrack(SeededLoki.start(join(folder, 'loki'), CLOCK))
      : undefined;
    const port = await freePort();
    await startAndTrack(
      PreviewServer.start({
        preview: () => ({ title: 'fleet', troubles: [], ...readProvisioned(manifests) }),
        port,
        prometheus: { name: 'Prometheus', url: prometheus.url },
        loki: loki && { name: 'Loki', url: loki.url },
      }),
    );
    return await takePictures(port, wanted);
  } finally {
    for (const one of started) await one.stop();
    rmSync(folder, { recursive: true });
  }
}

/**
 * Returns the dashboards that can be drawn. If E2E_LOKI is not set, leaves out dashboards with logs, and prints their
 * names.
 */
function drawableDashboards(wanted: readonly Dashboard[]): readonly Dashboard[] {
  if (process.env.E2E_LOKI) return wanted;
  const left = wanted.filter(needsLoki).map(({ uid }) => uid);
  if (left.length)
    console.error(
      `not drawn, because these dashboards need Loki: ${left.join(', ')}; set E2E_LOKI to the path of the Loki program`,
    );
  return wanted.filter((one) => !needsLoki(one));
}

const needsLoki = ({ panels }: Dashboard): boolean =>
  panels.some(({ datasource }) => datasource?.type === 'loki');

async function takePictures(port: number, wanted: readonly Dashboard[]): Promise<Picture[]> {
  const browser = await startBrowser();
  try {
    const pictures: Picture[] = [];
    for (const dashboard of wanted) {
      const page = await browser.newPage({
        viewport: SIZE,
        timezoneId: 'UTC',
        locale: 'en-GB',
        colorScheme: 'light',
      });
      const span = `from=${(CLOCK - shownHours(dashboard) * 3_600) * 1_000}&to=${CLOCK * 1_000}&refresh=`;
      await page.goto(`http://127.0.0.1:${port}/d/${dashboard.uid}?${span}`);
      await page.waitForSelector('html[data-state=drawn]', { timeout: 60_000 });
      const { y = 0, height: drawn = 0 } = (await page.locator('main').boundingBox()) ?? {};
      const height = Math.ceil(y + drawn);
      const session = await page.context().newCDPSession(page);
      const { data } = await session.send('Page.captureScreenshot', {
        format: 'webp',
        quality: QUALITY,
        captureBeyondViewport: true,
        clip: { x: 0, y: 0, width: SIZE.width, height, scale: 1 },
      });
      pictures.push([dashboard, Buffer.from(data, 'base64')]);
      await page.close();
    }
    return pictures;
  } finally {
    await browser.close();
  }
}

const shownHours = ({ time }: Dashboard): number => (time?.from === 'now-1h' ? 1 : 6);

async function runDrawPictures(): Promise<void> {
  const manifests = join(examplesFolder(), 'fleet');
  const { dashboards } = readProvisioned(manifests);
  const rules = readRules(manifests);
  const wanted = drawableDashboards(
    options.all || options.check ? dashboards : outdatedDashboards(dashboards, rules),
  );
  if (!wanted.length) return;
  const pictures = await drawDashboards(manifests, wanted);
  for (const [dashboard, bytes] of pictures) {
    const isSame = readFileSync(picturePath(dashboard), { flag: 'a+' }).equals(bytes);
    console.error(
      `${picturePath(dashboard)}: ${(bytes.length / 1e3).toFixed(0)} kB, ${isSame ? 'unchanged' : 'changed'}`,
    );
    if (!isSame && options.check) process.exitCode = 1;
    if (!options.check) writeFileSync(picturePath(dashboard), bytes);
  }
  if (!options.check) writeFileSync(...digestsFile({ ...readDigests(), ...computeDigests(wanted, rules) }));
}

void runDrawPictures().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
