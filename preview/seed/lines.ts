import { CLUSTER, type SeededNode } from './fleet';
import { nodePods } from './node-series';
import { pseudoRandomFraction } from './values';

/** A log stream in the format of Loki's push API. */
export interface Stream {
  readonly stream: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [time: string, line: string])[];
}

/** Interval between two lines of a container in seconds. */
const PAUSE = 30;

type Say = (figure: number) => string;

const WARNING: Say = (figure) =>
  `level=warn msg="meter answers late" meter=${figure % 8} seconds=${figure % 20}`;
const ERROR: Say = (figure) => `level=error msg="meter does not answer" meter=${figure % 8}`;
/**
 * Log messages of the seeded containers, with their cumulative share. The remaining lines are errors on nodes with
 * problems, and warnings on other nodes.
 */
const LINES: readonly (readonly [share: number, line: Say])[] = [
  [0.7, (figure) => `level=info msg="reading stored" meter=${figure % 8} kwh=${(figure / 7).toFixed(1)}`],
  [0.9, (figure) => `level=info msg="frame checked" gate=${figure % 3} milliseconds=${figure % 90}`],
  [0.97, WARNING],
];

/**
 * Returns whether a node is one of five nodes with much longer log lines. Loki chooses randomly among nodes with the
 * same volume, so the five nodes of the top list need different volumes. The silent node is not one of them.
 */
const isTalkative = ({ name, trouble }: SeededNode): boolean =>
  (trouble !== undefined && trouble !== 'silent') || name === 'plant-01';

/** Returns the log streams of a node between two times, which must be multiples of the interval between lines. */
export function logStreams(node: SeededNode, from: number, to: number): Stream[] {
  const { name, group } = node;
  const [first, end] = [Math.floor(from / PAUSE), Math.floor(to / PAUSE)];
  return nodePods(name)
    .filter(({ namespace }) => namespace === 'factory')
    .map(({ namespace, pod, container }) => ({
      stream: { cluster: CLUSTER, group, node: name, namespace, pod, container, side: 'edge' },
      values: Array.from({ length: end - first }, (_, index) => logLine(node, pod, (first + index) * PAUSE)),
    }));
}

function logLine(node: SeededNode, pod: string, time: number): readonly [string, string] {
  const at = toNanoseconds(time + pseudoRandomFraction(`${pod}/at`, time) * PAUSE);
  const chance = pseudoRandomFraction(pod, time);
  const figure = Math.floor(chance * 1e4);
  const line = LINES.find(([share]) => chance < share)?.[1] ?? (node.trouble ? ERROR : WARNING);
  const more = Math.floor(pseudoRandomFraction(`${pod}/length`, time) * 60) + (isTalkative(node) ? 80 : 0);
  const trace = pseudoRandomFraction(`${pod}/trace`, time).toString(16).slice(2, 14);
  return [at, `${line(figure)} trace=${trace.repeat(20).slice(0, 8 + more)}`];
}

/** Converts seconds to nanoseconds, rounded down to milliseconds. */
const toNanoseconds = (seconds: number): string => `${Math.floor(seconds * 1_000)}000000`;
