import type { Cluster } from '../runtime/cluster';
import { type Response, request } from '../runtime/http';
import type { NetNamespace } from '../runtime/net-namespace';
import type { Node } from '../runtime/node';
import type { Pod } from '../runtime/pod';
import { eventually } from '../runtime/wait';

export type Labels = Readonly<Record<string, string>>;

/** A line with its labels, as Loki answers. */
export interface StoredLine {
  readonly labels: Labels;
  readonly line: string;
}

/** One series of the answer to a query. */
export interface LogSeries {
  readonly metric: Labels;
  readonly value: readonly [time: number, value: string];
}

/** Returns lines of one stream: this number, with this age and that of the seconds before. */
export const stream = (labels: Labels, text: string, { age = 0, lines = 1 } = {}) => ({
  stream: labels,
  values: Array.from({ length: lines }, (_, index) => [
    `${BigInt(Math.round(Date.now() - (age + index) * 1_000)) * 1_000_000n}`,
    `${text} ${index}`,
  ]),
});

/** Pushes to a Loki and asks it, as one tenant or several. */
export class LokiClient {
  constructor(
    private readonly network: NetNamespace,
    readonly pod: Pod,
    private readonly tenant?: string,
  ) {}

  /** The same Loki, as another tenant. */
  as(tenant: string | undefined): LokiClient {
    return new LokiClient(this.network, this.pod, tenant);
  }

  push(...streams: readonly object[]): Promise<Response> {
    return this.ask('/loki/api/v1/push', JSON.stringify({ streams }));
  }

  /** Queries lines of the last hours, hour by hour. */
  async lines(query: string, hours = 9 * 24): Promise<StoredLine[]> {
    const result: { stream: Labels; values: [string, string][] }[] = await this.result(
      `query_range?limit=5000&since=${hours}h&query=${encodeURIComponent(query)}`,
    );
    return result.flatMap(({ stream: labels, values }) => values.map(([, line]) => ({ labels, line })));
  }

  /** Series of a query about now. */
  series(query: string): Promise<LogSeries[]> {
    return this.result(`query?query=${encodeURIComponent(query)}`);
  }

  /** The values of these series. */
  async values(query: string): Promise<number[]> {
    return (await this.series(query)).map(({ value }) => Number(value[1]));
  }

  /** Series of a panel that shows the last hours. */
  panel(query: string, hours: number): Promise<LogSeries[]> {
    return this.result(`query_range?since=${hours}h&step=60&query=${encodeURIComponent(query)}`);
  }

  ask(path: string, body?: string): Promise<Response> {
    return request(this.network, `http://${this.pod.address}:3100${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      body,
      // Maximum duration of a query in Loki.
      seconds: 300,
      headers: {
        'Content-Type': 'application/json',
        ...(this.tenant && { 'X-Scope-OrgID': this.tenant }),
      },
    });
  }

  private async result<T>(query: string): Promise<T[]> {
    const { status, body } = await this.ask(`/loki/api/v1/${query}`);
    if (status !== 200) throw new Error(`${status}: ${body}`);
    return JSON.parse(body).data.result;
  }
}

/** Starts the pods of a Loki, on all nodes by default, and waits until each of them accepts lines. */
export async function startLoki(
  cluster: Cluster,
  network: NetNamespace,
  nodes?: Node[],
): Promise<LokiClient[]> {
  const pods = await cluster.start('StatefulSet', 'monitoring', 'loki', nodes);
  const clients = pods.map((pod) => new LokiClient(network, pod));
  await Promise.all(
    clients.map((client) =>
      eventually('Loki takes lines', async () => (await client.as('probe').push()).status < 500, {
        seconds: 60,
      }),
    ),
  );
  return clients;
}
