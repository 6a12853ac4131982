import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { MetricsGateway, Prometheus } from '../../lib';
import { Cluster } from '../../test/runtime/cluster';
import type { Node } from '../../test/runtime/node';
import type { Pod } from '../../test/runtime/pod';
import { eventually } from '../../test/runtime/wait';
import type { Manifest } from '../../test/support/manifests';
import { synthesizeChart } from '../../test/support/synthesize';
import { podAnonymousBytes } from './processes';
import { fetchMetricSum, type Imported, importFleet, type SimulatedFleet } from './simulated-fleet';

const NAMESPACE = 'monitoring';
/** Time in milliseconds until the gateway has compressed the last accepted samples, and counts them in its queue. */
const COMPRESSION_MS = 5_000;

/** A gateway and its Prometheus, to which simulated nodes write. */
export class WritingFleet {
  private readonly cluster = new Cluster();
  private readonly cloud: Node;
  private runningGateway?: Pod;
  private runningPrometheus?: Pod;

  constructor() {
    this.cloud = this.cluster.addNode({ name: 'cloud-1' });
    this.cluster.apply(...synthesizeStore());
  }

  async startGateway(): Promise<void> {
    [this.runningGateway] = await this.cluster.start('StatefulSet', NAMESPACE, 'metrics-gateway');
  }

  async startPrometheus(): Promise<void> {
    [this.runningPrometheus] = await this.cluster.start('StatefulSet', NAMESPACE, 'prometheus');
  }

  async destroy(): Promise<void> {
    await this.cluster.destroy();
  }

  /** @throws Error if the gateway is not started. */
  get gateway(): Pod {
    if (!this.runningGateway) throw new Error('the gateway is not started: call startGateway first');
    return this.runningGateway;
  }

  /** @throws Error if Prometheus is not started. */
  get prometheus(): Pod {
    if (!this.runningPrometheus) throw new Error('Prometheus is not started: call startPrometheus first');
    return this.runningPrometheus;
  }

  /** Data folder of Prometheus on this machine. */
  get dataFolder(): string {
    return join(this.cluster.folder, 'claims/data-prometheus-0/data');
  }

  /** Sends samples to the gateway. @throws Error if the gateway refuses samples. */
  importSamples(fleet: SimulatedFleet): Promise<Imported> {
    return importFleet(this.cloud, this.gateway, fleet);
  }

  /** Waits until all accepted samples are in the gateway's queue, and returns the size of the queue in bytes. */
  async measureQueuedBytes(): Promise<number> {
    await sleep(COMPRESSION_MS);
    return this.readGatewayMetric('vmagent_remotewrite_pending_data_bytes');
  }

  /** Returns the number of samples that Prometheus has stored since its start, including late samples. */
  countStoredSamples(): Promise<number> {
    return this.readPrometheusMetric('prometheus_tsdb_head_samples_appended_total');
  }

  /** Returns the number of samples that Prometheus received out of order. */
  countLateSamples(): Promise<number> {
    return this.readPrometheusMetric('prometheus_tsdb_head_out_of_order_samples_appended_total');
  }

  /**
   * Waits until the gateway's queue is empty and Prometheus has stored this number of samples.
   * @throws Error if this takes longer than 5 minutes.
   */
  async waitUntilDrained(samples = 0): Promise<void> {
    const isDrained = async () =>
      (await this.readGatewayMetric('vmagent_remotewrite_pending_data_bytes')) === 0 &&
      (await this.countStoredSamples()) >= samples;
    await eventually('Prometheus has stored all samples', isDrained, { seconds: 300, pauseMs: 1_000 });
  }

  /** Waits until the head of Prometheus spans at most three hours, so that Prometheus has no block to write. */
  async waitUntilSettled(): Promise<void> {
    const [newest, oldest] = [
      'prometheus_tsdb_head_max_time_seconds',
      'prometheus_tsdb_head_min_time_seconds',
    ];
    const isSettled = async () =>
      (await this.readPrometheusMetric(newest as string)) -
        (await this.readPrometheusMetric(oldest as string)) <=
      3 * 3_600;
    await eventually('Prometheus has written its blocks', isSettled, { seconds: 200, pauseMs: 1_000 });
  }

  /** Waits for a task. Resolves to its result, and to the peak memory of Prometheus in bytes meanwhile. */
  async measurePeak<T>(work: Promise<T>): Promise<{ peak: number; result: T }> {
    let peak = 0;
    const updatePeak = () => {
      peak = Math.max(peak, podAnonymousBytes(this.prometheus));
    };
    const watch = setInterval(updatePeak, 500);
    try {
      const result = await work;
      updatePeak();
      return { peak, result };
    } finally {
      clearInterval(watch);
    }
  }

  private readGatewayMetric(metric: string): Promise<number> {
    return fetchMetricSum(this.cloud, `http://${this.gateway.address}:8429/metrics`, metric);
  }

  private readPrometheusMetric(metric: string): Promise<number> {
    return fetchMetricSum(this.cloud, `http://${this.prometheus.address}:9090/metrics`, metric);
  }
}

function synthesizeStore(): Manifest[] {
  const all = synthesizeChart((chart) => {
    const resources = { cpu: '1', memory: '1Gi', memoryLimit: '12Gi' } as const;
    const store = new Prometheus(chart, 'prometheus', { outOfOrderWindow: '1d', resources });
    new MetricsGateway(chart, 'gateway', { store, replicas: 1, resources });
  });
  for (const { data } of all.filter(({ metadata: { name } }) => name === 'prometheus-config')) {
    data['prometheus.yaml'] = removeScrapingAndRules(data['prometheus.yaml']);
  }
  return all;
}

/**
 * Removes scrape jobs and rules from a configuration. They would store current samples, so that all past samples would
 * be late and need more memory and disk.
 */
const removeScrapingAndRules = (config: string): string =>
  stringify({ ...parse(config), scrape_configs: [], rule_files: [] });
