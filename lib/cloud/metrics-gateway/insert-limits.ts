import { goMemoryLimit } from '../../core/go-memory';
import type { k8s } from '../../core/k8s';
import type { Resources } from '../../core/pods';
import { bytes } from '../../core/units';

const MEBI = 2 ** 20;

/** What a vmagent accepts of its clients, so that no request ends it for memory. */
export interface InsertLimits {
  readonly args: readonly string[];
  readonly env: readonly k8s.EnvVar[];
}

/**
 * The limits that follow from the memory of a gateway. A request takes up to 128 times its size while it is read, when it
 * is made of empty labels or samples (measured with vmagent 1.145), so that one at a time may have a 256th of the memory
 * limit: 2 MiB of 512Mi, four times a block of the edge's agents. What is larger is answered with 400, which an agent
 * counts as dropped. One at a time is right behind a proxy that reads a request to its end before it passes it on.
 */
export function insertLimits(resources: Resources): InsertLimits {
  const { memory, memoryLimit = memory } = resources;
  const limit = bytes(memoryLimit);
  const largestRequest = Math.min(Math.max(Math.floor(limit / 256), MEBI), 32 * MEBI);
  return {
    args: [
      `-maxInsertRequestSize=${largestRequest}`,
      '-maxConcurrentInserts=1',
      // Series with more are dropped, and counted in vm_rows_ignored_total.
      '-maxLabelsPerTimeseries=64',
      '-maxLabelNameLen=256',
      '-maxLabelValueLen=4096',
    ],
    env: [goMemoryLimit(resources)],
  };
}
