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
import { anonymousBytes } from './processes';
import { type Imported, importFleet, readMetric, type SimulatedFleet } from './simulated-fleet';

const NAMESPACE = 'monitoring';
/** Time until the last samples that the gateway has accepted are compressed. */
const PACKED_MS = 5_000;

/** A gateway and its Prometheus, and simulated nodes that write to them. */
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

  /** @throws Error until it is started. */
  get gateway(): Pod {
    if (!this.runningGateway) throw new Error('the gateway is not started');
    return this.runningGateway;
  }

  /** @throws Error until it is started. */
  get prometheus(): Pod {
    if (!this.runningPrometheus) throw new Error('Prometheus is not started');
    return this.runningPrometheus;
  }

  /** Data folder of Prometheus. */
  get dataFolder(): string {
    return join(this.cluster.folder, 'claims/data-prometheus-0/data');
  }

  /** Sends samples to the gateway. @throws Error when it refuses them. */
  import(fleet: SimulatedFleet): Promise<Imported> {
    return importFleet(this.cloud, this.gateway, fleet);
  }

  /** Returns the bytes in the gateway's queue. */
  async queuedBytes(): Promise<number> {
    await sleep(PACKED_MS);
    return this.gatewayMetric('vmagent_remotewrite_pending_data_bytes');
  }

  /** Returns the samples that Prometheus has appended since its start, including late ones. */
  storedSamples(): Promise<number> {
    return this.prometheusMetric('prometheus_tsdb_head_samples_appended_total');
  }

  /** Returns the number of samples that arrived out of order. */
  lateSamples(): Promise<number> {
    return this.prometheusMetric('prometheus_tsdb_head_out_of_order_samples_appended_total');
  }

  /** @throws Error when it has not accepted that number of samples, or has others in its queue, within minutes. */
  async waitUntilDrained(samples = 0): Promise<void> {
    const done = async () =>
      (await this.gatewayMetric('vmagent_remotewrite_pending_data_bytes')) === 0 &&
      (await this.storedSamples()) >= samples;
    await eventually('Prometheus has taken all samples', done, { seconds: 300, pauseMs: 1_000 });
  }

  /** Waits until Prometheus writes no block unless newer samples arrive. */
  async waitUntilSettled(): Promise<void> {
    const [newest, oldest] = [
      'prometheus_tsdb_head_max_time_seconds',
      'prometheus_tsdb_head_min_time_seconds',
    ];
    const done = async () =>
      (await this.prometheusMetric(newest as string)) - (await this.prometheusMetric(oldest as string)) <=
      3 * 3_600;
    await eventually('Prometheus has written its blocks', done, { seconds: 200, pauseMs: 1_000 });
  }

  /** Resolves to the result of a task and the peak memory of Prometheus. */
  async measurePeak<T>(work: Promise<T>): Promise<{ peak: number; result: T }> {
    let peak = 0;
    const updatePeak = () => {
      peak = Math.max(peak, anonymousBytes(this.prometheus));
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

  private gatewayMetric(metric: string): Promise<number> {
    return readMetric(this.cloud, `http://${this.gateway.address}:8429/metrics`, metric);
  }

  private prometheusMetric(metric: string): Promise<number> {
    return readMetric(this.cloud, `http://${this.prometheus.address}:9090/metrics`, metric);
  }
}

function synthesizeStore(): Manifest[] {
  const all = synthesizeChart((chart) => {
    const resources = { cpu: '1', memory: '1Gi', memoryLimit: '12Gi' } as const;
    const store = new Prometheus(chart, 'prometheus', { outOfOrderWindow: '1d', resources });
    new MetricsGateway(chart, 'gateway', { store, replicas: 1, resources });
  });
  for (const { data } of all.filter(({ metadata: { name } }) => name === 'prometheus-config')) {
    data['prometheus.yaml'] = withoutScraping(data['prometheus.yaml']);
  }
  return all;
}

/**
 * Returns the configuration without scrape jobs and rules: relative to a current sample, all past samples are late, and
 * need more memory and disk.
 */
const withoutScraping = (config: string): string =>
  stringify({ ...parse(config), scrape_configs: [], rule_files: [] });
