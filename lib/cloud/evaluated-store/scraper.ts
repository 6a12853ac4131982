import type { Construct } from 'constructs';
import { remoteWriteArgs, VMAGENT_PORT } from '../../agents/vmagent';
import { CloudWorkload } from '../../core/cloud-workload';
import { goMemoryLimitEnvVar } from '../../core/go-memory';
import { Platform } from '../../core/platform';
import type { Resources } from '../../core/pods';
import { httpProbes } from '../../core/probes';
import { type Duration, type Quantity, toBytes } from '../../core/units';
import { yaml } from '../../core/yaml';
import { discoveryPermissions } from '../discovery-permissions';
import type { ExternalStoreProps } from '../metrics-gateway';
import type { ScrapedTargets } from '../scraped-targets';
import { StoreAccess } from './store-access';

/** Name of the Kubernetes objects of the vmagent, and of its scrape job. */
export const SCRAPER = 'metrics-scraper';

const CONFIG_DIR = '/etc/metrics-scraper';
const QUEUE_DIR = '/var/lib/metrics-scraper';

/** Properties for `createScraperWorkload`. */
interface ScraperProps {
  readonly write: ExternalStoreProps;
  readonly scrapeInterval: Duration;
  readonly storage: Quantity;
  readonly resources: Resources;
}

/**
 * Creates the workload of a vmagent that scrapes the targets in the cloud and writes their samples to the store. While
 * the store is unavailable, the vmagent queues samples on a volume.
 */
export function createScraperWorkload(
  scope: Construct,
  { write, scrapeInterval, storage: size, resources }: ScraperProps,
  targets: ScrapedTargets,
): CloudWorkload {
  const access = new StoreAccess('write', write);
  /** Renders vmagent's scrape configuration. Called at the end of the synthesis, when all targets have been added. */
  const renderScrapeConfig = () =>
    yaml({
      global: { scrape_interval: scrapeInterval },
      scrape_configs: targets.listScrapeJobs(Platform.of(scope).cluster),
    });
  return new CloudWorkload(scope, 'Scraper', {
    name: SCRAPER,
    image: 'vmagent',
    uid: 65_534,
    headless: true,
    ports: { http: VMAGENT_PORT },
    permissions: discoveryPermissions,
    storage: { size, mountPath: QUEUE_DIR },
    config: [
      { name: 'config', mountPath: CONFIG_DIR, files: () => ({ 'scrape.yaml': renderScrapeConfig() }) },
    ],
    secrets: access.secrets,
    volumes: access.volumes,
    terminationGracePeriodSeconds: 60,
    container: {
      args: [
        `-httpListenAddr=:${VMAGENT_PORT}`,
        `-promscrape.config=${CONFIG_DIR}/scrape.yaml`,
        // The series up of a target is 0 if the target does not answer, so vmagent need not log each failed scrape.
        '-promscrape.suppressScrapeErrorsDelay=30m',
        ...remoteWriteArgs({
          urls: [write.url],
          encoding: write.encoding ?? 'snappy',
          queueDir: `${QUEUE_DIR}/queue`,
          // The queue can become larger than its limit by the size of one file. The limit is therefore smaller than
          // the volume.
          queueSize: `${Math.max(Math.floor((toBytes(size) / 2 ** 20) * 0.7), 512)}Mi`,
          credentialsDir: access.credentialsDir,
          caFile: access.caFile,
          headers: write.headers,
        }),
        '-remoteWrite.retryMaxInterval=30s',
      ],
      env: [goMemoryLimitEnvVar(resources)],
      resources,
      volumeMounts: [...access.volumeMounts],
      ...httpProbes({ ready: '/-/ready', live: '/-/healthy' }),
    },
  });
}
