import { type ChildProcess, spawn } from 'node:child_process';
import { environment } from './cluster';

/** A port of a Service, reached through the API server from this machine. */
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

  /** Asks for a path. @throws Error when the answer is none of success. */
  async get(path: string): Promise<{ data: { result: Result[] } }> {
    const answer = await fetch(`http://127.0.0.1:${this.port}${path}`);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as { data: { result: Result[] } };
  }

  close(): void {
    this.child.kill('SIGTERM');
  }
}

/** A series, or a stream, with its values. */
export interface Result {
  readonly metric: Readonly<Record<string, string>>;
  readonly stream: Readonly<Record<string, string>>;
  readonly values: readonly [number | string, string][];
}
