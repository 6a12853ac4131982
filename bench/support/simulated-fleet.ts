import { resolve } from 'node:path';
import { request } from '../../test/runtime/http';
import type { Node } from '../../test/runtime/node';
import type { Pod } from '../../test/runtime/pod';
import { program, tryRun } from '../../test/runtime/programs';
import type { Series } from './samples';

/** Simulated nodes, and the samples that they send to a gateway. */
export interface SimulatedFleet {
  readonly series: readonly Series[];
  readonly nodes: number;
  /** Time of the first samples in seconds since 1970. */
  readonly from: number;
  /** Period in seconds for which there are samples. */
  readonly seconds: number;
  /** Interval between two samples of a series in seconds. */
  readonly interval: number;
  /**
   * Whether each sample is sent at its own time.
   * @default false - samples are sent as fast as the gateway accepts them
   */
  readonly paced?: boolean;
}

/** Result of a simulated fleet. */
export interface Imported {
  readonly samples: number;
  /** Maximum delay in seconds between the time of a sample and its acceptance. */
  readonly latest: number;
  /** CPU seconds of the program that simulates the nodes. */
  readonly cpuSeconds: number;
}

/**
 * Sends the samples of a simulated fleet to a gateway.
 * @throws Error if the gateway refuses samples.
 * @param from node on which the simulation runs
 */
export async function importFleet(from: Node, gateway: Pod, fleet: SimulatedFleet): Promise<Imported> {
  const url = `http://${gateway.address}:8429/api/v1/import/prometheus`;
  const command = [...from.namespace.entry, program('node'), resolve('bench/nodes/import.mjs')];
  const outcome = await tryRun('nsenter', command, { input: JSON.stringify({ url, ...fleet }) });
  if (outcome.code !== 0)
    throw new Error(`sending the samples of the simulated nodes failed: ${outcome.stderr}`);
  return JSON.parse(outcome.stdout);
}

/**
 * Fetches the metrics of a program, and returns the sum of all series of a metric. Returns 0 if there is no such
 * series.
 */
export async function fetchMetricSum(from: Node, url: string, metric: string): Promise<number> {
  const { body } = await request(from.namespace, url);
  const values = [...body.matchAll(new RegExp(`^${metric}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))];
  return values.reduce((sum, [, value]) => sum + Number(value), 0);
}
