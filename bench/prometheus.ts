/**
 * Measures the resources of Prometheus and its gateway for a fleet with remote write, and compares them to the plan of
 * lib/fleet for the same fleet. There are three parts. First, the samples of three hours are written as fast as the
 * gateway accepts them, until Prometheus has written a block of two hours: this measures memory per series, and bytes on
 * disk per sample. Second, late samples are written, as after an outage. Third, as many nodes with the profile `standard`
 * as this machine can handle write samples in real time, every ten seconds: this measures the CPU time of each program,
 * and shows which resource limits the number of nodes.
 *
 *   npm run bench:prometheus [-- --nodes N] [-- --late HOURS] [-- --most N] [-- --check]
 *
 * --nodes: number of nodes in the first two parts (default: 400). --late: hours of late samples (default: 0.5); fewer hours
 * do not need enough memory to measure. --most: number of nodes in real time at the first attempt (default: 8000); each
 * further attempt has a fifth fewer nodes, until no sample is late. --check: exit code 1 if a plan deviates by more than
 * 25 %; planned CPU time is scaled by the CPU time of the simulated nodes. The exit code is also 1 if samples are lost,
 * independent of times. The benchmark needs the programs of the end-to-end tests, 8 GiB of memory and a quarter of an
 * hour.
 */
import { type Fleet, type FleetPlan, planFleet } from '../lib';
import { GATEWAY } from '../lib/cloud/metrics-gateway/sizing';
import { PROMETHEUS } from '../lib/cloud/prometheus/sizing';
import { eventually } from '../test/runtime/wait';
import { parseArguments, parseWholeNumber, runBenchWithPods, setFailedExitCode, Table } from './support/main';
import { podAnonymousBytes } from './support/processes';
import {
  describeBottleneck,
  INTERVAL_SECONDS,
  measureRealTimeFleet,
  type RealTimeResult,
} from './support/real-time-fleet';
import { standardNodeSeries } from './support/samples';
import { BLOCK_SECONDS, findStoredBlock, headChunkBytes, walBytes } from './support/stored-samples';
import { WritingFleet } from './support/writing-fleet';

/** Period of the past samples in seconds: after three hours, Prometheus writes a block of the first two hours. */
const SPAN_SECONDS = 1.5 * BLOCK_SECONDS + 600;
/** Interval of the past samples in seconds. Memory depends on the number of series, so samples every minute suffice. */
const SPARSE_SECONDS = 60;
/** Period in seconds at the beginning in which Prometheus does not run, and the gateway queues the samples. */
const QUEUED_SECONDS = 1_200;
/** Factor for the number of nodes after an attempt with too many nodes. */
const FEWER = 0.8;
const TOLERANCE = 0.25;
/**
 * CPU seconds per sample of the simulated nodes on the machine on which the coefficients of lib/fleet were measured.
 */
const SIMULATED_SECONDS = 2.3e-6;

const options = parseArguments({
  nodes: { type: 'string', default: '400' },
  late: { type: 'string', default: '0.5' },
  most: { type: 'string', default: '8000' },
  check: { type: 'boolean', default: false },
});

const nodes = parseWholeNumber('nodes', options.nodes);
/** Period of the late samples in seconds. Late samples arrive after all newer samples. */
const lateSeconds = Number(options.late) * 3_600;
const series = standardNodeSeries();
const allSeries = nodes * series.length;

