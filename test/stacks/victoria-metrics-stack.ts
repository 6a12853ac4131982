import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { freePort } from '../runtime/free-port';
import { endProgram, spawnKilledWithParent } from '../runtime/programs';
import { eventually } from '../runtime/wait';
import { containersOf, findOnly, type Manifest } from '../support/manifests';

/** Programs of a cluster that are missing on this machine. */
export const MISSING_PROGRAMS = ['E2E_VMINSERT', 'E2E_VMSELECT', 'E2E_VMSTORAGE'].filter(
  (variable) => !process.env[variable],
);

const KINDS = { vmstorage: 'StatefulSet', vminsert: 'Deployment', vmselect: 'Deployment' } as const;
type Program = keyof typeof KINDS;

/** The vmstorage, vminsert and vmselect of manifests, with their arguments, on ports of the loopback address. */
export class VictoriaMetricsStack {
  /** Host and port on this machine, by host and port in the manifests. */
  private readonly addresses = new Map<string, string>();
  private readonly running = new Map<string, ChildProcess>();

  constructor(
    private readonly objects: readonly Manifest[],
    private readonly folder: string,
    private readonly namespace = 'monitoring',
    private readonly moreArgs: readonly string[] = [],
  ) {}

  get writeUrl(): string {
    return `http://${this.address('vminsert', 8480)}/insert/0/prometheus/api/v1/write`;
  }

  get queryUrl(): string {
    return `http://${this.address('vmselect', 8481)}/select/0/prometheus`;
  }

  async start(): Promise<void> {
    for (const pod of this.podsOf('vmstorage')) {
      for (const port of [8482, 8400, 8401]) await this.take(`${pod}.vmstorage`, port);
    }
    await this.take('vminsert', 8480);
    await this.take('vmselect', 8481);
    for (const pod of this.podsOf('vmstorage')) await this.startStorage(pod);
    this.spawn('vminsert', 'vminsert');
    this.spawn('vmselect', 'vmselect');
    await this.ready('vminsert', this.address('vminsert', 8480));
    await this.ready('vmselect', this.address('vmselect', 8481));
  }

  podsOf(program: Program): string[] {
    const { replicas } = findOnly(this.objects, KINDS[program], program).spec;
    return Array.from({ length: replicas }, (_, ordinal) => `${program}-${ordinal}`);
  }

  async startStorage(pod: string): Promise<void> {
    this.spawn('vmstorage', pod);
    await this.ready(pod, this.address(`${pod}.vmstorage`, 8482));
  }

  /** Ends one or all programs. */
  async stop(signal: NodeJS.Signals, ...names: readonly string[]): Promise<void> {
    for (const name of names.length ? names : [...this.running.keys()].reverse()) {
      const child = this.running.get(name);
      this.running.delete(name);
      if (child) await endProgram(child, signal);
    }
  }

  /** @throws Error when it does not run. */
  pidOf(name: string): number {
    const pid = this.running.get(name)?.pid;
    if (!pid) throw new Error(`${name} does not run`);
    return pid;
  }

  folderOf(pod: string): string {
    return join(this.folder, pod);
  }

  /** Metrics of a program, in Prometheus's text format. */
  async metrics(name: string, port: number): Promise<string> {
    return (await fetch(`${this.urlOf(name, port)}/metrics`)).text();
  }

  /** @throws Error when the manifests have no such address. */
  urlOf(name: string, port: number): string {
    return `http://${this.address(name, port)}`;
  }

  private address(name: string, port: number): string {
    const found = this.addresses.get(`${name}.${this.namespace}.svc:${port}`);
    if (!found) throw new Error(`${name}:${port} is not started`);
    return found;
  }

  private async take(name: string, port: number): Promise<void> {
    this.addresses.set(`${name}.${this.namespace}.svc:${port}`, `127.0.0.1:${await freePort()}`);
  }

  private ready(name: string, address: string): Promise<unknown> {
    return eventually(`${name} is ready`, async () => (await fetch(`http://${address}/health`)).ok);
  }

  private spawn(program: Program, name: string): void {
    const [container] = containersOf(findOnly(this.objects, KINDS[program], program));
    const host = program === 'vmstorage' ? `${name}.vmstorage` : name;
    const args = ((container?.args ?? []) as string[]).map((arg) =>
      this.local(arg, host).replace(/\/var\/lib\/vm(storage|select)/, this.folderOf(name)),
    );
    const child = spawnKilledWithParent([`E2E_${program.toUpperCase()}`, ...args, ...this.moreArgs], {
      stdio: 'ignore',
    });
    this.running.set(name, child);
  }

  /** Its own ports, and the addresses of others. */
  private local(arg: string, host: string): string {
    const own = /^(-\w+Addr=):(\d+)$/.exec(arg);
    if (own) return `${own[1]}${this.address(host, Number(own[2]))}`;
    return arg.replace(/[\w.-]+\.svc:\d+/, (address) => this.addresses.get(address) ?? address);
  }
}
