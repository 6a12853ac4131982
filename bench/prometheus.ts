/**
 * Measures the resources of Prometheus and its gateway for a fleet with remote write, beside the plan of lib/fleet for
 * the same fleet. First, three hours of simulated nodes are written as fast as the gateway accepts them, until
 * Prometheus has written a block of two hours: memory per series, bytes on disk per sample. Then hours of late samples,
 * as after an outage. Then, in real time and every ten seconds, as many nodes with the profile `standard` as this
 * machine can handle: CPU time of each program, and the resource that limits the number.
 *
 *   npm run bench:prometheus [-- --nodes N] [-- --late HOURS] [-- --most N] [-- --check]
 *
 * --nodes: number of nodes in the past hours (default: 400). --late: hours of late samples (default: 0.5); their memory
 * is only measurable after some. --most: first number of nodes in real time (default: 8000); if there are too many, a
 * fifth less, and so on. --check: exit code 1 also if a plan deviates by more than 25 %; CPU time is scaled by that of
 * the simulated nodes. Exit code 1 if samples are lost, independent of times. Needs the programs of the end-to-end
 * tests, 8 GiB of memory and a quarter of an hour.
 */
import { type Fleet, type FleetPlan, planFleet } from '../lib';
import { GATEWAY } from '../lib/cloud/metrics-gateway/sizing';
import { PROMETHEUS } from '../lib/cloud/prometheus/sizing';
import { eventually } from '../test/runtime/wait';
import { type Held, holdFleet, INTERVAL_SECONDS, limitingFactor } from './support/held-fleet';
import { parseArguments, parseWholeNumber, reportMissedTarget, runOnPods, Table } from './support/main';
import { anonymousBytes } from './support/processes';
import { standardNodeSeries } from './support/samples';
import { BLOCK_SECONDS, findStoredBlock, headChunkBytes, walBytes } from './support/stored-samples';
import { WritingFleet } from './support/writing-fleet';

/** Period of the past samples: after three hours, Prometheus writes a block of the first two. */
const SPAN_SECONDS = 1.5 * BLOCK_SECONDS + 600;
/** Interval of the past samples: memory depends on series, so a few minutes suffice for many of them. */
const SPARSE_SECONDS = 60;
/** Time without Prometheus at the beginning. */
const QUEUED_SECONDS = 1_200;
/** Factor for the next number of nodes after there were too many. */
const FEWER = 0.8;
const TOLERANCE = 0.25;
/** CPU time per sample of the simulated nodes when the coefficients of lib/fleet were measured. */
const SIMULATED_SECONDS = 2.3e-6;

const options = parseArguments({
  nodes: { type: 'string', default: '400' },
  late: { type: 'string', default: '0.5' },
  most: { type: 'string', default: '8000' },
  check: { type: 'boolean', default: false },
});

const nodes = parseWholeNumber('nodes', options.nodes);
/** Series that arrive after all newer ones. */
const lateSeconds = Number(options.late) * 3_600;
const series = standardNodeSeries();
const allSeries = nodes * series.length;

/** Returns the plan for this number of nodes. */
function planFor(count: number): FleetPlan {
  const fleet: Fleet = {
    groups: [
      {
        name: 'simulated',
        transport: 'remote-write',
        nodes: count,
        series: series.length,
        interval: `${INTERVAL_SECONDS}s`,
      },
    ],
    retention: { metrics: '1d', logs: '1d' },
    longestOutage: `${lateSeconds}s`,
    outOfOrderWindow: '1d',
  };
  return planFleet('bench', fleet);
}

const table = new Table([
  [`${nodes} nodes of ${series.length} series`, 58],
  ['measured', 14],
  ['planned', 14],
  ['off by', 14],
]);
const formatMebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
const formatRatio = (value: number): string => value.toFixed(2);

/** Prints a planned value beside the measured one. */
function compareWithPlan(what: string, measured: number, plan: number, text = formatRatio): void {
  const off = plan / measured - 1;
  table.addRow(what, text(measured), text(plan), `${off < 0 ? '' : '+'}${(100 * off).toFixed(0)} %`);
  if (options.check && Math.abs(off) > TOLERANCE) reportMissedTarget();
}

/** Sends samples of all nodes to the gateway, starting at this time. */
const importPast = (fleet: WritingFleet, from: number, seconds: number, interval = SPARSE_SECONDS) =>
  fleet.import({ series, nodes, from, seconds, interval });

async function measureQueue(fleet: WritingFleet, until: number): Promise<void> {
  const { samples } = await importPast(fleet, until - QUEUED_SECONDS, QUEUED_SECONDS);
  const queued = await fleet.queuedBytes();
  compareWithPlan(
    'bytes of the gateway’s queue for a sample',
    queued / samples,
    GATEWAY.bytesPerQueuedSample,
  );
}

