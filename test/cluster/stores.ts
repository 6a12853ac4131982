import { Forward, type Result } from './forward';

/** Data of an edge node that arrived since a time. */
export interface Arrived {
  readonly count: number;
  /** How many are missing between the first and the last. */
  readonly lost: number;
}

/** Asks Prometheus and Loki of the cluster what arrived. Their connections are opened when they are needed, and again. */
export class Stores {
  private readonly forwards = new Map<string, Promise<Forward>>();

  /** Series of a query at this moment; with a range in it, all of their samples. */
  async series(query: string): Promise<Result[]> {
    return this.ask('prometheus', 9090, `/api/v1/query?query=${encodeURIComponent(query)}`);
  }

  /** Returns streams with their lines of the last seconds. */
  lines(query: string, seconds: number): Promise<Result[]> {
    const range = `limit=5000&since=${seconds}s&direction=forward`;
    return this.ask('loki', 3100, `/loki/api/v1/query_range?${range}&query=${encodeURIComponent(query)}`);
  }

  /** Scrapes of the exporter of a node: a scrape that is missing is a gap of more than an interval. */
  async scrapes(node: string, seconds: number, interval: number): Promise<Arrived> {
    // A node that changed its group has a series of each.
    const all = await this.series(`up{node="${node}",job="node_exporter"}[${seconds}s]`);
    const times = all
      .flatMap(({ values }) => values.map(([time]) => Number(time)))
      .sort((one, other) => one - other);
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
    const lost = gaps.reduce((sum, gap) => sum + Math.max(0, Math.round(gap / interval) - 1), 0);
    return { count: times.length, lost };
  }

  /** Lines of the pod that counts its lines. */
  async counted(node: string, seconds: number): Promise<Arrived> {
    const streams = await this.lines(`{node="${node}", namespace="${COUNTING}"}`, seconds);
    const numbers = streams.flatMap(({ values }) =>
      values.flatMap(([, line]) => Number(/^line (\d+) of a test$/.exec(line)?.[1] ?? Number.NaN)),
    );
    return arrivedOf(numbers.filter((number) => !Number.isNaN(number)));
  }

  /** Numbers that each start of a service of a node has pushed. */
  async pushed(node: string, service: string, seconds: number): Promise<Arrived> {
    const all = await this.series(`pushed_number{node="${node}",job="${service}"}[${seconds}s]`);
    const instances = new Set(all.map(({ metric }) => metric.instance));
    // A node that changed its group has a series of each.
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
      // The pod may have been replaced.
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

/** Namespace of the pods that count their lines. */
export const COUNTING = 'edge-observability-test';