/** Returns the plan of lib/fleet for this number of nodes. */
function planNodes(count: number): FleetPlan {
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

/**
 * Prints a measured value next to the planned value. With --check, sets exit code 1 if they differ by more than 25 %.
 */
function compareWithPlan(what: string, measured: number, plan: number, text = formatRatio): void {
  const off = plan / measured - 1;
  table.addRow(what, text(measured), text(plan), `${off < 0 ? '' : '+'}${(100 * off).toFixed(0)} %`);
  if (options.check && Math.abs(off) > TOLERANCE) setFailedExitCode();
}

/** Sends past samples of all nodes to the gateway. @param from time of the first samples in seconds since 1970 */
const importPastSamples = (fleet: WritingFleet, from: number, seconds: number, interval = SPARSE_SECONDS) =>
  fleet.importSamples({ series, nodes, from, seconds, interval });

async function measureQueueBytes(fleet: WritingFleet, until: number): Promise<void> {
  const { samples } = await importPastSamples(fleet, until - QUEUED_SECONDS, QUEUED_SECONDS);
  const queued = await fleet.measureQueuedBytes();
  compareWithPlan('gateway queue, bytes per sample', queued / samples, GATEWAY.bytesPerQueuedSample);
}

async function measureInOrderSamples(fleet: WritingFleet, from: number): Promise<void> {
  const began = performance.now();
  const importAndWait = async () => {
    const { samples } = await importPastSamples(fleet, from, SPAN_SECONDS);
    await fleet.waitUntilDrained(samples);
    const logged = walBytes(fleet.dataFolder) / (await fleet.countStoredSamples());
    compareWithPlan('write-ahead log, bytes per sample', logged, PROMETHEUS.diskBytesPerLoggedSample);
    table.addRow('stored samples per second', (samples / ((performance.now() - began) / 1_000)).toFixed(0));
    return eventually(
      'Prometheus has written the block of the first two hours',
      () => findStoredBlock(fleet.dataFolder, from),
      {
        seconds: 200,
        pauseMs: 2_000,
      },
    );
  };
  const { peak, result: block } = await fleet.measurePeak(importAndWait());
  const ofSeries = PROMETHEUS.baseBytes + allSeries * PROMETHEUS.bytesPerSeries;
  if (await fleet.countLateSamples())
    throw new Error(
      'Prometheus received samples out of order, which need shorter chunks: the measurement is invalid',
    );
  compareWithPlan(`memory of Prometheus at ${allSeries} series`, peak, ofSeries, formatMebibytes);
  table.addRow('memory of Prometheus per million series', formatMebibytes((1e6 * peak) / allSeries));
  const indexBytes = block.indexBytes / block.series / (BLOCK_SECONDS / INTERVAL_SECONDS);
  const ofBlock = block.chunkBytes / block.samples + indexBytes;
  compareWithPlan('block of two hours, bytes per sample', ofBlock, PROMETHEUS.diskBytesPerSample);
}

async function measureLateSamples(fleet: WritingFleet, until: number): Promise<void> {
  const measureDiskBytes = () => walBytes(fleet.dataFolder) + headChunkBytes(fleet.dataFolder);
  const before = measureDiskBytes();
  let stored = await fleet.countStoredSamples();
  /**
   * Imports half of the late samples. Returns Prometheus's peak memory in bytes during the import, and the number of
   * all late samples that are stored after it.
   */
  const importHalfOfSamples = async (from: number) => {
    const importAndWait = async () => {
      const { samples } = await importPastSamples(fleet, from, lateSeconds / 2, INTERVAL_SECONDS);
      stored += samples;
      await fleet.waitUntilDrained(stored);
    };
    const { peak } = await fleet.measurePeak(importAndWait());
    return { peak, samples: await fleet.countLateSamples() };
  };
  const first = await importHalfOfSamples(until - lateSeconds);
  const all = await importHalfOfSamples(until - lateSeconds / 2);
  const { memoryAfterOutage } = planNodes(nodes).prometheus;
  compareWithPlan(`memory with ${all.samples} late samples`, all.peak, memoryAfterOutage, formatMebibytes);
  table.addRow(
    'memory bytes per late sample of the second half',
    formatRatio((all.peak - first.peak) / (all.samples - first.samples)),
  );
  const bytes = (measureDiskBytes() - before) / all.samples;
  compareWithPlan(
    'disk bytes per late sample that is not in a block yet',
    bytes,
    PROMETHEUS.diskBytesPerLateSample,
  );
}

async function findNodeLimit(fleet: WritingFleet): Promise<void> {
  let tooMany: RealTimeResult | undefined;
  let held = await measureRealTimeFleet(fleet, series, Number(options.most));
  while (!held.isOnTime) {
    table.addRow(
      `${held.nodes} nodes every ${INTERVAL_SECONDS} s are too many; limit`,
      describeBottleneck(held),
    );
    tooMany = held;
    held = await measureRealTimeFleet(fleet, series, Math.round(held.nodes * FEWER));
  }
  const { nodes: count, cores, memory } = held;
  table.addRow(
    `number of nodes every ${INTERVAL_SECONDS} s without late samples`,
    `${count}`,
    tooMany ? '' : '(try more with --most)',
  );
  const plan = planNodes(count);
  // The plan is compared without rules, because bench:rules measures the rules.
  const slowness = cores.simulated / plan.samplesPerSecond / SIMULATED_SECONDS;
  table.addRow('CPU time relative to the machine of the coefficients', formatRatio(slowness));
  const ofWrites = plan.prometheus.cores - count * PROMETHEUS.ruleCoresPerNode;
  compareWithPlan(
    `cores of Prometheus at ${count} nodes, without rules`,
    cores.prometheus,
    ofWrites * slowness,
  );
  const ofGateway = plan.gateway.cores * (plan.gateway.replicas - 1);
  compareWithPlan(`cores of the gateway at ${count} nodes`, cores.gateway, ofGateway * slowness);
  table.addRow(
    'cores of the simulated nodes; of all processes',
    formatRatio(cores.simulated),
    formatRatio(cores.all),
  );
  table.addRow(
    'memory after one minute; planned memory after hours',
    formatMebibytes(memory),
    formatMebibytes(plan.prometheus.memory),
  );
}

async function measureFleet(fleet: WritingFleet): Promise<void> {
  // The start of a block, far enough in the past for all samples.
  const from = Math.floor((Date.now() / 1_000 - SPAN_SECONDS) / BLOCK_SECONDS) * BLOCK_SECONDS;
  await fleet.startGateway();
  await measureQueueBytes(fleet, from);
  await fleet.startPrometheus();
  table.addRow('memory of Prometheus at its start', formatMebibytes(podAnonymousBytes(fleet.prometheus)));
  await fleet.waitUntilDrained(1);
  await measureInOrderSamples(fleet, from);
  await measureLateSamples(fleet, from - QUEUED_SECONDS);
  await findNodeLimit(fleet);
}

async function runPrometheusBench(): Promise<void> {
  const fleet = new WritingFleet();
  try {
    await measureFleet(fleet);
  } finally {
    await fleet.destroy();
  }
}

void runBenchWithPods(runPrometheusBench);