async function measureInOrder(fleet: WritingFleet, from: number): Promise<void> {
  const began = performance.now();
  const work = async () => {
    const { samples } = await importPast(fleet, from, SPAN_SECONDS);
    await fleet.waitUntilDrained(samples);
    const logged = walBytes(fleet.dataFolder) / (await fleet.storedSamples());
    compareWithPlan('bytes of the log for a sample', logged, PROMETHEUS.diskBytesPerLoggedSample);
    table.addRow(
      'samples a second that were taken in',
      (samples / ((performance.now() - began) / 1_000)).toFixed(0),
    );
    return eventually('Prometheus has written two hours', () => findStoredBlock(fleet.dataFolder, from), {
      seconds: 200,
      pauseMs: 2_000,
    });
  };
  const { peak, result: block } = await fleet.measurePeak(work());
  const ofSeries = PROMETHEUS.baseBytes + allSeries * PROMETHEUS.bytesPerSeries;
  if (await fleet.lateSamples()) throw new Error('samples came out of order: their chunks are short');
  compareWithPlan(`memory of Prometheus at ${allSeries} series`, peak, ofSeries, formatMebibytes);
  table.addRow('the same for a million series', formatMebibytes((1e6 * peak) / allSeries));
  const indexBytes = block.indexBytes / block.series / (BLOCK_SECONDS / INTERVAL_SECONDS);
  const ofBlock = block.chunkBytes / block.samples + indexBytes;
  compareWithPlan('bytes of a block for a sample', ofBlock, PROMETHEUS.diskBytesPerSample);
}

async function measureLate(fleet: WritingFleet, until: number): Promise<void> {
  const onDisk = () => walBytes(fleet.dataFolder) + headChunkBytes(fleet.dataFolder);
  const before = onDisk();
  let stored = await fleet.storedSamples();
  /** Returns the peak memory until half of the samples, or all of them, are stored. */
  const importHalf = async (from: number) => {
    const work = async () => {
      const { samples } = await importPast(fleet, from, lateSeconds / 2, INTERVAL_SECONDS);
      stored += samples;
      await fleet.waitUntilDrained(stored);
    };
    const { peak } = await fleet.measurePeak(work());
    return { peak, samples: await fleet.lateSamples() };
  };
  const first = await importHalf(until - lateSeconds);
  const all = await importHalf(until - lateSeconds / 2);
  const { memoryAfterOutage } = planFor(nodes).prometheus;
  compareWithPlan(`memory with ${all.samples} late samples`, all.peak, memoryAfterOutage, formatMebibytes);
  table.addRow(
    'for each late sample of the second half',
    formatRatio((all.peak - first.peak) / (all.samples - first.samples)),
  );
  const bytes = (onDisk() - before) / all.samples;
  compareWithPlan(
    'bytes on disk for a late sample, until it is in a block',
    bytes,
    PROMETHEUS.diskBytesPerLateSample,
  );
}

async function measureRealTime(fleet: WritingFleet): Promise<void> {
  let tooMany: Held | undefined;
  let held = await holdFleet(fleet, series, Number(options.most));
  while (!held.isHeld) {
    table.addRow(
      `${held.nodes} nodes every ${INTERVAL_SECONDS} s are too many; limited by`,
      limitingFactor(held),
    );
    tooMany = held;
    held = await holdFleet(fleet, series, Math.round(held.nodes * FEWER));
  }
  const { nodes: count, cores, memory } = held;
  table.addRow(
    `nodes at ${INTERVAL_SECONDS} s that this machine holds`,
    `${count}`,
    tooMany ? '' : '(more with --most)',
  );
  const plan = planFor(count);
  // bench:rules measures rules.
  const slowness = cores.simulated / plan.samplesPerSecond / SIMULATED_SECONDS;
  table.addRow('slowness of the processors, by the simulated nodes', formatRatio(slowness));
  const ofWrites = plan.prometheus.cores - count * PROMETHEUS.ruleCoresPerNode;
  compareWithPlan(
    `cores of Prometheus at ${count} nodes, without rules`,
    cores.prometheus,
    ofWrites * slowness,
  );
  const ofGateway = plan.gateway.cores * (plan.gateway.replicas - 1);
  compareWithPlan(`cores of the gateway at ${count} nodes`, cores.gateway, ofGateway * slowness);
  table.addRow(
    'cores of the simulated nodes, of all that runs',
    formatRatio(cores.simulated),
    formatRatio(cores.all),
  );
  table.addRow(
    'memory after a minute, and planned for hours',
    formatMebibytes(memory),
    formatMebibytes(plan.prometheus.memory),
  );
}

async function measureFleet(fleet: WritingFleet): Promise<void> {
  // The start of a block, far enough in the past for all samples.
  const from = Math.floor((Date.now() / 1_000 - SPAN_SECONDS) / BLOCK_SECONDS) * BLOCK_SECONDS;
  await fleet.startGateway();
  await measureQueue(fleet, from);
  await fleet.startPrometheus();
  table.addRow('memory of Prometheus at its start', formatMebibytes(anonymousBytes(fleet.prometheus)));
  await fleet.waitUntilDrained(1);
  await measureInOrder(fleet, from);
  await measureLate(fleet, from - QUEUED_SECONDS);
  await measureRealTime(fleet);
}

async function runPrometheusBench(): Promise<void> {
  const fleet = new WritingFleet();
  try {
    await measureFleet(fleet);
  } finally {
    await fleet.destroy();
  }
}

void runOnPods(runPrometheusBench);
