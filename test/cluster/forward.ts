import { type ChildProcess, spawn } from 'node:child_process';
import { environment } from './cluster';

/** Forwards a port of a Service in the cluster to this machine, with `kubectl port-forward`. */
export class Forward {
  private constructor(
    private readonly child: ChildProcess,
    private readonly port: string,
  ) {}

  static open(service: string, port: number): Promise<Forward> {
    const args = ['--namespace', 'monitoring', 'port-forward', `service/${service}`, `:${port}`];
    const child = spawn('kubectl', args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    return new Promise((resolve, reject) => {
      let said = '';
      child.stderr.on('data', (text) => {
        said += text;
      });
      child.stdout.on('data', (text) => {
        const [, local] = /127\.0\.0\.1:(\d+)/.exec(`${text}`) ?? [];
        if (local) resolve(new Forward(child, local));
      });
      child.once('exit', () => reject(new Error(`kubectl ${args.join(' ')}: ${said}`)));
    });
  }

  /** Sends a GET request. @throws Error if the response is not a success */
  async get(path: string): Promise<{ data: { result: Result[] } }> {
    const answer = await fetch(`http://127.0.0.1:${this.port}${path}`);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as { data: { result: Result[] } };
  }

  close(): void {
    this.child.kill('SIGTERM');
  }
}

/** A time series or a log stream, with its values. */
export interface Result {
  readonly metric: Readonly<Record<string, string>>;
  readonly stream: Readonly<Record<string, string>>;
  readonly values: readonly [number | string, string][];
}
