import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../test/runtime/free-port';
import { endProgram, spawnKilledWithParent } from '../../test/runtime/programs';
import { eventually } from '../../test/runtime/wait';
import { containersOf, findOnly, type Manifest } from '../../test/support/manifests';
import { processAnonymousBytes, processCpuSeconds } from './processes';
import { standardNodeSeries } from './samples';

const NODES = 200;
const SCRAPES = 20;
const INTERVAL_SECONDS = 5;

/** Cost of a vmagent that scrapes a Pushgateway. */
interface ScrapeCost {
  /** Number of series that the vmagent scrapes. */
  readonly scraped: number;
  readonly secondsPerSample: number;
  readonly bytesPerSeries: number;
}

/**
 * Lets the vmagent of these manifests scrape the metrics of a simulated Pushgateway with many nodes. The vmagent writes
 * to a server that discards the samples.
 */
export async function measureScrapes(objects: readonly Manifest[], folder: string): Promise<ScrapeCost> {
  const series = standardNodeSeries();
  const scraped = NODES * series.length;
  let written = 0;
  const server = createServer((request, response) => {
    request.resume();
    if (request.method === 'POST') written++;
    response.writeHead(request.method === 'POST' ? 204 : 200);
    response.end(request.method === 'POST' ? undefined : renderPushgatewayMetrics(series, written));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const own = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'scrape.yaml');
  const job = { job_name: 'pushgateway', honor_labels: true, static_configs: [{ targets: [own] }] };
  const scrapeConfig = { global: { scrape_interval: `${INTERVAL_SECONDS}s` }, scrape_configs: [job] };
  writeFileSync(config, JSON.stringify(scrapeConfig));
  const address = `127.0.0.1:${await freePort()}`;
  const [container] = containersOf(findOnly(objects, 'StatefulSet', 'metrics-scraper'));
  const changed: Record<string, string> = {
    '-httpListenAddr': address,
    '-promscrape.config': config,
    '-remoteWrite.url': `http://${own}/api/v1/write`,
    '-remoteWrite.tmpDataPath': join(folder, 'queue'),
  };
  const args = ((container?.args ?? []) as string[]).map((arg) => {
    const [flag = ''] = arg.split('=');
    return changed[flag] ? `${flag}=${changed[flag]}` : arg;
  });
  const child = spawnKilledWithParent(['vmagent', ...args], { stdio: 'ignore' });
  const countScrapedSamples = async () => {
    const text = await (await fetch(`http://${address}/metrics`)).text();
    return Number(/^vm_promscrape_scraped_samples_sum (\S+)/m.exec(text)?.[1] ?? 0);
  };
  await eventually('vmagent is ready', async () => (await fetch(`http://${address}/health`)).ok);
  const unused = processAnonymousBytes(child.pid ?? 0);
  await eventually('vmagent has scraped twice', async () => (await countScrapedSamples()) >= 2 * scraped, {
    seconds: 60,
  });
  const [before, samplesBefore] = [processCpuSeconds(child.pid ?? 0), await countScrapedSamples()];
  let peak = 0;
  for (let second = 0; second < SCRAPES * INTERVAL_SECONDS; second++) {
    await sleep(1_000);
    peak = Math.max(peak, processAnonymousBytes(child.pid ?? 0));
  }
  const samples = (await countScrapedSamples()) - samplesBefore;
  const seconds = processCpuSeconds(child.pid ?? 0) - before;
  await endProgram(child);
  server.close();
  return { scraped, secondsPerSample: seconds / samples, bytesPerSeries: (peak - unused) / scraped };
}

function renderPushgatewayMetrics(series: ReturnType<typeof standardNodeSeries>, moment: number): string {
  const lines: string[] = [];
  for (let node = 0; node < NODES; node++) {
    for (const { id, readings } of series) {
      const head = id.endsWith('}') ? `${id.slice(0, -1)},` : `${id}{`;
      const own = `job="node_exporter",instance="edge-${node}",hostname="edge-${node}"} `;
      lines.push(`${head}${own}${readings[moment % readings.length]}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
