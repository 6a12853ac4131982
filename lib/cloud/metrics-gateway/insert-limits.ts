import { goMemoryLimit } from '../../core/go-memory';
import type { k8s } from '../../core/k8s';
import type { Resources } from '../../core/pods';
import { bytes } from '../../core/units';

const MEBI = 2 ** 20;

/** Limits on requests that vmagent accepts, so that no request exhausts its memory. */
export interface InsertLimits {
  readonly args: readonly string[];
  readonly env: readonly k8s.EnvVar[];
}

/**
 * Returns the limits that follow from a gateway's memory limit. A request of empty labels or samples takes up
 * to 128 times its size while it is parsed (measured with vmagent 1.145), so its size is limited to 1/256 of
 * the memory limit, with one request at a time: 2 MiB of 512Mi, four times a block of an edge agent. Larger
 * requests are answered with 400, which an agent counts as dropped. One request at a time is sufficient
 * behind a proxy that buffers requests.
 */
export function insertLimits(resources: Resources): InsertLimits {
  const { memory, memoryLimit = memory } = resources;
  const limit = bytes(memoryLimit);
  const largestRequest = Math.min(Math.max(Math.floor(limit / 256), MEBI), 32 * MEBI);
  return {
    args: [
      `-maxInsertRequestSize=${largestRequest}`,
      '-maxConcurrentInserts=1',
      // Series with more labels are dropped, and counted in vm_rows_ignored_total.
      '-maxLabelsPerTimeseries=64',
      '-maxLabelNameLen=256',
      '-maxLabelValueLen=4096',
    ],
    env: [goMemoryLimit(resources)],
  };
}
