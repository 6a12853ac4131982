import { Forward, type Result } from './forward';

/** Numbers of stored and lost data points of an edge node. */
export interface Arrived {
  readonly count: number;
  /** How many data points are missing between the first and the last stored data point. */
  readonly lost: number;
}

/** Queries Prometheus and Loki of the cluster. Connections are opened at the first query, and again after a failure. */
export class Stores {
  private readonly forwards = new Map<string, Promise<Forward>>();

  /** Returns the series of an instant query. If the query has a range, each series has all samples in the range. */
  async series(query: string): Promise<Result[]> {
    return this.ask('prometheus', 9090, `/api/v1/query?query=${encodeURIComponent(query)}`);
  }

  /** Returns the log streams of a query, with their lines of the last seconds. */
  lines(query: string, seconds: number): Promise<Result[]> {
    const range = `limit=5000&since=${seconds}s&direction=forward`;
    return this.ask('loki', 3100, `/loki/api/v1/query_range?${range}&query=${encodeURIComponent(query)}`);
  }

  /**
   * Counts the scrapes of a node's exporter. A gap of more than an interval counts as lost scrapes.
   * @param interval seconds between two scrapes
   */
  async scrapes(node: string, seconds: number, interval: number): Promise<Arrived> {
    // A node that moved to another group has one series per group.
    const all = await this.series(`up{node="${node}",job="node_exporter"}[${seconds}s]`);
    const times = all
      .flatMap(({ values }) => values.map(([time]) => Number(time)))
      .sort((one, other) => one - other);
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
    const lost = gaps.reduce((sum, gap) => sum + Math.max(0, Math.round(gap / interval) - 1), 0);
    return { count: times.length, lost };
  }

  /** Counts the lines of the pod that logs numbered lines. */
  async counted(node: string, seconds: number): Promise<Arrived> {
    const streams = await this.lines(`{node="${node}", namespace="${COUNTING}"}`, seconds);
    const numbers = streams.flatMap(({ values }) =>
      values.flatMap(([, line]) => Number(/^line (\d+) of a test$/.exec(line)?.[1] ?? Number.NaN)),
    );
    return arrivedOf(numbers.filter((number) => !Number.isNaN(number)));
  }

  /** Counts the numbers that a service of a node has pushed. Each start of the service counts from 1. */
  async pushed(node: string, service: string, seconds: number): Promise<Arrived> {
    const all = await this.series(`pushed_number{node="${node}",job="${service}"}[${seconds}s]`);
    const instances = new Set(all.map(({ metric }) => metric.instance));
    // A node that moved to another group has one series per group.
    const numbersOf = (instance: string | undefined) =>
      all
        .filter(({ metric }) => metric.instance === instance)
        .flatMap(({ values }) => values.map(([, number]) => Number(number)));
    const arrived = [...instances].map((instance) => arrivedOf(numbersOf(instance)));
    const sum = (of: keyof Arrived) => arrived.reduce((total, one) => total + one[of], 0);
    return { count: sum('count'), lost: sum('lost') };
  }

  close(): void {
    for (const forward of this.forwards.values()) forward.then((one) => one.close()).catch(() => {});
    this.forwards.clear();
  }

  private async ask(service: string, port: number, path: string): Promise<Result[]> {
    const forward = this.forwards.get(service) ?? Forward.open(service, port);
    this.forwards.set(service, forward);
    try {
      return (await (await forward).get(path)).data.result;
    } catch (error) {
      // The connection is closed, because the pod may have been replaced.
      this.forwards.delete(service);
      (await forward.catch(() => undefined))?.close();
      throw error;
    }
  }
}

function arrivedOf(numbers: readonly number[]): Arrived {
  const known = new Set(numbers);
  if (!known.size) return { count: 0, lost: 0 };
  return { count: known.size, lost: Math.max(...known) - Math.min(...known) + 1 - known.size };
}

/** Namespace of the pods that log numbered lines. */
export const COUNTING = 'edge-observability-test';
