import { resolve } from 'node:path';
import { request } from '../../test/runtime/http';
import type { Node } from '../../test/runtime/node';
import type { Pod } from '../../test/runtime/pod';
import { program, tryRun } from '../../test/runtime/programs';
import type { Series } from './samples';

/** Nodes whose samples are sent to a gateway. */
export interface SimulatedFleet {
  readonly series: readonly Series[];
  readonly nodes: number;
  /** Seconds since 1970 of the first samples. */
  readonly from: number;
  /** Measured period of the nodes. */
  readonly seconds: number;
  /** Seconds between two samples of a series. */
  readonly interval: number;
  /** Whether samples are sent when they are measured. @default false - as fast as they are taken */
  readonly paced?: boolean;
}

/** Result of a simulated fleet. */
export interface Imported {
  readonly samples: number;
  /** Maximum delay in seconds between the time of samples and their acceptance. */
  readonly latest: number;
  /** CPU seconds of the simulated nodes themselves. */
  readonly cpuSeconds: number;
}

/** @throws Error when the gateway refuses samples. */
export async function importFleet(from: Node, gateway: Pod, fleet: SimulatedFleet): Promise<Imported> {
  const url = `http://${gateway.address}:8429/api/v1/import/prometheus`;
  const command = [...from.namespace.entry, program('node'), resolve('bench/nodes/import.mjs')];
  const outcome = await tryRun('nsenter', command, { input: JSON.stringify({ url, ...fleet }) });
  if (outcome.code !== 0) throw new Error(`the simulated fleet failed: ${outcome.stderr}`);
  return JSON.parse(outcome.stdout);
}

/** Returns the value of a metric in the metrics of a program: the sum of all its series. */
export async function readMetric(from: Node, url: string, metric: string): Promise<number> {
  const { body } = await request(from.namespace, url);
  const values = [...body.matchAll(new RegExp(`^${metric}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))];
  return values.reduce((sum, [, value]) => sum + Number(value), 0);
}
